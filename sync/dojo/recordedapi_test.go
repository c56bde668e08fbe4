package dojo_test

import (
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bellhop/sync/dojo"
)

// numbers returns the numbers of the rows of a list.
func numbers[T any](rows iter.Seq2[T, error], id func(T) int64) ([]int64, error) {
	var out []int64
	for row, err := range rows {
		if err != nil {
			return out, err
		}
		out = append(out, id(row))
	}
	return out, nil
}

// lists are the client's readers of the API's lists.
func lists(t *testing.T, c *dojo.Client) map[string]func() ([]int64, error) {
	t.Helper()
	ctx := t.Context()
	return map[string]func() ([]int64, error){
		"users": func() ([]int64, error) {
			return numbers(c.Users(ctx), func(r dojo.Person) int64 { return r.ID })
		},
		"user_contact_infos": func() ([]int64, error) {
			return numbers(c.ContactInfos(ctx), func(r dojo.ContactInfo) int64 { return r.ID })
		},
		"products": func() ([]int64, error) {
			return numbers(c.Products(ctx), func(r dojo.Product) int64 { return r.ID })
		},
		"product_types": func() ([]int64, error) {
			return numbers(c.ProductTypes(ctx), func(r dojo.ProductType) int64 { return r.ID })
		},
		"product_members": func() ([]int64, error) {
			return numbers(c.ProductMembers(ctx), func(r dojo.ProductMember) int64 { return r.ID })
		},
		"product_type_members": func() ([]int64, error) {
			return numbers(c.ProductTypeMembers(ctx), func(r dojo.ProductTypeMember) int64 { return r.ID })
		},
		"product_groups": func() ([]int64, error) {
			return numbers(c.ProductGroups(ctx), func(r dojo.ProductGroup) int64 { return r.ID })
		},
		"product_type_groups": func() ([]int64, error) {
			return numbers(c.ProductTypeGroups(ctx), func(r dojo.ProductTypeGroup) int64 { return r.ID })
		},
		"dojo_groups": func() ([]int64, error) {
			return numbers(c.Groups(ctx), func(r dojo.Group) int64 { return r.ID })
		},
		"dojo_group_members": func() ([]int64, error) {
			return numbers(c.GroupMembers(ctx), func(r dojo.GroupMember) int64 { return r.ID })
		},
		"global_roles": func() ([]int64, error) {
			return numbers(c.GlobalRoles(ctx), func(r dojo.GlobalRole) int64 { return r.ID })
		},
		"roles": func() ([]int64, error) {
			return numbers(c.Roles(ctx), func(r dojo.Role) int64 { return r.ID })
		},
		"engagements": func() ([]int64, error) {
			return numbers(c.Engagements(ctx, dojo.EngagementFilter{}), func(r dojo.Engagement) int64 { return r.ID })
		},
		"tests": func() ([]int64, error) {
			return numbers(c.Tests(ctx, dojo.TestFilter{}), func(r dojo.Test) int64 { return r.ID })
		},
		"findings": func() ([]int64, error) {
			return numbers(c.Findings(ctx, dojo.FindingFilter{}), func(r dojo.Finding) int64 { return r.ID })
		},
		"test_imports": func() ([]int64, error) {
			return numbers(c.TestImports(ctx, dojo.ImportFilter{}), func(r dojo.TestImport) int64 { return r.ID })
		},
		"risk_acceptance": func() ([]int64, error) {
			return numbers(c.RiskAcceptances(ctx), func(r dojo.RiskAcceptance) int64 { return r.ID })
		},
		"sla_configurations": func() ([]int64, error) {
			return numbers(c.SLAConfigurations(ctx), func(r dojo.SLAConfiguration) int64 { return r.ID })
		},
		"notifications": func() ([]int64, error) {
			return numbers(c.NotificationRows(ctx, dojo.RowFilter{}), func(r dojo.NotificationRow) int64 { return r.ID })
		},
		"notification_webhooks": func() ([]int64, error) {
			return numbers(c.NotificationWebhooks(ctx), func(r dojo.NotificationWebhook) int64 { return r.ID })
		},
		"system_settings": func() ([]int64, error) {
			_, err := c.SystemSettings(ctx)
			return []int64{1}, err
		},
	}
}

// answered are the errors of a list by the recorded status.
var answered = map[int]error{
	http.StatusBadRequest: dojo.ErrRefused, http.StatusForbidden: dojo.ErrForbidden, http.StatusNotFound: dojo.ErrNotOffered,
	http.StatusNotAcceptable: dojo.ErrMalformed, http.StatusMovedPermanently: dojo.ErrRedirect,
}

