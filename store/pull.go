package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bellhop/app"
)

// stageMax is up to how many alerts an answer stays in memory: two of the
// server's usual caps of 999. A larger one goes to a temporary database.
const stageMax = 2000

// Pull is one answer of the server on its way into the store. Its alerts are
// staged first, so that nothing of an answer that breaks off is ever believed.
// It is used by one goroutine.
type Pull struct {
	s        *Store
	account  app.AccountID
	complete bool
	stage    stage
	diff     *diff
	posted   idSet // asked for in this pull
}

// stage keeps the alerts of an answer, one for each primary key (the last one
// counts), and yields them in the order of their creation.
type stage interface {
	add(ctx context.Context, alerts []app.Remote) error
	len(ctx context.Context) (int, error)
	// each calls fn with chunks of alerts, ordered by creation and key. The
	// ones marked known are left out where onlyNew.
	each(ctx context.Context, onlyNew bool, fn func([]app.Remote) error) error
	// know marks keys as alerts that the store has.
	know(ctx context.Context, keys []int64) error
	// forget takes all marks back.
	forget(ctx context.Context) error
	close() error
}

// BeginPull starts to take an answer in. complete says that the answer is the
// whole list of the server: only then can anything be missing from it. The
// error matches [app.ErrNotFound] where there is no such account.
func (s *Store) BeginPull(ctx context.Context, account app.AccountID, complete bool) (*Pull, error) {
	if s.writer == nil {
		return nil, fmt.Errorf("begin a pull: %w", errReadOnly)
	}
	if _, err := s.Account(ctx, account); err != nil {
		return nil, err
	}
	return &Pull{s: s, account: account, complete: complete, stage: newMemoryStage(), posted: make(idSet)}, nil
}

// Add stages alerts. The memory it takes does not grow with their number.
func (p *Pull) Add(ctx context.Context, alerts []app.Remote) error {
	p.diff = nil
	if m, small := p.stage.(*memoryStage); small && len(m.byKey)+len(alerts) > stageMax {
		next, err := newSpillStage(ctx)
		if err != nil {
			return explain("stage a large answer", err)
		}
		p.stage = next
		if err := next.add(ctx, m.alerts()); err != nil {
			return explain("stage a large answer", err)
		}
	}
	return explain("stage the answer", p.stage.add(ctx, alerts))
}

// Close drops what was staged. It may be called more than once.
func (p *Pull) Close() error {
	return p.stage.close()
}

// diff is how an answer and the store differ. It stays true while the user
// removes and undoes: both only move alerts between the list and what is
// pending. Another pull of the account makes it stale.
type diff struct {
	pulls   int
	matched idSet // our alerts that the answer has too
	arrived int   // in the answer, not in our list and not pending
}

