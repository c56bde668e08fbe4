package syncer_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

// The traps of DefectDojo's protocol, by number. Two of the fifteen are not
// met here: 13 (a webhook's header that may not be empty) and 15 (secrets in
// the system settings) concern calls that synchronisation never makes;
// TestPitfall15 makes sure of that much.

// wholeLife plays through everything an account meets: first list, arrivals,
// removals, clear-all, an expired session, failures, restart and quitting. see
// is shown every request.
func wholeLife(t *testing.T, options dojoserver.Options, see func(r *http.Request, form url.Values)) {
	t.Helper()
	play(t, options, func(t *testing.T, w *world) {
		w.server.Break(func(rw http.ResponseWriter, r *http.Request) bool {
			form := url.Values{}
			if r.Method == http.MethodPost {
				eachForm(func(f url.Values) { form = f })(rw, r)
			}
			see(r, form)
			return false
		})
		w.born(60)
		w.signedUp()
		w.start()
		w.born(3)
		w.pass(time.Minute)
		w.remove(5*time.Second, ids(w.list())[:2]...)
		w.pass(time.Minute)
		w.server.ExpireSessions(ada)
		w.pass(11 * time.Minute)
		w.syncer.WindowOpened()
		w.syncer.Wake()
		if code := w.sync(); code != "" {
			t.Errorf("got %q", code)
		}
		w.restart()
		if _, err := w.store.Clear(w.t.Context(), w.account.ID, w.list()[0].ID, time.Second); err != nil {
			t.Fatal(err)
		}
		w.pass(12 * time.Minute)
		w.wantRemote()
		w.wantState(app.PhaseOK, "")
	})
}

func TestPitfall01ClearAllNeverCallsDeleteAlerts(t *testing.T) {
	wholeLife(t, dojoserver.Options{}, func(r *http.Request, _ url.Values) {
		if strings.Contains(r.URL.Path, "delete_alerts") {
			t.Errorf("%s %s takes alerts that nobody has seen", r.Method, r.URL.Path)
		}
	})
}

func TestPitfall02LogoutIsNeverCalled(t *testing.T) {
	wholeLife(t, dojoserver.Options{}, func(r *http.Request, _ url.Values) {
		if strings.Contains(r.URL.Path, "logout") {
			t.Errorf("%s %s ends the user's other sessions", r.Method, r.URL.Path)
		}
	})
}

func TestPitfall03AnExpiredSessionIsNotAPage(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.born(8)
		w.connect(app.Connect{SignIn: app.SignInSession, Session: w.server.SignIn(ada)})
		w.start()
		w.server.ExpireSessions(ada)
		w.server.ForgetRequests()
		w.next()
		w.wantCount(8)
		w.wantState(app.PhaseNeedsYou, syncer.CodeSessionExpired)
		if n := w.requests("GET /login"); n != 0 {
			t.Errorf("followed the redirect %d times", n)
		}
	})
}

func TestPitfall04RefererAndNeverOrigin(t *testing.T) {
	for _, version := range []string{"2.46.0", "3.2.0"} {
		wholeLife(t, dojoserver.Options{Version: version}, func(r *http.Request, _ url.Values) {
			if r.Header.Get("Origin") != "" {
				t.Errorf("%s %s sends an Origin", r.Method, r.URL.Path)
			}
			if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Referer"), "http://"+r.Host+"/") {
				t.Errorf("POST %s sends the Referer %q", r.URL.Path, r.Header.Get("Referer"))
			}
		})
	}
}

func TestPitfall05CookieAndTokenNeverTogether(t *testing.T) {
	together := func(r *http.Request, _ url.Values) {
		if r.Header.Get("Cookie") != "" && r.Header.Get("Authorization") != "" {
			t.Errorf("%s %s sends both", r.Method, r.URL.Path)
		}
	}
	wholeLife(t, dojoserver.Options{}, together)
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.server.Break(each(func(r *http.Request) { together(r, nil) }))
		w.connect(app.Connect{SignIn: app.SignInToken, Token: w.server.Token(ada)})
		w.start()
		// The account gets a session beside its token.
		w.secrets.put(w.account.ID, syncer.SecretCookies, `{"name":"sessionid","id":"`+w.server.SignIn(ada)+`"}`)
		w.secrets.put(w.account.ID, syncer.SecretToken, w.server.Token(ada))
		w.sync()
	})
}

