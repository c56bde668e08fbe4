package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/render"
)

// recordedHook is a request that a real server made to a webhook endpoint.
type recordedHook struct {
	Name    string            `json:"name"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// hookBody is what of a recorded body leads back to the call behind it.
type hookBody struct {
	Description string          `json:"description"`
	Title       string          `json:"title"`
	User        *hookUser       `json:"user"`
	URL         string          `json:"url_ui"`
	URLAPI      string          `json:"url_api"`
	ProductType *app.Ref        `json:"product_type"`
	Product     *app.Ref        `json:"product"`
	Engagement  *app.Ref        `json:"engagement"`
	Test        *hookTest       `json:"test"`
	Count       *int            `json:"finding_count"`
	Findings    *hookFindings   `json:"findings"`
	Finding     *app.FindingRef `json:"finding"`
	RequestedBy *hookUser       `json:"requested_by"`
	Reviewers   []hookUser      `json:"reviewers"`
}

type hookUser struct {
	ID        int64  `json:"id"`
	Email     string `json:"email"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

type hookTest struct {
	ID    int64   `json:"id"`
	Title *string `json:"title"`
}

type hookFindings struct {
	New         []app.FindingRef `json:"new"`
	Reactivated []app.FindingRef `json:"reactivated"`
	Mitigated   []app.FindingRef `json:"mitigated"`
	Untouched   []app.FindingRef `json:"untouched"`
}

func (u *hookUser) person() app.Person {
	return app.Person{RemoteID: u.ID, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email, Active: true}
}

// glued finds two addresses put together, the one defect that bodies have.
var glued = regexp.MustCompile(`"https?://[^/"]*?(https?://[^"]*)"`)

func TestBodiesAreThoseOfRealServersKeyForKey(t *testing.T) {
	t.Parallel()
	for version, defects := range map[string]int{"2.46.0": 1, "3.2.0": 9} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			mended := 0
			for _, r := range recordings[recordedHook](t, "webhooks-"+version) {
				want := glued.ReplaceAll(r.Body, []byte(`"$1"`))
				if !bytes.Equal(want, r.Body) {
					mended++
				}
				in, owner := fromHook(t, version, r)
				got := render.Webhook(in, owner)
				body, err := got.Body.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				if g, w := tokens(t, body), tokens(t, want); !slices.Equal(g, w) {
					t.Errorf("%s:\n got %s\nwant %s", r.Name, body, want)
				}
				headers := map[string]string{}
				for _, h := range got.Headers {
					headers[h[0]] = h[1]
				}
				if fmt.Sprint(headers) != fmt.Sprint(r.Headers) {
					t.Errorf("%s: headers are %v, want %v", r.Name, headers, r.Headers)
				}
			}
			if mended != defects {
				t.Errorf("%d recorded bodies have glued addresses, want %d", mended, defects)
			}
		})
	}
}

// fromHook makes the call that a body was made from. A standard description is
// left out, so that it has to be found again.
func fromHook(t *testing.T, version string, r recordedHook) (render.Input, *app.Person) {
	t.Helper()
	var b hookBody
	if err := json.Unmarshal(r.Body, &b); err != nil {
		t.Fatal(r.Name, err)
	}
	site := r.Headers["X-DefectDojo-Instance"]
	c := &app.Call{
		Kind: app.Kind(r.Headers["X-DefectDojo-Event"]), Title: b.Title, Description: b.Description,
		URL: strings.TrimPrefix(b.URL, site), URLAPI: strings.TrimPrefix(b.URLAPI, site),
		ProductType: b.ProductType, Product: b.Product, Engagement: b.Engagement,
		FindingCount: b.Count, Finding: b.Finding,
	}
	if b.Description == "Event "+string(c.Kind)+" has occurred." || strings.HasSuffix(b.Description, " has been created successfully.") ||
		c.Kind == app.KindPing {
		c.Description = ""
	}
	if b.Test != nil {
		c.Test = &app.Ref{ID: b.Test.ID}
		if b.Test.Title != nil {
			c.Test.Name = *b.Test.Title
		}
	}
	if f := b.Findings; f != nil {
		c.FindingsNew, c.FindingsReactivated, c.FindingsMitigated, c.FindingsUntouched = f.New, f.Reactivated, f.Mitigated, f.Untouched
	}
	people := map[string]app.Person{}
	if b.RequestedBy != nil {
		c.Actor = b.RequestedBy.Username
		people[c.Actor] = b.RequestedBy.person()
	}
	for _, u := range b.Reviewers {
		c.Reviewers = append(c.Reviewers, u.Username)
		people[u.Username] = u.person()
	}
	in := render.Input{Call: c, Site: site, Version: version, People: func(u string) (app.Person, bool) { p, ok := people[u]; return p, ok }}
	if b.User == nil {
		return in, nil
	}
	p := b.User.person()
	return in, &p
}

func TestAnEndpointsOwnerIsInTheBody(t *testing.T) { // conformance 72
	t.Parallel()
	owner := &app.Person{RemoteID: 4, Username: "ana", FirstName: "Ana", LastName: "Lima", Email: "ana@example.com"}
	body, err := render.Webhook(render.Input{Call: &app.Call{Kind: app.KindPing}, Site: "https://dojo.example.com"}, owner).Body.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"description":"Test webhook notification","title":"","user":{"id":4,"email":"ana@example.com","username":"ana",` +
		`"first_name":"Ana","last_name":"Lima","url_ui":"https://dojo.example.com/user/4","url_api":"https://dojo.example.com/api/v2/users/4/"}}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestAReviewHasABodyOfItsOwnSince3_1_302(t *testing.T) { // conformance 76, 77
	t.Parallel()
	c := &app.Call{
		Kind: app.KindReviewRequested, Title: "t", Actor: "sue", Reviewers: []string{"ana", "gone"},
		Finding: &app.FindingRef{ID: 9, Title: "x", Severity: "Low"},
	}
	people := func(u string) (app.Person, bool) {
		return app.Person{RemoteID: 4, Username: u, FirstName: "Ana"}, u == "ana"
	}
	for version, want := range map[string]bool{"2.46.0": false, "3.1.301": false, "3.1.302": true, "3.2.0": true, "3.x": true, "": true} {
		body := render.Webhook(render.Input{Call: c, Site: "https://d.example", Version: version, People: people}, nil).Body
		if got := body.Get("finding") != nil; got != want {
			t.Errorf("%q: a finding in the body: %v", version, got)
		}
		if !want {
			continue
		}
		text, err := body.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{
			`"requested_by":{"id":null,"username":"sue","first_name":"","last_name":""}`,
			`"reviewers":[{"id":4,"username":"ana","first_name":"Ana","last_name":""},{"id":null,"username":"gone","first_name":"","last_name":""}]`,
		} {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s lacks %s", text, part)
			}
		}
	}
}

// recordings reads the recordings of one kind.
func recordings[T any](tb testing.TB, name string) []T {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	var file struct {
		Examples []T `json:"examples"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		tb.Fatal(name, err)
	}
	if len(file.Examples) < 20 {
		tb.Fatalf("%s has %d examples", name, len(file.Examples))
	}
	return file.Examples
}

// tokens are the words of a JSON text in order, so that two texts are compared
// with the order of their members.
func tokens(tb testing.TB, text []byte) []json.Token {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	var list []json.Token
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			tb.Fatalf("%s: %v", text, err)
		}
		list = append(list, tok)
	}
}
