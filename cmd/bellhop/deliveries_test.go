package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
	"bellhop/store/storetest"
)

// What waits behind an endpoint that is switched off is listed as stopped, with
// the reason instead of a time that is past and with what to do.
func TestDeliveriesSayWhatIsStopped(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := storetest.Open(t, store.Options{Dir: dir})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	local, err := s.Local(ctx)
	must(err)
	me, err := s.Me(ctx, local.ID)
	must(err)
	hook, err := s.AddDestination(ctx, app.Destination{Account: local.ID, Channel: app.ChannelWebhooks, Name: "ci", Person: me.ID, Address: "https://ci.example.com"})
	must(err)
	events, err := s.RecordEvents(ctx, []app.Event{{Account: local.ID, Origin: app.OriginLocal, Key: "1", Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Title: "37 findings"}}}, nil)
	must(err)
	const id = app.DeliveryID("01KB0000000000000000000001")
	must(s.Route(ctx, []app.Routed{{Event: events[0].ID, Deliveries: []app.Delivery{
		{ID: id, Person: me.ID, Channel: app.ChannelWebhooks, Destination: hook.ID, Lane: "webhooks 1", Due: time.Now().Add(-time.Hour)},
	}}}))
	if _, err = s.Claim(ctx, "webhooks 1", 1); err != nil {
		t.Fatal(err)
	}
	must(s.Settle(ctx, []app.Outcome{{ID: id, State: app.DeliveryWaiting, Due: time.Now(), Took: time.Millisecond, Status: 404, Code: "not_found", LaneDue: dispatch.Closed}}))
	hook.State, hook.Note = "inactive_permanent", "Response status code: 404"
	must(s.UpdateDestinationState(ctx, hook))
	say := func(f func(context.Context, *tool) error) string {
		var out strings.Builder
		must(f(ctx, &tool{out: &out}))
		return out.String()
	}
	list := say(func(ctx context.Context, t *tool) error {
		return t.listDeliveries(ctx, s, app.DeliveryFilter{NeedsYou: true})
	})
	if !strings.Contains(list, "stopped") || !strings.Contains(list, "stopped: ci is switched off after failures: Response status code: 404") {
		t.Errorf("the list says\n%s", list)
	}
	if !strings.Contains(list, " ci ") || !strings.HasSuffix(strings.TrimSpace(list), "37 findings") {
		t.Errorf("the list does not say to whom it goes, or of what it is:\n%s", list)
	}
	one := say(func(ctx context.Context, t *tool) error { return t.oneDelivery(ctx, s, id) })
	if !strings.Contains(one, "waiting, stopped: ci is switched off") || strings.Contains(one, "Not before") || !strings.Contains(one, "`bellhop channels edit ci --on`") {
		t.Errorf("it says\n%s", one)
	}
	if n, err := s.Resend(ctx, []app.DeliveryID{id}); n != 0 || err != nil {
		t.Errorf("it was sent again: %d, %v", n, err)
	}
}