func TestPitfall06TheAPIRefusesWith403(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		_, _, err := syncer.Connect(w.t.Context(), app.Connect{URL: w.url, SignIn: app.SignInToken, Token: "0123456789012345678901234567890123456789"}, syncer.Options{Now: w.clock.now})
		if code := codeOf(w.t, err); code != syncer.CodeTokenRefused {
			t.Errorf("a wrong token is %q", code)
		}
		_, _, err = syncer.Connect(w.t.Context(), app.Connect{URL: w.url, SignIn: app.SignInSession, Session: "abcdefghijklmnopqrstuvwxyz012345"}, syncer.Options{Now: w.clock.now})
		if code := codeOf(w.t, err); code != syncer.CodeSessionExpired {
			t.Errorf("a wrong session is %q", code)
		}
	})
}

func TestPitfall07NumbersAreAlwaysNumbers(t *testing.T) {
	wholeLife(t, dojoserver.Options{}, func(r *http.Request, form url.Values) {
		if q := r.URL.Query(); q.Has("limit") && q.Get("limit") != "50" && q.Get("limit") != "1" {
			t.Errorf("asks for limit=%q", q.Get("limit"))
		}
		for _, pk := range form["alert_select"] {
			if strings.Trim(pk, "0123456789") != "" || pk == "" {
				t.Errorf("posts the key %q", pk)
			}
		}
	})
}

func TestPitfall08LinksAndDescriptionsInEveryForm(t *testing.T) {
	play(t, dojoserver.Options{Prefix: "/dojo"}, func(t *testing.T, w *world) {
		for _, a := range []dojoserver.Alert{
			{Title: "null link", Description: "plain"},
			{Title: "empty link", EmptyURL: true, NullDescription: true},
			{Title: "path", URL: "/dojo/finding/12", Description: `The engagement &quot;CI&quot; of &lt;Shop &amp; Pay&gt;`},
			{Title: "absolute", URL: w.url + "/finding/13", Description: "  <b>raw</b> & loose  "},
			{Title: "elsewhere", URL: "https://evil.example.com/finding/14"},
			{Title: "script", URL: "javascript:alert(1)"},
		} {
			w.server.AddAlert(ada, a)
		}
		w.signedUp()
		w.start()
		for _, c := range []struct{ title, description, target, problem string }{
			{"null link", "plain", w.url + "/alerts", ""},
			{"empty link", "", w.url + "/alerts", ""},
			{"path", `The engagement "CI" of <Shop & Pay>`, w.url + "/finding/12", ""},
			{"absolute", "<b>raw</b> & loose", w.url + "/finding/13", ""},
			{"elsewhere", "", "https://evil.example.com/finding/14", "foreign"},
			{"script", "", "", "refused"},
		} {
			a := w.titled(c.title)
			if a.Description != c.description {
				t.Errorf("%s: description %q, want %q", c.title, a.Description, c.description)
			}
			target, foreign, err := app.Link(w.account.URL, a.URL)
			if target != c.target || foreign != (c.problem == "foreign") || (err != nil) != (c.problem == "refused") {
				t.Errorf("%s: opens %q (foreign %v), %v", c.title, target, foreign, err)
			}
		}
	})
}

// titled returns the alert in the list with the title.
func (w *world) titled(title string) app.Alert {
	w.t.Helper()
	for _, a := range w.list() {
		if a.Title == title {
			return a
		}
	}
	w.t.Fatalf("no alert is titled %q", title)
	return app.Alert{}
}

func TestPitfall09TimesWithAndWithoutFraction(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		second := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
		w.server.AddAlert(ada, dojoserver.Alert{Title: "no fraction", Created: second})
		w.server.AddAlert(ada, dojoserver.Alert{Title: "microseconds", Created: second.Add(123456 * time.Microsecond)})
		w.server.AddAlert(ada, dojoserver.Alert{Title: "same millisecond", Created: second.Add(123999 * time.Microsecond)})
		w.signedUp()
		w.start()
		if got := w.titled("no fraction").Created; !got.Equal(second) {
			t.Errorf("no fraction: %v", got)
		}
		for _, title := range []string{"microseconds", "same millisecond"} {
			if got := w.titled(title).Created; !got.Equal(second.Add(123 * time.Millisecond)) {
				t.Errorf("%s: %v", title, got)
			}
		}
		// A time that were read differently the second time would make another
		// alert of the same one.
		w.pass(12 * time.Minute)
		w.wantCount(3)
		if w.events() != 0 || len(w.view(app.ViewHistory)) != 0 {
			t.Error("the same alerts came again")
		}
	})
}

