package dispatchtest

import (
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// Server is an HTTP peer. It ends with the test.
type Server struct {
	URL string // no path
	// Resolver finds the host of URL where the system's would not be asked.
	Resolver *net.Resolver
	// Roots are the authorities to trust; they are not the ones of a server
	// that is [Distrusted].
	Roots   *x509.CertPool
	Arrived <-chan struct{}
	taken   atomic.Int64
}

// Taken is how many requests the good handler answered with a status of 2xx.
func (s *Server) Taken() int { return int(s.taken.Load()) }

// HTTP starts a peer with a fault; good answers where it [Takes]. Whoever is
// refused is told what the peer was sent, headers, address and body, so that
// whatever leaks does.
func HTTP(t *testing.T, fault Fault, good http.Handler) *Server {
	t.Helper()
	arrived := make(chan struct{}, 16)
	s := &Server{Arrived: arrived, Roots: x509.NewCertPool(), Resolver: Resolver(t, nil)}
	ending := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault == Takes {
			counted := &statusWriter{ResponseWriter: w}
			good.ServeHTTP(counted, r)
			if counted.status == 0 || counted.status/100 == 2 {
				s.taken.Add(1)
			}
			return
		}
		body, _ := io.ReadAll(r.Body)
		misbehave(w, r, fault, body, arrived, ending)
	})
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if fault == Distrusted {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(func() {
		close(ending)
		server.CloseClientConnections()
		server.Close()
	})
	s.URL = server.URL
	if fault == Nameless {
		s.URL = "http://nowhere.example"
	}
	return s
}

func misbehave(w http.ResponseWriter, r *http.Request, fault Fault, body []byte, arrived chan<- struct{}, ending <-chan struct{}) {
	status := http.StatusOK
	switch fault {
	case Waits:
		select {
		case arrived <- struct{}{}:
		default:
		}
		select {
		case <-r.Context().Done():
		case <-ending:
		}
		return
	case Closes:
		panic(http.ErrAbortHandler)
	case Dribbles:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":`)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-ending:
		}
		return
	case Floods:
		flood(w)
		return
	case Limited:
		status = http.StatusTooManyRequests
	case LimitedFor:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(RetryAfter.Seconds())))
	case LimitedUntil:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", time.Now().Add(RetryAfter).UTC().Format(http.TimeFormat))
	case Broken:
		status = http.StatusServiceUnavailable
	case Refuses:
		status = http.StatusForbidden
	case Takes, Distrusted, Nameless: // nothing that a handler does
	}
	w.WriteHeader(status)
	//nolint:gosec // an echo is what this peer is for
	_, _ = fmt.Fprintf(w, "You sent to %s:\r\n\x1b[31m%v\r\n%s", r.URL, r.Header, body)
}

// flood answers with up to 256 MB, or until the other side has had enough.
func flood(w http.ResponseWriter) {
	_, _ = io.WriteString(w, `{"ok":true,"x":"`)
	piece := make([]byte, 64<<10)
	for i := range piece {
		piece[i] = 'x'
	}
	for range 4096 {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Quick starts a server that answers every request with 204 and does nothing
// else, and returns its address.
func Quick(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	b.Cleanup(server.Close)
	return server.URL
}
