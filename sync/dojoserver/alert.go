package dojoserver

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Alert is an alert of a user.
type Alert struct {
	PK          int64 // 0 for the next one of the sequence
	Title       string
	Description string // as stored: the real server escapes it in some events
	URL         string // "" is sent as null
	Source      string // "" means "Other"
	Icon        string // "" means "info-circle"
	Created     time.Time
	// NullDescription sends null and EmptyURL sends "", as very old rows do.
	NullDescription bool
	EmptyURL        bool
}

// AddAlert gives the user an alert and returns its primary key. A zero Created
// means now. The page its URL leads to exists from then on.
func (s *Server) AddAlert(user string, a Alert) int64 {
	s.withUser(user, func(u *account) {
		if a.PK == 0 {
			a.PK = s.nextPK
		}
		s.nextPK = max(s.nextPK, a.PK+1)
		if a.Created.IsZero() {
			a.Created = s.opts.Now()
		}
		if a.Source == "" {
			a.Source = "Other"
		}
		if a.Icon == "" {
			a.Icon = "info-circle"
		}
		u.alerts = append(u.alerts, a)
		if path := strings.TrimPrefix(a.URL, s.opts.Prefix); strings.HasPrefix(path, "/") && s.pages[path] == nil {
			s.pages[path] = &Page{Path: path, Title: a.Title}
		}
	})
	return a.PK
}

// RemoveAlert removes alerts of the user, as another browser would, and
// returns how many there were.
func (s *Server) RemoveAlert(user string, pks ...int64) int {
	n := 0
	s.withUser(user, func(u *account) { n = u.remove(pks) })
	return n
}

// Alerts returns the user's alerts, newest first.
func (s *Server) Alerts(user string) []Alert {
	var out []Alert
	s.withUser(user, func(u *account) { out = u.newestFirst() })
	return out
}

// CleanUp does what the real server does every eight hours: of each user's
// alerts it keeps the newest [Options.MaxAlerts]. It returns how many went.
func (s *Server) CleanUp() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, u := range s.users {
		if s.opts.MaxAlerts < 0 || len(u.alerts) <= s.opts.MaxAlerts {
			continue
		}
		var old []int64
		for _, a := range u.newestFirst()[s.opts.MaxAlerts:] {
			old = append(old, a.PK)
		}
		n += u.remove(old)
	}
	return n
}

// Backup is the alerts of a server at one moment.
type Backup struct {
	alerts map[string][]Alert
	nextPK int64
}

// Backup returns a copy of all alerts for [Server.Restore].
func (s *Server) Backup() Backup {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Backup{alerts: make(map[string][]Alert), nextPK: s.nextPK}
	for name, u := range s.users {
		b.alerts[name] = slices.Clone(u.alerts)
	}
	return b
}

// Restore puts the alerts back as they were, with the sequence of primary
// keys: those given since will be given again. The zero Backup is an empty
// database.
func (s *Server) Restore(b Backup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextPK = max(b.nextPK, 1)
	for name, u := range s.users {
		u.alerts = slices.Clone(b.alerts[name])
	}
}

func (a *account) remove(pks []int64) int {
	before := len(a.alerts)
	gone := make(map[int64]bool, len(pks))
	for _, pk := range pks {
		gone[pk] = true
	}
	a.alerts = slices.DeleteFunc(a.alerts, func(x Alert) bool { return gone[x.PK] })
	return before - len(a.alerts)
}

// newestFirst orders by creation, as the JSON list does. Equal times are in no
// defined order on the real server; here the larger key comes first.
func (a *account) newestFirst() []Alert {
	out := slices.Clone(a.alerts)
	slices.SortFunc(out, func(x, y Alert) int {
		return cmp.Or(y.Created.Compare(x.Created), cmp.Compare(y.PK, x.PK))
	})
	return out
}

// byKey orders as the HTML page of 2.51 and later does.
func (a *account) byKey() []Alert {
	out := slices.Clone(a.alerts)
	slices.SortFunc(out, func(x, y Alert) int { return cmp.Compare(y.PK, x.PK) })
	return out
}

// wireTime formats a time as Django's JSON does: cut to milliseconds, and
// without a fraction where there are no microseconds.
func wireTime(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/int(time.Microsecond) == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}