func TestPitfall10ACountOfZeroProvesNothing(t *testing.T) {
	play(t, dojoserver.Options{CounterDisabled: true}, func(t *testing.T, w *world) {
		w.born(80)
		w.signedUp()
		w.start()
		w.server.ForgetRequests()
		w.pass(8 * time.Minute)
		w.wantCount(80)
		if w.full() != 0 {
			t.Errorf("a count of 0 caused %d complete lists", w.full())
		}
	})
}

func TestPitfall11PermissionPagesAreStatus400(t *testing.T) {
	for version, status := range map[string]int{"2.46.0": http.StatusForbidden, "3.2.0": http.StatusBadRequest} {
		play(t, dojoserver.Options{Version: version}, func(t *testing.T, w *world) {
			w.born(8)
			w.signedUp()
			w.start()
			w.server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", dojoserver.Answer(status, "text/html", "<html><title>403 Forbidden</title></html>")))
			w.server.ForgetRequests()
			w.next()
			w.wantState(app.PhaseOffline, syncer.CodeForbidden)
			w.wantCount(8)
			if n := w.requests(signIns); n != 0 {
				t.Errorf("%s: a permission page led to %d sign-ins", version, n)
			}
		})
	}
}

func TestPitfall12ProductsAndAssets(t *testing.T) {
	for version, path := range map[string]string{"2.46.0": "/product/5", "3.2.0": "/asset/5"} {
		play(t, dojoserver.Options{Version: version}, func(t *testing.T, w *world) {
			w.server.AddAlert(ada, dojoserver.Alert{Title: "a product", URL: path})
			w.signedUp()
			w.start()
			if target, foreign, err := app.Link(w.account.URL, w.list()[0].URL); target != w.url+path || foreign || err != nil {
				t.Errorf("%s: opens %q, %v, %v", version, target, foreign, err)
			}
		})
	}
}

// TestPitfall14TheServersOwnNameMayBeWrong: links made from DD_SITE_URL often
// still say http://localhost:8080. They are kept as sent, and opening one asks
// first; nothing is ever fetched from it.
func TestPitfall14TheServersOwnNameMayBeWrong(t *testing.T) {
	play(t, dojoserver.Options{}, func(t *testing.T, w *world) {
		w.server.AddAlert(ada, dojoserver.Alert{Title: "from a beat job", URL: "http://localhost:8080/finding/1"})
		w.signedUp()
		w.start()
		a := w.list()[0]
		if a.URL != "http://localhost:8080/finding/1" {
			t.Errorf("the link was changed to %q", a.URL)
		}
		if _, foreign, err := app.Link(w.account.URL, a.URL); !foreign || err != nil {
			t.Errorf("it opens without a question: foreign %v, %v", foreign, err)
		}
	})
}

// TestPitfall15NothingElseIsAsked lists every address that synchronisation
// uses: none of them carries other people's secrets, and none changes anything
// but the user's own alerts.
func TestPitfall15NothingElseIsAsked(t *testing.T) {
	allowed := map[string]bool{
		"GET /login": true, "POST /login": true, "GET /alerts": true, "POST /alerts": true,
		"GET /alerts/json": true, "GET /alerts/count": true, "GET /api/v2/user_profile/": true,
	}
	var mu sync.Mutex
	seen := map[string]bool{}
	wholeLife(t, dojoserver.Options{}, func(r *http.Request, _ url.Values) {
		mu.Lock()
		defer mu.Unlock()
		key := r.Method + " " + r.URL.Path
		seen[key] = true
		if !allowed[key] {
			t.Errorf("asked for %s", key)
		}
	})
	for key := range allowed {
		if !seen[key] {
			t.Errorf("the story never asks for %s, so it shows nothing about it", key)
		}
	}
}
