package dojo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// The details with which the REST framework refuses whoever calls, and those
// it refuses only this. They are translated on a server that does not speak
// English; then the profile tells the two apart.
var (
	unknownCaller = []string{
		"Authentication credentials were not provided.", "Invalid token", "Invalid username/password.",
		"User inactive or deleted.", "Incorrect authentication credentials.", "API token has expired.",
	}
	mayNot = "You do not have permission to perform this action."
)

// refused names an answer of the API that is not the wanted one. With q the
// call was made; it says whether a token or a session was at stake.
func (c *Client) refused(ctx context.Context, q call, a *answer) error {
	if !isJSON(a.Header.Get("Content-Type")) {
		if a.StatusCode == http.StatusNotFound {
			return a.fail(ErrNotOffered)
		}
		return c.judge(a)
	}
	text, err := a.page()
	if err != nil {
		return err
	}
	switch a.StatusCode {
	case http.StatusForbidden, http.StatusUnauthorized:
		return c.refusedCaller(ctx, q, a, text)
	case http.StatusNotFound:
		return a.fail(ErrNotFound)
	case http.StatusMethodNotAllowed:
		return a.fail(ErrNotOffered)
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnsupportedMediaType:
		return a.fail(fmt.Errorf("%w%s", ErrRefused, complaint(text)))
	}
	return c.judge(a)
}

// refusedCaller tells a caller that the server does not know from one that may
// not do this; both are 403.
func (c *Client) refusedCaller(ctx context.Context, q call, a *answer, text []byte) error {
	var said struct {
		Detail string `json:"detail"`
	}
	_ = json.Unmarshal(text, &said) // no detail is a detail in no known words
	if said.Detail == mayNot {
		return a.fail(ErrForbidden)
	}
	if strings.HasPrefix(said.Detail, "CSRF Failed") {
		return a.fail(ErrCSRF)
	}
	known := slices.ContainsFunc(unknownCaller, func(begin string) bool { return strings.HasPrefix(said.Detail, begin) })
	if !known {
		if _, err := c.User(ctx); err != nil {
			return err
		}
		return a.fail(ErrForbidden)
	}
	if q.token != "" {
		return a.fail(ErrTokenRefused)
	}
	return a.fail(ErrSessionExpired)
}

// longestComplaint is how much of the server's words an error quotes.
const longestComplaint = 300

// complaint returns what the server says about the fields of a refused
// request, ": field: text" in the order of the fields, "" where it says
// nothing. "message" repeats the rest in Python's words and "pro" advertises.
func complaint(text []byte) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		return ""
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name == "pro" || (name == "message" && len(fields) > 1) {
			continue
		}
		var one string
		var many []string
		if json.Unmarshal(fields[name], &one) == nil {
			many = []string{one}
		} else if json.Unmarshal(fields[name], &many) != nil || len(many) == 0 {
			continue
		}
		said := plain(many[0])
		if name != "detail" && name != "message" && name != "non_field_errors" {
			said = plain(name) + ": " + said
		}
		out = append(out, said)
	}
	if len(out) == 0 {
		return ""
	}
	said := []rune(strings.Join(out, "; "))
	if len(said) > longestComplaint {
		said = append(said[:longestComplaint], '…')
	}
	return ": " + string(said)
}

// plain takes what is not to be printed out of a text of the server.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
}
