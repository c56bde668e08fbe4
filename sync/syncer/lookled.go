package syncer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// The bounds of looking into engagements for what is deleted in them.
const (
	ledRound     = 2             // engagements in one round
	mostFindings = 10 * pageRows // findings in an engagement; in larger ones their deletion is not seen
)

// ledState is what an engagement held when it was last looked into.
type ledState struct {
	Known    bool                 `json:"known"`
	Tests    map[int64]test       `json:"tests"`
	Findings map[int64]ledFinding `json:"findings,omitempty"`
	Large    bool                 `json:"large,omitempty"` // too many findings
	// Newest is the highest number that a finding of the engagement had.
	Newest int64 `json:"newest,omitempty"`
}

type ledFinding struct {
	Test     int64  `json:"t"`
	Title    string `json:"n"`
	Severity string `json:"s"`
	Created  int64  `json:"c,omitempty"` // in milliseconds
	Print    uint64 `json:"f,omitempty"`
}

func (f ledFinding) finding(id int64) finding {
	return finding{ID: id, Test: f.Test, Title: f.Title, Severity: f.Severity}
}

// lookLed looks into some of the engagements that go on and that the signed-in
// person leads, each in turn, for tests and findings that are gone and for
// findings that were copied. Where Bellhop decides for everyone, it looks into
// those of other leads too, for tests.
func (w *Watch) lookLed(ctx context.Context, b *budget) error {
	m := w.memory
	leads, err := w.leads(ctx)
	if err != nil {
		return err
	}
	var led []int64
	for id, e := range m.engagements.Rows {
		if leads(e) && !e.over() && !m.missing[id] {
			led = append(led, id)
		}
	}
	slices.SortFunc(led, cmp.Compare[int64])
	for range min(ledRound, len(led)) {
		id := led[m.ledTurn%len(led)]
		m.ledTurn++ // also where it fails, so that one does not keep the others waiting
		if err := w.lookInto(ctx, b, m.engagements.Rows[id]); err != nil {
			return err
		}
	}
	return nil
}

// lookInto compares an engagement with what it held before. What is missing is
// asked for a second time before it is believed.
func (w *Watch) lookInto(ctx context.Context, b *budget, e engagement) error {
	m := w.memory
	name := fmt.Sprintf("%s%d", cursorLed, e.ID)
	before := &ledState{}
	if err := w.load(ctx, name, before); err != nil {
		return err
	}
	next := &ledState{Known: true, Tests: map[int64]test{}, Findings: map[int64]ledFinding{}}
	tests, err := all(ctx, b, w.remote.Tests(ctx, dojo.TestFilter{Engagement: e.ID}))
	if err != nil {
		return err
	}
	for _, t := range tests {
		next.Tests[t.ID] = testOf(t)
	}
	if e.Lead == m.me.ID {
		if err := w.findingsOf(ctx, b, e, next); err != nil {
			return err
		}
	}
	var events []app.Event
	if before.Known {
		if events, err = w.goneWithin(ctx, b, e, before, next); err != nil {
			return err
		}
	}
	cursors, copies := map[string]any{name: next}, m.copies.copy(w.serverNow())
	if copied := w.copiedWithin(before, next, &copies); len(copied) > 0 {
		events = append(events, copied...)
		cursors[cursorCopies] = copies
	}
	if err := w.record(ctx, events, false, cursors); err != nil {
		return err
	}
	m.copies = copies
	return nil
}

func (w *Watch) findingsOf(ctx context.Context, b *budget, e engagement, into *ledState) error {
	for f, err := range paged(ctx, b, pageRows, w.remote.Findings(ctx, dojo.FindingFilter{Engagement: e.ID})) {
		if err != nil {
			return err
		}
		if len(into.Findings) >= mostFindings {
			into.Findings, into.Large, into.Newest = nil, true, 0
			return nil
		}
		into.Newest = max(into.Newest, f.ID)
		into.Findings[f.ID] = ledFinding{Test: f.Test, Title: f.Title, Severity: f.Severity, Created: f.Created.UnixMilli(), Print: findingPrint(f)}
	}
	return nil
}

// goneWithin returns the deletions of tests and findings. What goes with its
// test is not told of, nor is anything told of an engagement that is out of
// sight itself.
func (w *Watch) goneWithin(ctx context.Context, b *budget, e engagement, before, next *ledState) ([]app.Event, error) {
	m := w.memory
	var gone []test
	for id, t := range ordered(before.Tests) {
		if _, there := next.Tests[id]; !there {
			gone = append(gone, t)
		}
	}
	var lost []int64
	if !before.Large && !next.Large {
		for id, f := range ordered(before.Findings) {
			_, there := next.Findings[id]
			switch _, held := next.Tests[f.Test]; {
			case there || !held:
			case len(lost) < pageRows:
				lost = append(lost, id)
			default:
				next.Findings[id] = f // one request's worth at a time
			}
		}
	}
	if len(gone) == 0 && len(lost) == 0 {
		return nil, nil
	}
	if there, _, err := w.confirm(ctx, b, e); err != nil || !there {
		return nil, err
	}
	var events []app.Event
	if len(gone) > 0 {
		again, err := all(ctx, b, w.remote.Tests(ctx, dojo.TestFilter{Engagement: e.ID}))
		if err != nil {
			return nil, err
		}
		for _, t := range gone {
			if slices.ContainsFunc(again, func(r dojo.Test) bool { return r.ID == t.ID }) {
				next.Tests[t.ID] = t
				continue
			}
			if ev, ok := deriveTestDeleted(&m.atlas, t, w.serverNow()); ok {
				events = append(events, ev)
			}
		}
	}
	known, err := w.lookUp(ctx, b, lost)
	if err != nil && !errors.Is(err, dojo.ErrRefused) {
		return nil, err
	}
	for _, id := range lost {
		old := before.Findings[id]
		if _, there := known[id]; there {
			continue // moved to another engagement, or a page that shifted
		}
		m.Tests[old.Test] = next.Tests[old.Test]
		if ev, ok := deriveFindingDeleted(&m.atlas, old.finding(id), w.serverNow()); ok {
			events = append(events, ev)
		}
	}
	return events, nil
}
