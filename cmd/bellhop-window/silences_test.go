package main

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/store"
	"bellhop/store/storetest"
	"bellhop/ui"
)

// record records events of this machine, decides about them, and routes what was
// decided.
func record(tb testing.TB, s *store.Store, events []app.Event) {
	tb.Helper()
	stored, err := s.RecordEvents(tb.Context(), events, nil)
	if err != nil {
		tb.Fatal(err)
	}
	facts, err := s.FactsForMe(tb.Context(), events[0].Account)
	if err != nil {
		tb.Fatal(err)
	}
	w := dispatch.New(facts)
	routed := make([]app.Routed, len(stored))
	for i := range stored {
		routed[i] = app.Routed{Event: stored[i].ID, Decisions: w.Decide(&stored[i])}
	}
	if err := s.Route(tb.Context(), routed); err != nil {
		tb.Fatal(err)
	}
}

func TestThePreviewOfASilenceGoesByWhatWasDecided(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := storetest.Open(t, store.Options{Dir: dir})
	local, err := s.Local(ctx)
	if err != nil {
		t.Fatal(err)
	}
	event := func(key string, ago time.Duration, kind app.Kind, title, severity string) app.Event {
		c := app.Call{Kind: kind, Title: title}
		if severity != "" {
			c.Finding = &app.FindingRef{Severity: severity}
		}
		return app.Event{Account: local.ID, Origin: app.OriginLocal, Key: key, At: time.Now().Add(-ago), Kind: kind, Call: c}
	}
	record(t, s, []app.Event{
		event("1", 40*24*time.Hour, app.KindScanAdded, "long ago", ""),
		event("2", 3*time.Hour, app.KindScanAdded, "one", "High"),
		event("3", 2*time.Hour, app.KindOther, "two", ""),
		event("4", time.Hour, app.KindScanAdded, "three", "Critical"),
		event("5", time.Minute, app.KindScanAddedEmpty, "of no interest", ""),
	})
	in := newInbox(dir, slog.New(slog.DiscardHandler))
	defer func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, tt := range map[string]struct {
		s    app.Silence
		want ui.Preview
	}{
		"everything":      {app.Silence{}, ui.Preview{Days: 30, Messages: 3, Held: 3, Events: 3, Titles: []string{"three", "two", "one"}}},
		"but critical":    {app.Silence{CriticalPasses: true}, ui.Preview{Days: 30, Messages: 3, Held: 2, Passed: 1, Events: 2, Titles: []string{"two", "one"}}},
		"scans":           {app.Silence{Events: []string{"scan_added"}, Severity: "High"}, ui.Preview{Days: 30, Messages: 3, Held: 1, Events: 1, Titles: []string{"one"}}},
		"another channel": {app.Silence{Channels: app.ChannelsOf(app.ChannelMail)}, ui.Preview{Days: 30, Messages: 3}},
	} {
		tt.s.Account = local.ID
		tt.want.Channels[app.ChannelToast] = tt.want.Held
		got, err := in.Preview(ctx, tt.s)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, tt.want)
		}
	}
}

func TestTheWindowListsSilencesWithNames(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := storetest.Open(t, store.Options{Dir: dir})
	local, err := s.Local(ctx)
	if err != nil {
		t.Fatal(err)
	}
	me, err := s.Me(ctx, local.ID)
	if err != nil {
		t.Fatal(err)
	}
	var last app.Silence
	for i, person := range []app.PersonID{0, me.ID, me.ID} {
		if last, err = s.AddSilence(ctx, app.Silence{Account: local.ID, Person: person, Until: time.Now().Add(time.Hour), Note: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.EndSilence(ctx, last.ID); err != nil {
		t.Fatal(err)
	}
	in := newInbox(dir, slog.New(slog.DiscardHandler))
	n, err1 := in.SilencesInForce(ctx)
	page, err2 := in.Silences(ctx, app.SilenceFilter{Limit: 1})
	rest, err3 := in.Silences(ctx, app.SilenceFilter{Limit: 1, After: page.Next})
	past, err4 := in.Silences(ctx, app.SilenceFilter{Ended: true})
	if err := errors.Join(err1, err2, err3, err4, in.Close()); err != nil {
		t.Fatal(err)
	}
	if n != 2 || page.InForce != 2 || page.Ended != 1 || len(page.Lines) != 1 || page.Lines[0].Note != "1" || page.Lines[0].For != me.Username {
		t.Errorf("%d are in force: %+v", n, page)
	}
	if len(rest.Lines) != 1 || rest.Lines[0].Note != "0" || rest.Lines[0].For != "" || rest.Next != 0 || len(past.Lines) != 1 || past.Lines[0].ID != last.ID {
		t.Errorf("then come %+v, and of old %+v", rest, past)
	}
}

func TestWithoutADatabaseNothingIsSilenced(t *testing.T) {
	in := newInbox(t.TempDir(), slog.New(slog.DiscardHandler))
	if p, err := in.Preview(t.Context(), app.Silence{}); err != nil || p.Messages > 0 {
		t.Errorf("the preview is %+v, %v", p, err)
	}
	if p, err := in.Silences(t.Context(), app.SilenceFilter{}); err != nil || len(p.Lines) > 0 {
		t.Errorf("the silences are %+v, %v", p, err)
	}
}

// BenchmarkPreview looks at as many events as a preview ever does.
func BenchmarkPreview(b *testing.B) {
	dir := b.TempDir()
	s := storetest.Open(b, store.Options{Dir: dir})
	local, err := s.Local(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for from := 0; from < previewEvents; from += previewPage {
		events := make([]app.Event, previewPage)
		for i := range events {
			events[i] = app.Event{Account: local.ID, Origin: app.OriginLocal, Key: fmt.Sprint(from + i), At: time.Now(), Kind: app.KindScanAdded, Call: app.Call{Kind: app.KindScanAdded, Title: "Created/Updated 37 findings for Shop: nightly: ZAP Scan"}}
		}
		record(b, s, events)
	}
	in := newInbox(dir, slog.New(slog.DiscardHandler))
	for b.Loop() {
		p, err := in.Preview(b.Context(), app.Silence{Account: local.ID, Text: "zap"})
		if err != nil || p.Held != previewEvents {
			b.Fatalf("%+v, %v", p, err)
		}
	}
	if err := in.Close(); err != nil {
		b.Fatal(err)
	}
}