// recordedAPI returns what a server of the version answered to the API.
func recordedAPI(t *testing.T, version string) []recording {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(recordings, version+"-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []recording
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// listOf returns the name of the list that a path is, "" for others.
func listOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	name, ok := strings.CutPrefix(path, "/api/v2/")
	name, slash := strings.CutSuffix(name, "/")
	if !ok || !slash || strings.Contains(name, "/") {
		return ""
	}
	return name
}

func TestTheClientUnderstandsRecordedLists(t *testing.T) {
	seen := make(map[string]bool)
	for _, version := range []string{"2.46.0", "3.2.0"} {
		for _, e := range recordedAPI(t, version) {
			name := listOf(e.Request.Path)
			if e.Request.Method != http.MethodGet || e.Response.Status == 0 {
				continue
			}
			c := token(t, func(w http.ResponseWriter, _ *http.Request) { e.answer(w) }, withLimits(dojo.Limits{Pages: 1}))
			read := lists(t, c)[name]
			if read == nil {
				continue
			}
			seen[name] = true
			t.Run(version+"/"+e.Name, func(t *testing.T) { playList(t, &e, read) })
		}
	}
	for name := range lists(t, token(t, nil)) {
		if !seen[name] {
			t.Errorf("%s was never recorded", name)
		}
	}
}

func playList(t *testing.T, e *recording, read func() ([]int64, error)) {
	t.Helper()
	got, err := read()
	want := answered[e.Response.Status]
	if e.Response.Status == http.StatusForbidden && !strings.Contains(string(e.Response.Body), "You do not have permission") {
		want = dojo.ErrTokenRefused
	}
	var page struct {
		Next    *string `json:"next"`
		Results []struct {
			ID int64 `json:"id"`
		} `json:"results"`
	}
	if e.Response.Status == http.StatusOK {
		if err := json.Unmarshal(e.Response.Body, &page); err != nil {
			t.Fatal(err)
		}
		if page.Next != nil {
			want = dojo.ErrTooLarge // the recording is of one page, and one is allowed
		}
	}
	if (want == nil) != (err == nil) || !errors.Is(err, want) {
		t.Errorf("the client says %v, want %v", err, want)
	}
	var ids []int64
	for _, row := range page.Results {
		ids = append(ids, row.ID)
	}
	if e.Response.Status == http.StatusOK && !slices.Equal(got, ids) {
		t.Errorf("the rows are %v, recorded %v", got, ids)
	}
}

// The values of a few recorded rows, by hand: the numbers alone would not show
// a field that is read under a wrong name.
func TestFieldsOfRecordedRows(t *testing.T) {
	find := func(version, name string) *dojo.Client {
		all := recordedAPI(t, version)
		at := slices.IndexFunc(all, func(e recording) bool { return e.Name == name })
		if at < 0 {
			t.Fatalf("%s was not recorded", name)
		}
		return token(t, func(w http.ResponseWriter, _ *http.Request) { all[at].answer(w) }, withLimits(dojo.Limits{Pages: 1}))
	}
	ctx := t.Context()
	for _, finding := range first(t, find("3.2.0", "findings-related-fields").Findings(ctx, dojo.FindingFilter{})) {
		if finding.Title != "SQL Injection in /Cart" || finding.Severity != "Critical" || finding.SLADaysLeft != -5 || !finding.Active ||
			finding.SLADue.Format("2006-01-02") != "2026-11-20" || finding.Date.Format("2006-01-02") != "2026-11-13" ||
			finding.Engagement != 1 || finding.EngagementName != "Nightly" || finding.Product != 1 || finding.ProductName != "Shop" ||
			finding.ProductType != 2 || finding.ProductTypeName != "Research" || finding.TestTypeName != "ZAP Scan" ||
			finding.Created.IsZero() || finding.StatusAt.IsZero() || finding.Updated.IsZero() || finding.Reporter != 1 {
			t.Errorf("the finding is %+v", finding)
		}
	}
	for _, e := range first(t, find("2.46.0", "engagements-reader").Engagements(ctx, dojo.EngagementFilter{})) {
		if e.Name != "CI: nightly" || e.Product != 1 || e.Lead != 3 || !e.Active || e.Status != "In Progress" || e.Type != "CI/CD" ||
			e.TargetEnd.Format("2006-01-02") != "2026-12-31" || !e.Updated.After(e.Created) {
			t.Errorf("the engagement is %+v", e)
		}
	}
	imports, err := collect(find("3.2.0", "test-imports").TestImports(ctx, dojo.ImportFilter{}))
	if err != nil || len(imports) != 2 || imports[0].Type != "reimport" || !slices.Equal(imports[0].Closed, []int64{7}) ||
		!slices.Equal(imports[0].Created, []int64{8}) || !slices.Equal(imports[0].Untouched, []int64{6}) || imports[0].At.IsZero() {
		t.Errorf("the imports are %+v, %v", imports, err)
	}
	for _, p := range first(t, find("3.2.0", "products-plain").Products(ctx)) {
		if p.Name != "Shop" || p.Type != 2 || !slices.Equal(p.AuthorizedUsers, []int64{4}) || p.SLAConfiguration != 1 {
			t.Errorf("the product is %+v", p)
		}
	}
	for _, i := range first(t, find("3.2.0", "user-contact-infos-superuser").ContactInfos(ctx)) {
		if i.User != 4 || i.SlackUsername != "ana@example.com" {
			t.Errorf("the contact data are %+v", i)
		}
	}
	settings, err := find("3.2.0", "system-settings").SystemSettings(ctx)
	if err != nil || settings.SlackChannel != "#sec" || !settings.SlackToken || !settings.TeamsURL || settings.MailTo != "sec@example.com" ||
		settings.TeamName != "Shop Sec" || settings.Mail || !settings.FindingSLA || settings.AcceptanceDays != 10 ||
		settings.AutoCloseDays != 3 || settings.WebhooksTimeout.Seconds() != 10 {
		t.Errorf("the settings are %+v, %v", settings, err)
	}
	hooks, err := collect(find("3.2.0", "webhooks-list").NotificationWebhooks(ctx))
	if len(hooks) != 3 || hooks[0].HeaderName != "X-Bell-Secret" || hooks[0].BadHeader || !hooks[1].BadHeader || hooks[2].BadHeader ||
		hooks[2].Owner != 4 || hooks[0].Status != "active" {
		t.Errorf("the webhooks are %+v, %v", hooks, err)
	}
	for _, row := range first(t, find("3.2.0", "own-settings-product-row").NotificationRows(ctx, dojo.RowFilter{})) {
		if row.User != 4 || row.Product != 1 || row.Template || len(row.Channels) != 18 || len(row.Channels["sla_breach"]) != 0 ||
			!slices.Equal(row.Channels["scan_added"], []string{"alert"}) {
			t.Errorf("the row is %+v", row)
		}
	}
}

// first returns the first row of a list, which has to have one.
func first[T any](t *testing.T, rows iter.Seq2[T, error]) []T {
	t.Helper()
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		return []T{row}
	}
	t.Fatal("there is no row")
	return nil
}

