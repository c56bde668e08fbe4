package dojoserver

import (
	"maps"
	"net/http"
	"time"
)

// hits counts uses of one key within a minute.
type hits struct {
	since time.Time
	count int
}

// limited counts a use of the key and reports whether it is beyond the limit.
// Refused uses count too, as django-ratelimit counts them.
func (s *Server) limited(key string) bool {
	if s.opts.RateLimit <= 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	maps.DeleteFunc(s.hits, func(_ string, h *hits) bool {
		return now.Sub(h.since) >= time.Minute || now.Before(h.since)
	})
	h := s.hits[key]
	if h == nil {
		h = &hits{since: now}
		s.hits[key] = h
	}
	h.count++
	return h.count > s.opts.RateLimit
}

// lockOut makes a user over the limit change the password, where that is set
// and the user has a contact record.
func (s *Server) lockOut(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.users[name]; a != nil && s.opts.Lockout && !a.NoContact {
		a.MustChange = true
	}
}

// rateLimited is the answer beyond the limit: a permission page.
func (x *exchange) rateLimited() { x.forbidden() }

// forbidden is the permission page: 403 before 2.47, and 400 under the same
// title since.
func (x *exchange) forbidden() {
	if x.s.old() {
		x.send(http.StatusForbidden, htmlType, x.errorPage("403 Forbidden"))
		return
	}
	if x.signedIn() {
		x.touched = true
	} else {
		x.formToken()
	}
	x.send(http.StatusBadRequest, htmlType, x.errorPage("403 Forbidden"))
}
