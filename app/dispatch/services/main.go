package services

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/mattermost"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"bellhop/app/dispatch"
	"bellhop/app/dispatch/internal/post"
)

// Main is the whole life of a process that sends one message: it reads what to
// send from in, sends it, writes to out how it went, and returns the status to
// exit with. It replaces the process's default transport and may leave goroutines
// behind, so that nothing but the end can follow. It ends the process itself
// where in ends, because then whoever ordered the message is gone.
func Main(in io.Reader, out io.Writer) int { return work(in, out, post.Options{}) }

// work is [Main] with a network of the caller's choice.
func work(in io.Reader, out io.Writer, network post.Options) int {
	lines := bufio.NewReader(in)
	text, err := lines.ReadBytes('\n')
	var o order
	if err != nil || json.Unmarshal(text, &o) != nil {
		return 2
	}
	go func() {
		_, _ = lines.ReadByte()
		os.Exit(3)
	}()
	network.Timeout, network.Public = o.Timeout, !o.Private
	if err := json.NewEncoder(out).Encode(send(o, network)); err != nil {
		return 1
	}
	return 0
}

// send sends the message of an order.
func send(o order, network post.Options) report {
	k, u, p := read(o.Address)
	if p != nil {
		return report{Code: p.Code, Final: true, Next: p.Step, Err: p.Message}
	}
	t := &transport{client: post.New(network), secrets: secretParts(o.Address), failed: make(chan struct{})}
	http.DefaultTransport = t
	service := k.make()
	if _, err := ready(service, u); err != nil {
		return report{Code: codeAddress, Final: true, Next: "The address has to look like " + k.form + "."}
	}
	through(service, t)
	text, params := k.message(o, u)
	sent := make(chan error, 1)
	go func() {
		defer func() {
			if recover() != nil {
				sent <- errCrashed
			}
		}()
		sent <- service.Send(text, &params)
	}()
	select {
	case <-t.failed: // what shoutrrr would do about it, or say, is of no use
	case err := <-sent:
		return t.judge(k, err)
	case <-time.After(o.Timeout + grace/2): // each request has its own
		return failure(&dispatch.Failure{Code: post.CodeTimeout, Err: context.DeadlineExceeded, Next: "Nothing for now; if it goes on, check whether the service is overloaded."})
	}
	return failure(t.failure)
}

var errCrashed = errors.New("shoutrrr crashed")

// through has the services that bring a transport of their own use ours.
func through(service types.Service, t http.RoundTripper) {
	switch s := service.(type) {
	case *ntfy.Service:
		s.SetHTTPClient(&http.Client{Transport: t})
	case *gotify.Service:
		s.GetHTTPClient().Transport = t
	case *mattermost.Service:
		s.GetHTTPClient().Transport = t
	case *discord.Service:
		s.HTTPClient = &http.Client{Transport: t}
	}
}

// message returns the text and the settings of one message.
func (k kind) message(o order, u *url.URL) (string, types.Params) {
	params := types.Params{}
	query := make(map[string]string)
	for key, values := range u.Query() {
		query[strings.ToLower(key)] = values[0]
	}
	titled := k.titled
	switch scheme(u) {
	case "generic":
		titled = query["template"] != ""
	case "discord":
		params["splitLines"] = "No" // each line would be a box of its own
	case "ntfy":
		if o.Link != "" && query["click"] == "" {
			params["click"] = o.Link
		}
	}
	title, text := k.words(note(o), titled)
	if titled {
		params[types.TitleKey] = title
	}
	return text, params
}

// failure is a report of a failure.
func failure(f *dispatch.Failure) report {
	r := report{
		Code: f.Code, Status: f.Status, Answer: f.Answer, Final: f.Final, Alone: f.Alone, Disable: f.Disable, After: f.After, Next: f.Next,
	}
	if f.Err != nil {
		r.Err = f.Err.Error()
	}
	return r
}
