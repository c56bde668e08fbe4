package dispatch_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// dojo is what one call with an alert and a mail was measured to take DefectDojo
// 3.2.0 for 100, 1,000 and 5,000 people (2.46.0: 0.349, 3.492 and 21.558 s). For
// more people the lowest price of one is taken, 2.885 ms at 5,000, which hardly
// falls any further. It includes storing the alert and wording the mail, which
// deciding does not.
func dojo(people int) time.Duration {
	switch people {
	case 100:
		return 356 * time.Millisecond
	case 1_000:
		return 3_092 * time.Millisecond
	default:
		return time.Duration(people) * 2_885 * time.Microsecond
	}
}

// crowd is a server with n people: all see the product, one way or another, and
// every second one has an alert and a mail on for its scans.
func crowd(n int) app.Facts {
	var on, off app.Row
	on[app.ColumnScanAdded] = app.ChannelsOf(app.ChannelAlert, app.ChannelMail)
	f := app.Facts{
		Mode: app.ModeEveryone, Model: app.AccessRoles, Gates: app.AllChannels, SuperuserSystem: true,
		Trump:    []app.Kind{app.KindUserMentioned, app.KindReviewRequested},
		System:   &app.Preference{Scope: app.ScopeSystem, Row: on},
		Products: []app.Product{{ID: 1, Name: "Shop", TypeID: 1}, {ID: 2, Name: "Pay", TypeID: 1}},
		People:   make([]app.Person, n), Grants: make([]app.Grant, 0, n), Preferences: make([]app.Preference, n),
		ProductTypes: []app.ProductType{{ID: 1, Name: "Retail"}},
		Destinations: []app.Destination{{ID: 1, Channel: app.ChannelMail, Address: "sec@example.com"}},
	}
	for i := range n {
		id, name := app.PersonID(i+1), "user"+strconv.Itoa(i)
		f.People[i] = app.Person{ID: id, Username: name, Email: name + "@example.com", Active: true, Superuser: i%1000 == 999}
		g := app.Grant{Person: id, Scope: app.GrantProduct, Object: 1, Role: "Reader"}
		switch i % 5 {
		case 0, 1:
			g.Scope = app.GrantProductType
		case 2:
			g.Scope = app.GrantGlobal
		}
		f.Grants = append(f.Grants, g)
		f.Preferences[i] = app.Preference{Scope: app.ScopePersonal, Person: id, Row: off}
		if i%2 == 0 {
			f.Preferences[i].Row = on
		}
	}
	return f
}

func scan() app.Event {
	return app.Event{
		ID: 1, Origin: app.OriginLocal, At: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), Kind: app.KindScanAdded,
		Call: app.Call{Kind: app.KindScanAdded, Title: "Created/Updated 2 findings", Product: &app.Ref{ID: 1, Name: "Shop"}},
	}
}

// BenchmarkDecide decides one event for everybody. The limits are 0.5 ms for
// 10,000 people and 5 ms for 100,000.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{100, 1_000, 5_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("people=%d", n), func(b *testing.B) {
			w, e := dispatch.New(crowd(n)), scan()
			told := 0
			b.ReportAllocs()
			for b.Loop() {
				told = len(w.Decide(&e))
			}
			if told < n {
				b.Fatalf("%d decisions for %d people, of whom half are told on two channels", told, n)
			}
			took := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(took.Nanoseconds())/float64(n), "ns/person")
			b.ReportMetric(float64(dojo(n))/float64(took), "times-DefectDojo")
		})
	}
}

// BenchmarkWishes decides one event for 10,000 people who all have a wish beyond
// DefectDojo, which takes the long way for each.
func BenchmarkWishes(b *testing.B) {
	f := crowd(10_000)
	for i := range f.Preferences {
		f.Preferences[i].Extra = app.Extra{NotMine: true, Only: []app.Condition{{Severity: "Info", Products: []string{"shop"}}}}
	}
	w, e := dispatch.New(f), scan()
	e.Call.FindingsNew = []app.FindingRef{{Severity: "High"}}
	for b.Loop() {
		if len(w.Decide(&e)) < 10_000 {
			b.Fatal("the conditions are not met")
		}
	}
}

// BenchmarkWorld makes the world of 100,000 people, as every change of the
// settings does, and says how much memory it takes beside the facts.
func BenchmarkWorld(b *testing.B) {
	const n = 100_000
	f := crowd(n)
	var w *dispatch.World
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w = dispatch.New(f)
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		w = dispatch.New(f)
	}
	runtime.KeepAlive(w)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/n, "B/person")
}

// BenchmarkDryRun decides 10,000 past events twice, by the settings as they are
// and as they would be, for the signed-in person and for everybody of a server
// with 1,000 people. The limit is a second.
func BenchmarkDryRun(b *testing.B) {
	for _, mode := range []app.Mode{app.ModeMe, app.ModeEveryone} {
		b.Run("mode="+string(mode), func(b *testing.B) {
			f := crowd(1_000)
			f.Mode = mode
			f.People[10].Me = true
			now := dispatch.New(f)
			system := *f.System
			system.Row[app.ColumnOther] = app.ChannelsOf(app.ChannelMail)
			f.System = &system
			then := dispatch.New(f)
			events := make([]app.Event, 10_000)
			for i := range events {
				e := scan()
				e.ID = int64(i + 1)
				switch i % 4 {
				case 1:
					e.Kind = app.KindFindingAdded
				case 2:
					e.Kind, e.Call.Recipients = app.KindUserMentioned, []string{"user10", "user11"}
				case 3:
					e.Kind, e.Call.Product = app.KindProductDeleted, nil
				}
				e.Call.Kind = e.Kind
				events[i] = e
			}
			for b.Loop() {
				for i := range events {
					now.Decide(&events[i])
					then.Decide(&events[i])
				}
			}
		})
	}
}
