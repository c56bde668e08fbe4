// Package teams delivers to Microsoft Teams: it posts an Adaptive Card to the
// URL of a workflow ("When a Teams webhook request is received"). The older
// connectors took cards of another kind and were switched off in 2026; their
// URLs are refused with the steps that replace them.
//
// What is set for it:
//
//	Destination.Address  the workflow's host, which is all that may be shown
//	Secrets["url"]       the whole URL: who has it can post
//	Config["hosts"]      further hosts that are allowed besides Microsoft's,
//	                     separated by commas: a gateway, a test
package teams

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// Options is how the channel sends; its zero value is usable.
type Options = post.Options

// Channel posts to workflows. Many goroutines may use it.
type Channel struct {
	// People finds a person of an account by user name, for the texts that name
	// several; nil = nobody is found. It is set before the first Send.
	People func(ctx context.Context, account app.AccountID, username string) (app.Person, bool)

	client *post.Client
}

// New returns the channel, to be closed by [Channel.Close].
func New(o Options) *Channel { return &Channel{client: post.New(o)} }

// Close closes the connections that rest.
func (c *Channel) Close() { c.client.Close() }

// Send posts one card, about one event or, as a digest, about several.
func (c *Channel) Send(ctx context.Context, m dispatch.Message) (dispatch.Receipt, error) {
	target := m.Secrets["url"]
	if p := Check(m.Config, m.Secrets); p != nil {
		return dispatch.Receipt{}, &dispatch.Failure{Code: p.Code, Final: true, Disable: p.Code == codeRetired, Next: p.Step, Err: p}
	}
	body, err := c.encode(ctx, &m)
	if err != nil {
		return dispatch.Receipt{}, &dispatch.Failure{
			Code: "encode", Final: true, Alone: true, Err: err, Next: "Report this event; it cannot be put into a card.",
		}
	}
	r := redact.New(m.Secrets)
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}, "User-Agent": {"Bellhop"}}
	answer, err := c.client.Post(ctx, target, header, body, r)
	if err != nil {
		return dispatch.Receipt{}, err
	}
	if f := judge(ctx, answer, r); f != nil {
		return dispatch.Receipt{}, f
	}
	return answer.Receipt(r), nil
}

// inner finds the status that a service in front of Teams puts into the text of
// its own 200 (learn.microsoft.com, "Rate limiting for connectors").
var inner = regexp.MustCompile(`endpoint returned HTTP error (\d{3})`)

// judge returns why a card was not taken, nil where it was.
func judge(ctx context.Context, a post.Answer, r *redact.Redactor) *dispatch.Failure {
	f := a.Failure(r)
	said := string(a.Body)
	switch {
	case f == nil && a.Status == http.StatusAccepted:
		return nil // a workflow answers before it posts; there is nothing to read
	case f == nil && a.ReadErr != nil:
		return post.Lost(ctx, a.ReadErr, r)
	case f == nil && a.Incomplete:
		return &dispatch.Failure{
			Code: post.CodeOdd, Status: a.Status, Answer: r.Answer(a.Body, true),
			Next: "Check the URL; what answers there is no workflow of Teams.",
		}
	case f == nil:
		found := inner.FindStringSubmatch(said)
		if found == nil {
			return nil
		}
		a.Status, _ = strconv.Atoi(found[1])
		if f = a.Failure(r); f == nil {
			return nil
		}
	}
	explain(f, said)
	return f
}

// explain says what a refusal means when a workflow is the one who refuses.
func explain(f *dispatch.Failure, said string) {
	switch {
	case f.Status == http.StatusPreconditionFailed:
		// Teams asks for another try (learn.microsoft.com, "Optimize your bot
		// with rate limiting", retry guidance).
		f.Code, f.Final, f.Alone = post.CodeServer, false, false
		f.Next = "Nothing; it is sent again."
	case strings.Contains(said, "WorkflowTriggerIsNotEnabled"), strings.Contains(said, "is not enabled"):
		f.Code, f.Final, f.Alone = "workflow_off", true, false
		f.Next = "The workflow is switched off. Turn it on in Power Automate (My flows), or ask its owner to."
	case f.Status == http.StatusUnauthorized, f.Status == http.StatusForbidden:
		f.Next = "The URL's signature is not accepted. Copy the URL from the workflow again; it must be complete, with sig=. If the workflow asks for a sign-in, let anyone trigger it."
	case f.Status == http.StatusNotFound:
		f.Next = "The workflow does not exist any more; it goes when the person who made it leaves. Make a new one and give its URL."
	case f.Status == http.StatusTooManyRequests:
		f.Next = "Nothing; Teams takes only so many messages an hour, and this one is sent again."
	}
}
