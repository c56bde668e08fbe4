package syncer

import (
	"context"
	"slices"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// Mentions are derived for accounts with a token, which have no alerts. They
// stand in notes, and a note is only to be had with what it was written at:
//
//   - Of findings, the list can be ordered by the last look at each, which a
//     note made in the pages counts as, and since 3.x one made by the API. One
//     request tells that there is nothing new.
//   - Engagements are walked through in any case, and carry their notes.
//   - A test does not change when a note is written at it. The 500 tests that
//     changed last are walked through four times an hour.
//
// Not seen are notes at risk acceptances, at older tests, and what 2.x takes
// from the API at findings; DefectDojo 2.x tells of none of the last either.
const (
	noteRows    = 20 * pageRows // findings in one walk; after a large import its findings come first
	noteTests   = 10 * pageRows // tests in one walk
	notesEvery  = 15 * time.Minute
	mentionsFor = 48 * time.Hour // before the last walk, from which on a note is news
)

// noteState is since when mentions are told.
type noteState struct {
	// From is when the first walk began, in milliseconds by the server's clock:
	// what was written before is history. Last is when the last one began.
	From int64 `json:"from"`
	Last int64 `json:"last"`
	// Noted is the newest look at a finding that was read.
	Noted int64 `json:"noted"`
}

// since is the time from which on a note is news. What becomes visible with new
// access is told as far as it is not older than two days.
func (s noteState) since() time.Time {
	return time.UnixMilli(max(s.From, s.Last-mentionsFor.Milliseconds()))
}

// heard returns the notes that are to be told: none before the first walk, and
// none that is known to be.
func (w *Watch) heard(notes []dojo.Note) []dojo.Note {
	m := w.memory
	if !w.everything() || m.notes.From == 0 {
		return nil
	}
	return slices.DeleteFunc(heardOf(notes, m.me.Username, m.notes.since()), func(n dojo.Note) bool {
		return m.told[string(app.KindUserMentioned)+"/"+noteKey(n)]
	})
}

// lookTestNotes walks through the tests that changed last.
func (w *Watch) lookTestNotes(ctx context.Context, b *budget) error {
	m, walk := w.memory, &w.memory.walk
	if walk.tests == nil {
		walk.tests = newSweep(pageRows, w.remote.Tests(ctx, dojo.TestFilter{Order: "-updated"}))
		walk.tests.began = w.serverNow()
		walk.testNotes = map[int64][]dojo.Note{}
	}
	end := func() {
		walk.tests.end()
		walk.tests, walk.testNotes = nil, nil
	}
	for walk.tests.rows < noteTests {
		row, ok, err := walk.tests.next(ctx, b)
		if err != nil {
			return w.stepFailed(err, end)
		}
		if !ok {
			break
		}
		t := testOf(row)
		m.Tests[t.ID] = t
		if heard := w.heard(row.Notes); len(heard) > 0 {
			walk.testNotes[t.ID] = heard
		}
	}
	var events []app.Event
	for id, notes := range ordered(walk.testNotes) {
		for _, n := range notes {
			events = append(events, deriveMention(&m.atlas, m.me.Username, n, m.noteAtTest(m.Tests[id])))
		}
	}
	next := m.notes
	next.Last = walk.tests.began.UnixMilli()
	if next.From == 0 {
		next.From, next.Noted = next.Last, next.Last
	}
	if err := w.record(ctx, events, false, map[string]any{cursorNotes: next}); err != nil {
		return err
	}
	m.notes = next
	end()
	return nil
}

// lookFindingNotes walks through the findings that somebody looked at since the
// last time.
func (w *Watch) lookFindingNotes(ctx context.Context, b *budget) error {
	m, walk := w.memory, &w.memory.walk
	if m.notes.From == 0 {
		return nil
	}
	if walk.noted == nil {
		walk.noted = newSweep(pageRows, w.remote.Findings(ctx, dojo.FindingFilter{Order: "-last_reviewed", Reviewed: w.windowFrom(m.notes.Noted)}))
		walk.notedHits, walk.notedTo = map[int64][]dojo.Note{}, m.notes.Noted
	}
	end := func() {
		walk.noted.end()
		walk.noted, walk.notedHits = nil, nil
	}
	for walk.noted.rows < noteRows {
		row, ok, err := walk.noted.next(ctx, b)
		if err != nil {
			return w.stepFailed(err, end)
		}
		if !ok || row.ReviewedAt.UnixMilli() < m.notes.Noted-feedSlack.Milliseconds() {
			break
		}
		walk.notedTo = max(walk.notedTo, row.ReviewedAt.UnixMilli())
		if heard := w.heard(row.Notes); len(heard) > 0 {
			walk.notedHits[row.ID] = heard
		}
	}
	var ids []int64
	for id := range ordered(walk.notedHits) {
		ids = append(ids, id)
	}
	known, err := w.lookUp(ctx, b, ids)
	if err != nil {
		end() // and once more from the beginning
		return err
	}
	var events []app.Event
	for id, f := range ordered(known) {
		for _, n := range walk.notedHits[id] {
			events = append(events, deriveMention(&m.atlas, m.me.Username, n, m.noteAtFinding(f)))
		}
	}
	next := m.notes
	next.Noted = min(walk.notedTo, w.serverNow().UnixMilli())
	if err := w.record(ctx, events, false, map[string]any{cursorNotes: next}); err != nil {
		return err
	}
	m.notes = next
	end()
	return nil
}

// windowFrom is the smallest window of the server's that reaches back to a time.
func (w *Watch) windowFrom(ms int64) dojo.Window {
	switch age := w.serverNow().Sub(time.UnixMilli(ms)) + feedSlack; {
	case age < 7*24*time.Hour:
		return dojo.Past7Days
	case age < 30*24*time.Hour:
		return dojo.Past30Days
	}
	return dojo.Past90Days
}
