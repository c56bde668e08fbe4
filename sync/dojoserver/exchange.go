package dojoserver

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Content types as the real server writes them.
const (
	htmlType = "text/html; charset=utf-8"
	jsonType = "application/json"
)

// exchange is one request with what has been found out about it.
type exchange struct {
	s    *Server
	w    http.ResponseWriter
	r    *http.Request
	path string // below the prefix
	form *form  // nil until parseForm

	session *session // nil where there is none
	stale   bool     // a session cookie came that names no session
	user    User     // of session; the zero User where nobody is signed in
	csrf    string   // secret of the CSRF cookie to be set, "" for none
	touched bool     // the session was changed and its cookie is to be renewed
	cookies []string // other Set-Cookie lines
}

// secure reports whether the server believes to be reached by https.
func (x *exchange) secure() bool {
	return x.r.TLS != nil || (x.s.opts.ProxyHeader && x.r.Header.Get("X-Forwarded-Proto") == "https")
}

// findSession looks the session cookie up. A deactivated user keeps the
// session but counts as nobody.
func (x *exchange) findSession() {
	cookie, err := x.r.Cookie(x.s.opts.SessionName)
	if err != nil {
		return
	}
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	found := x.s.sessions[cookie.Value]
	if found == nil || !x.s.alive(found) {
		delete(x.s.sessions, cookie.Value)
		x.stale = true
		return
	}
	x.session = found
	if a := x.s.users[found.user]; !a.Inactive {
		x.user = a.User
	}
}

// signedIn reports whether the session belongs to an active user.
func (x *exchange) signedIn() bool { return x.user.Name != "" }

// setCookie adds a cookie that lives for age, in the order of attributes that
// Django writes.
func (x *exchange) setCookie(name, value string, age time.Duration) {
	line := name + "=" + value
	if age > 0 {
		line += "; expires=" + x.s.opts.Now().Add(age).UTC().Format(http.TimeFormat)
	}
	line += "; HttpOnly"
	if age > 0 {
		line += "; Max-Age=" + itoa(int64(age/time.Second))
	}
	line += "; Path=/; SameSite=Lax"
	if x.s.opts.SecureCookies {
		line += "; Secure"
	}
	x.cookies = append(x.cookies, line)
}

// message sets the cookie of a one-off notice. The real one is signed; its
// content is nobody's business.
func (x *exchange) message(text string) {
	x.setCookie("messages", url.QueryEscape(text)+":"+randomText("0123456789abcdef", 12), 0)
}

// dropSession tells the browser to forget the session cookie.
func (x *exchange) dropSession() {
	x.cookies = append(x.cookies, x.s.opts.SessionName+`=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax`)
	x.stale = false
}

// send writes the answer; every answer behind the session layer goes through
// here.
func (x *exchange) send(status int, contentType string, content []byte) {
	h := x.w.Header()
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	h.Set("Vary", "Cookie")
	if x.csrf != "" {
		rest := x.cookies
		x.cookies = nil
		x.setCookie(x.s.opts.CSRFName, x.csrf, 364*24*time.Hour)
		x.cookies = append(x.cookies, rest...)
	}
	if x.touched && x.session != nil {
		x.s.mu.Lock()
		x.session.expires = x.s.opts.Now().Add(sessionAge)
		x.s.mu.Unlock()
		x.setCookie(x.s.opts.SessionName, x.session.id, sessionAge)
	}
	if x.stale {
		x.dropSession()
	}
	for _, line := range x.cookies {
		h.Add("Set-Cookie", line)
	}
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(content)
	}
}

// redirect answers 302. Locations are relative, as Django's are.
func (x *exchange) redirect(location string) {
	x.w.Header().Set("Location", location)
	x.send(http.StatusFound, htmlType, nil)
}

// toLogin sends a visitor to the sign-in page and says where to go afterwards.
func (x *exchange) toLogin(next string) {
	x.redirect(x.s.opts.Prefix + "/login?next=" + quote(next))
}

// quote is Python's urllib.parse.quote: all but letters, digits, "_.-~" and
// "/" is escaped.
func quote(s string) string {
	var out strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("_.-~/", c) >= 0:
			out.WriteByte(c)
		default:
			const hex = "0123456789ABCDEF"
			out.WriteByte('%')
			out.WriteByte(hex[c>>4])
			out.WriteByte(hex[c&15])
		}
	}
	return out.String()
}
