package intake

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"

	"bellhop/app"
)

// The headers of DefectDojo's webhooks, and the one of Standard Webhooks that
// tells two calls apart.
const (
	HeaderEvent    = "X-DefectDojo-Event"
	HeaderInstance = "X-DefectDojo-Instance"
	HeaderID       = "webhook-id"
)

// Webhook is one call of DefectDojo, read.
type Webhook struct {
	// Call is the event; its links are paths. A ping has the kind "ping" and
	// no title.
	Call app.Call
	// Instance is what the server believes to be its address, as sent.
	Instance string
	// Owner is the user name of the endpoint's owner, "" for a system endpoint.
	Owner string
	// Version is the server's version as it names itself, "" where it does not.
	Version string
	// ID is the call's own id where it has one; it stays the same when the call
	// is repeated.
	ID string

	link place
	sum  [sha256.Size]byte
}

// Ping says whether the call only tests the endpoint.
func (w *Webhook) Ping() bool { return w.Call.Kind == app.KindPing }

// ParseWebhook reads a call of DefectDojo 2.39 to 3.2 from its header and
// body. It keeps no part of body. The error is a [app.Problem] that matches
// [app.ErrInvalid], with the codes too_large, empty_body, not_json, not_object,
// too_deep and no_event.
func ParseWebhook(header http.Header, body []byte) (Webhook, error) {
	if len(body) > MaxBody {
		return Webhook{}, tooLarge()
	}
	kind, err := eventName(header.Get(HeaderEvent))
	if err != nil {
		return Webhook{}, err
	}
	data, err := checkObject(body)
	if err != nil {
		return Webhook{}, err
	}
	w := Webhook{
		Instance: app.Cut(strings.TrimSpace(header.Get(HeaderInstance)), maxLink),
		Version:  version(header.Get("User-Agent")),
		ID:       strings.TrimSpace(header.Get(HeaderID)),
	}
	r := reader{call: app.Call{Kind: kind}, escaped: escapes(w.Version)}
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%q %q", w.Instance, kind)
	for name, value := range members(data) {
		if name != "user" {
			_, _ = fmt.Fprintf(hash, " %q ", name)
			_, _ = hash.Write(value)
		}
		r.member(name, value)
	}
	r.finish()
	w.Call, w.Owner, w.link = r.call, r.owner, r.link
	_, _ = fmt.Fprintf(hash, " %q", w.Call.Recipients)
	hash.Sum(w.sum[:0])
	return w, nil
}

// tooLarge is the refusal of a body above [MaxBody].
func tooLarge() *app.Problem {
	return refused("too_large", fmt.Sprintf("The body is larger than %d MB.", MaxBody>>20),
		"Import the scan in parts, or switch webhooks off for scan_added.")
}

// eventName checks the name of an event. Names that nobody knows are legal.
func eventName(name string) (app.Kind, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", refused("no_event", "The call has no header "+HeaderEvent+".",
			"Let DefectDojo call this address itself, or have the relay pass its headers on.")
	}
	if len(name) > maxKind || strings.ContainsFunc(name, notInName) {
		return "", refused("no_event", "The header "+HeaderEvent+" holds no name of an event.",
			"A name is made of letters, digits, points, dashes and underscores.")
	}
	return app.Kind(name), nil
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
}
