package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// What stops deliveries stops them in the middle of a storm: what is being sent just
// then ends, and nothing begins until it is let go, when all of it arrives once.
func TestAStormStopsWhereItIsToldTo(t *testing.T) {
	t.Parallel()
	const storm, free = 600, 20
	for what, stop := range map[string]func(w *world, siem app.Destination, on bool){
		"a pause": func(w *world, _ app.Destination, on bool) {
			w.set(app.SettingOutbox, map[bool]string{true: "paused", false: "running"}[on])
		},
		"a switch": func(w *world, siem app.Destination, on bool) {
			siem.Off = on
			w.put(siem, nil)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w, e, a, me, places := alone(t)
			w.mine(me, app.ChannelWebhooks)
			var begun, taken atomic.Int64
			var slow atomic.Bool
			slow.Store(true)
			gate := make(chan struct{})
			e.breaks("hook", func(rw http.ResponseWriter, r *http.Request) {
				if begun.Add(1) > free {
					select {
					case <-gate:
					case <-t.Context().Done():
					}
					if slow.Load() { // else all would be gone before anybody could be told
						<-time.After(20 * time.Millisecond)
					}
				}
				taken.Add(1)
				answers(http.StatusNoContent)(rw, r)
			})
			list := make([]json.RawMessage, storm)
			for i := range list {
				list[i] = json.RawMessage(fmt.Sprintf(`{"title": "Storm %d"}`, i))
			}
			if _, err := w.client.Notify(t.Context(), a.ID, list); err != nil {
				t.Fatal(err)
			}
			w.until("the receiver is busy", func() bool { return begun.Load() > free })
			stop(w, places[app.ChannelWebhooks], true)
			close(gate)
			sent := func() int {
				return len(w.deliveries(app.DeliveryFilter{State: app.DeliverySent, Channel: app.ChannelWebhooks.String(), Limit: 1000}))
			}
			rests := 0
			w.until("nothing is sent any more", func() bool {
				if rests++; sent() != int(begun.Load()) {
					rests = 0
				}
				return rests == 20
			})
			if n := begun.Load(); n > storm/2 {
				t.Errorf("%d of %d were sent, %d of them after the end", n, storm, n-free)
			}
			slow.Store(false)
			stop(w, places[app.ChannelWebhooks], false)
			w.until("all have arrived", func() bool { return sent() == storm })
			if n := taken.Load(); n != storm {
				t.Errorf("%d of %d have arrived", n, storm)
			}
		})
	}
}

// What an earlier Bellhop switched off, or one that was cut off in the middle of it,
// is held from the start.
func TestWhatIsOffIsHeldFromTheStart(t *testing.T) {
	t.Parallel()
	w, e, a, me, places := alone(t)
	w.mine(me, app.ChannelWebhooks, app.ChannelSlack)
	w.set(app.SettingOutbox, "paused")
	w.notify(a.ID, map[string]any{"title": "It waits"})
	w.until("it is decided", func() bool { return len(w.of(app.ChannelWebhooks)) == 1 })
	w.stop()
	s, err := store.Open(t.Context(), store.Options{Dir: w.dir})
	if err != nil {
		t.Fatal(err)
	}
	siem := places[app.ChannelWebhooks]
	siem.Off = true
	if err := errors.Join(s.UpdateDestination(t.Context(), siem), s.Set(t.Context(), app.SettingOutbox, "running"), s.Close()); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.until("the other one has left", func() bool { return len(e.slack.Messages()) == 1 })
	if n := len(e.hook.Hooks()); n != 0 {
		t.Errorf("%d requests left for what is off", n)
	}
	siem.Off = false
	w.put(siem, nil)
	w.until("it is on again", func() bool { return len(e.hook.Hooks()) == 1 })
}
