package syncer

import (
	"context"
	"errors"
	"slices"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// The bounds of looking for copies.
const (
	mostCopies  = 100              // new tests that wait for a judgement
	copiesRound = 3                // of them that are judged in a round, at up to four requests
	importWait  = 10 * time.Minute // in which the import behind a test has its record
	copiesFor   = 6 * time.Hour    // for which it is remembered what is a copy
	sameImport  = time.Hour        // within which findings of one test may be of one import
)

// copyState is which new tests may be copies.
type copyState struct {
	Pending []test `json:"pending,omitempty"`
	// Made are the tests that are copies, and when each was judged: what is in
	// them was not added by hand. Findings are copies by themselves.
	Made     map[int64]int64 `json:"made,omitempty"`
	Findings map[int64]int64 `json:"findings,omitempty"`
}

// claims says whether a finding came by a copy.
func (s *copyState) claims(finding, test int64) bool {
	_, alone := s.Findings[finding]
	_, with := s.Made[test]
	return alone || with
}

// copy returns a state that can be changed without changing s, without what is
// too old to matter.
func (s *copyState) copy(now time.Time) copyState {
	young := func(from map[int64]int64) map[int64]int64 {
		to := make(map[int64]int64, len(from))
		for id, at := range from {
			if now.Sub(time.UnixMilli(at)) < copiesFor {
				to[id] = at
			}
		}
		return to
	}
	return copyState{Pending: slices.Clone(s.Pending), Made: young(s.Made), Findings: young(s.Findings)}
}

// consider keeps a new test for a judgement, where it may concern a lead.
func (s *copyState) consider(t test, led bool) {
	if !led || slices.ContainsFunc(s.Pending, func(p test) bool { return p.ID == t.ID }) {
		return
	}
	s.Pending = append(s.Pending[max(0, len(s.Pending)+1-mostCopies):], t)
}

// leads says whose engagements copies and deletions are looked for in: those
// that the signed-in person leads or, where Bellhop decides for everyone, that
// anybody leads whose name is known.
func (w *Watch) leads(ctx context.Context) (func(engagement) bool, error) {
	m := w.memory
	mode, err := w.opt.Local.Setting(ctx, app.SettingEngineMode)
	if err != nil {
		return nil, notSaved("read the settings", err)
	}
	everyone := app.Mode(mode) == app.ModeEveryone
	return func(e engagement) bool {
		_, ok := m.lead(e)
		return ok && (everyone || e.Lead == m.me.ID)
	}, nil
}

// ledProducts are the products in which somebody who is to be told leads an
// engagement.
func (w *Watch) ledProducts(leads func(engagement) bool) map[int64]bool {
	led := map[int64]bool{}
	for _, e := range w.memory.engagements.Rows {
		if leads(e) {
			led[e.Product] = true
		}
	}
	return led
}

// lookCopies judges some of the new tests: are they copies of one whose
// engagement somebody leads?
func (w *Watch) lookCopies(ctx context.Context, b *budget) error {
	m := w.memory
	if len(m.copies.Pending) == 0 {
		return nil
	}
	leads, err := w.leads(ctx)
	if err != nil {
		return err
	}
	now := w.serverNow()
	next := m.copies.copy(now)
	next.Pending = nil
	var events []app.Event
	judged, spent := 0, false
	for _, t := range m.copies.Pending {
		if spent || judged >= copiesRound || !t.exact() && now.Sub(t.Created) < importWait {
			next.Pending = append(next.Pending, t)
			continue
		}
		judged++
		original, ok, err := w.originalOf(ctx, b, t, leads)
		if errors.Is(err, errSpent) {
			next.Pending, spent = append(next.Pending, t), true
			continue
		}
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		next.Made[t.ID] = now.UnixMilli()
		if e, ok := deriveTestCopied(&m.atlas, original, t, t.Created); ok {
			events = append(events, e)
		}
	}
	if err := w.record(ctx, events, false, map[string]any{cursorCopies: next}); err != nil {
		return err
	}
	m.copies = next
	return nil
}

// originalOf finds the test that made is a copy of. Its product has no filter in
// the list of tests, but the moment at which it began has one.
func (w *Watch) originalOf(ctx context.Context, b *budget, made test, leads func(engagement) bool) (test, bool, error) {
	m := w.memory
	product := m.engagement(made.Engagement).Product
	var original test
	n := 0
	for row, err := range paged(ctx, b, pageRows, w.remote.Tests(ctx, dojo.TestFilter{Start: made.Start})) {
		if err != nil {
			return test{}, false, err
		}
		t := testOf(row)
		e := m.engagement(t.Engagement)
		if t.ID < made.ID && t.Print == made.Print && e.Product == product && leads(e) && (original.ID == 0 || t.ID < original.ID) {
			original = t
		}
		if n++; n >= pageRows {
			break
		}
	}
	if original.ID == 0 || made.exact() {
		return original, original.ID != 0, nil
	}
	imported, err := some(ctx, b, importRows, w.remote.TestImports(ctx, dojo.ImportFilter{Test: made.ID}))
	if err != nil || imported {
		return test{}, false, err
	}
	of, err := w.prints(ctx, b, original.ID)
	if err != nil {
		return test{}, false, err
	}
	copies, err := w.prints(ctx, b, made.ID)
	if err != nil {
		return test{}, false, err
	}
	for print := range copies {
		if !of[print] {
			return test{}, false, nil
		}
	}
	return original, len(copies) > 0, nil
}

// prints covers the findings of a test, those of its first page.
func (w *Watch) prints(ctx context.Context, b *budget, test int64) (map[uint64]bool, error) {
	prints := map[uint64]bool{}
	n := 0
	for f, err := range paged(ctx, b, pageRows, w.remote.Findings(ctx, dojo.FindingFilter{Test: test})) {
		if err != nil {
			return nil, err
		}
		prints[findingPrint(f)] = true
		if n++; n >= pageRows {
			break
		}
	}
	return prints, nil
}

// copiedWithin returns the copies of findings that were made within an
// engagement since it was last looked into, in tests that were there before, and
// notes them among the copies.
func (w *Watch) copiedWithin(before, next *ledState, copies *copyState) []app.Event {
	m := w.memory
	if before.Newest == 0 {
		return nil // it was not looked into for copies
	}
	first := map[uint64]int64{}
	for id, f := range ordered(before.Findings) {
		if _, twice := first[f.Print]; !twice && f.Print != 0 {
			first[f.Print] = id
		}
	}
	var made []int64
	crowd := map[int64]int{}
	for id, f := range ordered(next.Findings) {
		_, held := before.Tests[f.Test]
		old, known := first[f.Print]
		if id <= before.Newest || !held || !known {
			continue
		}
		if of := before.Findings[old]; of.Test == f.Test && f.Created-of.Created < sameImport.Milliseconds() {
			continue
		}
		made = append(made, id)
		crowd[f.Test]++
	}
	var events []app.Event
	for _, id := range made {
		f := next.Findings[id]
		if crowd[f.Test] > handMade {
			continue
		}
		old := first[f.Print]
		of := before.Findings[old]
		m.Tests[of.Test], m.Tests[f.Test] = before.Tests[of.Test], next.Tests[f.Test]
		if e, ok := deriveFindingCopied(&m.atlas, of.finding(old), f.finding(id), time.UnixMilli(f.Created).UTC()); ok {
			events = append(events, e)
			copies.Findings[id] = w.serverNow().UnixMilli()
		}
	}
	return events
}
