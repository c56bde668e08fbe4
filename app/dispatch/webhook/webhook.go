// Package webhook delivers events to webhook endpoints: with DefectDojo's own
// headers and bodies, so that receivers written for it keep working, and signed
// as Standard Webhooks 1.0.0 says.
//
// What is set for it:
//
//	Destination.Address   the endpoint's URL, as far as it may be shown
//	Secrets["url"]        the whole URL, where a part of it is secret
//	Secrets["key"]        signing keys ("whsec_…"), separated by blanks; every one
//	                      signs, the newest first; none = unsigned
//	Config["header_name"] and Secrets["header_value"]
//	                      the one header of the endpoint's own
//	Config["private"]     "on" lets it be in a private network or on this machine
//	Config["unbounded"]   "on" sends bodies of any size, as DefectDojo does
//
// Where it differs from DefectDojo, by intent (numbers are lines of the
// conformance list in the tests):
//
//   - A redirect is not followed and is a failure: DefectDojo repeats a 302 as a
//     GET without body and takes that for success.
//   - An event that meets a closed door is kept and sent again (48): DefectDojo
//     drops what comes while an endpoint is inactive, and the event that closed it.
//   - A connection that is refused or breaks, a name that is not found (62) and a
//     certificate that fails are temporary, as are 408 and 425: a computer on a
//     desk is carried from network to network. They become permanent like any
//     other trouble, when they have lasted for a day.
//   - A time of more than a day without an attempt, because the computer slept,
//     does not count as a day of trouble.
//   - Bodies are cut to [MaxBody] with counts of what is left out.
package webhook

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// Options is how the channel sends; its zero value is usable. Public is set by
// the channel itself.
type Options = post.Options

// Channel sends to webhook endpoints. Many goroutines may use it.
type Channel struct {
	// People finds a person of an account by user name, for the bodies that
	// name several; nil = nobody is found. It is set before the first Send.
	People func(ctx context.Context, account app.AccountID, username string) (app.Person, bool)

	public, private *post.Client
	now             func() time.Time
	endpoints       post.Memory[settings, *endpoint]
}

// New returns the channel, to be closed by [Channel.Close].
func New(o Options) *Channel {
	c := &Channel{now: o.Now}
	if c.now == nil {
		c.now = time.Now
	}
	// Two clients, so that a connection that one endpoint may have cannot be
	// reused for another that may not.
	o.Public = false
	c.private = post.New(o)
	o.Public = true
	c.public = post.New(o)
	return c
}

// Close closes the connections that rest.
func (c *Channel) Close() {
	c.endpoints.Clear()
	c.public.Close()
	c.private.Close()
}

// Ping returns the event by which an endpoint is tried when it is saved.
func Ping(at time.Time) app.Event {
	return app.Event{Origin: app.OriginLocal, At: at, Kind: app.KindPing, Call: app.Call{Kind: app.KindPing}}
}

// Send posts one event. A message with several is refused: DefectDojo's bodies
// have no form for a digest.
func (c *Channel) Send(ctx context.Context, m dispatch.Message) (dispatch.Receipt, error) {
	buffer := bodies.Get().(*[]byte) //nolint:forcetypeassert // it has nothing else
	defer bodies.Put(buffer)
	req, err := c.request(ctx, &m, (*buffer)[:0])
	if err != nil {
		return dispatch.Receipt{}, err
	}
	if cap(req.body) <= MaxBody {
		*buffer = req.body
	}
	client := c.public
	if m.Config["private"] == "on" {
		client = c.private
	}
	r := redact.New(m.Secrets)
	answer, err := client.PostFields(ctx, req.target, req.header, req.body, r)
	if err != nil {
		return dispatch.Receipt{}, err
	}
	if f := answer.Failure(r); f != nil {
		return dispatch.Receipt{}, f
	}
	return answer.Receipt(r), nil
}

type request struct {
	target string
	header []post.Field
	body   []byte
}

// bodies are the buffers in which bodies are put together.
var bodies = sync.Pool{New: func() any { return new(make([]byte, 0, 1<<10)) }}

