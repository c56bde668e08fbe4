package program

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/sync/dojoserver"
)

// call posts to the intake as a server does.
func (w *world) call(url, header, secret string) int {
	w.t.Helper()
	body := `{"description": "x", "title": "Called", "user": null, "url_ui": "` + w.url + `/finding/1"}`
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "X-Defectdojo-Event": {"finding_added"}, "X-Defectdojo-Instance": {w.url}, "User-Agent": {"DefectDojo-3.2.0"}}
	if header != "" {
		r.Header.Set(header, secret)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// change changes the intake.
func (w *world) change(c app.IntakeChange) app.Intake {
	w.t.Helper()
	in, err := w.client.ChangeIntake(w.t.Context(), c)
	if err != nil {
		w.t.Fatalf("%v: %s", err, app.AsProblem(err).Step)
	}
	if in.Secret != "" {
		w.private = append(w.private, in.Secret)
	}
	return in
}

func TestTheIntakeIsSwitchedOnAndOffWhileTheBellRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dojo.AddUser(dojoserver.User{Name: maria, Password: password, Superuser: true})
	a := w.connect()
	if _, err := w.client.SyncPeople(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	if in, err := w.client.Intake(t.Context()); err != nil || in.Address != "" || in.URL != "" {
		t.Fatalf("from the start the intake is %+v, %v", in, err)
	}
	if in := w.change(app.IntakeChange{Address: "off"}); in.Secret != "" {
		t.Error("switching off made a secret")
	}
	address := dispatchtest.FreeAddr(t)
	in := w.change(app.IntakeChange{Address: address})
	if in.Secret == "" || in.URL == "" || in.Problem != nil {
		t.Fatalf("switched on, the intake is %+v", in)
	}
	for name, one := range map[string]struct {
		header, secret string
		want           int
	}{
		"none":         {"", "", http.StatusUnauthorized},
		"wrong":        {in.Header, "wrong", http.StatusUnauthorized},
		"other header": {"X-Other", in.Secret, http.StatusUnauthorized},
		"right":        {in.Header, in.Secret, http.StatusNoContent},
	} {
		if got := w.call(in.URL, one.header, one.secret); got != one.want {
			t.Errorf("with the secret %s the answer is %d, want %d", name, got, one.want)
		}
	}
	if got := w.wantToast(); got.Title != "Called" {
		t.Errorf("announced %q", got.Title)
	}
	state, err := w.client.Intake(t.Context())
	if err != nil || state.Recorded != 1 || state.Refused != 3 || state.Secret != "" {
		t.Errorf("the intake says %+v, %v", state, err)
	}
	w.restart() // it is there again, with the same secret
	if state, err := w.client.Intake(t.Context()); err != nil || state.Problem != nil {
		t.Errorf("after a restart: %+v, %v", state, err)
	}
	w.until("it is open again", func() bool { return w.call(in.URL, in.Header, in.Secret) == http.StatusNoContent })

	another := w.change(app.IntakeChange{NewSecret: true})
	if another.Secret == "" || another.Secret == in.Secret {
		t.Fatalf("another secret: %+v", another)
	}
	if old, fresh := w.call(in.URL, in.Header, in.Secret), w.call(in.URL, in.Header, another.Secret); old != http.StatusUnauthorized || fresh != http.StatusNoContent {
		t.Errorf("the old secret is answered with %d, the new one with %d", old, fresh)
	}
	w.change(app.IntakeChange{Address: "off"})
	if got := w.call(in.URL, in.Header, another.Secret); got != 0 {
		t.Errorf("switched off, the answer is %d", got)
	}
	if again := w.change(app.IntakeChange{Address: address}); again.Secret != "" {
		t.Error("a secret that is there already was told")
	}
	if got := w.call(in.URL, in.Header, another.Secret); got != http.StatusNoContent {
		t.Errorf("switched on again, the answer is %d", got)
	}
	for _, wrong := range []string{"nowhere", "127.0.0.1:0", "localhost:port", "ftp://x"} {
		if _, err := w.client.ChangeIntake(t.Context(), app.IntakeChange{Address: wrong}); !errors.Is(err, app.ErrInvalid) {
			t.Errorf("the address %q gave %v", wrong, err)
		}
	}
	if got := w.call(in.URL, in.Header, another.Secret); got != http.StatusNoContent {
		t.Errorf("after wrong addresses the answer is %d", got)
	}
}

func TestAPortThatIsTakenIsToldAtOnceAndNothingIsRegistered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dojo.AddUser(dojoserver.User{Name: maria, Password: password, Superuser: true})
	a := w.connect()
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	in := w.change(app.IntakeChange{Address: taken.Addr().String()})
	if in.Problem == nil || in.Problem.Step == "" || !strings.Contains(in.Problem.Message, taken.Addr().String()) {
		t.Fatalf("the intake is %+v", in)
	}
	if _, err := w.client.ChangeIntake(t.Context(), app.IntakeChange{Register: a.ID}); app.AsProblem(err).Code != in.Problem.Code {
		t.Errorf("registering gave %v", err)
	}
	if hooks := w.dojo.Webhooks(); len(hooks) != 0 {
		t.Errorf("the server has %+v", hooks)
	}
	// Once the port is free, the next change takes it.
	_ = taken.Close()
	in = w.change(app.IntakeChange{Address: taken.Addr().String(), Register: a.ID})
	if in.Problem == nil || in.Problem.Code != "webhooks_off" || in.Registered == 0 {
		t.Errorf("with the port free, at a server that sends no webhooks: %+v", in)
	}
	w.dojo.SetSystem("enable_webhooks_notifications", true)
	// Registering again takes the place of the first.
	if in = w.change(app.IntakeChange{Register: a.ID}); in.Problem != nil {
		t.Errorf("registered again: %+v", in)
	}
	if hooks := w.dojo.Webhooks(); len(hooks) != 1 || hooks[0].URL != in.URL || *hooks[0].HeaderName != in.Header {
		t.Errorf("the server has %+v", hooks)
	}
}

