package dojoserver

import (
	"net/http"
	"net/url"
	"time"
)

// Webhook is an address to which the server sends events.
type Webhook struct {
	ID   int64
	Name string
	URL  string
	// HeaderName and HeaderValue are null in the database where they are nil;
	// an empty name breaks the webhook, as on the real server.
	HeaderName, HeaderValue *string
	Owner                   string // a user's name; "" for the system
	// Status is "active" ("" means that), "inactive_tmp" or
	// "inactive_permanent".
	Status     string
	Note       string
	FirstError time.Time
	LastError  time.Time
}

// AddWebhook adds a webhook, or replaces the one of that number, and returns
// its number. Nothing is sent before webhooks are switched on in the system
// settings: see [Server.SetSystem], "enable_webhooks_notifications".
func (s *Server) AddWebhook(w Webhook) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addWebhook(w)
}

func (s *Server) addWebhook(w Webhook) int64 {
	if w.Status == "" {
		w.Status = "active"
	}
	return s.data.webhooks.put(w.ID, func(id int64) Webhook { w.ID = id; return w })
}

// Webhooks returns the webhooks in the order of their numbers.
func (s *Server) Webhooks() []Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Webhook
	for _, id := range s.data.webhooks.ids() {
		out = append(out, s.data.webhooks.rows[id])
	}
	return out
}

func (s *Server) webhookJSON(w Webhook) map[string]any {
	text := func(p *string) any {
		if p == nil {
			return nil
		}
		return *p
	}
	return map[string]any{
		"id": w.ID, "name": w.Name, "url": w.URL, "header_name": text(w.HeaderName), "header_value": text(w.HeaderValue),
		"status": w.Status, "first_error": nullTime(w.FirstError), "last_error": nullTime(w.LastError), "note": w.Note,
		"owner": nullID(s.userID(w.Owner)),
	}
}

func webhookList() *collection {
	return &collection{
		title: "Notification Webhooks", model: "Notification_Webhooks", list: readCreate, detail: readChange, may: superuser,
		rows: func(s *Server, _ *account, _ url.Values) []*row {
			return rowsOf(&s.data.webhooks, always, s.webhookJSON)
		},
		write: (*exchange).changeWebhook,
	}
}

// changeWebhook makes, changes or removes a webhook. Status, note and errors
// are read-only, and nothing is tried.
func (x *exchange) changeWebhook(_ *account, id int64) {
	s := x.s
	if x.r.Method == http.MethodDelete {
		s.mu.Lock()
		s.data.webhooks.remove(id)
		s.mu.Unlock()
		x.noContent()
		return
	}
	given, ok := x.readObject()
	if !ok {
		return
	}
	s.mu.Lock()
	w := s.data.webhooks.rows[id]
	if id == 0 {
		// What is left out becomes an empty string, not null.
		w = Webhook{HeaderName: new(string), HeaderValue: new(string)}
	}
	fault := s.takeWebhook(&w, given)
	var out map[string]any
	if fault == nil {
		w.ID = s.addWebhook(w)
		out = s.webhookJSON(s.data.webhooks.rows[w.ID])
	}
	s.mu.Unlock()
	switch {
	case fault != nil:
		x.fieldError(fault.field, fault.text, fault.code)
	case id == 0:
		x.w.Header()["Location"] = []string{w.URL}
		x.json(http.StatusCreated, out)
	default:
		x.json(http.StatusOK, out)
	}
}

// takeWebhook reads the values of a request.
func (s *Server) takeWebhook(w *Webhook, given map[string]any) *invalid {
	if name, ok := given["name"].(string); ok {
		for _, other := range s.data.webhooks.rows {
			if other.Name == name && other.ID != w.ID {
				return &invalid{"name", "notification_ webhooks with this name already exists.", "unique"}
			}
		}
		if len(name) > 100 {
			return &invalid{"name", "Ensure this field has no more than 100 characters.", "max_length"}
		}
		w.Name = name
	}
	if address, ok := given["url"].(string); ok {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return &invalid{"url", "Enter a valid URL.", "invalid"}
		}
		w.URL = address
	}
	for name, into := range map[string]**string{"header_name": &w.HeaderName, "header_value": &w.HeaderValue} {
		value, ok := given[name]
		if !ok {
			continue
		}
		*into = nil
		if text, is := value.(string); is {
			*into = &text
		}
	}
	if owner, ok := given["owner"]; ok {
		w.Owner = s.userName(owner)
	}
	return nil
}
