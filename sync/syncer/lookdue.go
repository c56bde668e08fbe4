package syncer

import (
	"context"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// slaState is which of the server's days was told of completely.
type slaState struct {
	Day day `json:"day"`
}

// lookSLA walks through the findings that have a deadline, once for each of the
// server's days. Its first row tells which day the server has; where that is
// told of already, the walk ends there.
func (w *Watch) lookSLA(ctx context.Context, b *budget) error {
	m, walk := w.memory, &w.memory.walk
	r := m.basics.Rules
	if !r.SLA || !r.SLAActive && !r.SLAVerified {
		return nil
	}
	if walk.sla == nil {
		want := dojo.FindingFilter{Active: dojo.Yes, Duplicate: dojo.No, Mitigated: dojo.No, Severity: []string{"Critical", "High", "Medium", "Low"}}
		if r.SLAVerified {
			want.Verified = dojo.Yes
		}
		walk.sla = newSweep(pageRows, w.remote.Findings(ctx, want))
		walk.slaDay, walk.slaDue, walk.slaHits = 0, nil, nil
	}
	for {
		row, ok, err := walk.sla.next(ctx, b)
		if err != nil {
			return w.stepFailed(err, w.endSLA)
		}
		if !ok {
			break
		}
		f := findingOf(row)
		if f.Left == nil {
			continue
		}
		if walk.slaDay == 0 {
			walk.slaDay = f.Expires - day(*f.Left)
			if walk.slaDay <= m.sla.Day {
				w.endSLA()
				return nil
			}
		}
		if r.wantsSLA(f) && r.slaKind(*f.Left) != "" {
			walk.slaDue = append(walk.slaDue, f.ID)
		}
		if len(walk.slaDue) >= pageRows {
			if err := w.tellSLA(ctx, b); err != nil {
				return err
			}
		}
	}
	return w.finishSLA(ctx, b)
}

func (w *Watch) endSLA() {
	walk := &w.memory.walk
	walk.sla.end()
	walk.sla, walk.slaDue, walk.slaHits = nil, nil, nil
}

// tellSLA looks the due findings up, with their products, and tells of each.
func (w *Watch) tellSLA(ctx context.Context, b *budget) error {
	m, walk := w.memory, &w.memory.walk
	if len(walk.slaDue) == 0 {
		return nil
	}
	known, err := w.lookUp(ctx, b, walk.slaDue)
	if err != nil {
		return err
	}
	var events []app.Event
	for _, f := range ordered(known) {
		if e, hit, ok := deriveSLA(&m.atlas, m.basics.Rules, m.configs, f, walk.slaDay, w.serverNow()); ok {
			events, walk.slaHits = append(events, e), append(walk.slaHits, hit)
		}
	}
	if err := w.record(ctx, events, m.sla.Day == 0, nil); err != nil {
		return err
	}
	walk.slaDue = nil
	return nil
}

// finishSLA tells of the last findings and of each product, and closes the day.
func (w *Watch) finishSLA(ctx context.Context, b *budget) error {
	m, walk := w.memory, &w.memory.walk
	if err := w.tellSLA(ctx, b); err != nil {
		return err
	}
	next := slaState{Day: walk.slaDay}
	if next.Day == 0 {
		next.Day = w.today() // nothing has a deadline
	}
	events := combineSLA(&m.atlas, walk.slaHits, w.serverNow())
	if err := w.record(ctx, events, m.sla.Day == 0, map[string]any{cursorSLA: next}); err != nil {
		return err
	}
	m.sla = next
	w.endSLA()
	return nil
}

// lookAcceptances walks through the risk acceptances.
func (w *Watch) lookAcceptances(ctx context.Context, b *budget) error {
	m, walk := w.memory, &w.memory.walk
	if walk.acceptances == nil {
		walk.acceptances = newSweep(pageRows, w.remote.RiskAcceptances(ctx))
		walk.acceptances.began = w.serverNow()
		walk.accepted = map[int64]acceptance{}
	}
	for {
		row, ok, err := walk.acceptances.next(ctx, b)
		if err != nil {
			return w.stepFailed(err, w.endAcceptances)
		}
		if !ok {
			break
		}
		walk.accepted[row.ID] = acceptanceOf(row)
	}
	before, today := m.acceptances, w.today()
	next := snapshot[acceptance]{Began: walk.acceptances.began.UnixMilli(), Rows: walk.accepted}
	var events []app.Event
	for id, r := range ordered(next.Rows) {
		end, expired, due := acceptanceDue(m.basics.Rules, before.Rows[id], r, today)
		if !due || m.told[string(app.KindRiskAcceptanceExpiration)+"/"+acceptanceKey(r, end, expired)] {
			continue
		}
		known, err := w.lookUp(ctx, b, r.Findings[:min(len(r.Findings), mostListed)])
		if err != nil {
			return err
		}
		if e, ok := deriveAcceptance(&m.atlas, m.basics.Rules, before.Rows[id], r, known, today, w.serverNow()); ok {
			events = append(events, e)
		}
	}
	if err := w.record(ctx, events, before.fresh(), map[string]any{cursorAcceptances: next}); err != nil {
		return err
	}
	m.acceptances = next
	w.endAcceptances()
	return nil
}

func (w *Watch) endAcceptances() {
	walk := &w.memory.walk
	walk.acceptances.end()
	walk.acceptances, walk.accepted = nil, nil
}
