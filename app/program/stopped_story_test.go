package program

import (
	"net/http"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/store"
)

// What waits behind an endpoint that is switched off needs somebody: it is listed
// with the dead, says why and what to do, and sending it again costs nothing and
// changes nothing. Once the endpoint is on again it arrives.
func TestWhatWaitsBehindAClosedDoorSaysSo(t *testing.T) {
	t.Parallel()
	w, e, a, me, places := alone(t)
	w.mine(me, app.ChannelWebhooks)
	e.breaks("hook", answers(http.StatusNotFound))
	first := w.notify(a.ID, map[string]any{"title": "Met a closed door"})
	second := w.notify(a.ID, map[string]any{"title": "Waits behind it"})
	var list []app.Delivery
	w.until("both are stopped", func() bool {
		w.read(func(s *store.Store) {
			var err error
			if list, _, err = s.Deliveries(t.Context(), app.DeliveryFilter{NeedsYou: true}); err != nil {
				t.Fatal(err)
			}
		})
		return len(list) == 2
	})
	var ids []app.DeliveryID
	for i, event := range []int64{second, first} { // newest first
		d := list[i]
		if d.Event != event || d.State != app.DeliveryWaiting || d.Stopped == nil {
			t.Fatalf("it needs somebody: %+v", d)
		}
		if d.Stopped.Reason != "siem is switched off after failures: Response status code: 404" || !strings.Contains(d.Stopped.Next, "`bellhop channels edit siem --on`") {
			t.Errorf("it is stopped because %+v", *d.Stopped)
		}
		ids = append(ids, d.ID)
	}
	attempts := func() (n int) {
		w.read(func(s *store.Store) {
			for _, id := range ids {
				list, err := s.Attempts(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				n += len(list)
			}
		})
		return n
	}
	before := attempts()
	if n, err := w.client.Resend(t.Context(), ids, false); n != 0 || app.AsProblem(err).Code != "stopped" || !strings.Contains(err.Error(), "siem is switched off") {
		t.Errorf("sending again gave %d, %v", n, err)
	}
	e.breaks("hook", nil)
	if got := attempts(); got != before || len(e.hook.Hooks()) != 0 {
		t.Errorf("sending again made %d attempts of %d", got, before)
	}
	d := places[app.ChannelWebhooks]
	w.put(d, nil)
	w.settled()
	if n := len(e.hook.Hooks()); n != 2 {
		t.Errorf("%d arrived once it was on again, want 2", n)
	}
	if list := w.deliveries(app.DeliveryFilter{NeedsYou: true}); len(list) != 0 {
		t.Errorf("still stopped: %+v", list)
	}
}

// A message that died of its own at an endpoint which is switched off since stays
// dead when it is sent again.
func TestADeadMessageOfAClosedEndpointStaysDead(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelWebhooks)
	e.breaks("hook", answers(http.StatusBadRequest))
	w.notify(a.ID, map[string]any{"title": "It is refused"})
	var dead []app.Delivery
	w.until("it is dead", func() bool {
		dead = w.deliveries(app.DeliveryFilter{State: app.DeliveryDead})
		return len(dead) == 1
	})
	if dead[0].Stopped == nil {
		t.Fatalf("the endpoint is open: %+v", dead[0])
	}
	for _, all := range []bool{true, false} {
		ids := []app.DeliveryID{dead[0].ID}
		if all {
			ids = nil
		}
		if n, err := w.client.Resend(t.Context(), ids, all); n != 0 || app.AsProblem(err).Code != "stopped" {
			t.Errorf("sending again gave %d, %v", n, err)
		}
	}
	if again := w.deliveries(app.DeliveryFilter{State: app.DeliveryDead}); len(again) != 1 || again[0].Attempts != dead[0].Attempts {
		t.Errorf("it is %+v now", again)
	}
}
