package syncer_test

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/sync/dojoserver"
	"bellhop/sync/syncer"
)

// serve starts a server with the user ada.
func serve(tb testing.TB, options dojoserver.Options) (*dojoserver.Server, string) {
	tb.Helper()
	server := dojoserver.New(options)
	server.AddUser(dojoserver.User{ID: 7, Name: ada, Password: password})
	url, err := server.Start(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := server.Close(); err != nil {
			tb.Error(err)
		}
	})
	return server, url
}

func TestConnectTellsWhoTheUserIs(t *testing.T) {
	for _, prefix := range []string{"", "/security/dojo"} {
		server, url := serve(t, dojoserver.Options{Prefix: prefix, SessionName: "dojo_session"})
		server.AddAlert(ada, dojoserver.Alert{Title: "one"})
		for _, given := range []app.Connect{
			{SignIn: app.SignInPassword, Username: ada, Password: password},
			{SignIn: app.SignInSession, Session: server.SignIn(ada), CookieName: "dojo_session"},
			{SignIn: app.SignInSession, Session: "csrftoken=x; dojo_session=" + server.SignIn(ada), CookieName: "dojo_session"},
			{SignIn: app.SignInToken, Token: server.Token(ada)},
		} {
			given.URL = " " + url + "/login "
			account, session, err := syncer.Connect(t.Context(), given, syncer.Options{})
			if err != nil {
				t.Errorf("%s: %v", given.SignIn, err)
				continue
			}
			if account.URL != url || account.UserID != 7 || account.Username != ada || account.SignIn != given.SignIn || account.Created.IsZero() {
				t.Errorf("%s: %+v", given.SignIn, account)
			}
			if hasSession := session.ID != ""; hasSession != (given.SignIn != app.SignInToken) {
				t.Errorf("%s: %v", given.SignIn, session)
			}
			if given.SignIn != app.SignInToken && (session.Name != "dojo_session" || account.CookieName != "dojo_session" || session.At.IsZero()) {
				t.Errorf("%s: the cookie %q, in the account %q, at %v", given.SignIn, session.Name, account.CookieName, session.At)
			}
		}
	}
}

func TestConnectWithoutTheAPILearnsFromTheAlerts(t *testing.T) {
	server, url := serve(t, dojoserver.Options{})
	server.Break(dojoserver.Only("", "/user_profile/", dojoserver.Answer(http.StatusNotFound, "text/html", "<html></html>")))
	given := app.Connect{URL: url, SignIn: app.SignInPassword, Username: ada, Password: password}
	account, _, err := syncer.Connect(t.Context(), given, syncer.Options{})
	if err != nil || account.UserID != 0 || account.Username != ada {
		t.Errorf("without alerts: %+v, %v", account, err)
	}
	server.AddAlert(ada, dojoserver.Alert{Title: "one"})
	account, _, err = syncer.Connect(t.Context(), given, syncer.Options{})
	if err != nil || account.UserID != 7 {
		t.Errorf("with an alert: %+v, %v", account, err)
	}
}

