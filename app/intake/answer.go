package intake

import (
	"encoding/json"
	"net"
	"net/http"
	"time"

	"bellhop/app"
)

// logEvery is how often one reason of refusal is logged: whoever has found the
// port can knock faster than a log should grow.
const logEvery = time.Minute

// refuse answers a call that somebody has to mend.
func (l *Listener) refuse(w http.ResponseWriter, r *http.Request, status int, p *app.Problem) {
	if l.due(p.Code) {
		l.o.Log.WarnContext(r.Context(), "webhook refused", "reason", p.Code, "status", status, "remote", remote(r))
	}
	l.count(func(s *Status) {
		s.Refused++
		s.Problem = p
	})
	if status == http.StatusUnauthorized {
		p = app.NewProblem(p.Code, "The call is not authorized.", "", true, nil)
	}
	answer(w, status, p)
}

// fail answers a call that could not be taken this time. The caller learns no
// cause: it can name files of this machine.
func (l *Listener) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := app.AsProblem(err)
	if l.due("failed " + p.Code) {
		l.o.Log.ErrorContext(r.Context(), "webhook not recorded", "reason", p.Code, "error", err)
	}
	l.count(func(s *Status) {
		s.Failed++
		s.Problem = p
	})
	w.Header().Set("Retry-After", comeAgain)
	answer(w, http.StatusServiceUnavailable, app.NewProblem("not_recorded", "The event could not be stored.", "Send it again.", false, nil))
}

// answer writes the problem as the control socket does.
func answer(w http.ResponseWriter, status int, p *app.Problem) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A caller who left needs no answer.
	_ = json.NewEncoder(w).Encode(struct {
		Error *app.Problem `json:"error"`
	}{p})
}

// due says whether a reason may be logged again.
func (l *Listener) due(reason string) bool {
	now := l.o.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.logged[reason]; ok && now.Sub(at).Abs() < logEvery {
		return false
	}
	l.logged[reason] = now
	return true
}

// remote returns the caller's host.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}
