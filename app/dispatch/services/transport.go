package services

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
	"bellhop/app/dispatch/render"
)

// transport sends the requests of one message and sees what is answered. After
// the first that is not one of success nothing more is sent.
type transport struct {
	client *post.Client

	mu      sync.Mutex
	secrets map[string]string // grows by what each request carries
	asked   int
	last    post.Answer
	receipt dispatch.Receipt
	failure *dispatch.Failure
	failed  chan struct{} // closed with failure
}

var errOver = errors.New("nothing more is sent")

// RoundTrip sends one request.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failure != nil {
		return nil, errOver
	}
	t.asked++
	sentParts(t.secrets, req)
	r := redact.New(t.secrets)
	answer, err := t.client.Exchange(req)
	if err != nil {
		// Not the request's own context: its end is a service's timeout, which is
		// nobody's wish.
		t.fail(post.Lost(context.WithoutCancel(req.Context()), err, r))
		return nil, errOver
	}
	t.last = answer
	if f := answer.Failure(r); f != nil {
		f.After = max(f.After, asksFor(answer.Body))
		t.fail(f)
		return nil, errOver
	}
	t.receipt = answer.Receipt(r)
	return &http.Response{
		Status: http.StatusText(answer.Status), StatusCode: answer.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.Header, Body: io.NopCloser(bytes.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)), Request: req,
	}, nil
}

func (t *transport) fail(f *dispatch.Failure) {
	t.failure = f
	close(t.failed)
}

// judge says how a message went that shoutrrr is through with.
func (t *transport) judge(k kind, err error) report {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.failure != nil:
		return failure(t.failure)
	case t.asked == 0:
		return failure(&dispatch.Failure{
			Code: "not_sent", Final: true, Alone: true, Next: "Check the address of " + k.name + ", which has to look like " + k.form + ".",
		})
	case err != nil && k.reads && !t.last.Incomplete:
		return failure(&dispatch.Failure{
			Code: post.CodeRejected, Status: t.last.Status, Answer: t.receipt.Answer, Alone: true,
			Next: "Read the answer; " + k.name + " did not take the message. It is sent again for a time.",
		})
	}
	return report{Taken: true, Status: t.receipt.Status, Answer: t.receipt.Answer}
}

// asksFor is how long the body of an answer asks to wait: Telegram, Discord and
// Matrix say it there.
func asksFor(body []byte) time.Duration {
	var said struct {
		Seconds      float64 `json:"retry_after"`
		Milliseconds float64 `json:"retry_after_ms"`
		Parameters   struct {
			Seconds float64 `json:"retry_after"`
		} `json:"parameters"`
	}
	if json.Unmarshal(body, &said) != nil {
		return 0
	}
	seconds := max(said.Seconds, said.Parameters.Seconds, said.Milliseconds/1000)
	return time.Duration(min(max(seconds, 0), longest.Seconds()) * float64(time.Second))
}

// longest caps what an answer may ask for.
const longest = 24 * time.Hour

func note(o order) render.NoteText {
	return render.NoteText{Title: o.Title, Body: o.Body, Link: o.Link}
}
