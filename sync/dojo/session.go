package dojo

import (
	"errors"
	"log/slog"
	"strings"
	"time"
)

// Session is what makes up a signed-in browser. It is as secret as a
// password.
type Session struct {
	Name     string `json:"name"` // the session cookie's name
	ID       string `json:"id"`
	CSRF     string `json:"csrf,omitempty"`
	CSRFName string `json:"csrf_name,omitempty"` // "" for "csrftoken"
	// At is when it was signed in or handed over, by our clock.
	At time.Time `json:"at"`
}

// String hides the secrets from logs and test output.
func (s Session) String() string {
	if s.ID == "" {
		return "no session"
	}
	return "session " + s.Name
}

// GoString is [Session.String] for %#v.
func (s Session) GoString() string { return s.String() }

// LogValue is [Session.String] for a log.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ParseSession reads what a user pasted as a session: the value alone, or
// "name=value" pairs as a browser's tools copy them, in which the pair called
// name is looked for ("" means "sessionid"; a single pair is taken whatever its
// name). The error does not quote the input.
func ParseSession(pasted, name string) (Session, error) {
	pasted = strings.TrimSpace(pasted)
	if rest, ok := cutPrefixFold(pasted, "cookie:"); ok {
		pasted = strings.TrimSpace(rest)
	}
	wanted := strings.TrimSpace(name)
	if wanted == "" {
		wanted = defaultSession
	}
	if !tokenName(wanted) {
		return Session{}, errors.New("this is no name of a cookie")
	}
	s := Session{Name: wanted}
	if !strings.Contains(pasted, "=") {
		s.ID = unquote(pasted)
	} else {
		var pairs [][2]string
		for part := range strings.SplitSeq(pasted, ";") {
			if key, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
				pairs = append(pairs, [2]string{strings.TrimSpace(key), unquote(strings.TrimSpace(value))})
			}
		}
		for _, p := range pairs {
			switch p[0] {
			case wanted:
				s.ID = p[1]
			case defaultCSRF:
				if secretPattern.MatchString(p[1]) {
					s.CSRF = p[1]
				}
			}
		}
		if s.ID == "" && len(pairs) == 1 && pairs[0][0] != defaultCSRF && tokenName(pairs[0][0]) {
			s.Name, s.ID = pairs[0][0], pairs[0][1]
		}
	}
	if !sendable(s.ID) {
		return Session{}, errors.New("no session cookie was found in what was pasted")
	}
	return s, nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// UseSession takes over a session from an earlier run or from a browser. A
// missing CSRF pair is made up, which DefectDojo accepts. A session that cannot
// be sent at all counts as ended.
func (c *Client) UseSession(s Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.Name == "" {
		s.Name = c.cookieName
	}
	if s.Name == "" {
		s.Name = defaultSession
	}
	if !tokenName(s.Name) || !sendable(s.ID) {
		c.session = Session{}
		return
	}
	if !sendable(s.CSRF) {
		s.CSRF = mintCSRF()
	}
	if !tokenName(s.CSRFName) {
		s.CSRFName = defaultCSRF
	}
	c.session = s
}

// Session returns the session as it stands, with what the server renewed since
// it began; the zero Session where there is none.
func (c *Client) Session() Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// header returns the Cookie header of the session.
func (s Session) header() string {
	if s.ID == "" {
		return ""
	}
	return s.Name + "=" + s.ID + "; " + s.CSRFName + "=" + s.CSRF
}

// renew takes over what an answer to a request with session old sets: pages
// prolong the session and rotate the CSRF secret. page is the answer's body
// where it was read. Nothing happens where another session took its place
// meanwhile.
func (c *Client) renew(old Session, a *answer, page []byte) {
	set := cookies(a.Header)
	if len(set) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.ID != old.ID || c.session.Name != old.Name || old.ID == "" {
		return
	}
	for _, cookie := range set {
		if cookie.Name == old.Name {
			c.session.ID = cookie.Value
		}
	}
	if csrf := csrfCookie(set, old.CSRFName, page); csrf != nil {
		c.session.CSRF, c.session.CSRFName = csrf.Value, csrf.Name
	}
}
