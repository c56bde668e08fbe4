// Package redact takes secrets out of what the other side said before it
// reaches an error, a receipt or a log line.
package redact

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"bellhop/app"
)

// MaxAnswer is how many characters of an answer are kept.
const MaxAnswer = 1000

// Mark stands where a secret stood.
const Mark = "[secret]"

// Parts of an address are secrets of their own from these lengths on: shorter
// ones are words such as "workflows" or "true", whose loss would make an answer
// unreadable and whose presence tells nothing.
const (
	minSegment = 16
	minValue   = 6
)

// Redactor knows the secrets of one message. It builds its list on first use,
// so that a message whose answer is empty pays nothing. It is not safe for
// concurrent use.
type Redactor struct {
	secrets  map[string]string
	replacer *strings.Replacer
	forms    []string
}

// New returns a redactor for secrets by name, which is not changed.
func New(secrets map[string]string) *Redactor { return &Redactor{secrets: secrets} }

// Text returns s on one line, without control and direction characters, with
// every secret replaced in each of the forms in which servers echo what they
// were sent: as it is, escaped for an address, for JSON or for HTML, in base64,
// and in parts where it is an address.
func (r *Redactor) Text(s string) string {
	if s == "" || strings.TrimSpace(s) == "" {
		return ""
	}
	if r.replacer == nil {
		r.build()
	}
	s = r.replacer.Replace(s)
	// What is invisible becomes a space and is not dropped: dropping could
	// join two halves to a secret.
	s = strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return r.replacer.Replace(strings.Join(strings.Fields(s), " "))
}

// Answer returns a body as the ledger keeps it: [Redactor.Text] of it, at most
// [MaxAnswer] characters. incomplete says that more of the body was not read;
// then an end that may be the beginning of a secret is left out.
func (r *Redactor) Answer(body []byte, incomplete bool) string {
	if len(body) == 0 {
		return ""
	}
	s := string(body)
	if incomplete {
		if r.replacer == nil {
			r.build()
		}
		s = r.withoutHalf(r.replacer.Replace(s))
	}
	return app.Cut(r.Text(s), MaxAnswer)
}

// withoutHalf cuts off the longest end of s with which a secret begins.
func (r *Redactor) withoutHalf(s string) string {
	longest := 0
	for _, form := range r.forms {
		for n := min(len(form)-1, len(s)); n > longest; n-- {
			if strings.HasSuffix(s, form[:n]) {
				longest = n
			}
		}
	}
	return s[:len(s)-longest]
}

// Error returns an error with the redacted text of err that matches cause,
// which may be nil. The original is not kept: whoever printed it would print
// the secret.
func (r *Redactor) Error(err, cause error) error {
	return &quiet{text: app.Cut(r.Text(err.Error()), MaxAnswer), cause: cause}
}

type quiet struct {
	text  string
	cause error
}

func (q *quiet) Error() string { return q.text }

func (q *quiet) Unwrap() error { return q.cause }

func (r *Redactor) build() {
	r.forms = Forms(r.secrets)
	pairs := make([]string, 0, 2*len(r.forms))
	for _, f := range r.forms {
		pairs = append(pairs, f, Mark)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// Forms returns every text that stands for one of the secrets, the longest
// first.
func Forms(secrets map[string]string) []string {
	var forms []string
	for _, value := range secrets {
		forms = appendForms(forms, value)
		// Several keys in one value, as rotation writes them.
		if fields := strings.Fields(value); len(fields) > 1 || len(fields) == 1 && fields[0] != value {
			for _, f := range fields {
				forms = appendForms(forms, f)
			}
		}
	}
	slices.SortFunc(forms, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return slices.Compact(forms)
}

func appendForms(forms []string, value string) []string {
	if value == "" {
		return forms
	}
	plain := []string{value}
	if key, ok := strings.CutPrefix(value, "whsec_"); ok && key != "" {
		plain = append(plain, key)
	}
	if u, err := url.Parse(value); err == nil && u.Host != "" {
		plain = append(plain, addressParts(u)...)
	}
	for _, p := range plain {
		quoted, _ := json.Marshal(p)
		raw := []byte(p)
		forms = append(forms, p, url.QueryEscape(p), url.PathEscape(p), html.EscapeString(p),
			string(quoted[1:len(quoted)-1]), base64.StdEncoding.EncodeToString(raw),
			base64.RawStdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw),
			base64.RawURLEncoding.EncodeToString(raw))
	}
	return forms
}

// addressParts returns what is secret in an address: everything behind its
// host, and the parts of that which would open it.
func addressParts(u *url.URL) []string {
	var parts []string
	if len(u.RequestURI()) > minSegment {
		parts = append(parts, u.RequestURI())
	}
	if len(u.RawQuery) >= minValue {
		parts = append(parts, u.RawQuery)
	}
	for _, values := range u.Query() {
		for _, v := range values {
			if len(v) >= minValue {
				parts = append(parts, v)
			}
		}
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if len(segment) >= minSegment {
			parts = append(parts, segment)
		}
	}
	if password, ok := u.User.Password(); ok && password != "" {
		parts = append(parts, password, u.User.String())
	}
	return parts
}
