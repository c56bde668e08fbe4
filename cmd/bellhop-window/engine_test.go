package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
	"bellhop/store/storetest"
	"bellhop/ui"
)

// TestTheEngineReadsWhatTheBellWrote tells a story on a real database: an event
// is decided about and delivered, and the window says what became of it and why.
func TestTheEngineReadsWhatTheBellWrote(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := storetest.Open(t, store.Options{Dir: dir})
	local, err := s.Local(ctx)
	must(err)
	me, err := s.Me(ctx, local.ID)
	must(err)
	row := app.DefaultRow()
	row[app.ColumnScanAdded] |= app.ChannelsOf(app.ChannelWebhooks)
	_, err = s.PutPreference(ctx, app.Preference{Account: local.ID, Scope: app.ScopePersonal, Person: me.ID, Row: row}, "me")
	must(err)
	hook, err := s.AddDestination(ctx, app.Destination{Account: local.ID, Channel: app.ChannelWebhooks, Name: "ci", Person: me.ID, Address: "https://ci.example.com"})
	must(err)
	events, err := s.RecordEvents(ctx, []app.Event{{
		Account: local.ID, Origin: app.OriginLocal, Key: "1", Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Title: "37 findings"},
	}}, nil)
	must(err)
	facts, err := s.FactsForMe(ctx, local.ID)
	must(err)
	decided := dispatch.New(facts).Decide(&events[0])
	const id = app.DeliveryID("01KB0000000000000000000001")
	must(s.Route(ctx, []app.Routed{{
		Event: events[0].ID, Decisions: decided, Alert: &app.Remote{Title: "37 findings", Source: "Scan Added", Created: time.Now()},
		Deliveries: []app.Delivery{{ID: id, Person: me.ID, Channel: app.ChannelWebhooks, Destination: hook.ID, Lane: "webhooks/1", Due: time.Now()}},
	}}))
	_, err = s.Claim(ctx, "webhooks/1", 1)
	must(err)
	must(s.Settle(ctx, []app.Outcome{{ID: id, State: app.DeliveryDead, Took: time.Millisecond, Status: 410, Code: "gone", Answer: "closed"}}))

	in := newInbox(dir, slog.New(slog.DiscardHandler))
	defer func() { must(in.Close()) }()
	rules, err := in.Rules(ctx, local.ID, 0)
	must(err)
	if rules.Me.ID != me.ID || len(rules.Local) != 1 || rules.Local[0].Row != row || len(rules.Destinations) != 1 || rules.Settings[app.SettingEngineMode] != "me" {
		t.Errorf("the rules are %+v", rules)
	}
	if rules.Of != rules.Me {
		t.Errorf("the rules are those of %+v", rules.Of)
	}
	found, more, err := in.People(ctx, local.ID, me.Username, 3)
	must(err)
	if len(found) != 1 || found[0].ID != me.ID || more {
		t.Errorf("found are %+v", found)
	}
	alerts, err := in.Alerts(ctx, app.Filter{})
	must(err)
	if len(alerts.Alerts) != 1 {
		t.Fatalf("the list has %d alerts", len(alerts.Alerts))
	}
	alert := alerts.Alerts[0].ID
	page, err := in.Deliveries(ctx, app.DeliveryFilter{Alert: alert})
	must(err)
	if len(page.Lines) != 1 || page.Lines[0].Title != "37 findings" || page.Lines[0].To != "ci" || page.Lines[0].State != app.DeliveryDead {
		t.Errorf("the ledger is %+v", page)
	}
	tries, err := in.Attempts(ctx, id)
	must(err)
	counts, err := in.DeliveryCounts(ctx)
	must(err)
	if len(tries) != 1 || tries[0].Status != 410 || counts.States[app.ChannelWebhooks][app.DeliveryDead] != 1 {
		t.Errorf("the tries are %+v, the counts %v", tries, counts)
	}

	row[app.ColumnScanAdded] = app.ChannelsOf(app.ChannelWebhooks, app.ChannelMail)
	_, err = s.PutPreference(ctx, app.Preference{Account: local.ID, Scope: app.ScopePersonal, Person: me.ID, Row: row, Version: 1}, "me")
	must(err)
	why, err := in.Why(ctx, alert)
	must(err)
	said := map[app.Channel]string{}
	for _, r := range why {
		said[r.Channel] += map[bool]string{true: "yes", false: "no"}[r.Yes] + ": " + strings.Join(r.Words, " ")
	}
	for ch, want := range map[app.Channel]string{
		app.ChannelWebhooks: "yes: ", app.ChannelToast: "yes: ", app.ChannelSlack: "no: ",
	} {
		if !strings.HasPrefix(said[ch], want) || said[ch] == want {
			t.Errorf("%s is explained as %q, want it to begin with %q", ch, said[ch], want)
		}
	}
	if none, err := in.Why(ctx, alert+1); err != nil || len(none) > 0 {
		t.Errorf("an alert without an event is explained as %v, %v", none, err)
	}
}

