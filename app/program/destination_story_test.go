package program

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/store"
)

// standsIn returns the files of the data folder that have a text in them.
func (w *world) standsIn(text string) (files []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) { // SQLite's own come and go
			return nil
		}
		if strings.Contains(string(data), text) {
			files = append(files, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

// A secret among the settings, where others can read it, is refused with the way
// to give it, and kept nowhere; so is a setting among the secrets.
func TestASecretAmongTheSettingsIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const leak = "xoxb-LEAK-99120"
	w.private = append(w.private, leak)
	for c, names := range map[app.Channel][]string{
		app.ChannelMail:     {"password", "refresh_token", "client_secret", "access_token"},
		app.ChannelSlack:    {"token"},
		app.ChannelTeams:    {"url"},
		app.ChannelWebhooks: {"url", "header_value", "key"},
		app.ChannelServices: {"url"},
	} {
		for _, name := range names {
			_, err := w.client.PutDestination(t.Context(), app.Destination{Channel: c, Name: "s", Address: "#x", Config: map[string]string{name: leak}}, nil, true)
			p := app.AsProblem(err)
			if !errors.Is(err, app.ErrInvalid) || !strings.Contains(p.Message, name+" is a secret") || !strings.Contains(p.Step, "--secret "+name) || strings.Contains(p.Error(), leak) {
				t.Errorf("%s of %s: %v", name, c, err)
			}
		}
	}
	_, err := w.client.PutDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "s"}, map[string]string{"token": "xoxb-1", "username": "bell"}, true)
	if p := app.AsProblem(err); !strings.Contains(p.Error(), "username is a setting and no secret. Give it with --set username=") {
		t.Errorf("a setting among the secrets: %v", err)
	}
	_, err = w.client.PutDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "s", Address: leak}, nil, true)
	if p := app.AsProblem(err); !strings.Contains(p.Error(), "--secret token") {
		t.Errorf("a token in the place of the address: %v", err)
	}
	_, err = w.client.PutDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "s", Config: map[string]string{"api": "https://me:" + leak + "@x/"}}, map[string]string{"token": "xoxb-1"}, true)
	if !errors.Is(err, app.ErrInvalid) || strings.Contains(err.Error(), leak) {
		t.Errorf("a password in an address that is a setting: %v", err)
	}
	w.read(func(s *store.Store) {
		if list, err := s.Destinations(t.Context(), 0); err != nil || len(list) != 0 {
			t.Errorf("kept %+v, %v", list, err)
		}
	})
}