func TestAPlainUserCannotRegisterTheIntake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect()
	in := w.change(app.IntakeChange{Address: dispatchtest.FreeAddr(t)})
	_, err := w.client.ChangeIntake(t.Context(), app.IntakeChange{Register: a.ID})
	if p := app.AsProblem(err); p.Code != "needs_superuser" || p.Step == "" {
		t.Errorf("registering gave %v", err)
	}
	if got := w.call(in.URL, in.Header, w.private[0]); got != http.StatusNoContent {
		t.Errorf("after that the answer is %d", got)
	}
	if _, err := w.client.ChangeIntake(t.Context(), app.IntakeChange{Register: 99}); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("registering at an account that is not there gave %v", err)
	}
}

// hangs answers nothing until the caller goes away or the test ends.
func hangs(ended <-chan struct{}) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}
}

// A bell ends within two seconds while every place hangs, and the next one
// delivers what was cut off.
func TestTheEndDoesNotWaitForWhoHangs(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelMail, app.ChannelSlack, app.ChannelTeams, app.ChannelWebhooks)
	w.set(app.SettingDigests, "off") // each by itself
	in := w.change(app.IntakeChange{Address: dispatchtest.FreeAddr(t)})
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	for _, name := range []string{"slack", "flow", "hook"} {
		e.breaks(name, hangs(ended))
	}
	e.mail.say("DATA", "hang")
	for i := range 20 {
		w.notify(a.ID, map[string]any{"title": "Cut off", "product": []string{"Shop", "Till"}[i%2]})
	}
	w.until("all hang", func() bool {
		tried := make(map[app.Channel]bool)
		for _, d := range w.deliveries(app.DeliveryFilter{State: app.DeliveryWaiting, Limit: 200}) {
			tried[d.Channel] = tried[d.Channel] || d.Attempts > 0
		}
		return len(tried) == 4 && tried[app.ChannelMail] && tried[app.ChannelSlack] && tried[app.ChannelTeams] && tried[app.ChannelWebhooks]
	})
	var d net.Dialer
	idle, err := d.DialContext(t.Context(), "tcp", in.Address) // somebody who knocks and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = idle.Close() })
	begun := time.Now()
	w.stop()
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("the end took %v", took)
	}
	for _, name := range []string{"slack", "flow", "hook"} {
		e.breaks(name, nil)
	}
	e.mail.say("DATA", "")
	w.start()
	w.clock.pass(time.Hour)
	w.set(app.SettingDigests, "off") // the outbox looks again
	w.until("all hooks arrive", func() bool { return e.arrived("").Hook == 20 })
	w.until("mails arrive", func() bool { return e.arrived("maria@example.com").Mail == 20 })
	for _, h := range e.hook.Hooks() {
		if n := e.hook.Times(h.Header.Get("webhook-id")); n != 1 {
			t.Errorf("%s arrived %d times", h.Header.Get("webhook-id"), n)
		}
	}
}

// A server elsewhere is not given an address that only this machine has.
func TestAServerElsewhereIsNotSentToThisMachineAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(app.IntakeChange{Address: dispatchtest.FreeAddr(t)})
	elsewhere, err := w.bell.store.AddAccount(t.Context(), app.Account{URL: "https://dojo.example.com", Username: maria, SignIn: app.SignInToken})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.secrets.Set(t.Context(), elsewhere.ID, "token", "0123456789abcdef0123456789abcdef01234567"); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.ChangeIntake(t.Context(), app.IntakeChange{Register: elsewhere.ID})
	if p := app.AsProblem(err); !errors.Is(err, app.ErrInvalid) || !strings.Contains(p.Step, "--url") {
		t.Errorf("registering gave %v", err)
	}
}
