//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// receiver is where webhooks and a service's messages arrive. It can refuse.
type receiver struct {
	url string

	mu      sync.Mutex
	refuses bool
	taken   []taken
	refused []taken
}

// taken is a request as the receiver remembers it.
type taken struct {
	id    string // webhook-id
	title string // of a webhook
	body  string
}

// newReceiver starts a receiver on this machine that takes everything.
func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	var told struct {
		Title string `json:"title"`
	}
	_ = json.Unmarshal(body, &told) // a service sends plain text
	got := taken{req.Header.Get("webhook-id"), told.Title, string(body)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuses {
		r.refused = append(r.refused, got)
		http.Error(w, "no such product", http.StatusBadRequest)
		return
	}
	if req.Header.Get("X-DefectDojo-Event") != "ping" {
		r.taken = append(r.taken, got)
	}
}

// refuse lets the receiver refuse everything, or take it again.
func (r *receiver) refuse(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuses = on
}

// has returns what was taken, and what was refused.
func (r *receiver) has() (took, refused []taken) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(took, r.taken...), append(refused, r.refused...)
}

// untilTaken waits until the receiver has taken n messages, and returns them.
func (w *world) untilTaken(r *receiver, n int) []taken {
	w.t.Helper()
	var took []taken
	w.until(itoa(int64(n))+" messages have arrived", func() bool {
		took, _ = r.has()
		return len(took) >= n
	})
	if len(took) != n {
		w.t.Fatalf("%d messages have arrived, want %d: %q", len(took), n, took)
	}
	return took
}

// hook makes the receiver a webhook of the user's, named siem.
func (w *world) hook(r *receiver) {
	w.t.Helper()
	w.cli("channels", "add", "webhooks", "--name", "siem", "--mine", "--address", r.url, "--set", "private=on")
}

// phone makes the receiver a service of the user's, named phone.
func (w *world) phone(r *receiver) {
	w.t.Helper()
	address := "generic://" + strings.TrimPrefix(r.url, "http://") + "/?disabletls=yes"
	if _, status := w.run(address+"\n", w.program("bellhop"), "channels", "add", "services", "--name", "phone", "--mine", "--set", "private=on"); status != 0 {
		w.t.Fatalf("the service was added with status %d", status)
	}
}

// delivery is a delivery as the command line prints it.
type delivery struct {
	ID       string `json:"id"`
	Channel  string `json:"channel"`
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	Answer   string `json:"answer"`
}

// deliveries lists deliveries as the command line does.
func (w *world) deliveries(args ...string) []delivery {
	w.t.Helper()
	var page struct {
		Deliveries []delivery `json:"deliveries"`
	}
	if err := json.Unmarshal([]byte(w.cli(append([]string{"deliveries", "--json"}, args...)...)), &page); err != nil {
		w.t.Fatalf("read the deliveries: %v", err)
	}
	return page.Deliveries
}

// untilDeliveries waits until n deliveries of a channel are in a state, and
// returns them.
func (w *world) untilDeliveries(n int, channel, state string) []delivery {
	w.t.Helper()
	var list []delivery
	w.until(itoa(int64(n))+" are "+state, func() bool {
		list = w.deliveries("--channel", channel, "--state", state)
		return len(list) == n
	})
	return list
}
