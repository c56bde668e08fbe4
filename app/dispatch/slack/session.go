package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	api "github.com/slack-go/slack"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
	"bellhop/app/dispatch/internal/redact"
)

// session is the requests of one message.
type session struct {
	api *api.Client
	x   *exchange
	r   *redact.Redactor
}

// exchange sends for the library and remembers what was answered, of which the
// library's errors keep too little: the body, a date in Retry-After.
type exchange struct {
	client *post.Client
	last   post.Answer
	err    error
}

// Do sends one request.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	x.last, x.err = x.client.Exchange(req)
	if x.err == nil {
		x.err = x.last.ReadErr
	}
	if x.err != nil {
		return nil, x.err
	}
	return &http.Response{
		Status: http.StatusText(x.last.Status), StatusCode: x.last.Status, Header: x.last.Header,
		Body: io.NopCloser(bytes.NewReader(x.last.Body)), Request: req,
	}, nil
}

// failure says how the last request ended, nil where Slack said that it is ok.
// err is the library's; what was answered counts more.
func (s session) failure(ctx context.Context, err error) *dispatch.Failure {
	a := s.x.last
	if s.x.err != nil {
		return post.Lost(ctx, s.x.err, s.r)
	}
	if f := a.Failure(s.r); f != nil {
		if f.Status == http.StatusTooManyRequests {
			f.Next = refusals["ratelimited"].next
		}
		return f
	}
	var said struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal(a.Body, &said) != nil || said.OK && err != nil || !said.OK && said.Error == "" {
		return &dispatch.Failure{
			Code: post.CodeOdd, Status: a.Status, Answer: s.r.Answer(a.Body, a.Incomplete),
			Next: "Check the network; what answered was not Slack.",
		}
	}
	if said.OK {
		return nil
	}
	known, ok := refusals[said.Error]
	if !ok {
		// It may be about the token, the channel or Slack itself: to give up message
		// after message would be the worst guess.
		known = refusal{next: "It is tried again; look up this error in Slack's documentation of chat.postMessage."}
	}
	return &dispatch.Failure{
		Code: code(said.Error), Status: a.Status, Answer: s.r.Answer(a.Body, a.Incomplete),
		Final: known.final, Alone: known.alone, After: a.After(), Next: known.next,
	}
}

// code is Slack's name of an error as the ledger keeps it; whatever is no such
// name is not.
func code(name string) string {
	if name == "ratelimited" || name == "rate_limited" {
		return post.CodeRateLimited
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && r != '_' && (r < '0' || r > '9') {
			return post.CodeRejected
		}
	}
	if len(name) > 60 {
		return post.CodeRejected
	}
	return name
}