// What an earlier Bellhop let into the settings is moved to the secrets at the
// start; a keyring that cannot be asked loses nothing, and the next start tries
// again.
func TestSecretsAmongTheSettingsAreHiddenAtTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const leak, gone, taken, older, used = "xoxb-LEAK-55310", "xoxb-GONE-88102", "xoxb-TAKEN-61734", "hunter-LEAK-20019", "hunter-used-31173"
	w.private = append(w.private, leak, gone, taken, older, used)
	vault := &fullVault{}
	mail := w.put(app.Destination{Channel: app.ChannelMail, Name: "post", Config: map[string]string{"host": "127.0.0.1", "tls": "none", "from": "a@example.com"}}, map[string]string{"password": "replaced"})
	w.stop()
	w.keeper = vault
	s, err := store.Open(t.Context(), store.Options{Dir: w.dir})
	if err != nil {
		t.Fatal(err)
	}
	chat, err := s.AddDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "chat", Address: "#x", Config: map[string]string{"username": "bell", "token": leak}})
	left, err2 := s.AddDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "left", Address: "#x", Off: true, Config: map[string]string{"token": gone}})
	away, err3 := s.AddDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "away", Address: "#x", Config: map[string]string{"token": taken}})
	mail.Config["password"] = older
	text := `{"password":"` + used + `"}`
	if err := errors.Join(err, err2, err3, s.UpdateDestination(t.Context(), mail), s.Backup(t.Context()), vault.Set(t.Context(), mail.Account, secretKeyOf(mail.ID), text), s.Close()); err != nil {
		t.Fatal(err)
	}

	vault.full.Store(true)
	w.start()
	readable := func() bool {
		return slices.ContainsFunc(w.status().Notices, func(p app.Problem) bool { return p.Code == codeReadable && p.Step != "" })
	}
	w.until("it is told", readable)
	if len(w.standsIn(leak)) == 0 {
		t.Fatal("a token was lost that could be kept nowhere else")
	}
	if o := w.status().Outbox; len(o.Trouble) != 1 || o.Trouble[0].Name != "left" || len(o.Trouble[0].Config) != 0 {
		t.Errorf("the status has %d destinations in trouble, or shows what is secret of one", len(o.Trouble))
	}
	if err := w.client.RemoveDestination(t.Context(), left.ID); err != nil {
		t.Fatal(err)
	}
	if files := w.standsIn(gone); len(files) != 0 {
		t.Errorf("the token of a destination that is gone stands in %v", files)
	}
	vault.full.Store(false)
	away.Config = nil
	w.put(away, map[string]string{"token": ""})
	if files := w.standsIn(taken); len(files) != 0 {
		t.Errorf("a token that was taken away stands in %v", files)
	}
	if err := w.client.RemoveDestination(t.Context(), away.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.restart()
		w.until("the secrets are hidden", func() bool { return len(w.standsIn(leak))+len(w.standsIn(older)) == 0 })
		if readable() {
			t.Error("it is told although it is not so any more")
		}
		for _, d := range []app.Destination{chat, mail} {
			secrets, err := readSecrets(t.Context(), vault, d)
			if err != nil || secrets["token"] != map[bool]string{true: leak}[d.ID == chat.ID] || secrets["password"] != map[bool]string{true: used}[d.ID == mail.ID] {
				t.Errorf("kept of %s: %d secrets, %v", d.Name, len(secrets), err)
			}
		}
		w.read(func(s *store.Store) {
			list, err := s.Destinations(t.Context(), chat.Account)
			if err != nil || len(list) != 2 {
				t.Fatal(list, err)
			}
			for _, d := range list {
				if len(leaked(d)) != 0 || d.Config["username"]+d.Config["host"] == "" {
					t.Errorf("set of %s: %d settings", d.Name, len(d.Config))
				}
			}
		})
	}
}

// A webhook is pinged when it is saved, as DefectDojo does (64 and 104): when it is
// new, and when something changes by which it could answer otherwise.
func TestAWebhookIsPingedWhenItIsSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := newEdges(w)
	pings := 0
	put := func(d app.Destination, secrets map[string]string, noPing, pinged bool) app.Placed {
		t.Helper()
		if pinged {
			pings++
		}
		placed, err := w.client.PutDestination(t.Context(), d, secrets, noPing)
		if err != nil {
			t.Fatal(err)
		}
		hooks := e.hook.Hooks()
		if len(hooks) != pings || pinged != (placed.Ping != nil) || pinged && (!placed.Ping.OK || placed.Ping.Status != http.StatusNoContent) {
			t.Fatalf("%d pings have arrived, want %d; told %+v", len(hooks), pings, placed.Ping)
		}
		for _, h := range hooks {
			if h.Header.Get("X-DefectDojo-Event") != "ping" || string(h.Raw) != `{"description":"Test webhook notification","title":"","user":null}` {
				t.Errorf("pinged with %s of %v", h.Raw, h.Header)
			}
		}
		return placed
	}
	key := map[string]string{"key": hookKey}
	siem := put(app.Destination{Channel: app.ChannelWebhooks, Name: "siem", Address: e.hookURL, Config: map[string]string{"private": "on"}}, key, false, true).Destination
	if got := e.hook.Hooks()[0].Header.Get("X-Own"); got != "" {
		t.Errorf("the header was %q", got)
	}
	siem.Name = "ops"
	put(siem, nil, false, false)
	siem.Config["header_name"] = "X-Own"
	put(siem, map[string]string{"header_value": hookValue}, false, true)
	if got := e.hook.Hooks()[1].Header.Get("X-Own"); got != hookValue {
		t.Errorf("the header was %q", got)
	}
	put(siem, key, true, false)
	siem.Off = true
	put(siem, key, false, false)
	siem.Off = false
	put(siem, nil, false, true)
	if tested, err := w.client.TestDestination(t.Context(), siem.ID); err != nil || !tested.OK {
		t.Errorf("a test: %+v, %v", tested, err)
	}
	pings++
	put(siem, key, false, true)

	// One that does not answer stays, and what to do is told.
	e.breaks("hook", answers(http.StatusNotFound))
	placed, err := w.client.PutDestination(t.Context(), siem, key, false)
	if err != nil || placed.Ping == nil || placed.Ping.OK || placed.Ping.Status != http.StatusNotFound || !strings.Contains(placed.Ping.Next, "path") {
		t.Errorf("a ping that is refused: %+v, %v", placed.Ping, err)
	}
	siem.Address = "http://" + dispatchtest.FreeAddr(t) + "/in"
	placed, err = w.client.PutDestination(t.Context(), siem, nil, false)
	if err != nil || placed.Ping == nil || placed.Ping.Code != "connection_refused" || placed.Ping.Next == "" {
		t.Errorf("a ping that reaches nobody: %+v, %v", placed.Ping, err)
	}
	w.read(func(s *store.Store) {
		if list, err := s.Destinations(t.Context(), 0); err != nil || len(list) != 1 || list[0].Address != siem.Address {
			t.Errorf("kept %+v, %v", list, err)
		}
	})
}

