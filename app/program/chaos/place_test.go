//go:build linux

package chaos

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"bellhop/app/dispatch/dispatchtest"
)

// arrival is a message that a place took.
type arrival struct {
	titles []string // of the events that it tells by name
	events int      // how many it tells, by name or by a count
	id     string   // by which the receiver can tell a copy; "" where there is none
	life   int      // the bell that sent it, from 1
	at     time.Time
	// answered is false where the sender never heard the place's yes.
	answered bool
	// thread is the message that was posted or replaced, where it can be replaced.
	thread string
}

// ring finds the events of a message: all their titles are like that.
var ring = regexp.MustCompile(`ring-[0-9]+x`)

func titles(text []byte) []string {
	var out []string
	for _, m := range ring.FindAll(text, -1) {
		out = append(out, string(m))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// told is how many events a message tells: a digest names the first of them and
// says how many there are.
func told(text []byte) int {
	if m := many.FindSubmatch(text); m != nil {
		n, _ := strconv.Atoi(string(m[1])) // digits
		return n
	}
	return len(titles(text))
}

// many is the title of a digest, as it is in a form, a JSON text and a mail.
var many = regexp.MustCompile(`(?:%22|[^0-9%])([0-9]+)(?: |\+|%20)notifications`)

// trap is what happens to the bell at a message, the next one or that after so
// many: it dies before the answer, or after it.
type trap struct {
	after  int
	before bool
	kill   func()
}

// place is where messages arrive.
type place struct {
	name string
	*door
	// life says which bell lives.
	life func() int

	mu       sync.Mutex
	arrivals []arrival
	threads  map[string]arrival // what each message tells that can be replaced
	trap     *trap
	// weather is asked at each message; it returns true where it has done with
	// the request whatever it wanted. taken lets the place take it first.
	weather func(w http.ResponseWriter, r *http.Request, taken func()) bool
}

func newPlace(t *testing.T, name string, life func() int) *place {
	t.Helper()
	d, err := newDoor()
	if err != nil {
		t.Fatal(err)
	}
	return &place{name: name, door: d, life: life}
}

// serve lets a receiver answer here. taken reads the id of a message, which message
// it is or replaces, and whether an answer is a yes.
func (p *place) serve(t *testing.T, inner http.Handler, taken func(r *http.Request, answer *httptest.ResponseRecorder) (id, thread string, yes bool)) {
	t.Helper()
	server := &httptest.Server{Listener: p.door, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // it died while it sent
		}
		take := func(answered bool) *httptest.ResponseRecorder {
			r.Body = io.NopCloser(bytes.NewReader(body))
			answer := httptest.NewRecorder()
			inner.ServeHTTP(answer, r)
			if id, thread, yes := taken(r, answer); yes {
				p.arrive(arrival{titles: titles(body), events: told(body), id: id, answered: answered, thread: thread})
			}
			return answer
		}
		p.mu.Lock()
		weather := p.weather
		p.mu.Unlock()
		if weather != nil && weather(w, r, func() { take(false) }) {
			return
		}
		answer := take(true)
		if p.strike(true) {
			hangUp(w)
			return
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		_ = http.NewResponseController(w).Flush()
		p.strike(false)
	})}}
	server.Start()
	t.Cleanup(server.Close)
}

// hangUp ends a connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// arrive notes a message. One that replaces another has arrived with what that one
// did not tell.
func (p *place) arrive(a arrival) {
	a.life, a.at = p.life(), time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.thread != "" {
		before, replaces := p.threads[a.thread]
		if p.threads == nil {
			p.threads = make(map[string]arrival)
		}
		p.threads[a.thread] = a
		if replaces {
			a.titles = slices.DeleteFunc(slices.Clone(a.titles), func(t string) bool { return slices.Contains(before.titles, t) })
			if a.events -= before.events; a.events <= 0 && len(a.titles) == 0 {
				return
			}
		}
	}
	p.arrivals = append(p.arrivals, a)
}

// strike springs the trap where it is set for this moment.
func (p *place) strike(before bool) bool {
	p.mu.Lock()
	armed := p.trap
	if armed == nil || armed.before != before {
		p.mu.Unlock()
		return false
	}
	if armed.after > 0 {
		armed.after--
		p.mu.Unlock()
		return false
	}
	p.trap = nil
	p.mu.Unlock()
	armed.kill()
	return true
}

func (p *place) set(t *trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trap = t
}

func (p *place) brew(weather func(w http.ResponseWriter, r *http.Request, taken func()) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.weather = weather
}

// all returns what has arrived so far.
func (p *place) all() []arrival {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.arrivals)
}

// newHook opens a webhook endpoint that takes only what is signed.
func newHook(t *testing.T, life func() int) *place {
	t.Helper()
	p := newPlace(t, "webhooks", life)
	p.serve(t, &dispatchtest.Receiver{Keys: []string{hookKey}}, func(r *http.Request, answer *httptest.ResponseRecorder) (string, string, bool) {
		return r.Header.Get("webhook-id"), "", answer.Code/100 == 2
	})
	return p
}

const slackToken = "xoxb-chaos"

// newSlack opens a workspace with the channel C1.
func newSlack(t *testing.T, life func() int) *place {
	t.Helper()
	p := newPlace(t, "slack", life)
	workspace := &dispatchtest.Slack{Token: slackToken, Channels: map[string]dispatchtest.SlackChannel{"C1": {Name: "sec", Member: true}}}
	p.serve(t, workspace, func(r *http.Request, answer *httptest.ResponseRecorder) (string, string, bool) {
		if r.URL.Path != "/chat.postMessage" && r.URL.Path != "/chat.update" {
			return "", "", false
		}
		var said struct {
			OK bool   `json:"ok"`
			TS string `json:"ts"`
		}
		err := json.Unmarshal(answer.Body.Bytes(), &said)
		return "", said.TS, err == nil && said.OK
	})
	return p
}

// newTeams opens a workflow.
func newTeams(t *testing.T, life func() int) *place {
	t.Helper()
	p := newPlace(t, "msteams", life)
	p.serve(t, &dispatchtest.Workflow{Sig: "chaos"}, func(_ *http.Request, answer *httptest.ResponseRecorder) (string, string, bool) {
		return "", "", answer.Code/100 == 2
	})
	return p
}
