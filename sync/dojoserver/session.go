package dojoserver

import (
	"crypto/rand"
	"time"
)

// sessionAge is DD_SESSION_COOKIE_AGE: 14 days.
const sessionAge = 14 * 24 * time.Hour

// session is a signed-in browser.
type session struct {
	id      string
	user    string
	secret  int // account.secret at sign-in
	expires time.Time
}

// newSession signs the account in. The caller holds the lock.
func (s *Server) newSession(a *account) string {
	if s.opts.SingleSession {
		s.endSessions(a.Name)
	}
	for id, old := range s.sessions {
		if !s.alive(old) {
			delete(s.sessions, id)
		}
	}
	id := randomText("abcdefghijklmnopqrstuvwxyz0123456789", 32)
	s.sessions[id] = &session{id: id, user: a.Name, secret: a.secret, expires: s.opts.Now().Add(sessionAge)}
	a.lastLogin = s.opts.Now()
	return id
}

// endSessions deletes all sessions of a user. The caller holds the lock.
func (s *Server) endSessions(user string) {
	for id, session := range s.sessions {
		if session.user == user {
			delete(s.sessions, id)
		}
	}
}

// alive reports whether a session exists for the server: it has not expired
// and the password is still the one it began with. The caller holds the lock.
func (s *Server) alive(x *session) bool {
	a := s.users[x.user]
	return a != nil && a.secret == x.secret && s.opts.Now().Before(x.expires)
}

// randomText returns n letters of an alphabet.
func randomText(alphabet string, n int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random) // never fails, see crypto/rand
	for i, b := range random {
		random[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(random)
}
