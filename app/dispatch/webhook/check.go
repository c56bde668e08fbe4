package webhook

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
)

const stepKey = "Make a new key with `bellhop channels edit NAME --new-key`, or paste one that begins with whsec_."

// Check says what is wrong with how an endpoint is set, nil where nothing is.
// It touches no network; see the package comment for the names.
func Check(shown string, config, secrets map[string]string) *app.Problem {
	u, err := url.Parse(address(shown, secrets))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return problem("bad_address", "The endpoint has no usable address.", "Give one that begins with https://.")
	}
	name, value := config["header_name"], secrets["header_value"]
	switch {
	case name == "" && value != "":
		return problem("bad_header", "The endpoint's own header has a value and no name.", "Give the header's name with --set header_name=..., or take the value away with --unset header_value.")
	case !validRate(config[KeyRate]):
		return problem("bad_rate", "The rate of the endpoint cannot be read.", "Write "+dispatch.RateForm+".")
	case !validUntil(config[KeyOldUntil]):
		return problem("bad_time", "The end of the old signing key is no time.", "Write it like 2026-12-24T18:00:00Z.")
	case !token(name):
		return problem("bad_header", "The name of the endpoint's own header cannot be used.", "Use letters, digits and dashes.")
	case !ownHeader(name):
		return problem("bad_header", "The endpoint's own header has the name of one that Bellhop sends itself.", "Choose another name, for example X-Secret.")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return problem("bad_header", "The value of the endpoint's own header has a line break in it.", "Paste it again, without line breaks.")
	}
	if _, err := keys(secrets["key"]); err != nil {
		return problem("bad_key", "A signing key of the endpoint cannot be used.", stepKey)
	}
	return nil
}

// KeyRate is the setting that says how many requests an endpoint may get; the outbox
// keeps it.
const KeyRate = "rate"

func validRate(text string) bool {
	_, err := dispatch.ParseRate(text)
	return err == nil
}

// Private says what is wrong with an endpoint that is in a private network, as far
// as its host's name can be looked up just now, nil where nothing is; the network
// is asked for nothing else. What is not found here, a delivery finds.
func Private(ctx context.Context, shown string, config, secrets map[string]string) *app.Problem {
	u, err := url.Parse(address(shown, secrets))
	if err != nil || config["private"] == "on" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookUp)
	defer cancel()
	ip, private := post.Private(ctx, u.Hostname())
	if !private {
		return nil
	}
	return problem(post.CodePrivate, fmt.Sprintf("The endpoint is in a private network, or on this computer (%s).", ip),
		"If it is meant to be there, say so: the same command with --set private=on.")
}

// lookUp bounds the look-up of an endpoint's name while somebody waits.
const lookUp = 3 * time.Second

// Shown returns what may be shown of an endpoint's URL: no user, password or
// query.
func Shown(secret string) string {
	u, err := url.Parse(strings.TrimSpace(secret))
	if err != nil || u.Host == "" {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func problem(code, message, step string) *app.Problem {
	return app.NewProblem(code, message, step, true, app.ErrInvalid)
}

// token says whether s is empty or a header's name (RFC 9110, 5.6.2).
func token(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return strings.Trim(s, letters+"0123456789!#$%&'*+-.^_`|~") == ""
}
