package dojoserver

import (
	"net/http"
	"net/url"
	"strings"
)

// noCache is what Django's never_cache writes; the sign-in view carries it.
const noCache = "max-age=0, no-cache, no-store, must-revalidate, private"

// login serves the form and signs in.
func (x *exchange) login() {
	s := x.s
	query := x.r.URL.Query()
	if s.old() && s.opts.SSO != "" && !query.Has("force_login_form") {
		x.redirect(s.opts.Prefix + "/login/" + s.opts.SSO + "/?next=" + quote(query.Get("next")))
		return
	}
	if x.r.Method != http.MethodPost {
		x.w.Header().Set("Cache-Control", noCache)
		x.send(http.StatusOK, htmlType, x.loginPage(""))
		return
	}
	name, password := x.parseForm().field("username"), x.parseForm().field("password")
	if s.limited("user:"+name) || s.limited("password:"+password) {
		s.lockOut(name)
		x.rateLimited()
		return
	}
	x.w.Header().Set("Cache-Control", noCache)
	if name == "" || password == "" {
		x.send(http.StatusOK, htmlType, x.loginPage("This field is required."))
		return
	}
	if !x.signIn(name, password) {
		x.send(http.StatusOK, htmlType, x.loginPage("Please enter a correct username and password. Note that both fields may be case-sensitive."))
		return
	}
	x.csrf = randomText(csrfAlphabet, csrfLength) // rotated at each sign-in
	x.message("Hello " + name + "!")
	x.setCookie(s.opts.SessionName, x.session.id, sessionAge)
	x.redirect(x.next(query.Get("next")))
}

// signIn checks the password and makes a session, which replaces the one the
// browser had.
func (x *exchange) signIn(name, password string) bool {
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.authenticate(name, password)
	if a == nil {
		return false
	}
	if x.session != nil {
		delete(s.sessions, x.session.id)
	}
	x.session = s.sessions[s.newSession(a)]
	x.stale = false
	return true
}

// authenticate returns the active user with this password, or nil. The caller
// holds the lock.
func (s *Server) authenticate(name, password string) *account {
	a := s.users[name]
	if a == nil || a.Inactive || a.Password == "" || a.Password != password {
		return nil
	}
	return a
}

// next returns where to go after signing in: the wish, where it stays on this
// server.
func (x *exchange) next(wish string) string {
	u, err := url.Parse(wish)
	if err != nil || wish == "" || strings.HasPrefix(wish, "//") || (u.Host != "" && u.Host != x.r.Host) {
		return x.s.opts.Prefix + "/"
	}
	return wish
}

// logout ends the session, and from 2.52 on, with django-single-session in its
// default setting, all sessions of the user.
func (x *exchange) logout() {
	x.s.mu.Lock()
	if x.s.old() {
		delete(x.s.sessions, x.session.id)
	} else {
		x.s.endSessions(x.user.Name)
	}
	x.s.mu.Unlock()
	x.session = nil
	x.message("You have logged out successfully.")
	x.dropSession()
	x.redirect(x.s.opts.Prefix + "/login")
}

// changePassword serves the form and changes the password, which ends every
// session, this one included.
func (x *exchange) changePassword() {
	if x.r.Method == http.MethodPost {
		form := x.parseForm()
		fresh := form.field("new_password")
		x.s.mu.Lock()
		a := x.s.users[x.user.Name]
		right := a != nil && a.Password == form.field("current_password") && fresh != "" && fresh == form.field("confirm_password")
		if right {
			a.Password, a.MustChange = fresh, false
			a.secret++
		}
		x.s.mu.Unlock()
		if right {
			x.message("Your password has been changed.")
			x.redirect(x.s.opts.Prefix + "/profile")
			return
		}
	}
	x.touched = true
	x.send(http.StatusOK, htmlType, x.changePage())
}
