package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

// firstStart opens the guide without any account.
func firstStart(t *testing.T) (*world, *guide) {
	t.Helper()
	w := newWorld(t, wide, "", &fakeInbox{states: map[app.AccountID]app.SyncState{}}, running())
	w.until("the guide is shown", func() bool { return w.ui.place == ViewConnect })
	return w, w.ui.guide
}

func TestTheServerIsTriedWhenTypingPauses(t *testing.T) {
	w, g := firstStart(t)
	w.bell.probe = func(_ context.Context, c app.Connect) (app.Probe, error) {
		return app.Probe{URL: c.URL, DefectDojo: true, TLSUntil: noon.AddDate(0, 6, 0)}, nil
	}
	g.server.Type("dojo.exa")
	w.pass(probeDelay - time.Millisecond)
	g.server.Type("mple.com")
	w.pass(probeDelay - time.Millisecond)
	if len(w.bell.asked()) != 0 {
		t.Errorf("the server was tried while typing: %q", w.bell.asked())
	}
	w.pass(time.Millisecond)
	w.until("the server is known", func() bool { return strings.HasPrefix(g.probe.Text(), "✓") })
	if got := g.probe.Text(); got != "✓ DefectDojo found, certificate valid until May 2027" {
		t.Errorf("below the address stands %q", got)
	}
	if !w.bell.called("probe dojo.example.com")() || len(w.bell.asked()) != 1 {
		t.Errorf("the bell was asked for %q", w.bell.asked())
	}
}

func TestTheExactReasonStandsBelowTheAddress(t *testing.T) {
	w, g := firstStart(t)
	w.bell.probe = func(_ context.Context, c app.Connect) (app.Probe, error) {
		return app.Probe{Problem: app.NewProblem("tls_untrusted", "The certificate is signed by an unknown authority.", "Name its CA file below.", true, nil)}, nil
	}
	g.server.Type("https://dojo.example.com")
	w.pass(probeDelay)
	w.until("the reason is told", func() bool { return g.server.Bad })
	if got := g.probe.Text(); got != "The certificate is signed by an unknown authority. Name its CA file below." {
		t.Errorf("below the address stands %q", got)
	}
	g.server.Type("x")
	if g.server.Bad || g.probe.Text() != "" {
		t.Error("the complaint stays while the address is being mended")
	}
	g.server.SetText("ftp://x")
	g.try()
	if got := g.probe.Text(); !strings.HasPrefix(got, "Only http and https") {
		t.Errorf("below a bad address stands %q", got)
	}
}

func TestARefusedPasswordIsToldWhereItWasTyped(t *testing.T) {
	w, g := firstStart(t)
	g.server.SetText("https://dojo.example.com")
	g.username.SetText("maria")
	test.Tap(g.connect)
	if got := g.secretFault.Text(); got != "Your password is missing." || !g.password.Bad {
		t.Fatalf("without a password the guide says %q", got)
	}
	g.password.SetText("wrong")
	w.bell.connect = func(c app.Connect) (app.Account, error) {
		if c.Username != "maria" || c.Password != "wrong" || c.Session != "" || c.Token != "" {
			t.Errorf("the bell was given %+v", c)
		}
		return app.Account{}, app.NewProblem("password_refused", "The server refused this name and password.", "Look for a typing mistake.", true, nil)
	}
	test.Tap(g.connect)
	if !g.connect.Disabled() || g.connect.Text != "Connecting…" || !g.password.Disabled() {
		t.Error("nothing shows that the server is being asked")
	}
	w.until("the refusal is told", func() bool { return g.secretFault.Text() != "" })
	if got := g.secretFault.Text(); got != "The server refused this name and password. Look for a typing mistake." {
		t.Errorf("below the password stands %q", got)
	}
	if !g.password.Bad || g.server.Bad || g.connect.Disabled() {
		t.Error("the wrong field is blamed, or the guide is stuck")
	}
}

func TestASessionConnectsAndTheSecretIsForgotten(t *testing.T) {
	w, g := firstStart(t)
	g.server.SetText("https://dojo.example.com")
	test.Tap(g.signIn.Button(string(app.SignInSession)))
	if !g.ways[app.SignInSession].Visible() || g.ways[app.SignInPassword].Visible() {
		t.Fatal("the fields of the session are not shown")
	}
	g.cookie.SetText("s3cret")
	w.bell.connect = func(c app.Connect) (app.Account, error) {
		if c.Session != "s3cret" || c.Password != "" {
			t.Errorf("the bell was given the wrong secret")
		}
		a := app.Account{ID: 1, URL: "https://dojo.example.com", Username: "maria", SignIn: app.SignInSession}
		w.inbox.mu.Lock()
		defer w.inbox.mu.Unlock()
		w.inbox.accounts = []app.Account{a}
		return a, nil
	}
	test.Tap(g.connect)
	w.until("it is done", g.done.Visible)
	if g.form.Visible() || g.cookie.Text() != "" {
		t.Error("the form is still there, or still holds the secret")
	}
	if got := g.doneText.Text(); !strings.HasPrefix(got, "maria · dojo.example.com.") {
		t.Errorf("the guide says %q", got)
	}
}

func TestATokenIsSaidToWatchTheObjects(t *testing.T) {
	w, g := firstStart(t)
	test.Tap(g.signIn.Button(string(app.SignInToken)))
	g.server.SetText("https://dojo.example.com")
	g.token.SetText("abc")
	w.bell.connect = func(app.Connect) (app.Account, error) {
		return app.Account{ID: 1, URL: "https://dojo.example.com", Username: "maria", SignIn: app.SignInToken}, nil
	}
	test.Tap(g.connect)
	w.until("it is done", g.done.Visible)
	if got := g.doneText.Text(); !strings.Contains(got, "watches the server's objects instead and tells you what happens") {
		t.Errorf("the guide says %q", got)
	}
	if got := signInText(app.SignInToken); !strings.Contains(got, "its objects are watched") {
		t.Errorf("the settings say %q", got)
	}
}

func TestATokenThatIsRefusedIsBlamed(t *testing.T) {
	w, g := firstStart(t)
	test.Tap(g.signIn.Button(string(app.SignInToken)))
	g.server.SetText("https://dojo.example.com")
	g.token.SetText("abc")
	w.bell.connect = func(app.Connect) (app.Account, error) {
		return app.Account{}, app.NewProblem("token_refused", "The server refused the API token.", "Copy it again.", true, nil)
	}
	test.Tap(g.connect)
	w.until("it is told", func() bool { return g.secretFault.Text() != "" })
	if !g.token.Bad {
		t.Error("the token is not blamed")
	}
}

func TestAProxyThatFailsIsBlamedItself(t *testing.T) {
	_, g := firstStart(t)
	g.failed(app.NewProblem("proxy_failed", "The proxy does not answer.", "Look at its address.", true, nil))
	if !g.advanced.inner.Visible() || !g.advanced.proxy.Bad || g.server.Bad {
		t.Error("the proxy is not blamed, or not in sight")
	}
}

func TestUncheckedCertificatesWarnAsLongAsTheyAre(t *testing.T) {
	_, g := firstStart(t)
	g.advanced.setOpen(true)
	test.Tap(g.advanced.insecure)
	if g.advanced.warning.Text() == "" {
		t.Error("there is no warning")
	}
	if c := g.typed(); !c.Insecure {
		t.Error("the choice is not taken")
	}
	test.Tap(g.advanced.insecure)
	if g.advanced.warning.Text() != "" {
		t.Error("the warning stays")
	}
}
