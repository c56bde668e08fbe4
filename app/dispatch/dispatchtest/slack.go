package dispatchtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Slack is a workspace that refuses what the real one refuses. Its methods are
// under its root, so that an address that ends with a slash is its API.
type Slack struct {
	Token string
	// Scopes are what the token may; nil = the ones it needs.
	Scopes []string
	// Channels by id; Users are the ids of people by their e-mail addresses.
	Channels map[string]SlackChannel
	Users    map[string]string
	// Budget is true where a channel takes one message a second, as the real
	// ones do.
	Budget bool
	// Now is the clock of the budget and of the messages; nil = the system's.
	Now func() time.Time

	mu       sync.Mutex
	messages []SlackMessage
	last     map[string]time.Time
	calls    []string
	serial   int
}

// SlackChannel is a channel of a workspace.
type SlackChannel struct {
	Name     string
	Private  bool
	Member   bool // the bot is in it
	Archived bool
}

// SlackMessage is a message as the workspace shows it.
type SlackMessage struct {
	Channel, TS string
	Username    string
	Text        string
	// Shown are the texts of its blocks as they were sent; those that are no
	// mrkdwn begin with "plain:".
	Shown []string
	// Edits counts how often it was replaced.
	Edits int
}

// Messages returns what the workspace shows, oldest first.
func (s *Slack) Messages() []SlackMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Calls returns the methods that were called.
func (s *Slack) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Delete takes a message away, as somebody can in the workspace.
func (s *Slack) Delete(ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = slices.DeleteFunc(s.messages, func(m SlackMessage) bool { return m.TS == ts })
}

// ServeHTTP answers a call of the Web API.
func (s *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/")
	s.calls = append(s.calls, method)
	form, err := slackForm(r)
	if err != nil {
		say(w, err.Error(), nil)
		return
	}
	token := form.Get("token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	switch {
	case token == "":
		say(w, "not_authed", nil)
	case token != s.Token:
		say(w, "invalid_auth", nil)
	case method == "auth.test":
		say(w, "", map[string]any{"team": "Bookshop", "user": "bellhop"})
	case method == "users.lookupByEmail":
		s.lookUp(w, form)
	case method == "chat.postMessage":
		s.post(w, form)
	case method == "chat.update":
		s.update(w, form)
	default:
		say(w, "unknown_method", nil)
	}
}

// slackForm reads the arguments of a call: a form, or JSON with the token in a
// header.
func slackForm(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		return url.ParseQuery(string(body))
	case "application/json":
		var o map[string]json.RawMessage
		if json.Unmarshal(body, &o) != nil {
			return nil, errors.New("invalid_json")
		}
		form := url.Values{}
		for k, v := range o {
			var text string
			if json.Unmarshal(v, &text) != nil {
				text = string(v)
			}
			form.Set(k, text)
		}
		return form, nil
	default:
		return nil, errors.New("invalid_form_data")
	}
}

func say(w http.ResponseWriter, problem string, more map[string]any) {
	answer := map[string]any{"ok": problem == ""}
	if problem != "" {
		answer["error"] = problem
	}
	maps.Copy(answer, more)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *Slack) may(scope string) bool { return s.Scopes == nil || slices.Contains(s.Scopes, scope) }

func (s *Slack) lookUp(w http.ResponseWriter, form url.Values) {
	if !s.may("users:read.email") {
		say(w, "missing_scope", map[string]any{"needed": "users:read.email", "provided": strings.Join(s.Scopes, ",")})
		return
	}
	id, ok := s.Users[strings.ToLower(form.Get("email"))]
	if !ok {
		say(w, "users_not_found", nil)
		return
	}
	say(w, "", map[string]any{"user": map[string]any{"id": id, "name": strings.ToLower(id)}})
}

// place finds where a message goes: a channel by id or name, or a person.
func (s *Slack) place(to string) (id, problem string) {
	for _, user := range s.Users {
		if user == to {
			return "D" + to[1:], ""
		}
	}
	for id, c := range s.Channels {
		switch {
		case id != to && c.Name != strings.TrimPrefix(to, "#"):
		case c.Archived:
			return "", "is_archived"
		case c.Member:
			return id, ""
		case c.Private:
			return "", "channel_not_found"
		case s.may("chat:write.public"):
			return id, ""
		default:
			return "", "not_in_channel"
		}
	}
	return "", "channel_not_found"
}

func (s *Slack) post(w http.ResponseWriter, form url.Values) {
	if !s.may("chat:write") || form.Get("username") != "" && !s.may("chat:write.customize") {
		say(w, "missing_scope", map[string]any{"needed": "chat:write"})
		return
	}
	id, problem := s.place(form.Get("channel"))
	if problem != "" {
		say(w, problem, nil)
		return
	}
	shown, err := readBlocks(form)
	if err != nil {
		say(w, problemOf(err), map[string]any{"response_metadata": map[string]any{"messages": []string{err.Error()}}})
		return
	}
	now := s.now()
	if since := now.Sub(s.last[id]); s.Budget && since < time.Second {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"ok":false,"error":"ratelimited"}`)
		return
	}
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	s.last[id] = now
	s.serial++
	m := SlackMessage{
		Channel: id, TS: fmt.Sprintf("%d.%06d", now.Unix(), s.serial), Username: form.Get("username"), Text: form.Get("text"), Shown: shown,
	}
	s.messages = append(s.messages, m)
	s.echo(w, m, form)
}

// echo answers with the message, as Slack does.
func (s *Slack) echo(w http.ResponseWriter, m SlackMessage, form url.Values) {
	say(w, "", map[string]any{
		"channel": m.Channel, "ts": m.TS, "text": m.Text,
		"message": map[string]any{"type": "message", "user": "U0BELLHOP", "text": m.Text, "ts": m.TS, "blocks": json.RawMessage(or(form.Get("blocks"), "[]"))},
	})
}

func (s *Slack) update(w http.ResponseWriter, form url.Values) {
	shown, err := readBlocks(form)
	if err != nil {
		say(w, problemOf(err), nil)
		return
	}
	for i := range s.messages {
		if m := &s.messages[i]; m.Channel == form.Get("channel") && m.TS == form.Get("ts") {
			m.Text, m.Shown = form.Get("text"), shown
			m.Edits++
			s.echo(w, *m, form)
			return
		}
	}
	say(w, "message_not_found", nil)
}

func (s *Slack) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// slackError is a refusal with Slack's name for it.
type slackError struct{ name, detail string }

func (e *slackError) Error() string { return e.name + ": " + e.detail }

func problemOf(err error) string {
	if e, ok := errors.AsType[*slackError](err); ok {
		return e.name
	}
	return "invalid_blocks"
}
