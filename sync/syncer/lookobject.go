package syncer

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// productState is the products and product types as they were last seen.
type productState struct {
	Products snapshot[product]     `json:"products"`
	Types    map[int64]productType `json:"types"`
	// Missing are products and types that a superuser's last complete list did
	// not have; a second one makes them deleted.
	Missing      map[int64]product     `json:"missing,omitempty"`
	MissingTypes map[int64]productType `json:"missing_types,omitempty"`
}

// ordered yields the values of a map by their keys.
func ordered[T any](m map[int64]T) iter.Seq2[int64, T] {
	return func(yield func(int64, T) bool) {
		for _, id := range slices.SortedFunc(maps.Keys(m), cmp.Compare[int64]) {
			if !yield(id, m[id]) {
				return
			}
		}
	}
}

// lookProducts walks through the product types and products.
func (w *Watch) lookProducts(ctx context.Context, b *budget) error {
	m := w.memory
	walk := &m.walk
	if walk.products == nil {
		types, err := all(ctx, b, w.remote.ProductTypes(ctx))
		if err != nil {
			return err
		}
		walk.typeRows, walk.productRows = map[int64]productType{}, map[int64]product{}
		for _, t := range types {
			walk.typeRows[t.ID] = typeOf(t)
		}
		walk.products = newSweep(pageRows, w.remote.Products(ctx))
		walk.products.began = w.serverNow()
	}
	for {
		row, ok, err := walk.products.next(ctx, b)
		if err != nil {
			return w.stepFailed(err, func() { walk.products.end(); walk.products = nil })
		}
		if !ok {
			break
		}
		walk.productRows[row.ID] = productOf(row)
	}
	next := productState{Products: snapshot[product]{Began: walk.products.began.UnixMilli(), Rows: walk.productRows}, Types: walk.typeRows}
	walk.products.end()
	walk.products = nil
	before := m.products
	m.Types, m.Products = next.Types, next.Products.Rows
	var events []app.Event
	if w.everything() && !before.Products.fresh() {
		events = w.productNews(before, &next)
	}
	if err := w.record(ctx, events, false, map[string]any{cursorProducts: next}); err != nil {
		m.Types, m.Products = before.Types, before.Products.Rows
		return err
	}
	m.products = next
	return nil
}

// stepFailed drops a walk that failed; one that only has to wait goes on.
func (w *Watch) stepFailed(err error, drop func()) error {
	if !errors.Is(err, errSpent) {
		drop()
	}
	return err
}

// productNews compares two complete lists of products and types.
func (w *Watch) productNews(before productState, next *productState) []app.Event {
	m, now := w.memory, w.serverNow()
	var events []app.Event
	newest := int64(0)
	for id := range before.Types {
		newest = max(newest, id)
	}
	for id, t := range ordered(next.Types) {
		// A type with a lower number was there before and could not be seen.
		if _, known := before.Types[id]; !known && id > newest {
			events = append(events, deriveType(&m.atlas, t, now))
		}
	}
	for id, p := range ordered(next.Products.Rows) {
		if _, known := before.Products.Rows[id]; !known && before.Products.since(p.Created) {
			events = append(events, deriveProduct(&m.atlas, p, p.Created))
		}
	}
	if !m.me.Superuser {
		return events // what is gone may only be out of sight
	}
	next.Missing, next.MissingTypes = map[int64]product{}, map[int64]productType{}
	for id, p := range ordered(before.Products.Rows) {
		if _, there := next.Products.Rows[id]; !there {
			next.Missing[id] = p
		}
	}
	for id, t := range ordered(before.Types) {
		if _, there := next.Types[id]; !there {
			next.MissingTypes[id] = t
		}
	}
	for id, p := range ordered(before.Missing) {
		if _, there := next.Products.Rows[id]; !there {
			events = append(events, deriveProductDeleted(&m.atlas, p, now))
		}
	}
	for id, t := range ordered(before.MissingTypes) {
		if _, there := next.Types[id]; !there {
			events = append(events, deriveTypeDeleted(&m.atlas, t, now))
		}
	}
	return events
}