// An endpoint in a private network is refused when it is saved, with what to do
// where it is meant to be there.
func TestAPrivateEndpointIsRefusedWhenItIsSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := newEdges(w)
	for _, address := range []string{e.hookURL, "http://localhost:1/in", "https://siem.localhost/", "https://192.168.4.4/in", "https://[::1]/"} {
		_, err := w.client.PutDestination(t.Context(), app.Destination{Channel: app.ChannelWebhooks, Name: "x", Address: address}, nil, false)
		if p := app.AsProblem(err); p == nil || p.Code != "private_address" || !strings.Contains(p.Step, "--set private=on") {
			t.Errorf("%s: %v", address, err)
		}
	}
	// One that was added before can be switched off, and not be pointed elsewhere.
	siem := w.put(app.Destination{Channel: app.ChannelWebhooks, Name: "siem", Address: e.hookURL, Config: map[string]string{"private": "on"}}, nil)
	siem.Config = nil
	if _, err := w.client.PutDestination(t.Context(), siem, nil, false); err == nil {
		t.Error("it was forbidden where it is, and taken")
	}
	if n := len(e.hook.Hooks()); n != 0 {
		t.Errorf("%d requests have arrived", n)
	}
}

// Switching a destination off does not have what waits for it sent at once.
func TestSwitchingOffLetsNothingGo(t *testing.T) {
	t.Parallel()
	w, e, a, me, places := alone(t)
	w.mine(me, app.ChannelWebhooks, app.ChannelSlack)
	var asked atomic.Int64
	e.breaks("hook", func(rw http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answers(http.StatusServiceUnavailable)(rw, r)
	})
	w.notify(a.ID, map[string]any{"title": "Behind a closed door", "severity": "Critical"})
	w.until("it was tried", func() bool {
		list := w.of(app.ChannelWebhooks)
		return len(list) == 1 && list[0].Attempts == 1 && list[0].Code != ""
	})
	siem := places[app.ChannelWebhooks]
	siem.Off = true
	w.put(siem, nil)
	before := len(e.slack.Messages())
	w.notify(a.ID, map[string]any{"title": "Another", "severity": "Critical"})
	w.until("what came after it has arrived elsewhere", func() bool { return len(e.slack.Messages()) > before })
	if n := asked.Load(); n != 1 {
		t.Errorf("the receiver was asked %d times", n)
	}
}

