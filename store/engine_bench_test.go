package store_test

import (
	"strconv"
	"testing"

	"bellhop/app"
	"bellhop/store/storetest"
)

// webhooks are n events of one account, each of a finding of its own.
func webhooks(account app.AccountID, first, n int) []app.Event {
	out := make([]app.Event, n)
	for i := range out {
		key := strconv.Itoa(first + i)
		out[i] = app.Event{
			Account: account, Origin: app.OriginWebhook, Key: key, Kind: app.KindFindingAdded,
			Call: app.Call{Title: "Finding " + key + " was added", Description: "It is severe.", URL: "/finding/" + key, Product: &app.Ref{ID: 3, Name: "Shop"}},
		}
	}
	return out
}

func BenchmarkRecord1000(b *testing.B) {
	s := storetest.New(b)
	account := storetest.Account(b, s, "dojo.example.com")
	var l latencies
	for i := 0; b.Loop(); i++ {
		l.time(func() { must(s.RecordEvents(b.Context(), webhooks(account.ID, i*1000, 1000), nil))(b) })
	}
	l.report(b)
}

// BenchmarkRoute10000 stores what was decided for 10,000 people about one event.
func BenchmarkRoute10000(b *testing.B) {
	s := storetest.New(b)
	account := storetest.Account(b, s, "dojo.example.com")
	decisions := make([]app.Decision, 10_000)
	for i := range decisions {
		decisions[i] = app.Decision{Person: app.PersonID(i + 1), Channel: app.ChannelMail, Yes: true, Why: app.Chain(0).With(1).With(7).With(12).With(3)}
	}
	var l latencies
	for i := 0; b.Loop(); i++ {
		e := must(s.RecordEvents(b.Context(), webhooks(account.ID, i, 1), nil))(b)[0]
		l.time(func() { ok(b, s.Route(b.Context(), []app.Routed{{Event: e.ID, Decisions: decisions}})) })
	}
	l.report(b)
}

// BenchmarkNotify is what `bellhop notify` costs the store: one event recorded
// and routed, with its alert.
func BenchmarkNotify(b *testing.B) {
	s := storetest.New(b)
	var l latencies
	for i := 0; b.Loop(); i++ {
		l.time(func() {
			e := must(s.RecordEvents(b.Context(), []app.Event{{Origin: app.OriginLocal, Key: strconv.Itoa(i), Kind: app.KindOther, Call: app.Call{Title: "Backup done"}}}, nil))(b)[0]
			ok(b, s.Route(b.Context(), []app.Routed{{Event: e.ID, Decisions: []app.Decision{{Person: 1, Yes: true}}, Alert: &app.Remote{Title: "Backup done"}}}))
		})
	}
	l.report(b)
}

// BenchmarkFacts reads what is known of 100,000 people and, for comparison, of
// the one who signed in among them.
func BenchmarkFacts(b *testing.B) {
	s := storetest.New(b)
	account := storetest.Account(b, s, "dojo.example.com")
	ok(b, s.ReplaceDirectory(b.Context(), account.ID, crowd(100_000)))
	b.Run("everyone", func(b *testing.B) {
		for b.Loop() {
			if got := must(s.Facts(b.Context(), account.ID))(b); len(got.People) != 100_000 {
				b.Fatal(len(got.People))
			}
		}
	})
	b.Run("me", func(b *testing.B) {
		for b.Loop() {
			if got := must(s.FactsForMe(b.Context(), account.ID))(b); len(got.People) != 1 {
				b.Fatal(len(got.People))
			}
		}
	})
}

// BenchmarkEach10000 reads 10,000 past events, as a dry run does.
func BenchmarkEach10000(b *testing.B) {
	s := storetest.New(b)
	account := storetest.Account(b, s, "dojo.example.com")
	for i := range 10 {
		must(s.RecordEvents(b.Context(), webhooks(account.ID, i*1000, 1000), nil))(b)
	}
	for b.Loop() {
		n := 0
		for _, err := range s.EachEvent(b.Context(), app.EventFilter{}) {
			ok(b, err)
			n++
		}
		if n != 10_000 {
			b.Fatal(n)
		}
	}
}
