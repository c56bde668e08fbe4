package syncer

import (
	"context"
	"errors"
	"slices"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// importState is how far the imports were read.
type importState struct {
	Feed feed `json:"feed"`
	// Claims are the findings that imports made, closed or opened lately, and
	// when.
	Claims map[int64]int64 `json:"claims,omitempty"`
}

// lookTests reads the tests that changed last, tells of the new ones where the
// account has no alerts, and keeps those that may be copies for [lookCopies]. A
// test waits until its engagement is known.
func (w *Watch) lookTests(ctx context.Context, b *budget) error {
	m := w.memory
	leads, err := w.leads(ctx)
	if err != nil {
		return err
	}
	led := w.ledProducts(leads)
	if !w.everything() && len(led) == 0 {
		return nil // nobody here is to be told
	}
	copies := m.copies.copy(w.serverNow())
	reading := m.tests.read()
	var events []app.Event
	n := 0
	for row, err := range paged(ctx, b, pageRows, w.remote.Tests(ctx, dojo.TestFilter{Order: "-updated"})) {
		if errors.Is(err, errSpent) && n > 0 {
			break
		}
		if err != nil {
			return err
		}
		n++
		t := testOf(row)
		m.Tests[t.ID] = t
		news, more := reading.row(t.ID, row.Updated)
		if news && t.Created.UnixMilli() >= m.tests.At-feedSlack.Milliseconds() {
			e := m.engagement(t.Engagement)
			if e.ID == 0 && w.serverNow().Sub(t.Created) < waitForNames {
				reading.later(t.ID)
			} else {
				if w.everything() {
					events = append(events, deriveTest(&m.atlas, t, t.Created))
				}
				copies.consider(t, led[e.Product])
			}
		}
		if !more && !m.tests.fresh() || n >= feedRows || m.tests.fresh() && n >= pageRows {
			break
		}
	}
	slices.Reverse(events) // oldest first
	next := reading.done()
	if err := w.record(ctx, events, false, map[string]any{cursorTests: next, cursorCopies: copies}); err != nil {
		return err
	}
	m.tests, m.copies = next, copies
	return nil
}

// lookImports reads the newest imports and tells of each. Those that the budget
// does not reach have another round.
func (w *Watch) lookImports(ctx context.Context, b *budget) error {
	m := w.memory
	reading := m.imports.Feed.read()
	var news []scanImport
	n := 0
	for row, err := range paged(ctx, b, importRows, w.remote.TestImports(ctx, dojo.ImportFilter{Order: "-created"})) {
		if errors.Is(err, errSpent) && n > 0 {
			break
		}
		if err != nil {
			return err
		}
		n++
		isNew, more := reading.row(row.ID, row.At)
		if isNew {
			news = append(news, importOf(row))
		}
		if !more || n >= 3*importRows {
			break
		}
	}
	slices.Reverse(news)
	next := importState{Claims: map[int64]int64{}}
	least := w.serverNow().Add(-claimsFor).UnixMilli()
	for id, at := range m.imports.Claims {
		if at >= least {
			next.Claims[id] = at
		}
	}
	var events []app.Event
	for _, i := range news {
		for _, x := range i.Actions {
			if x.Action != actionUntouched {
				next.Claims[x.Finding] = i.Created.UnixMilli()
			}
		}
		e, ok, err := w.tellImport(ctx, b, i)
		if err != nil && !errors.Is(err, errSpent) {
			return err
		}
		if !ok || err != nil {
			reading.later(i.ID)
			continue
		}
		events = append(events, e)
	}
	next.Feed = reading.done()
	if err := w.record(ctx, events, false, map[string]any{cursorImports: next}); err != nil {
		return err
	}
	m.imports = next
	return nil
}

// tellImport names what an import touched, the findings that it made first. An
// import into a test that is not known waits for it for a while.
func (w *Watch) tellImport(ctx context.Context, b *budget, i scanImport) (app.Event, bool, error) {
	var ids []int64
	for _, action := range []string{actionCreated, actionReactivated, actionClosed, actionUntouched} {
		for _, x := range i.Actions {
			if x.Action == action && len(ids) < pageRows {
				ids = append(ids, x.Finding)
			}
		}
	}
	known, err := w.lookUp(ctx, b, ids)
	if err != nil {
		return app.Event{}, false, err
	}
	if w.memory.Tests[i.Test].ID == 0 && w.serverNow().Sub(i.Created) < waitForNames {
		return app.Event{}, false, nil
	}
	return deriveScan(&w.memory.atlas, i, known, i.Created), true, nil
}
