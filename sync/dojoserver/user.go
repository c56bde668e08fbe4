package dojoserver

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// User is a user of the server, as [Server.AddUser] takes it.
type User struct {
	ID         int64 // 0 for the next free one
	Name       string
	Password   string
	First      string
	Last       string
	Email      string // "" for name@example.com
	Superuser  bool
	Staff      bool // known to 3.x only
	Inactive   bool
	NoContact  bool   // has no contact record; lock-out then has no effect
	MustChange bool   // has to change the password first
	Token      string // API token; "" for one made at the first request for it
	ContactID  int64  // number of the contact record; 0 means the user's own
	Title      string // what the contact record calls the user, "Engineer"
	Slack      string // the address by which Slack knows the user
}

func (a *account) contactID() int64 {
	if a.ContactID != 0 {
		return a.ContactID
	}
	return a.ID
}

// account is a user with what belongs to it.
type account struct {
	User
	joined    time.Time
	lastLogin time.Time
	// secret changes with the password and so ends every session.
	secret int
	alerts []Alert // in the order of birth
}

// AddUser adds a user, or replaces the one of that name but for its alerts,
// and returns the id.
func (s *Server) AddUser(u User) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == 0 {
		s.nextUser++
		u.ID = s.nextUser
	}
	s.nextUser = max(s.nextUser, u.ID)
	if u.Email == "" {
		u.Email = u.Name + "@example.com"
	}
	a := &account{User: u, joined: s.opts.Now()}
	if before := s.users[u.Name]; before != nil {
		a.alerts, a.secret = before.alerts, before.secret+1
	}
	s.users[u.Name] = a
	s.ownRow(u.Name)
	return u.ID
}

// SetPassword changes a user's password; every session of the user is dead
// from then on.
func (s *Server) SetPassword(user, password string) {
	s.withUser(user, func(a *account) {
		a.Password = password
		a.secret++
	})
}

// ForcePasswordChange says whether the user has to set a new password before
// anything else.
func (s *Server) ForcePasswordChange(user string, force bool) {
	s.withUser(user, func(a *account) { a.MustChange = force })
}

// SetActive deactivates or reactivates a user.
func (s *Server) SetActive(user string, active bool) {
	s.withUser(user, func(a *account) { a.Inactive = !active })
}

// ExpireSessions ends every session of the user, or of everybody for "".
func (s *Server) ExpireSessions(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, session := range s.sessions {
		if user == "" || session.user == user {
			delete(s.sessions, id)
		}
	}
}

// Sessions returns the number of the user's live sessions.
func (s *Server) Sessions(user string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, session := range s.sessions {
		if session.user == user && s.alive(session) {
			n++
		}
	}
	return n
}

// Token returns the user's API token, which is made where there is none; ""
// for an unknown user.
func (s *Server) Token(user string) string {
	token := ""
	s.withUser(user, func(a *account) { token = a.token() })
	return token
}

// SignIn makes a session without a password, as if it had been signed in with
// a browser, and returns the cookie's value.
func (s *Server) SignIn(user string) string {
	id := ""
	s.withUser(user, func(a *account) { id = s.newSession(a) })
	return id
}

func (a *account) token() string {
	if a.Token == "" {
		random := make([]byte, 20)
		_, _ = rand.Read(random) // never fails, see crypto/rand
		a.Token = hex.EncodeToString(random)
	}
	return a.Token
}

// withUser runs f under the lock; an unknown user is a mistake of the caller.
func (s *Server) withUser(user string, f func(*account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.users[user]
	if a == nil {
		panic(fmt.Sprintf("dojoserver: there is no user %q", user))
	}
	f(a)
}
