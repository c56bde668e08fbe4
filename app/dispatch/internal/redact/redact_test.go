package redact_test

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"bellhop/app/dispatch/internal/redact"
)

const workflow = "https://prod-01.westeurope.logic.azure.com:443/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sig=Zm9v-YmFy_secret%2Bx"

func TestEverySecretIsTakenOutInEveryForm(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{"token": `xoxb-1 "quoted" & <odd>`, "key": "whsec_AAAABBBBCCCC whsec_DDDDEEEEFFFF", "url": workflow}
	r := redact.New(secrets)
	for name, said := range map[string]string{
		"plain":         `bad token xoxb-1 "quoted" & <odd>!`,
		"for addresses": "token=" + url.QueryEscape(secrets["token"]),
		"in JSON":       `{"token":"xoxb-1 \"quoted\" \u0026 \u003codd\u003e"}`,
		"in HTML":       "<p>xoxb-1 &#34;quoted&#34; &amp; &lt;odd&gt;</p>",
		"in base64":     base64.StdEncoding.EncodeToString([]byte(secrets["token"])),
		"one of two":    "signed with whsec_DDDDEEEEFFFF",
		"without mark":  "key AAAABBBBCCCC",
		"an address":    "POST " + workflow,
		"its path":      "no such workflow 0123456789abcdef0123456789abcdef",
		"its signature": "sig Zm9v-YmFy_secret+x is wrong",
	} {
		got := r.Text(said)
		for _, form := range redact.Forms(secrets) {
			if strings.Contains(got, form) {
				t.Errorf("%s: %q still has %q", name, got, form)
			}
		}
		if !strings.Contains(got, redact.Mark) {
			t.Errorf("%s: nothing was taken out of %q", name, got)
		}
	}
}

func TestAnAnswerStaysReadable(t *testing.T) {
	t.Parallel()
	r := redact.New(map[string]string{"url": workflow})
	if got := r.Text("The workflow at prod-01.westeurope.logic.azure.com\r\nis \x1b[31moff\u202e."); got != "The workflow at prod-01.westeurope.logic.azure.com is [31moff ." {
		t.Errorf("got %q", got)
	}
	if got := r.Answer([]byte(strings.Repeat("ä", 3000)), false); got != strings.Repeat("ä", redact.MaxAnswer) {
		t.Errorf("cut to %d bytes", len(got))
	}
}

// An answer that was not read to its end may end in the middle of a secret,
// and redaction may shorten it so far that the end shows.
func TestHalfASecretAtTheEndIsNotShown(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("s3cret", 90)
	r := redact.New(map[string]string{"token": secret})
	body := []byte(strings.Repeat(secret+" ", 100) + secret[:400])
	if got := r.Answer(body, true); strings.Contains(got, "s3cret") {
		t.Errorf("a part is left: …%s", got[max(0, len(got)-80):])
	}
}

func TestAnErrorKeepsItsCauseAndLosesItsText(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := redact.New(map[string]string{"password": "hunter2hunter2"}).Error(errors.New("login hunter2hunter2 refused"), cause)
	if !errors.Is(err, cause) || err.Error() != "login [secret] refused" {
		t.Errorf("got %v", err)
	}
}

func FuzzNoSecretSurvives(f *testing.F) {
	f.Add("token-123456", "you sent token-123456 to us")
	f.Add("a\"b<c>d", `{"t":"a\"b\u003cc\u003ed"}`)
	f.Add("https://h/p?sig=1234567", "/p?sig=1234567")
	f.Fuzz(func(t *testing.T, secret, said string) {
		if len(secret) < 4 || strings.Contains(redact.Mark, secret) || strings.ContainsAny(secret, " []") {
			return // a part of the mark itself, or of two marks
		}
		if got := redact.New(map[string]string{"s": secret}).Answer([]byte(said), false); strings.Contains(got, secret) {
			t.Errorf("%q is left in %q", secret, got)
		}
	})
}
