package demo

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
)

// user is who signs in to the demo.
const user = "maria"

// Server is the demo's DefectDojo.
type Server struct {
	dojo     *dojoserver.Server
	url      string
	password string
}

// NewServer starts a DefectDojo 3.2 on a free port of the loopback interface,
// with one user and a backlog. Close ends it.
func NewServer(ctx context.Context, now func() time.Time) (*Server, error) {
	s := &Server{password: rand.Text()}
	s.dojo = dojoserver.New(dojoserver.Options{
		Version: "3.2.0", Now: now,
		Users: []dojoserver.User{{Name: user, Password: s.password}},
	})
	s.Add(backlog(now())...)
	var err error
	s.url, err = s.dojo.Start(ctx)
	return s, err
}

// Close ends the server.
func (s *Server) Close() error { return s.dojo.Close() }

// SignIn is what connects an account to the server.
func (s *Server) SignIn() app.Connect {
	return app.Connect{URL: s.url, SignIn: app.SignInPassword, Username: user, Password: s.password, Proxy: "none"}
}

// Add lets alerts be born.
func (s *Server) Add(alerts ...dojoserver.Alert) {
	for _, a := range alerts {
		s.dojo.AddAlert(user, a)
	}
}

// RemoveOldest removes the n oldest alerts, as another browser would.
func (s *Server) RemoveOldest(n int) {
	alerts := s.dojo.Alerts(user)
	for _, a := range alerts[max(len(alerts)-n, 0):] {
		s.dojo.RemoveAlert(user, a.PK)
	}
}

// Count is the number of alerts that the server holds for the user.
func (s *Server) Count() int { return len(s.dojo.Alerts(user)) }

// Down makes every page an error of a proxy whose server is away, or ends that.
func (s *Server) Down(down bool) {
	if !down {
		s.dojo.Break(nil)
		return
	}
	s.dojo.Break(func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "502 Bad Gateway", http.StatusBadGateway)
		return true
	})
}
