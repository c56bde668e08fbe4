package intake

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestALocalEventIsRead(t *testing.T) {
	t.Parallel()
	n, err := ParseNotify([]byte(`{
		"event": "finding_added", "title": "SQL injection", "description": "in the cart", "url": "/finding/7",
		"product_type": 3, "product": "Shop", "engagement": {"id": 9, "name": "CI"}, "test": {"title": "unit"},
		"finding": {"id": 7, "title": "SQLi", "severity": "high"}, "recipients": ["ana", "chi", "ana"], "alert_only": true,
		"no_users": false, "tags": ["pci"], "key": "build-7", "at": "2026-11-25T09:30:00+02:00", "actor": "sue"}`), noon)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"event":"finding_added","title":"SQL injection","description":"in the cart","url":"/finding/7","acting_user":"sue",` +
		`"product_type":{"id":3,"name":""},"product":{"name":"Shop"},"engagement":{"id":9,"name":"CI"},"test":{"name":"unit"},` +
		`"finding":{"id":7,"title":"SQLi","severity":"High"},"recipients":["ana","chi"],"alert_only":true,"tags":["pci"]}`
	if got := sayJSON(t, n.Event.Call); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	e := n.Event
	if e.Origin != app.OriginLocal || e.Kind != app.KindFindingAdded || e.Key != "given:build-7" || !e.At.Equal(noon.Add(-4*time.Hour-30*time.Minute)) || n.Warnings != nil {
		t.Errorf("%+v", n)
	}
}

func TestATitleIsEnough(t *testing.T) {
	t.Parallel()
	a, err := ParseNotify([]byte(`{"title":"The backup is done","recipients":null}`), noon)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Fields{Title: "The backup is done"}.Notice(noon)
	if err != nil {
		t.Fatal(err)
	}
	if a.Event.Key == b.Event.Key || !strings.HasPrefix(a.Event.Key, "random:") || len(a.Event.Key) < 30 {
		t.Errorf("the keys are %q and %q", a.Event.Key, b.Event.Key)
	}
	if a.Event.Kind != app.KindOther || !a.Event.At.Equal(noon) || a.Event.Call.Recipients != nil {
		t.Errorf("%+v", a)
	}
	// Nobody is not everybody.
	c, err := ParseNotify([]byte(`{"title":"x","recipients":[]}`), noon)
	if err != nil || c.Event.Call.Recipients == nil {
		t.Errorf("%+v, %v", c, err)
	}
	// A severity without a finding is the event's own.
	d, err := Fields{Title: "Disk full", Severity: "CRITICAL", Product: ObjectFlag("7"), Test: ObjectFlag(" nightly ")}.Notice(noon)
	if err != nil || *d.Event.Call.Finding != (app.FindingRef{Title: "Disk full", Severity: "Critical"}) ||
		*d.Event.Call.Product != (app.Ref{ID: 7}) || *d.Event.Call.Test != (app.Ref{Name: "nightly"}) {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestALocalEventThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	for body, say := range map[string]string{
		`{}`:                                                        "no title",
		`{"title":" \n"}`:                                           "no title",
		`{"title":7}`:                                               `"title" must be a text`,
		`{"title":"x","recipient":["a"]}`:                           `Did you mean "recipients"?`,
		`{"title":"x","Title":"y"}`:                                 `Did you mean "title"?`,
		`{"title":"x","zzzzzzzzzz":1}`:                              "The fields are: event, title",
		`{"title":"x","title":"y"}`:                                 "given twice",
		`{"title":"x","event":"a b"}`:                               "no name of an event",
		`{"title":"x","url":"javascript:alert(1)"}`:                 "link cannot be used",
		`{"title":"x","url":"//evil.example.com"}`:                  "link cannot be used",
		`{"title":"x","url":"example.com/x"}`:                       "link cannot be used",
		`{"title":"x","url":"http://u:p@h/"}`:                       "link cannot be used",
		`{"title":"x","url":"ftp://h/"}`:                            "link cannot be used",
		`{"title":"x","url":"/a\\b"}`:                               "link cannot be used",
		`{"title":"x","severity":"worst"}`:                          "Critical, High",
		`{"title":"x","recipients":"ana"}`:                          "a list of user names",
		`{"title":"x","recipients":["ana",null]}`:                   "recipients is no name",
		`{"title":"x","recipients":["a"],"no_users":true}`:          "not both",
		`{"title":"x","no_users":"yes"}`:                            "true or false",
		`{"title":"x","product":{"id":1,"x":2}}`:                    `"product" must be`,
		`{"title":"x","product":{"severity":"High"}}`:               `"product" must be`,
		`{"title":"x","product":-1}`:                                `"product" must be`,
		`{"title":"x","product":[1]}`:                               `"product" must be`,
		`{"title":"x","at":"yesterday"}`:                            "2026-11-25T",
		`{"title":"x","at":"2036-01-01T00:00:00Z"}`:                 "time cannot be right",
		`{"title":"x","key":" k"}`:                                  "key cannot be used",
		`{"title":"x","tags":["` + strings.Repeat("a", 101) + `"]}`: "tags is no name",
		`[{"title":"x"}]`:                                           "no object",
		`"x"`:                                                       "no object",
		`{"title":"x"} {"title":"y"}`:                               "not JSON",
		`{"title":` + strings.Repeat("[", 99):                       "nests deeper",
		`{"title":"` + strings.Repeat("x", MaxNotify) + `"}`:        "larger than",
	} {
		_, err := ParseNotify([]byte(body), noon)
		if p, ok := errors.AsType[*app.Problem](err); !ok || !errors.Is(err, app.ErrInvalid) || !strings.Contains(p.Error(), say) || p.Step == "" {
			t.Errorf("%.60s: %v, want %q", body, err, say)
		}
	}
}

func TestAMisspeltEventIsTakenAndFlagged(t *testing.T) {
	t.Parallel()
	for name, near := range map[string]string{
		"scan_aded": "scan_added", "Scan_Added": "scan_added", "scan-added": "scan_added", "scna_added": "scan_added",
		"sla_breached": "sla_breach", "user_mention": "user_mentioned", "othr": "other", "gate_opened_by_porter": "",
	} {
		n, err := Fields{Event: name, Title: "x"}.Notice(noon)
		if err != nil || n.Event.Kind != app.Kind(name) || n.Event.Kind.Column() != app.ColumnOther || len(n.Warnings) != 1 {
			t.Fatalf("%s: %+v, %v", name, n, err)
		}
		if hint := fmt.Sprintf("Did you mean %q?", near); strings.Contains(n.Warnings[0], hint) != (near != "") {
			t.Errorf("%s: %s", name, n.Warnings[0])
		}
	}
	for _, kind := range append(slices.Clone(app.Kinds), app.KindCodeReview) {
		if n, err := (Fields{Event: string(kind), Title: "x"}).Notice(noon); err != nil || n.Warnings != nil {
			t.Errorf("%s: %v, %v", kind, n.Warnings, err)
		}
	}
}

func TestLongTextsAreCutAndToldSo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ö", 2001)
	n, err := Fields{Title: long, Description: long, Product: Object{Name: long}}.Notice(noon)
	if err != nil {
		t.Fatal(err)
	}
	c := n.Event.Call
	if len([]rune(c.Title)) != app.MaxTitle || len([]rune(c.Description)) != app.MaxDescription || len(n.Warnings) != 2 {
		t.Errorf("%d, %d, %v", len([]rune(c.Title)), len([]rune(c.Description)), n.Warnings)
	}
}

func TestABatchIsTakenWholly(t *testing.T) {
	t.Parallel()
	list, err := ReadNotify(strings.NewReader("\ufeff{\"title\":\"a\",\"key\":\"1\"}\r\n\n  {\"title\":\"b\"}\n{\"title\":\"c\",\"key\":\"1\"}"), noon)
	if err != nil || len(list) != 3 || list[0].Line != 1 || list[1].Line != 3 || list[2].Line != 4 {
		t.Fatalf("%+v, %v", list, err)
	}
	if len(list[2].Warnings) != 1 || !strings.Contains(list[2].Warnings[0], "line 1") {
		t.Errorf("a key given twice is told as %v", list[2].Warnings)
	}
	if list, err := ReadNotify(strings.NewReader(""), noon); len(list) != 0 || err != nil {
		t.Errorf("nothing became %v, %v", list, err)
	}
}

func TestABatchWithErrorsIsTakenNotAtAll(t *testing.T) {
	t.Parallel()
	list, err := ReadNotify(strings.NewReader("{\"title\":\"a\"}\n{\"titel\":\"b\"}\nnonsense\n{\"title\":\"c\"}\n"), noon)
	if list != nil || !errors.Is(err, app.ErrInvalid) {
		t.Fatalf("%v, %v", list, err)
	}
	for _, say := range []string{"line 2: There is no field \"titel\". Did you mean \"title\"?", "line 3: This is not JSON"} {
		if !strings.Contains(err.Error(), say) {
			t.Errorf("%q is not said in %v", say, err)
		}
	}
	if strings.Contains(err.Error(), "line 1") || strings.Contains(err.Error(), "line 4") {
		t.Errorf("right lines are blamed: %v", err)
	}
	if _, err = ReadNotify(strings.NewReader(strings.Repeat("x\n", 100)), noon); !strings.Contains(err.Error(), "and 80 more lines") {
		t.Error(err)
	}
	for why, in := range map[string]string{
		"long line":   "{\"title\":\"a\"}\n" + strings.Repeat("x", MaxNotify+2),
		"large batch": strings.Repeat(strings.Repeat(" ", 9999)+"\n", 1000),
		"many events": strings.Repeat("{\"title\":\"a\"}\n", MaxBatch+1),
	} {
		if list, err := ReadNotify(strings.NewReader(in), noon); list != nil || app.AsProblem(err).Code != "too_large" {
			t.Errorf("%s: %d events, %v", why, len(list), err)
		}
	}
}