// lookEngagements walks through the engagements.
func (w *Watch) lookEngagements(ctx context.Context, b *budget) error {
	m := w.memory
	walk := &m.walk
	if walk.engagements == nil {
		walk.engagements = newSweep(pageRows, w.remote.Engagements(ctx, dojo.EngagementFilter{Order: "created"}))
		walk.engagements.began = w.serverNow()
		walk.engaged, walk.engagedHits = map[int64]engagement{}, map[int64][]dojo.Note{}
	}
	for {
		row, ok, err := walk.engagements.next(ctx, b)
		if err != nil {
			return w.stepFailed(err, func() { walk.engagements.end(); walk.engagements = nil })
		}
		if !ok {
			break
		}
		walk.engaged[row.ID] = engagementOf(row)
		if heard := w.heard(row.Notes); len(heard) > 0 {
			walk.engagedHits[row.ID] = heard
		}
	}
	next := snapshot[engagement]{Began: walk.engagements.began.UnixMilli(), Rows: walk.engaged}
	if err := w.finishEngagements(ctx, b, next); err != nil {
		return err // the list is complete and waits for another try
	}
	walk.engagements.end()
	walk.engagements = nil
	return nil
}

// finishEngagements derives what a complete list of engagements says beside the
// one before, and makes it the one to compare with.
func (w *Watch) finishEngagements(ctx context.Context, b *budget, next snapshot[engagement]) error {
	m, before := w.memory, w.memory.engagements
	events, kept, missing, err := w.goneEngagements(ctx, b, before, next)
	if err != nil {
		return err
	}
	next.Rows = maps.Clone(next.Rows)
	maps.Copy(next.Rows, kept)
	m.lay(next.Rows)
	today, now := w.today(), w.serverNow()
	prints := map[uint64]engagement{}
	for _, e := range ordered(before.Rows) {
		if _, twice := prints[e.Print]; !twice && e.Print != 0 {
			prints[e.Print] = e
		}
	}
	add := func(e app.Event, ok bool) {
		if ok {
			events = append(events, e)
		}
	}
	for id, e := range ordered(next.Rows) {
		old, known := before.Rows[id]
		for _, n := range m.walk.engagedHits[id] {
			events = append(events, deriveMention(&m.atlas, m.me.Username, n, m.noteAtEngagement(e)))
		}
		events = append(events, deriveDeadlines(&m.atlas, e, today, now)...)
		add(deriveAutoClose(&m.atlas, m.basics.Rules, old, e, today, now))
		switch {
		case before.fresh():
		case known && w.everything():
			add(deriveStatus(&m.atlas, m.basics.Rules, old, e, today, e.Updated))
		case !known && before.since(e.Created):
			if w.everything() {
				events = append(events, deriveEngagement(&m.atlas, e, e.Created))
			}
			if original, ok := prints[e.Print]; ok {
				add(deriveEngagementCopied(&m.atlas, original, e, e.Created))
			}
		}
	}
	if err := w.record(ctx, events, before.fresh(), map[string]any{cursorEngagements: next}); err != nil {
		m.lay(before.Rows)
		return err
	}
	m.engagements, m.missing = next, missing
	return nil
}

// mostGone bounds how many vanished engagements are looked into in one round.
const mostGone = 5

// goneEngagements returns the deletions of engagements that two complete lists
// in a row do not have, that the list of their product does not have either,
// and whose product is still there. What is not sure yet is kept, so that it is
// missing again next time; what went with its product, or out of sight, is
// dropped without a word.
func (w *Watch) goneEngagements(ctx context.Context, b *budget, before, next snapshot[engagement]) (events []app.Event, kept map[int64]engagement, missing map[int64]bool, err error) {
	kept, missing = map[int64]engagement{}, map[int64]bool{}
	looked := 0
	for id, e := range ordered(before.Rows) {
		if _, there := next.Rows[id]; there {
			continue
		}
		if w.memory.missing[id] && looked < mostGone {
			looked++
			there, visible, err := w.confirm(ctx, b, e)
			if err == nil && !there {
				if ev, ok := deriveEngagementDeleted(&w.memory.atlas, e, w.serverNow()); ok && visible {
					events = append(events, ev)
				}
				continue
			}
			if err != nil && !errors.Is(err, errSpent) {
				return nil, nil, nil, err
			}
		}
		kept[id], missing[id] = e, true
	}
	return events, kept, missing, nil
}

// confirm asks for an engagement's product, and for the engagement among that
// product's alone.
func (w *Watch) confirm(ctx context.Context, b *budget, e engagement) (there, visible bool, err error) {
	products, err := all(ctx, b, w.remote.Products(ctx, e.Product))
	if err != nil && !withheld(err) {
		return false, false, err
	}
	if len(products) == 0 || products[0].ID != e.Product {
		return false, false, nil
	}
	rows, err := all(ctx, b, w.remote.Engagements(ctx, dojo.EngagementFilter{Product: e.Product}))
	if err != nil {
		return false, false, err
	}
	return slices.ContainsFunc(rows, func(r dojo.Engagement) bool { return r.ID == e.ID }), true, nil
}
