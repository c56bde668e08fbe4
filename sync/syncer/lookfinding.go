package syncer

import (
	"context"
	"errors"
	"maps"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// The bounds of what is remembered of findings.
const (
	feedRows     = 3 * pageRows  // of one feed in one round
	mostClosed   = 5000          // findings seen closed, of which it is told when they open again
	handMade     = 20            // findings in one test that a person may have made within two rounds
	importRounds = 24            // rounds for which an import that goes on is waited for
	claimsFor    = 2 * time.Hour // for which the findings of an import are remembered
	waitForNames = 2 * time.Hour // for which a new test waits until its engagement is known
)

// findingState is how far the findings were read.
type findingState struct {
	Feed    feed             `json:"feed"`
	Pending []pendingFinding `json:"pending,omitempty"`
	// Closed holds when findings were closed that were seen closed.
	Closed map[int64]int64 `json:"closed,omitempty"`
	// Reviews holds the reviewers of the findings under review.
	Reviews map[int64][]int64 `json:"reviews,omitempty"`
	// Asked holds when the last request for each of them was written.
	Asked map[int64]int64 `json:"asked,omitempty"`
	// Reviewed is true once the reviews were read.
	Reviewed bool `json:"reviewed,omitempty"`
}

// pendingFinding is a change of a finding that waits until it is known whether
// an import made it: the findings of an import come before its record.
type pendingFinding struct {
	ID     int64    `json:"i"`
	Test   int64    `json:"t"`
	Kind   app.Kind `json:"k"`
	At     int64    `json:"a"`
	Rounds int      `json:"r"`
}

// lookFindings reads the findings whose state changed last, and notes what
// happened to each.
func (w *Watch) lookFindings(ctx context.Context, b *budget) error {
	st := w.memory.findings.copy()
	reading := st.Feed.read()
	n := 0
	for row, err := range paged(ctx, b, pageRows, w.remote.Findings(ctx, dojo.FindingFilter{Order: "-last_status_update"})) {
		if errors.Is(err, errSpent) && n > 0 {
			break
		}
		if err != nil {
			return err
		}
		n++
		f := findingOf(row)
		news, more := reading.row(f.ID, f.StatusAt)
		if news {
			st.note(f, reading.known(f.ID))
		} else if f.Mitigated {
			st.Closed[f.ID] = f.MitigatedAt.UnixMilli()
		}
		if !more && !st.Feed.fresh() || n >= feedRows || st.Feed.fresh() && n >= pageRows {
			break
		}
	}
	st.Feed = reading.done()
	st.bound()
	if err := w.record(ctx, nil, false, map[string]any{cursorFindings: st}); err != nil {
		return err
	}
	w.memory.findings = st
	return nil
}

// copy returns a state that can be changed without changing s.
func (s findingState) copy() findingState {
	next := s
	next.Pending = append([]pendingFinding(nil), s.Pending...)
	next.Closed = make(map[int64]int64, len(s.Closed))
	maps.Copy(next.Closed, s.Closed)
	return next
}

// note takes what a finding's state says beside what is known of it. One that
// was read before has not been added since, however young it is.
func (s *findingState) note(f finding, known bool) {
	least := s.Feed.At - feedSlack.Milliseconds()
	closedAt, closed := s.Closed[f.ID]
	wait := func(kind app.Kind, at time.Time) {
		for _, p := range s.Pending {
			if p.ID == f.ID && p.Kind == kind {
				return
			}
		}
		s.Pending = append(s.Pending, pendingFinding{ID: f.ID, Test: f.Test, Kind: kind, At: at.UnixMilli()})
	}
	switch at := f.MitigatedAt.UnixMilli(); {
	case f.Mitigated:
		if closedAt != at && at >= least {
			wait(app.KindFindingClosed, f.MitigatedAt)
		}
		s.Closed[f.ID] = at
	case closed:
		delete(s.Closed, f.ID)
		if f.Active {
			wait(app.KindFindingReopened, f.StatusAt)
		}
	case f.Created.UnixMilli() >= least && !f.Duplicate && !known:
		wait(app.KindFindingAdded, f.Created)
	}
}

// bound forgets the findings that were closed longest ago.
func (s *findingState) bound() {
	for len(s.Closed) > mostClosed {
		var oldest, at int64
		for id, ms := range s.Closed {
			if oldest == 0 || ms < at {
				oldest, at = id, ms
			}
		}
		delete(s.Closed, oldest)
	}
}

// settleFindings tells of the changes that no import has claimed meanwhile.
func (w *Watch) settleFindings(ctx context.Context, b *budget) error {
	m := w.memory
	if len(m.findings.Pending) == 0 {
		return nil
	}
	st := m.findings.copy()
	crowd := map[int64]int{} // changes that wait, by test
	for _, p := range st.Pending {
		crowd[p.Test]++
	}
	var wait []pendingFinding
	var ripe []pendingFinding
	for _, p := range st.Pending {
		if _, claimed := m.imports.Claims[p.ID]; claimed {
			continue
		}
		if p.Kind == app.KindFindingAdded && m.copies.claims(p.ID, p.Test) {
			continue
		}
		if p.Rounds == 0 || crowd[p.Test] > handMade && p.Rounds < importRounds || len(ripe) >= pageRows {
			p.Rounds++
			wait = append(wait, p)
			continue
		}
		ripe = append(ripe, p)
	}
	ids := make([]int64, len(ripe))
	for i, p := range ripe {
		ids[i] = p.ID
	}
	known, err := w.lookUp(ctx, b, ids)
	if err != nil {
		return err
	}
	var events []app.Event
	for _, p := range ripe {
		f, there := known[p.ID]
		if !there {
			continue // gone meanwhile
		}
		switch at := time.UnixMilli(p.At).UTC(); p.Kind {
		case app.KindFindingClosed:
			events = append(events, deriveFindingClosed(&m.atlas, f, at))
		case app.KindFindingReopened:
			events = append(events, deriveFindingReopened(&m.atlas, f, at))
		default:
			events = append(events, deriveFinding(&m.atlas, f, at))
		}
	}
	st.Pending = wait
	if err := w.record(ctx, events, false, map[string]any{cursorFindings: st}); err != nil {
		return err
	}
	m.findings = st
	return nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lookReviews reads the findings under review. Requests to the signed-in person
// are told of and, where Bellhop decides for everyone, to all whose names are
// known.
func (w *Watch) lookReviews(ctx context.Context, b *budget) error {
	m := w.memory
	mode, err := w.opt.Local.Setting(ctx, app.SettingEngineMode)
	if err != nil {
		return notSaved("read the settings", err)
	}
	var whom func(int64) bool
	if app.Mode(mode) != app.ModeEveryone {
		whom = func(id int64) bool { return id == m.me.ID }
	}
	rows, err := all(ctx, b, w.remote.Findings(ctx, dojo.FindingFilter{UnderReview: dojo.Yes, Related: true}))
	if err != nil {
		return err
	}
	st := m.findings.copy()
	st.Reviews, st.Asked, st.Reviewed = map[int64][]int64{}, map[int64]int64{}, true
	var events []app.Event
	for _, row := range rows {
		m.learn(row)
		f := findingOf(row)
		st.Reviews[f.ID] = f.Reviewers
		before := m.findings.Reviews[f.ID]
		if !f.Request.At.IsZero() {
			asked := f.Request.At.UnixMilli()
			if last := m.findings.Asked[f.ID]; last != 0 && asked > last {
				before = nil
			}
			st.Asked[f.ID] = asked
		}
		if e, ok := deriveReview(&m.atlas, before, f, latest(f.StatusAt, row.ReviewedAt), whom); ok {
			events = append(events, e)
		}
	}
	if err := w.record(ctx, events, !m.findings.Reviewed, map[string]any{cursorFindings: st}); err != nil {
		return err
	}
	m.findings = st
	return nil
}
