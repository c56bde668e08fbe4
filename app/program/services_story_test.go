package program

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/app"
)

// gotifyToken opens the service of these stories.
const gotifyToken = "AnTok-en.551299"

// pushes is a Gotify server that keeps the titles of what it took.
type pushes struct {
	mu     sync.Mutex
	titles []string
}

func (p *pushes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct{ Title, Message string }
	if r.URL.Query().Get("token") != gotifyToken || json.NewDecoder(r.Body).Decode(&body) != nil || body.Message == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.titles = append(p.titles, body.Title)
	_, _ = io.WriteString(w, `{"id":1}`)
}

func (p *pushes) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.titles, ", ")
}

// phone adds a service of maria's that the place "hook" is.
func (w *world) phone(e *edges, account app.AccountID, me app.PersonID) app.Destination {
	w.t.Helper()
	w.private = append(w.private, gotifyToken)
	host, _, _ := strings.Cut(strings.TrimPrefix(e.hookURL, "http://"), "/")
	return w.put(app.Destination{Account: account, Channel: app.ChannelServices, Name: "phone", Person: me, Config: map[string]string{"private": "on"}},
		map[string]string{"url": "gotify://" + host + "/" + gotifyToken + "?disabletls=yes"})
}

// of returns the deliveries of a channel.
func (w *world) of(ch app.Channel) []app.Delivery {
	w.t.Helper()
	return w.deliveries(app.DeliveryFilter{Channel: ch.String(), Limit: 50})
}

// A service that is away keeps its own messages waiting, as long as it asks for,
// and nobody else's; one that refuses for good leaves a dead letter and an alert.
func TestAServiceThatIsAwayDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	phone := w.phone(e, a.ID, me.ID)
	w.mine(me, app.ChannelServices, app.ChannelSlack)
	e.breaks("hook", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	w.notify(a.ID, map[string]any{"title": "Disk full", "severity": "Critical"}) // which no digest takes up
	w.until("the phone was tried and Slack has it", func() bool {
		got := w.of(app.ChannelServices)
		return len(got) == 1 && got[0].Attempts == 1 && got[0].Code == "server_error" && len(e.slack.Messages()) == 1
	})
	d := w.of(app.ChannelServices)[0]
	if d.State != app.DeliveryWaiting || d.Status != http.StatusServiceUnavailable || d.Due.Sub(w.clock.now()) < 100*time.Second || d.Destination != phone.ID {
		t.Errorf("it is %+v", d)
	}
	taken := &pushes{}
	e.breaks("hook", taken.ServeHTTP)
	w.clock.pass(3 * time.Minute)
	w.notify(a.ID, map[string]any{"title": "Backup failed", "severity": "Critical"}) // wakes whoever sleeps by the clock
	w.until("the phone has it", func() bool {
		return strings.Count(taken.all(), "Disk full") == 1 && strings.Contains(taken.all(), "Backup failed")
	})

	e.breaks("hook", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"error":"the title is `+gotifyToken+`"}`)
	})
	w.notify(a.ID, map[string]any{"title": "Refused", "severity": "Critical"})
	w.until("it is a dead letter", func() bool {
		got := w.of(app.ChannelServices)
		return len(got) == 3 && got[0].State == app.DeliveryDead && got[0].Code == "rejected" && strings.Contains(got[0].Answer, "the title is [secret]")
	})
	w.until("maria is told", func() bool {
		for _, row := range w.list(app.ViewList) {
			if row.Title == "A message to phone could not be delivered" {
				return true
			}
		}
		return false
	})
}

// The bell ends while a service keeps its message: within its two seconds, with
// the process that was sending, and the message goes out when it is back.
func TestTheBellEndsWhileAServiceStalls(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.phone(e, a.ID, me.ID)
	w.mine(me, app.ChannelServices)
	arrived, gone := make(chan struct{}), make(chan struct{})
	e.breaks("hook", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
		close(gone)
	})
	w.notify(a.ID, map[string]any{"title": "Disk full"})
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("nothing arrived")
	}
	begun := time.Now()
	w.stop()
	if took := time.Since(begun); took > 4*time.Second { // on a busy machine
		t.Errorf("it took %v to end", took)
	}
	select {
	case <-gone:
	case <-time.After(patience):
		t.Error("the process goes on without the bell")
	}
	taken := &pushes{}
	e.breaks("hook", taken.ServeHTTP)
	w.start()
	w.until("it goes out again", func() bool { return taken.all() == "Disk full" })
	w.settled()
	if got := w.of(app.ChannelServices); len(got) != 1 || got[0].State != app.DeliverySent {
		t.Errorf("the ledger has %+v", got)
	}
}