// settings is what an endpoint is made of.
type settings struct{ shown, url, key, headerName, headerValue string }

// endpoint is where a message goes and what signs it.
type endpoint struct {
	target  string
	signers []*standardwebhooks.Webhook
}

// endpoint checks how a message's endpoint is set; the error is a
// *dispatch.Failure.
func (c *Channel) endpoint(m *dispatch.Message) (*endpoint, error) {
	s := settings{m.Destination.Address, m.Secrets["url"], m.Secrets["key"], m.Config["header_name"], m.Secrets["header_value"]}
	return c.endpoints.Get(s, func() (*endpoint, error) {
		if p := Check(m.Destination.Address, m.Config, m.Secrets); p != nil {
			return nil, &dispatch.Failure{Code: p.Code, Final: true, Next: p.Step, Err: p}
		}
		signers, err := keys(s.key)
		if err != nil {
			return nil, &dispatch.Failure{Code: "bad_key", Final: true, Err: err, Next: stepKey}
		}
		return &endpoint{address(m.Destination.Address, m.Secrets), signers}, nil
	})
}

// request makes the request, with its body behind b; the error is a
// *dispatch.Failure.
func (c *Channel) request(ctx context.Context, m *dispatch.Message, b []byte) (request, error) {
	to, err := c.endpoint(m)
	if err != nil {
		return request{}, err
	}
	if len(m.Events) != 1 {
		return request{}, &dispatch.Failure{
			Code: "one_event_each", Final: true, Alone: true,
			Next: "Send it again; each event goes out by itself.",
		}
	}
	text, body, err := encode(b, m, c.finder(ctx, m.Destination.Account))
	if err != nil {
		return request{}, &dispatch.Failure{
			Code: "encode", Final: true, Alone: true, Err: err,
			Next: "Report this event; it cannot be put into JSON.",
		}
	}
	header := make([]post.Field, 0, len(text.Headers)+5)
	for _, h := range text.Headers {
		if h[0] == eventHeader && h[1] == "" {
			h[1] = string(app.KindOther) // a kind that no header can carry
		}
		header = append(header, post.Field{Name: h[0], Value: h[1]}) // spelled as DefectDojo does
	}
	if name := m.Config["header_name"]; name != "" {
		header = append(slices.DeleteFunc(header, func(f post.Field) bool { return f.Name == name }), post.Field{Name: name, Value: m.Secrets["header_value"]})
	}
	at := c.now()
	header = append(header, post.Field{Name: "webhook-id", Value: m.ID}, post.Field{Name: "webhook-timestamp", Value: strconv.FormatInt(at.Unix(), 10)})
	signature, err := sign(to.signers, m.ID, at, body)
	if err != nil {
		return request{}, &dispatch.Failure{Code: "bad_key", Final: true, Err: err, Next: stepKey}
	}
	if signature != "" {
		header = append(header, post.Field{Name: "webhook-signature", Value: signature})
	}
	return request{target: to.target, header: header, body: body}, nil
}

// eventHeader names what a request is about.
const eventHeader = "X-DefectDojo-Event"

// address is where the endpoint is.
func address(shown string, secrets map[string]string) string {
	if secret := secrets["url"]; secret != "" {
		return secret
	}
	return shown
}

// finder looks up the people of one account.
func (c *Channel) finder(ctx context.Context, account app.AccountID) func(string) (app.Person, bool) {
	if c.People == nil {
		return nil
	}
	return func(username string) (app.Person, bool) { return c.People(ctx, account, username) }
}

// owner is the person to whom the endpoint belongs; nil = to everybody.
func owner(m *dispatch.Message) *app.Person {
	if m.Destination.Person == 0 {
		return nil
	}
	return &m.To
}

// forbidden are headers that an endpoint's own may not replace: ours, and those
// that belong to the connection.
var forbidden = []string{
	"Accept", "Content-Type", "User-Agent", "X-Defectdojo-Event", "X-Defectdojo-Instance",
	"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature",
	"Connection", "Content-Length", "Content-Encoding", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

func ownHeader(name string) bool {
	return !slices.Contains(forbidden, http.CanonicalHeaderKey(name))
}
