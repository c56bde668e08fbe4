package program

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bellhop/app"
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
			_, err := w.client.PutDestination(t.Context(), app.Destination{Channel: c, Name: "s", Address: "#x", Config: map[string]string{name: leak}}, nil)
			p := app.AsProblem(err)
			if !errors.Is(err, app.ErrInvalid) || !strings.Contains(p.Message, name+" is a secret") || !strings.Contains(p.Step, "--secret "+name) || strings.Contains(p.Error(), leak) {
				t.Errorf("%s of %s: %v", name, c, err)
			}
		}
	}
	_, err := w.client.PutDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "s"}, map[string]string{"token": "xoxb-1", "username": "bell"})
	if p := app.AsProblem(err); !strings.Contains(p.Error(), "username is a setting and no secret. Give it with --set username=") {
		t.Errorf("a setting among the secrets: %v", err)
	}
	_, err = w.client.PutDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "s", Address: leak}, nil)
	if p := app.AsProblem(err); !strings.Contains(p.Error(), "--secret token") {
		t.Errorf("a token in the place of the address: %v", err)
	}
	_, err = w.client.PutDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "s", Config: map[string]string{"api": "https://me:" + leak + "@x/"}}, map[string]string{"token": "xoxb-1"})
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
	const leak, older, used = "xoxb-LEAK-55310", "hunter-LEAK-20019", "hunter-used-31173"
	w.private = append(w.private, leak, older, used)
	vault := &fullVault{}
	mail := w.put(app.Destination{Channel: app.ChannelMail, Name: "post", Config: map[string]string{"host": "127.0.0.1", "tls": "none", "from": "a@example.com"}}, map[string]string{"password": "replaced"})
	w.stop()
	w.keeper = vault
	s, err := store.Open(t.Context(), store.Options{Dir: w.dir})
	if err != nil {
		t.Fatal(err)
	}
	chat, err := s.AddDestination(t.Context(), app.Destination{Channel: app.ChannelSlack, Name: "chat", Address: "#x", Config: map[string]string{"username": "bell", "token": leak}})
	mail.Config["password"] = older
	text := `{"password":"` + used + `"}`
	if err := errors.Join(err, s.UpdateDestination(t.Context(), mail), s.Backup(t.Context()), vault.Set(t.Context(), mail.Account, secretKeyOf(mail.ID), text), s.Close()); err != nil {
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
	vault.full.Store(false)
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
