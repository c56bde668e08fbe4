package dojoserver

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// requestLogSize bounds the log of a demo that runs for days.
const requestLogSize = 10_000

// requestLog remembers what was asked for. It is guarded by Server.mu.
type requestLog struct {
	lines   []string
	changed chan struct{} // closed and replaced at each new line
}

func (l *requestLog) add(r *http.Request) {
	if len(l.lines) >= requestLogSize {
		l.lines = slices.Delete(l.lines, 0, requestLogSize/10)
	}
	l.lines = append(l.lines, r.Method+" "+r.URL.RequestURI())
	close(l.changed)
	l.changed = make(chan struct{})
}

// Requests returns what was asked for since the start or the last
// [Server.ForgetRequests], oldest first, as method and path with query:
// "GET /alerts/json?limit=50". The newest 9,000 at least are kept.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log.lines)
}

// ForgetRequests empties the log of requests.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.lines = nil
}

// Await waits until the log of requests satisfies done. The error is the
// context's.
func (s *Server) Await(ctx context.Context, done func(requests []string) bool) error {
	for {
		s.mu.Lock()
		lines, changed := slices.Clone(s.log.lines), s.log.changed
		s.mu.Unlock()
		if done(lines) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("await a request: %w", ctx.Err())
		}
	}
}
