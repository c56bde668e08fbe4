package dispatch_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// fuzz runs a property over many random worlds by seed.
func fuzz(f *testing.F, property func(t *testing.T, r random)) {
	for seed := range uint64(400) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { property(t, newRandom(seed)) })
}

// What is decided for everybody is what is explained to each: the same yes with
// the same chain, in the same order. Every decision has reasons, and each of
// them a sentence.
func FuzzDecideAndExplainAgree(f *testing.F) {
	fuzz(f, func(t *testing.T, r random) {
		facts, e := r.facts(), r.event()
		w := dispatch.New(facts)
		var explained []app.Decision
		for id := range app.PersonID(people + 3) {
			of := w.Explain(&e, id)
			for ch := range app.Channel(app.NumChannels) {
				if !slices.ContainsFunc(of, func(d app.Decision) bool { return d.Channel == ch }) {
					t.Fatalf("nothing is said about %v for person %d", ch, id)
				}
			}
			for _, d := range of {
				words := dispatch.Words(w, &e, d)
				rules := len(d.Why.Rules())
				if len(words) == 0 || len(words) < rules || len(words) > rules+1 || len(words) > rules && d.Destination == 0 {
					t.Fatalf("%d sentences for %d rules", len(words), rules)
				}
				for _, s := range words {
					if !strings.HasSuffix(s, ".") || strings.Contains(s, "does not know") || strings.Contains(s, "  ") {
						t.Errorf("this is no sentence: %q", s)
					}
				}
				if d.Yes {
					explained = append(explained, d)
				}
			}
		}
		decided := w.Decide(&e)
		if len(decided)+len(explained) > 0 && !reflect.DeepEqual(decided, explained) {
			t.Fatalf("decided  %v\nexplained %v", decided, explained)
		}
	})
}

// A decision is a function of its input: the order of the facts plays no part,
// neither does what was asked before, and nothing that was given is changed.
// Replaying a decision gives the same chain.
func FuzzDecideIsAFunction(f *testing.F) {
	fuzz(f, func(t *testing.T, r random) {
		facts, e := r.facts(), r.event()
		before, err := json.Marshal([]any{facts, e})
		if err != nil {
			t.Fatal(err)
		}
		w := dispatch.New(facts)
		first := w.Decide(&e)
		other := r.event()
		w.Decide(&other)
		for how, again := range map[string][]app.Decision{
			"again": w.Decide(&e), "in another order": dispatch.New(r.shuffle(facts)).Decide(&e), "anew": dispatch.New(facts).Decide(&e),
		} {
			if !reflect.DeepEqual(first, again) {
				t.Fatalf("first %v\n%s %v", first, how, again)
			}
		}
		for _, d := range first {
			if !slices.Contains(w.Explain(&e, d.Person), d) {
				t.Errorf("a replay does not give %v", d)
			}
		}
		if after, _ := json.Marshal([]any{facts, e}); string(after) != string(before) {
			t.Error("deciding changed what it was given")
		}
	})
}

// No access, no delivery, in every mode: nobody who is told of a product or
// product type may not see it. Alerts are what the server itself showed.
func FuzzNoAccessNoDelivery(f *testing.F) {
	fuzz(f, func(t *testing.T, r random) {
		facts, e := r.facts(), r.event()
		w := dispatch.New(facts)
		for _, d := range w.Decide(&e) {
			if d.Person == 0 {
				continue
			}
			if ok, by := w.Sees(&e, d.Person); !ok {
				t.Errorf("person %d is told, and asked again may not be: %v", d.Person, by.Rules())
			}
			if e.Origin == app.OriginAlert || e.Origin == app.OriginLocal && facts.Mode == app.ModeMe {
				continue // she was shown it, or has raised it herself
			}
			if !mayHear(facts, &e.Call, d.Person) {
				t.Errorf("person %d is told of %+v by %v", d.Person, e.Call, dispatch.Words(w, &e, d))
			}
		}
	})
}

