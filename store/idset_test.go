package store

import (
	"math/rand/v2"
	"slices"
	"testing"

	"bellhop/app"
)

// randomSet returns a set and the same ids, ascending.
func randomSet(r *rand.Rand) (idSet, []app.AlertID) {
	var ids []app.AlertID
	for range r.IntN(3000) {
		ids = append(ids, app.AlertID(r.IntN(40000)))
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return newIDSet(ids...), ids
}

func TestSetsOfIDsBehaveAsSortedSlices(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		a, as := randomSet(r)
		b, bs := randomSet(r)
		in := func(s []app.AlertID) func(app.AlertID) bool {
			return func(id app.AlertID) bool { _, ok := slices.BinarySearch(s, id); return ok }
		}
		if got := a.ids(); !slices.Equal(got, as) {
			t.Fatalf("ids: %v, want %v", got, as)
		}
		if a.len() != len(as) {
			t.Errorf("len: %d, want %d", a.len(), len(as))
		}
		if got, want := a.minus(b).ids(), slices.DeleteFunc(slices.Clone(as), in(bs)); !slices.Equal(got, want) {
			t.Errorf("minus: %v, want %v", got, want)
		}
		if got, want := a.and(b).ids(), slices.DeleteFunc(slices.Clone(as), func(id app.AlertID) bool { return !in(bs)(id) }); !slices.Equal(got, want) {
			t.Errorf("and: %v, want %v", got, want)
		}
		if got := a.first(7); !slices.Equal(got, as[:min(7, len(as))]) {
			t.Errorf("first: %v", got)
		}
		for n, b := range a {
			back, err := decodeBlock(b.encode())
			if err != nil || *back != *b {
				t.Errorf("block %d with %d ids does not come back: %v", n, b.len(), err)
			}
		}
		a.union(b)
		want := slices.Concat(as, bs)
		slices.Sort(want)
		if got := a.ids(); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("union: %v, want %v", got, want)
		}
	}
}

func FuzzABlockIsReadOrRefused(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add([]byte{0xff, 0x0f})
	f.Add([]byte{0xff, 0xff})
	f.Add(make([]byte, 2048))
	f.Add(make([]byte, 2050))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := decodeBlock(raw)
		if err != nil {
			if !isCorrupt(err) {
				t.Errorf("not told as damage: %v", err)
			}
			return
		}
		back, err := decodeBlock(b.encode())
		if err != nil || *back != *b {
			t.Errorf("does not come back: %v", err)
		}
	})
}
