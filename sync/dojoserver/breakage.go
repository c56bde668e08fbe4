package dojoserver

import (
	"net/http"
	"strings"
	"time"
)

// A Hook sees a request before the server does. True means that it has
// answered.
type Hook = func(w http.ResponseWriter, r *http.Request) bool

// Break lets hook see every request first; nil ends that. The hooks of this
// file serve the usual failures.
func (s *Server) Break(hook Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// Only limits a hook to requests whose method and path (below any prefix, so
// compared at the end) are these; an empty method means any.
func Only(method, path string, hook Hook) Hook {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if (method != "" && r.Method != method) || !strings.HasSuffix(r.URL.Path, path) {
			return false
		}
		return hook(w, r)
	}
}

// Answer answers with a status, a content type and a body.
func Answer(status int, contentType, content string) Hook {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(content))
		return true
	}
}

// Down answers as a web server does whose DefectDojo is restarting: 502, or
// 503 with a Retry-After where retry is at least a second.
func Down(retry time.Duration) Hook {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "text/html")
		status := http.StatusBadGateway
		if retry >= time.Second {
			status = http.StatusServiceUnavailable
			w.Header().Set("Retry-After", itoa(int64(retry/time.Second)))
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<html><head><title>" + http.StatusText(status) + "</title></head></html>"))
		return true
	}
}

// Cut promises a longer body than it sends and closes the connection.
func Cut(contentType, content string) Hook {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", itoa(int64(len(content)+100)))
		_, _ = w.Write([]byte(content))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// Drop closes the connection without an answer.
func Drop() Hook {
	return func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
}

// Endless sends begin and then chunk again and again until the client has
// enough.
func Endless(contentType, begin, chunk string) Hook {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		_, err := w.Write([]byte(begin))
		for err == nil && r.Context().Err() == nil {
			_, err = w.Write([]byte(chunk))
		}
		return true
	}
}

// Pieces sends each piece as it comes out of the channel, and ends the body
// when that is closed; a client that gives up ends it too.
func Pieces(contentType string, pieces <-chan string) Hook {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", contentType)
		flush := http.NewResponseController(w)
		_ = flush.Flush()
		for {
			select {
			case piece, ok := <-pieces:
				if !ok {
					return true
				}
				_, _ = w.Write([]byte(piece))
				_ = flush.Flush()
			case <-r.Context().Done():
				return true
			}
		}
	}
}

// Hold lets no request through until release is closed.
func Hold(release <-chan struct{}) Hook {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-release:
			return false
		case <-r.Context().Done():
			return true
		}
	}
}