// compare works the diff out, in chunks and outside of any transaction.
func (p *Pull) compare(ctx context.Context) (*diff, error) {
	pulls := p.s.pullsOf(p.account)
	if p.diff != nil && p.diff.pulls == pulls {
		return p.diff, nil
	}
	if err := p.stage.forget(ctx); err != nil {
		return nil, err
	}
	d := &diff{pulls: pulls, matched: make(idSet)}
	var present idSet
	err := p.s.look(ctx, "read the list", func(q querier) (err error) {
		if present, err = listed(ctx, q, p.account, lastID); err != nil {
			return err
		}
		pending, err := pendingOf(ctx, q, p.account)
		present.union(pending)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = p.stage.each(ctx, false, func(chunk []app.Remote) error {
		var known []int64
		err := p.s.look(ctx, "look the answer up", func(q querier) (err error) {
			known, err = match(ctx, q, p.account, chunk, present, d.matched)
			return err
		})
		if err != nil {
			return err
		}
		d.arrived += len(chunk) - len(known)
		return p.stage.know(ctx, known)
	})
	if err != nil {
		return nil, err
	}
	p.diff = d
	return d, nil
}

// match finds which of remote we have at present: same key and fingerprint. It
// adds our ids to matched and returns the keys.
func match(ctx context.Context, q querier, account app.AccountID, remote []app.Remote, present, matched idSet) ([]int64, error) {
	prints := make(map[int64]int64, len(remote))
	keys := make([]int64, len(remote))
	for i, r := range remote {
		keys[i] = r.ID
		prints[r.ID] = r.Fingerprint()
	}
	rows, err := q.query(ctx, `SELECT id, remote_id, fingerprint FROM alerts WHERE account = ? AND remote_id IN (SELECT value FROM json_each(?))`,
		account, jsonIDs(keys))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var known []int64
	for rows.Next() {
		var id app.AlertID
		var key, fingerprint int64
		if err := rows.Scan(&id, &key, &fingerprint); err != nil {
			return nil, err
		}
		if fingerprint == prints[key] && present.has(id) {
			matched.add(id)
			known = append(known, key)
		}
	}
	return known, rows.Err()
}

// Plan says what [Pull.Apply] would change.
func (p *Pull) Plan(ctx context.Context) (app.Plan, error) {
	d, err := p.compare(ctx)
	if err != nil {
		return app.Plan{}, explain("compare with the answer", err)
	}
	plan := app.Plan{New: d.arrived}
	if plan.Received, err = p.stage.len(ctx); err != nil {
		return app.Plan{}, explain("compare with the answer", err)
	}
	err = p.s.look(ctx, "compare with the answer", func(q querier) error {
		list, err := listed(ctx, q, p.account, lastID)
		if err != nil {
			return err
		}
		plan.Listed = list.len()
		if !p.complete {
			return nil
		}
		gone := list.minus(d.matched)
		plan.Gone = gone.len()
		plan.OldestGone = isOldest(list, gone)
		return nil
	})
	return plan, err
}

// isOldest says whether gone is exactly the oldest part of list, and not all.
func isOldest(list, gone idSet) bool {
	left := list.minus(gone)
	if len(gone) == 0 || len(left) == 0 {
		return false
	}
	var newestGone, oldestLeft app.AlertID
	for id := range gone.desc() {
		newestGone = id
		break
	}
	first := left.blocks()[0]
	for id := range (idSet{first: left[first]}).desc() {
		oldestLeft = id
	}
	return newestGone < oldestLeft
}

// pullsOf returns how many pulls of the account were applied.
func (s *Store) pullsOf(account app.AccountID) int {
	s.pullsMu.Lock()
	defer s.pullsMu.Unlock()
	return s.pulls[account]
}

func (s *Store) countPull(account app.AccountID) {
	s.pullsMu.Lock()
	defer s.pullsMu.Unlock()
	s.pulls[account]++
}

// memoryStage is the stage of an ordinary answer.
type memoryStage struct {
	byKey map[int64]app.Remote
	known map[int64]bool
}

func newMemoryStage() *memoryStage {
	return &memoryStage{byKey: make(map[int64]app.Remote), known: make(map[int64]bool)}
}

func (m *memoryStage) add(_ context.Context, alerts []app.Remote) error {
	for _, a := range alerts {
		m.byKey[a.ID] = a
	}
	return nil
}

func (m *memoryStage) len(context.Context) (int, error) { return len(m.byKey), nil }

func (m *memoryStage) alerts() []app.Remote {
	out := make([]app.Remote, 0, len(m.byKey))
	for _, a := range m.byKey {
		out = append(out, a)
	}
	slices.SortFunc(out, byCreation)
	return out
}

func byCreation(a, b app.Remote) int {
	return cmp.Or(cmp.Compare(millis(a.Created), millis(b.Created)), cmp.Compare(a.ID, b.ID))
}

func (m *memoryStage) each(_ context.Context, onlyNew bool, fn func([]app.Remote) error) error {
	alerts := m.alerts()
	if onlyNew {
		alerts = slices.DeleteFunc(alerts, func(a app.Remote) bool { return m.known[a.ID] })
	}
	for chunk := range slices.Chunk(alerts, applyChunk) {
		if err := fn(chunk); err != nil {
			return err
		}
	}
	return nil
}

func (m *memoryStage) know(_ context.Context, keys []int64) error {
	for _, key := range keys {
		m.known[key] = true
	}
	return nil
}

func (m *memoryStage) forget(context.Context) error {
	clear(m.known)
	return nil
}

func (m *memoryStage) close() error { return nil }
