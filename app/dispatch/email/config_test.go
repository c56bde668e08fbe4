package email_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/email"
)

func TestABadConfigurationNamesEveryBadValue(t *testing.T) {
	err := email.Check(map[string]string{
		"provider": "pigeon", "host": "mail.example.org:25", "port": "70000", "tls": "ssl", "auth": "ntlm", "from": "nobody",
		"reply_to": "a@b, c@d", "connections": "0", "mails_per_connection": "many", "token_url": "http://example.org/token", "color": "red", "unencrypted_ok": "perhaps", "hello": "a b",
	})
	p, ok := errors.AsType[*app.Problem](err)
	if !ok || !errors.Is(err, app.ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		`provider is "pigeon", allowed: fastmail, gmail`, `host is "mail.example.org:25"`, `port is "70000", allowed: 1 to 65535`,
		`tls is "ssl", allowed: starttls, implicit, none`, `auth is "ntlm", allowed: auto, plain`, `from is "nobody"`, `reply_to is "a@b, c@d"`,
		`connections is "0", allowed: 1 to 10`, `mails_per_connection is "many", allowed: 1 to 1000`, `token_url is "http://example.org/token", allowed: an https address`, `there is no setting "color"`,
		`unencrypted_ok is "perhaps", allowed: no, yes`, `hello is "a b"`,
	} {
		if !strings.Contains(p.Message, want) {
			t.Errorf("%q is not said in %q", want, p.Message)
		}
	}
}

func TestWithoutEncryptionToAnotherMachineTheUserHasToSaySo(t *testing.T) {
	base := map[string]string{"host": "relay.example.org", "from": "a@example.org", "tls": "none"}
	if err := email.Check(base); err == nil || !strings.Contains(err.Error(), "unencrypted_ok=yes") {
		t.Errorf("got %v", err)
	}
	base["unencrypted_ok"] = "yes"
	if err := email.Check(base); err != nil {
		t.Errorf("said so: %v", err)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "127.8.8.8"} {
		if err := email.Check(map[string]string{"host": host, "from": "a@example.org", "tls": "none"}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestAProviderSetsTheServerAndTheUserChangesIt(t *testing.T) {
	c, err := email.Parse(map[string]string{"provider": "Gmail", "username": "ana@gmail.com"})
	must(t, err)
	if c.Host != "smtp.gmail.com" || c.Port != 587 || c.TLS != email.STARTTLS || c.From.Address != "ana@gmail.com" || c.Unsubscribe != "ana@gmail.com" {
		t.Errorf("got %+v", c)
	}
	c, err = email.Parse(map[string]string{"provider": "gmail", "username": "ana@gmail.com", "tls": "implicit", "list_unsubscribe": "off"})
	must(t, err)
	if c.Port != 465 || c.Unsubscribe != "" {
		t.Errorf("got %+v", c)
	}
	for _, p := range email.Presets() {
		if err := email.Check(map[string]string{"provider": p.Name, "from": "a@example.org"}); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		if p.Hint == "" || p.Auth == email.AuthXOAUTH2 && p.TokenURL == "" {
			t.Errorf("%s says too little: %+v", p.Name, p)
		}
	}
	for _, alias := range []string{"hotmail", "google", "Exchange"} {
		if _, ok := email.PresetNamed(alias); !ok {
			t.Errorf("%s is not known", alias)
		}
	}
}

func TestAnAuthoritysFileIsLookedAt(t *testing.T) {
	config := map[string]string{"host": "mail.example.org", "from": "a@example.org", "ca_file": filepath.Join(t.TempDir(), "ca.pem")}
	if err := email.Check(config); err == nil || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("a file that is not there: %v", err)
	}
	must(t, os.WriteFile(config["ca_file"], []byte("nothing"), 0o600))
	if err := email.Check(config); err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("a file without certificates: %v", err)
	}
	config["ca_file"] = dispatchtest.NewAuthority(t).File
	if err := email.Check(config); err != nil {
		t.Errorf("a good file: %v", err)
	}
}

func TestEverySettingIsExplained(t *testing.T) {
	for _, k := range email.Keys() {
		if k.Meaning == "" || k.Allowed == "" {
			t.Errorf("%s is not explained", k.Name)
		}
		err := email.Check(map[string]string{k.Name: "\x00"})
		if err == nil || strings.Contains(err.Error(), "there is no setting") {
			t.Errorf("%s is explained and not known: %v", k.Name, err)
		}
	}
}