// mayHear says by the facts alone, written down a second time and in the plainest
// way, whether a person may be told.
func mayHear(f app.Facts, c *app.Call, id app.PersonID) bool {
	active, all := true, true
	for _, p := range f.People {
		if p.ID != id {
			continue
		}
		// Of a person who is there twice, the one counts who may less.
		active = active && p.Active
		all = all && (p.Superuser || p.Staff && f.Model == app.AccessAuthorized)
	}
	if !active {
		return false
	}
	if all {
		return true
	}
	if c.Product == nil && c.Engagement == nil && c.ProductType == nil {
		return c.Recipients != nil
	}
	product, typ := int64(0), int64(0)
	if c.ProductType != nil {
		typ = c.ProductType.ID
		for _, t := range f.ProductTypes {
			if typ == 0 && t.Name == c.ProductType.Name {
				typ = t.ID
			}
		}
	}
	switch {
	case c.Product != nil:
		product = c.Product.ID
		for _, p := range f.Products {
			if product == 0 && p.Name == c.Product.Name || product == p.ID {
				product, typ = p.ID, p.TypeID
			}
		}
	case c.Engagement != nil:
		typ = 0
	}
	for _, g := range f.Grants {
		switch {
		case g.Person != id:
		case g.Scope == app.GrantGlobal && f.Model == app.AccessRoles,
			g.Scope == app.GrantProduct && product != 0 && g.Object == product,
			g.Scope == app.GrantProductType && typ != 0 && g.Object == typ:
			return true
		}
	}
	return false
}

// More channels never send less: whatever is switched on somewhere, everything
// that was sent is sent still.
func FuzzMoreChannelsNeverSendLess(f *testing.F) {
	fuzz(f, func(t *testing.T, r random) {
		facts, e := r.facts(), r.event()
		less := dispatch.New(facts).Decide(&e)
		facts.Preferences = slices.Clone(facts.Preferences)
		for i := range facts.Preferences {
			if r.chance(50) {
				p := &facts.Preferences[i]
				p.Row = p.Row.Union(r.row())
			}
		}
		if facts.System != nil {
			system := *facts.System
			system.Row = system.Row.Union(r.row())
			facts.System = &system
		}
		facts.Gates |= r.channels()
		more := dispatch.New(facts).Decide(&e)
		for _, d := range less {
			if !slices.ContainsFunc(more, func(m app.Decision) bool {
				return m.Person == d.Person && m.Channel == d.Channel && m.Destination == d.Destination && m.Held == d.Held
			}) {
				t.Errorf("with more switched on, this is not sent any more: %v", d)
			}
		}
	})
}

// Settings merge as a union: commutative, associative, idempotent, and without
// changing what they are made of.
func FuzzRowsUnite(f *testing.F) {
	fuzz(f, func(t *testing.T, r random) {
		a, b, c := r.row(), r.row(), r.row()
		was := a
		if a.Union(b) != b.Union(a) || a.Union(b.Union(c)) != a.Union(b).Union(c) || a.Union(a) != a {
			t.Error("the order of merging plays a part")
		}
		if a != was {
			t.Error("merging changed a row")
		}
	})
}

// Access is the same answer as the decision's.
func FuzzAccessIsWhatDecisionsAsk(f *testing.F) {
	fuzz(f, func(t *testing.T, r random) {
		facts, e := r.facts(), r.event()
		e.Origin, e.Same, e.History, facts.Mode = app.OriginLocal, 0, false, app.ModeEveryone
		e.Call = app.Call{Kind: app.KindScanAdded, Title: "t", Product: &app.Ref{ID: int64(1 + r.IntN(3))}}
		e.Kind = e.Call.Kind
		w := dispatch.New(facts)
		for _, p := range facts.People {
			if p.ID == 0 {
				continue // that is the shared places
			}
			ok, why := w.Access(p.ID, e.Call.Product.ID, 0)
			if len(why.Rules()) != 1 {
				t.Fatalf("access has %d rules", len(why.Rules()))
			}
			for _, d := range w.Explain(&e, p.ID) {
				if d.Why.Rules()[0] != why.Rules()[0] {
					t.Errorf("access of %d by rule %v, decided by %v", p.ID, why.Rules(), d.Why.Rules())
				}
				if d.Yes && !ok {
					t.Errorf("%d is told without access", p.ID)
				}
			}
		}
	})
}

// Many may ask one world at a time.
func TestManyMayAsk(t *testing.T) {
	t.Parallel()
	r := newRandom(11)
	facts := r.facts()
	facts.Mode = app.ModeEveryone
	w := dispatch.New(facts)
	var group sync.WaitGroup
	for range 8 {
		e := r.event()
		want := dispatch.New(facts).Decide(&e)
		group.Go(func() {
			for range 50 {
				if got := w.Decide(&e); !reflect.DeepEqual(got, want) {
					t.Errorf("decided %v, want %v", got, want)
					return
				}
			}
		})
	}
	group.Wait()
}
