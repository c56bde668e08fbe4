// Package services delivers to further services (ntfy, Matrix, Signal, Telegram
// and others) through github.com/nicholas-fedor/shoutrrr, whose addresses it
// takes.
//
// What is set for it:
//
//	Destination.Address  the service's name, which is all that may be shown
//	Secrets["url"]       the whole address: who has it can post
//	Config["private"]    "on" lets the service be in a private network or on this
//	                     computer
//
// Of shoutrrr Bellhop takes what an address means and what a service's request
// looks like. It does not leave the sending to it:
//
//   - Its Send has no context, most of its services send through
//     [net/http.DefaultClient], which waits without end, and one of them crashes
//     where there is no network (zulip of 0.13.2). So each message is sent by a
//     process of its own ([Main]), this program again, which ends with the
//     message: what is cancelled or takes longer than [Options].Timeout is killed,
//     and nothing of it is left. It costs some 20 ms and as many megabytes for as
//     long as it runs; at most [processes] run at a time.
//   - In that process every request of every service goes through Bellhop's own
//     transport: certificates are checked, redirects not followed, answers read
//     up to a bound, the environment's proxies used, and private addresses
//     refused unless the destination allows them, after the name was looked up.
//     There is no service for which that cannot be done.
//   - Whether a message was taken is told by the statuses that were answered and
//     not by shoutrrr, which reports success for some failures (telegram of
//     0.13.2 where the network is down) and leaves out statuses and Retry-After.
//     Where the status says success and the service says no in the body of its
//     answer, that counts; nobody can tell for good, so that it is sent again until
//     its time is over.
//   - Its errors have addresses and tokens in them, so that none of them is
//     shown.
//
// Texts are plain. What a service would make a link or a mention of is broken up.
// No service has an id to collapse on, so that a crash between the service's yes
// and our commit doubles a message.
package services

import (
	"context"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

const (
	// DefaultTimeout bounds a message, of which some services make two requests.
	DefaultTimeout = 15 * time.Second
	// processes is how many messages are sent at the same time.
	processes = 8
)

// Options is how the channel sends; its zero value is usable.
type Options struct {
	// Timeout bounds everything about one message; 0 = [DefaultTimeout].
	Timeout time.Duration
}

// Channel sends to services. Many goroutines may use it.
type Channel struct {
	// People finds a person of an account by user name, for the texts that name
	// several; nil = nobody is found. It is set before the first Send.
	People func(ctx context.Context, account app.AccountID, username string) (app.Person, bool)

	timeout time.Duration
	room    chan struct{} // has one for each process that runs
}

// New returns the channel. There is nothing to close: a message leaves nothing
// behind.
func New(o Options) *Channel {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	return &Channel{timeout: o.Timeout, room: make(chan struct{}, processes)}
}

// Send sends one message, about one event or, as a digest, about several.
func (c *Channel) Send(ctx context.Context, m dispatch.Message) (dispatch.Receipt, error) {
	if p := Check(m.Config, m.Secrets); p != nil {
		return dispatch.Receipt{}, &dispatch.Failure{Code: p.Code, Final: true, Next: p.Step, Err: p}
	}
	note := c.compose(ctx, &m)
	if ctx.Err() != nil {
		return dispatch.Receipt{}, cancelled(ctx)
	}
	select {
	case c.room <- struct{}{}:
		defer func() { <-c.room }()
	case <-ctx.Done():
		return dispatch.Receipt{}, cancelled(ctx)
	}
	answer, err := c.run(ctx, order{
		Address: m.Secrets["url"], Title: note.Title, Body: note.Body, Link: note.Link,
		Private: m.Config["private"] == "on", Timeout: c.timeout,
	})
	if err != nil {
		return dispatch.Receipt{}, err
	}
	r := redact.New(secretParts(m.Secrets["url"]))
	said := r.Answer([]byte(answer.Answer), false)
	if answer.Taken {
		return dispatch.Receipt{Status: answer.Status, Answer: said}, nil
	}
	f := &dispatch.Failure{
		Code: answer.Code, Status: answer.Status, Answer: said, Final: answer.Final, Alone: answer.Alone,
		Disable: answer.Disable, After: answer.After, Next: answer.Next,
	}
	if f.Code == post.CodePrivate {
		f.Next = "The service is in a private network. If it is meant to be, allow it: `bellhop channels edit NAME --set private=on`."
	}
	if answer.Err != "" {
		f.Err = &told{text: r.Text(answer.Err), timeout: answer.Code == post.CodeTimeout}
	}
	return dispatch.Receipt{}, f
}

func cancelled(ctx context.Context) *dispatch.Failure {
	return &dispatch.Failure{Code: post.CodeCancelled, Err: ctx.Err(), Next: "Nothing; it is sent again."}
}

// told is an error that the process told of.
type told struct {
	text    string
	timeout bool
}

func (t *told) Error() string { return t.text }

func (t *told) Unwrap() error {
	if t.timeout {
		return context.DeadlineExceeded
	}
	return nil
}
