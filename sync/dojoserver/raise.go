package dojoserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

// Delivery is one call of a webhook.
type Delivery struct {
	Webhook int64
	Status  int // 0 where no answer came
	Err     error
}

// Raise tells of an event as the server does: it gives the users an alert
// each, and calls the webhooks, one after the other: the system's and those of
// the users. Who is told is the caller's to say; rows of settings are not
// looked at. Webhooks are called where they are switched on in the system
// settings and active, and their answers change their state as on the real
// server. What became of the calls is returned.
func (s *Server) Raise(ctx context.Context, e Event) []Delivery {
	for _, user := range e.Users {
		s.AddAlert(user, Alert{
			Title: cut(e.Title, 250), Description: cut(e.Description, 2000), URL: e.URL, Source: e.source(), Icon: e.Icon,
		})
	}
	var out []Delivery
	for _, w := range s.Webhooks() {
		if s.calls(w, e) {
			out = append(out, s.deliver(ctx, w, e))
		}
	}
	return out
}

// Ping calls a webhook as the form does with which an administrator adds it.
// Its state does not change.
func (s *Server) Ping(ctx context.Context, webhook int64) Delivery {
	s.mu.Lock()
	w := s.data.webhooks.rows[webhook]
	s.mu.Unlock()
	status, err := s.post(ctx, w, Event{Kind: "ping"})
	return Delivery{webhook, status, err}
}

// cut keeps the first n letters.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}

// calls reports whether a webhook is called for an event.
func (s *Server) calls(w Webhook, e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on("enable_webhooks_notifications") || (w.Status != "active" && w.Status != "active_tmp") {
		return false
	}
	if w.Owner == "" {
		return !e.NoSystem
	}
	return slices.Contains(e.Users, w.Owner)
}

// pythonError is an exception of the real server, in its words.
type pythonError string

func (e pythonError) Error() string { return string(e) }

const (
	// errOwner is what becomes of a webhook with an owner in 2.46 to 2.49.0.
	errOwner pythonError = "Object of type Dojo_User is not JSON serializable"
	// errHeader is what becomes of a webhook with an empty header name.
	errHeader pythonError = "Invalid leading whitespace, reserved character(s), or return character(s) in header name: ''"
)

// deliver calls a webhook and changes its state by what comes back.
func (s *Server) deliver(ctx context.Context, w Webhook, e Event) Delivery {
	var status int
	var err error
	switch {
	case w.Owner != "" && s.old():
		err = errOwner
	case w.HeaderName != nil && *w.HeaderName == "":
		err = errHeader
	default:
		status, err = s.post(ctx, w, e)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.data.webhooks.rows[w.ID]
	switch {
	case err == nil && status < 300:
		return Delivery{w.ID, status, nil}
	case err == nil && (status >= 500 || status == http.StatusTooManyRequests), timedOut(err):
		now.Status = "inactive_tmp"
	default:
		now.Status = "inactive_permanent"
	}
	now.Note = "Response status code: " + itoa(int64(status))
	if err != nil {
		now.Note = cut("Exception: "+err.Error(), 1000)
	}
	now.LastError = s.opts.Now().UTC()
	if now.FirstError.IsZero() {
		now.FirstError = now.LastError
	}
	if s.data.webhooks.rows[w.ID].ID != 0 { // it may have been removed meanwhile
		s.data.webhooks.rows[w.ID] = now
	}
	return Delivery{w.ID, status, err}
}

func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// post sends an event and returns the status of the answer.
func (s *Server) post(ctx context.Context, w Webhook, e Event) (int, error) {
	s.mu.Lock()
	var body bytes.Buffer
	pythonJSON(&body, s.body(e, s.users[w.Owner]))
	seconds, _ := s.data.settings["webhooks_notifications_timeout"].(float64)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, &body)
	if err != nil {
		return 0, fmt.Errorf("make the call: %w", err)
	}
	r.Header = http.Header{
		"User-Agent": {"DefectDojo-" + s.opts.Version}, "Accept": {jsonType}, "Content-Type": {jsonType},
		"X-Defectdojo-Event": {e.Kind}, "X-Defectdojo-Instance": {s.opts.SiteURL},
	}
	if w.HeaderName != nil && *w.HeaderName != "" {
		value := ""
		if w.HeaderValue != nil {
			value = *w.HeaderValue
		}
		r.Header.Set(*w.HeaderName, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return 0, fmt.Errorf("call the webhook: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxBody))
	return answer.StatusCode, nil
}