// What no message could be sent with is refused when it is saved, with what is
// wrong.
func TestWhatCannotWorkIsRefusedWhenItIsSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	notes := filepath.Join(t.TempDir(), "notes.pem")
	if err := os.WriteFile(notes, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := func(name, value string) map[string]string {
		return map[string]string{"host": "127.0.0.1", "tls": "none", "from": "bellhop@example.com", name: value}
	}
	for what, tried := range map[string]struct {
		d    app.Destination
		want string // in the message or the step
	}{
		"no address":              {app.Destination{Channel: app.ChannelMail, Address: "not an address"}, "not one mail address"},
		"two addresses":           {app.Destination{Channel: app.ChannelMail, Address: "a@example.com, b@example.com"}, "several destinations"},
		"no file":                 {app.Destination{Channel: app.ChannelMail, Config: server("ca_file", "/nope")}, "ca_file"},
		"no certificate":          {app.Destination{Channel: app.ChannelMail, Config: server("ca_file", notes)}, "no certificate in it"},
		"no port":                 {app.Destination{Channel: app.ChannelMail, Config: server("port", "smtp")}, "bellhop channels keys mail"},
		"no sender, and no host":  {app.Destination{Channel: app.ChannelMail, Config: map[string]string{"from": "me"}}, "from"},
		"two channels":            {app.Destination{Channel: app.ChannelSlack, Address: "#a, #b"}, "not one place"},
		"private is not switched": {app.Destination{Channel: app.ChannelWebhooks, Address: "https://192.168.1.1", Config: map[string]string{"private": "yes"}}, "on or off"},
	} {
		tried.d.Name = what
		_, err := w.client.PutDestination(t.Context(), tried.d, nil, true)
		if p := app.AsProblem(err); !errors.Is(err, app.ErrInvalid) || !strings.Contains(p.Error(), tried.want) || p.Step == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, good := range []app.Destination{
		{Channel: app.ChannelMail, Name: "a", Address: "Ann <ann@example.com>", Config: map[string]string{"from": "Bell <bell@example.com>"}},
		{Channel: app.ChannelSlack, Name: "b", Address: "@U0123"},
		{Channel: app.ChannelSlack, Name: "c", Address: "#größe"},
	} {
		w.put(good, nil)
	}
}

// A test that fails says what to do about this destination, by name, and of what is
// not sent again by itself not that it is.
func TestAFailedTestSaysWhatToDoByName(t *testing.T) {
	t.Parallel()
	w, e, _, _, places := alone(t)
	chat := places[app.ChannelSlack]
	chat.Name = "team chat"
	w.put(chat, nil)
	try := func(c app.Channel, h http.HandlerFunc) string {
		t.Helper()
		for _, place := range []string{"slack", "hook"} {
			e.breaks(place, h)
		}
		tested, err := w.client.TestDestination(t.Context(), places[c].ID)
		if err != nil || tested.OK {
			t.Errorf("%s: %+v, %v", c, tested, err)
		}
		return tested.Next
	}
	for _, c := range []app.Channel{app.ChannelSlack, app.ChannelWebhooks} {
		next := try(c, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "90")
			rw.WriteHeader(http.StatusTooManyRequests)
		})
		if strings.Contains(next, "Nothing") || !strings.Contains(next, "wait for 1m30s") || !strings.Contains(next, "bellhop channels test ") {
			t.Errorf("%s at its limit: %s", c, next)
		}
	}
	if next := try(app.ChannelWebhooks, answers(http.StatusUnauthorized)); !strings.Contains(next, "`bellhop channels edit siem --secret ...`") {
		t.Errorf("refused: %s", next)
	}
	next := try(app.ChannelSlack, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, `{"ok":false,"error":"token_revoked"}`)
	})
	if !strings.Contains(next, "`bellhop channels edit 'team chat' --secret token`") {
		t.Errorf("revoked: %s", next)
	}
	e.mail.say("AUTH", "535 5.7.8 no")
	if next := try(app.ChannelMail, nil); !strings.Contains(next, "`bellhop channels edit post --secret password`") {
		t.Errorf("a wrong password: %s", next)
	}
	post := places[app.ChannelMail]
	post.Config["provider"] = "fastmail"
	w.put(post, nil)
	if next := try(app.ChannelMail, nil); !strings.Contains(next, "Make an app password") {
		t.Errorf("a wrong password of a known provider: %s", next)
	}
}
