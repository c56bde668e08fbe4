package program

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/app"
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
