package main

import (
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// asked is what bellhop why says about the person who signed in.
func asked(t *testing.T, s *store.Store, e app.Event) string {
	t.Helper()
	answer, err := (&tool{}).why(t.Context(), s, e, "me", false, "")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := whyPlain(&out, answer); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWhyTellsWhatWasDecidedThen tells a story on a real database: a message
// went to a place that is removed afterwards, and a trouble was told although
// the settings are off.
func TestWhyTellsWhatWasDecidedThen(t *testing.T) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := storetest.Open(t, store.Options{Dir: t.TempDir()})
	local, err := s.Local(ctx)
	must(err)
	me, err := s.Me(ctx, local.ID)
	must(err)
	var row app.Row
	_, err = s.PutPreference(ctx, app.Preference{Account: local.ID, Scope: app.ScopePersonal, Person: me.ID, Row: row}, "me")
	must(err)
	hook, err := s.AddDestination(ctx, app.Destination{Account: local.ID, Channel: app.ChannelWebhooks, Name: "ci", Person: me.ID, Address: "https://ci.example.com"})
	must(err)
	events, err := s.RecordEvents(ctx, []app.Event{
		{Account: local.ID, Origin: app.OriginLocal, Key: "1", Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Title: "37 findings"}},
		{Account: local.ID, Origin: app.OriginLocal, Key: app.TroubleKey + "mail", Kind: app.KindIntegration, Call: app.Call{
			Kind: app.KindIntegration, Title: "Mail is refused", AlertOnly: true, Recipients: []string{me.Username},
		}},
		{Account: local.ID, Origin: app.OriginLocal, Key: "2", Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Title: "no findings"}},
	}, nil)
	must(err)
	scan, trouble, quiet := events[0], events[1], events[2]
	if got := asked(t, s, scan); strings.Contains(got, "It was decided") {
		t.Errorf("it waits, and why says\n%s", got)
	}
	must(s.Route(ctx, []app.Routed{
		{Event: scan.ID, Decisions: []app.Decision{{Event: scan.ID, Person: me.ID, Channel: app.ChannelWebhooks, Destination: hook.ID, Yes: true}}},
		{Event: quiet.ID},
		{Event: trouble.ID, Alert: &app.Remote{Title: "Mail is refused", Created: trouble.At}},
	}))
	if got := asked(t, s, scan); !strings.Contains(got, "webhooks to ci: yes\n") || !strings.Contains(got, "called as they are today") {
		t.Errorf("it was told, and why says\n%s", got)
	}
	if got := asked(t, s, trouble); !strings.Contains(got, "  alert: yes\n    - It tells of a delivery that needs you. Such an alert is always given") {
		t.Errorf("the alert is in the list, and why says\n%s", got)
	}
	must(s.RemoveDestination(ctx, hook.ID))
	if got := asked(t, s, scan); !strings.Contains(got, ", which has been removed: yes\n") {
		t.Errorf("the place is gone, and why says\n%s", got)
	}
	row[app.ColumnScanAdded] = app.ChannelsOf(app.ChannelAlert)
	_, err = s.PutPreference(ctx, app.Preference{Account: local.ID, Scope: app.ScopePersonal, Person: me.ID, Row: row, Version: 1}, "me")
	must(err)
	if got := asked(t, s, quiet); !strings.Contains(got, "  alert: no\n    - It was not so when the event was decided") {
		t.Errorf("nobody was told, and why says\n%s", got)
	}
}
