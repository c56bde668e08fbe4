package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"bellhop/app/dispatch/dispatchtest"
)

type hookKey struct{}

// hook is the webhook receiver of one script, once it has started.
type hook struct{ *dispatchtest.Receiver }

// serveHook is the script command "hook": it serves a receiver of webhooks at
// $HOOK, which refuses what comes below /broken.
func serveHook(ts *testscript.TestScript, _ bool, _ []string) {
	receiver := new(dispatchtest.Receiver)
	mux := http.NewServeMux()
	mux.Handle("/", receiver)
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the schema has changed", http.StatusUnprocessableEntity)
	})
	server := httptest.NewServer(mux)
	ts.Defer(server.Close)
	ts.Setenv("HOOK", server.URL)
	h, _ := ts.Value(hookKey{}).(*hook)
	h.Receiver = receiver
}

// waitForHook is the script command "hooked".
func waitForHook(ts *testscript.TestScript, _ bool, args []string) {
	h, _ := ts.Value(hookKey{}).(*hook)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	await(ts, func() error {
		if n := len(h.Hooks()); n != want {
			return fmt.Errorf("the receiver has %d events, want %d", n, want)
		}
		return nil
	})
}