// Each recorded PATCH is made again: what the client sends has to be what was
// sent then, and what came back has to be understood.
func TestTheClientWritesRowsAsRecorded(t *testing.T) {
	asked := 0
	for _, version := range []string{"2.46.0", "3.2.0"} {
		for _, e := range recordedAPI(t, version) {
			if e.Request.Method != http.MethodPatch || !strings.HasPrefix(e.Request.Path, "/api/v2/notifications/") || len(e.Request.Body) == 0 {
				continue
			}
			columns, ok := writable(t, e.Request.Body)
			if !ok {
				continue
			}
			asked++
			t.Run(version+"/"+e.Name, func(t *testing.T) { playPatch(t, &e, columns) })
		}
	}
	if asked < 12 {
		t.Errorf("%d recorded changes were made again", asked)
	}
}

// writable returns the columns of a recorded change, unless it is one that the
// client never makes: a list for scan_added_empty, a string for the others.
func writable(t *testing.T, body json.RawMessage) (map[string][]string, bool) {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]string)
	for name, value := range fields {
		text, isText := value.(string)
		list, isList := value.([]any)
		switch {
		case name == "scan_added_empty" && isText && !strings.Contains(text, ","):
			out[name] = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
		case name != "scan_added_empty" && isList:
			out[name] = []string{}
			for _, item := range list {
				out[name] = append(out[name], item.(string))
			}
		default:
			return nil, false
		}
	}
	return out, true
}

func playPatch(t *testing.T, e *recording, columns map[string][]string) {
	t.Helper()
	var sent any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPatch || r.URL.Path != e.Request.Path || r.Header.Get("Content-Type") != jsonType {
			t.Errorf("%s %s %v came", r.Method, r.URL, r.Header)
		}
		_ = json.NewDecoder(r.Body).Decode(&sent)
		e.answer(w)
	}))
	defer server.Close()
	c := connect(t, server.URL)
	c.UseToken("x")
	var id int64
	for _, r := range strings.Trim(strings.TrimPrefix(e.Request.Path, "/api/v2/notifications/"), "/") {
		id = id*10 + int64(r-'0')
	}
	_, err := c.PatchNotificationRow(t.Context(), id, columns)
	want := answered[e.Response.Status]
	if _, unknown := columns["no_such_event"]; unknown {
		want = dojo.ErrNotTaken
	}
	if (want == nil) != (err == nil) || !errors.Is(err, want) {
		t.Errorf("the client says %v, want %v", err, want)
	}
	var recorded any
	_ = json.Unmarshal(e.Request.Body, &recorded)
	if got, wanted := text(sent), text(recorded); got != wanted {
		t.Errorf("sent %s, recorded %s", got, wanted)
	}
}

// text writes JSON with lists of texts in order, which count as sets.
func text(v any) string {
	object, _ := v.(map[string]any)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		list, isList := object[name].([]any)
		if !isList {
			one, _ := json.Marshal(object[name])
			out = append(out, name+"="+string(one))
			continue
		}
		var words []string
		for _, item := range list {
			words = append(words, item.(string))
		}
		slices.Sort(words)
		out = append(out, name+"=["+strings.Join(words, ",")+"]")
	}
	return strings.Join(out, " ")
}