func TestConnectNamesWhatIsWrong(t *testing.T) {
	server, url := serve(t, dojoserver.Options{})
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	encrypted := encrypt(t, server)
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	with := func(change func(*app.Connect)) app.Connect {
		given := app.Connect{URL: url, SignIn: app.SignInPassword, Username: ada, Password: password}
		change(&given)
		return given
	}
	for _, c := range []struct {
		name  string
		given app.Connect
		code  string
		says  string
	}{
		{"no address", with(func(g *app.Connect) { g.URL = "" }), "invalid", "No server address"},
		{"a wrong password", with(func(g *app.Connect) { g.Password = "wrong" }), syncer.CodePasswordRefused, "refused"},
		{"no password", with(func(g *app.Connect) { g.Password = "" }), "invalid", "needed"},
		{"no user", with(func(g *app.Connect) { g.Username = " " }), "invalid", "needed"},
		{"no way to sign in", with(func(g *app.Connect) { g.SignIn = "" }), "invalid", "how to sign in"},
		{"an old session", with(func(g *app.Connect) { g.SignIn, g.Session = app.SignInSession, "0123456789abcdef0123456789abcdef" }), syncer.CodeSessionExpired, "has ended"},
		{"nonsense for a session", with(func(g *app.Connect) { g.SignIn, g.Session = app.SignInSession, "  " }), "invalid", "no session cookie"},
		{"a wrong token", with(func(g *app.Connect) { g.SignIn, g.Token = app.SignInToken, "abc" }), syncer.CodeTokenRefused, "token"},
		{"no token", with(func(g *app.Connect) { g.SignIn = app.SignInToken }), "invalid", "No API token"},
		{"another web server", with(func(g *app.Connect) { g.URL = plain.URL }), syncer.CodeNotDefectDojo, "not DefectDojo"},
		{"nobody there", with(func(g *app.Connect) { g.URL = nobody }), syncer.CodeUnreachable, "refused the connection"},
		{"an unknown authority", with(func(g *app.Connect) { g.URL = encrypted.URL }), syncer.CodeTLSUntrusted, "does not know"},
		{"http to an https port", with(func(g *app.Connect) { g.URL = strings.Replace(encrypted.URL, "https", "http", 1) }), syncer.CodeTLSUntrusted, "use https"},
		{"a CA file that is not there", with(func(g *app.Connect) { g.CAFile = filepath.Join(t.TempDir(), "ca.pem") }), syncer.CodeTLSUntrusted, "cannot be read"},
		{"a proxy that is away", with(func(g *app.Connect) { g.Proxy = nobody; g.URL = "http://dojo.invalid" }), syncer.CodeProxyFailed, "proxy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			account, session, err := syncer.Connect(t.Context(), c.given, syncer.Options{})
			if code := codeOf(t, err); code != c.code {
				t.Fatalf("code %q, want %q (%v)", code, c.code, err)
			}
			p := app.AsProblem(err)
			if !strings.Contains(p.Error(), c.says) || p.Step == "" {
				t.Errorf("says %q with the step %q, want %q in it", p.Message, p.Step, c.says)
			}
			if strings.Contains(p.Error(), password) {
				t.Error("the problem quotes the password")
			}
			if account != (app.Account{}) || session.ID != "" {
				t.Error("something came back beside the problem")
			}
		})
	}
}

// authorityOf writes the authority of the server's certificate to a file.
func authorityOf(t *testing.T, server *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// encrypt starts a TLS server that says nothing about handshakes that fail.
func encrypt(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = discardLog
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestConnectOverTLSWithTheAuthoritysFile(t *testing.T) {
	server, _ := serve(t, dojoserver.Options{})
	encrypted := encrypt(t, server)
	given := app.Connect{URL: encrypted.URL, SignIn: app.SignInPassword, Username: ada, Password: password, Insecure: true}
	if _, _, err := syncer.Connect(t.Context(), given, syncer.Options{}); err != nil {
		t.Errorf("with any certificate accepted: %v", err)
	}
	given.Insecure = false
	given.CAFile = authorityOf(t, encrypted)
	account, _, err := syncer.Connect(t.Context(), given, syncer.Options{})
	if err != nil || account.CAFile != given.CAFile {
		t.Errorf("with the authority's file: %v", err)
	}
}

func TestConnectRefusesAServerThatMixesUsersUp(t *testing.T) {
	server, url := serve(t, dojoserver.Options{})
	server.Break(dojoserver.Only(http.MethodGet, "/alerts/json", dojoserver.Answer(http.StatusOK, "application/json",
		`[{"model":"dojo.alerts","pk":2,"fields":{"title":"theirs","description":null,"url":null,"source":"s","icon":"i","user_id":12,"created":"2026-01-01T00:00:00Z"}}]`)))
	_, _, err := syncer.Connect(t.Context(), app.Connect{URL: url, SignIn: app.SignInPassword, Username: ada, Password: password}, syncer.Options{})
	if code := codeOf(t, err); code != syncer.CodeForeignUser {
		t.Errorf("got %q", code)
	}
}

func TestConnectThroughARedirectSaysWhere(t *testing.T) {
	server, url := serve(t, dojoserver.Options{})
	server.Break(func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "https://"+r.Host+r.URL.Path+"?token=secret", http.StatusMovedPermanently)
		return true
	})
	_, _, err := syncer.Connect(t.Context(), app.Connect{URL: url, SignIn: app.SignInSession, Session: "abcdefghijklmnopqrstuvwxyz012345"}, syncer.Options{})
	p := app.AsProblem(err)
	if p.Code != syncer.CodeRedirected || !strings.Contains(p.Message, "https") || strings.Contains(p.Message, "secret") {
		t.Errorf("%q: %q", p.Code, p.Message)
	}
}
