package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"bellhop/app"
)

const (
	quick = 15 * time.Second // calls that stay in this process
	slow  = 3 * time.Minute  // calls that wait for a server

	small = 64 << 10 // bytes of a request's body
	// large holds a million ids.
	large = 16 << 20

	// parting is how long calls may go on after the bell was told to end.
	parting = 2 * time.Second
)

// Server offers a [Bell] over HTTP.
type Server struct {
	bell Bell
	log  *slog.Logger
	mux  *http.ServeMux

	endOnce sync.Once
	end     chan struct{} // closed to end the streams of hints
	beat    time.Duration
}

// NewServer returns a server for the bell. It is an [http.Handler]; [Server.Serve]
// runs it on a listener.
func NewServer(bell Bell, log *slog.Logger) *Server {
	// A heartbeat wakes both processes, so that there are few of them.
	s := &Server{bell: bell, log: log, mux: http.NewServeMux(), end: make(chan struct{}), beat: 5 * time.Minute}
	s.routes()
	return s
}

// routes lists the calls; the package comment describes them.
func (s *Server) routes() {
	get := func(path string, h func(*http.Request) (any, error)) {
		s.handle("GET "+path, quick, func(_ http.ResponseWriter, r *http.Request) (any, error) { return h(r) })
	}
	get("/v1/status", s.status)
	get("/v1/count", s.count)
	get("/v1/alerts", s.alerts)
	get("/v1/settings", s.settings)
	s.handle("POST /v1/remove", quick, take(large, s.remove))
	s.handle("POST /v1/clear", quick, take(small, s.clear))
	s.handle("POST /v1/undo", quick, take(small, s.undo))
	s.handle("POST /v1/retry", quick, take(large, s.retry))
	s.handle("POST /v1/snooze", quick, take(small, s.snooze))
	s.handle("POST /v1/looked", quick, take(small, s.looked))
	s.handle("POST /v1/sync", slow, take(small, s.sync))
	s.handle("POST /v1/pause", quick, take(small, s.pause))
	s.handle("POST /v1/resume", quick, take(small, s.resume))
	s.handle("PUT /v1/settings", quick, take(small, s.set))
	s.handle("POST /v1/probe", slow, take(small, s.probe))
	s.handle("POST /v1/connect", slow, take(small, s.connect))
	s.handle("DELETE /v1/accounts/{id}", slow, func(_ http.ResponseWriter, r *http.Request) (any, error) { return s.disconnect(r) })
	s.handle("POST /v1/open", quick, take(small, s.open))
	s.handle("POST /v1/window", quick, take(small, s.window))
	s.handle("POST /v1/window/shown", quick, take(small, s.windowShown))
	s.handle("POST /v1/quit", quick, take(small, s.quit))
	s.engineRoutes()
	s.deliveryRoutes()
	s.mux.HandleFunc("GET /v1/hints", s.hints)
}

// handle adds a call that answers with JSON within a time limit.
func (s *Server) handle(pattern string, limit time.Duration, h func(http.ResponseWriter, *http.Request) (any, error)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeoutCause(r.Context(), limit,
			fmt.Errorf("%s took longer than %s: %w", pattern, limit, context.DeadlineExceeded))
		defer cancel()
		answer, err := h(w, r.WithContext(ctx))
		if err != nil {
			url := ""
			if opened, ok := answer.(openedBody); ok {
				url = opened.URL
			}
			s.fail(w, r, err, url)
			return
		}
		s.write(w, http.StatusOK, answer)
	})
}

// take turns a call that takes a T into a handler that decodes it first.
func take[T any](limit int64, call func(context.Context, T) (any, error)) func(http.ResponseWriter, *http.Request) (any, error) {
	return func(w http.ResponseWriter, r *http.Request) (any, error) {
		var in T
		if err := decode(w, r, limit, &in); err != nil {
			return nil, err
		}
		return call(r.Context(), in)
	}
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Header.Get("Origin") != "" || (r.Host != "bell" && r.Host != "localhost") {
		s.write(w, http.StatusForbidden, errorBody{Error: *app.NewProblem("foreign_caller",
			"A web page may not talk to the bell.", "Use the command line, or curl with --unix-socket and http://localhost.", true, nil)})
		return
	}
	h, pattern := s.mux.Handler(r)
	if pattern == "" {
		s.noRoute(w, r, h)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// noRoute answers as the mux would, but in JSON: 404 or 405 with Allow.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request, h http.Handler) {
	var plain statusOnly
	h.ServeHTTP(&plain, r)
	p := app.NewProblem("no_such_call", "The bell has no such call.", "Compare the versions with `bellhop version`.", true, nil)
	if plain.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", plain.Header().Get("Allow"))
		p = app.NewProblem("wrong_method", "This call takes "+plain.Header().Get("Allow")+".", "", true, nil)
		s.write(w, http.StatusMethodNotAllowed, errorBody{Error: *p})
		return
	}
	s.write(w, http.StatusNotFound, errorBody{Error: *p})
}

// statusOnly keeps a handler's status and header, and drops its body.
type statusOnly struct {
	header http.Header
	status int
}

// Header implements [http.ResponseWriter].
func (o *statusOnly) Header() http.Header {
	if o.header == nil {
		o.header = make(http.Header)
	}
	return o.header
}

// WriteHeader implements [http.ResponseWriter].
func (o *statusOnly) WriteHeader(status int) { o.status = status }

// Write implements [http.ResponseWriter].
func (o *statusOnly) Write(b []byte) (int, error) { return len(b), nil }

// fail answers with a problem. Only what the caller cannot be told about is
// logged: an error nobody has foreseen.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error, url string) {
	if r.Context().Err() != nil {
		return // nobody listens any more
	}
	status, body := encodeError(err)
	body.URL = url
	switch body.Error.Code {
	case "too_large":
		status = http.StatusRequestEntityTooLarge
	case "not_json":
		status = http.StatusUnsupportedMediaType
	case "unexpected":
		s.log.WarnContext(r.Context(), "call failed", "call", r.Pattern, "error", err)
	}
	s.write(w, status, body)
}

func (s *Server) write(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		s.log.Error("answer cannot be encoded", "error", err)
		status, data = http.StatusInternalServerError, []byte(`{"error":{"code":"unexpected","message":"The answer cannot be encoded.","step":"","needs_user":false}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // a caller who left needs no answer
}

// Serve answers calls on l until ctx ends, then lets running calls finish for
// two seconds and closes l. It returns nil after such an end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	hs := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		// Calls outlive ctx for a moment, so that a removal is not cut off.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	ended := make(chan error, 1)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		select {
		case <-ctx.Done():
		case <-stop:
			return
		}
		s.endOnce.Do(func() { close(s.end) })
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
		defer cancel()
		err := hs.Shutdown(grace)
		if err != nil {
			err = hs.Close()
		}
		ended <- err
	})
	err := hs.Serve(l)
	close(stop)
	wg.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the socket: %w", err)
	}
	if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the socket: %w", err)
	}
	return nil
}