// TestTheEngineTellsWhoSwitchedADestinationOff has one that waits behind a webhook
// that is off after failures, and then by hand.
func TestTheEngineTellsWhoSwitchedADestinationOff(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := storetest.Open(t, store.Options{Dir: dir})
	local, err := s.Local(ctx)
	must(err)
	me, err := s.Me(ctx, local.ID)
	must(err)
	hook, err := s.AddDestination(ctx, app.Destination{Account: local.ID, Channel: app.ChannelWebhooks, Name: "ci", Person: me.ID, Address: "https://ci.example.com"})
	must(err)
	events, err := s.RecordEvents(ctx, []app.Event{{
		Account: local.ID, Origin: app.OriginLocal, Key: "1", Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Title: "37 findings"},
	}}, nil)
	must(err)
	must(s.Route(ctx, []app.Routed{{Event: events[0].ID, Deliveries: []app.Delivery{
		{ID: "01KB0000000000000000000001", Person: me.ID, Channel: app.ChannelWebhooks, Destination: hook.ID, Lane: "ci", Due: time.Now()},
	}}}))
	in := newInbox(dir, slog.New(slog.DiscardHandler))
	defer func() { must(in.Close()) }()
	needs := func(n int) (line ui.DeliveryLine) {
		t.Helper()
		page, err := in.Deliveries(ctx, app.DeliveryFilter{NeedsYou: true})
		must(err)
		counts, err := in.DeliveryCounts(ctx)
		must(err)
		if len(page.Lines) != n || counts.Stopped[app.ChannelWebhooks] != n || counts.States[app.ChannelWebhooks][app.DeliveryWaiting] != 1 || counts.More != 0 {
			t.Fatalf("%d need somebody, counted %+v", len(page.Lines), counts)
		}
		if n > 0 {
			line = page.Lines[0]
		}
		return line
	}
	needs(0)
	must(s.HoldLane(ctx, "ci", app.ChannelWebhooks))
	hook.State = closedForGood
	must(s.UpdateDestinationState(ctx, hook))
	if d := needs(1); !d.Off || !d.Fails || d.Stopped == nil || d.Stopped.Reason != "ci is switched off after failures" {
		t.Errorf("after failures it is %+v, stopped by %+v", d, d.Stopped)
	}
	hook.Off = true
	must(s.UpdateDestination(ctx, hook))
	if d := needs(1); !d.Off || d.Fails || d.Stopped == nil || d.Stopped.Reason != "ci is switched off" {
		t.Errorf("by hand it is %+v, stopped by %+v", d, d.Stopped)
	}
	must(s.ReleaseLane(ctx, "ci"))
	needs(0)
}

// TestAnAlertOfATroubleIsExplainedAsAlwaysGiven has settings that leave it out.
func TestAnAlertOfATroubleIsExplainedAsAlwaysGiven(t *testing.T) {
	me := app.Person{ID: 1, Username: "ann", Active: true, Me: true}
	e := app.Event{
		ID: 3, Origin: app.OriginLocal, Key: app.TroubleKey + "mail", Kind: app.KindIntegration,
		Call: app.Call{Kind: app.KindIntegration, Title: "Mail is refused", AlertOnly: true, Recipients: []string{"ann"}},
	}
	facts := app.Facts{
		Mode: app.ModeMe, Gates: app.AllChannels, People: []app.Person{me},
		Preferences: []app.Preference{{Scope: app.ScopePersonal, Person: 1}},
	}
	then := []app.Decision{{Event: 3, Person: 9, Channel: app.ChannelWebhooks, Destination: 4, Yes: true}}
	var alert, gone bool
	for _, r := range reasons(&e, facts, then) {
		switch r.Of {
		case 1:
			alert = alert || r.Channel == app.ChannelAlert && r.Yes && strings.Contains(strings.Join(r.Words, " "), "always given")
		case 9:
			gone = gone || r.Yes && r.Person == "Somebody who is gone (person 9)" && r.To == "a destination that was removed (4)"
		}
	}
	if !alert || !gone {
		t.Errorf("it says %+v", reasons(&e, facts, then))
	}
}

func TestWithoutADatabaseTheEngineKnowsNothing(t *testing.T) {
	in := newInbox(t.TempDir(), slog.New(slog.DiscardHandler))
	rules, err := in.Rules(t.Context(), 0, 0)
	if err != nil || rules.Me.ID != 0 {
		t.Errorf("the rules are %+v, %v", rules, err)
	}
	if page, err := in.Deliveries(t.Context(), app.DeliveryFilter{}); err != nil || len(page.Lines) > 0 {
		t.Errorf("the deliveries are %+v, %v", page, err)
	}
}
