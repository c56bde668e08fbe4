package dispatchtest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Receiver is a webhook endpoint that a user could have today: it takes
// DefectDojo's requests, and where it has keys, only those that are signed with
// each of them. Whatever it took before is taken again and counted once.
type Receiver struct {
	Keys []string
	// Answer is the status of success; 0 = 204.
	Answer int

	mu   sync.Mutex
	got  []Hook
	seen map[string]int
}

// Hook is a request as a receiver took it.
type Hook struct {
	Header http.Header
	Raw    []byte
	Body   map[string]any
}

// Hooks returns the requests taken so far, each webhook-id once.
func (r *Receiver) Hooks() []Hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// Times returns how often a webhook-id arrived.
func (r *Receiver) Times(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[id]
}

// ServeHTTP takes a request.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(req.Body)
	var body map[string]any
	if err != nil || json.Unmarshal(raw, &body) != nil || req.Header.Get("Content-Type") != "application/json" ||
		req.Method != http.MethodPost || req.Header.Get("X-DefectDojo-Event") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, key := range r.Keys {
		wh, err := standardwebhooks.NewWebhook(key)
		if err != nil || wh.Verify(raw, req.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id := req.Header.Get("webhook-id")
	if r.seen == nil {
		r.seen = map[string]int{}
	}
	if r.seen[id]++; r.seen[id] == 1 {
		r.got = append(r.got, Hook{Header: req.Header, Raw: raw, Body: body})
	}
	if r.Answer != 0 {
		w.WriteHeader(r.Answer)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
