package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/store/storetest"
)

// model is the store told as simply as can be: a slice of rows. The test below
// does the same at random to it and to a real store and compares.
type model struct {
	rows    []*modelRow // ascending ids
	intents []*modelIntent
}

type modelRow struct {
	id      app.AlertID // as the store gave it
	remote  app.Remote
	why     app.Why // "" while in the list
	intent  *modelIntent
	pending bool
	tries   int
	failed  bool
}

type modelIntent struct {
	id            app.IntentID
	at, notBefore time.Time
	sent          bool
	state         app.IntentState
}

func (m *model) view(in func(*modelRow) bool) []string {
	var out []string
	for _, r := range slices.Backward(m.rows) {
		if in(r) {
			out = append(out, r.String())
		}
	}
	return out
}

func (r *modelRow) String() string {
	return fmt.Sprintf("%d %s why=%s pending=%t failed=%t", r.remote.ID, r.remote.Title, r.why, r.pending, r.failed)
}

func asModel(a app.Alert) string {
	r := modelRow{remote: app.Remote{ID: a.RemoteID, Title: a.Title}, failed: a.Failure != nil}
	if a.Removal != nil {
		r.why, r.pending = a.Removal.Why, a.Removal.Pending
	}
	return r.String()
}

func (m *model) leave(rows []*modelRow, id app.IntentID, at, notBefore time.Time) {
	in := &modelIntent{id: id, at: at, notBefore: notBefore, state: app.IntentWaiting}
	m.intents = append(m.intents, in)
	for _, r := range rows {
		r.why, r.intent, r.pending, r.failed, r.tries = app.WhyMe, in, true, false, 0
	}
}

// matched returns the rows at present that an answer has too.
func (m *model) matched(answer map[int64]app.Remote) map[*modelRow]bool {
	out := make(map[*modelRow]bool)
	for _, r := range m.rows {
		a, has := answer[r.remote.ID]
		if has && (r.why == "" || r.pending) && a.Fingerprint() == r.remote.Fingerprint() {
			out[r] = true
		}
	}
	return out
}

func (m *model) pull(answer map[int64]app.Remote, whole bool) app.Pulled {
	var out app.Pulled
	matched := m.matched(answer)
	known := make(map[int64]bool)
	for r := range matched {
		known[r.remote.ID] = true
	}
	for _, r := range m.rows {
		switch {
		case !whole:
		case r.pending && !matched[r]:
			r.pending = false
			out.Settled++
		case r.pending && r.tries >= 3:
			r.why, r.pending, r.failed, r.intent.state = "", false, true, app.IntentFailed
			out.Failed++
		case r.why == "" && !matched[r]:
			r.why, r.failed, r.intent = app.WhyElsewhere, false, nil
			out.Gone++
		}
	}
	for _, in := range m.intents {
		if in.state == app.IntentWaiting && !slices.ContainsFunc(m.rows, func(r *modelRow) bool { return r.intent == in && r.pending }) {
			in.state = app.IntentDone
		}
	}
	var arrivals []app.Remote
	for _, a := range answer {
		if !known[a.ID] {
			arrivals = append(arrivals, a)
		}
	}
	slices.SortFunc(arrivals, func(a, b app.Remote) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	for _, a := range arrivals {
		m.rows = append(m.rows, &modelRow{remote: a})
	}
	out.New = len(arrivals)
	return out
}

func (m *model) targets(answer map[int64]app.Remote, now time.Time) []*modelRow {
	matched := m.matched(answer)
	var out []*modelRow
	for _, in := range m.intents {
		if in.notBefore.After(now) && !in.at.After(now) {
			continue
		}
		for _, r := range m.rows {
			if r.pending && r.intent == in && matched[r] {
				in.sent = true
				out = append(out, r)
			}
		}
	}
	return out
}

func (m *model) undo(id app.IntentID, now time.Time) bool {
	i := slices.IndexFunc(m.intents, func(in *modelIntent) bool { return in.id == id })
	in := m.intents[i]
	if in.state == app.IntentUndone {
		return true
	}
	if in.state != app.IntentWaiting || in.sent || !in.notBefore.After(now.Add(-500*time.Millisecond)) || in.at.After(now) {
		return false
	}
	in.state = app.IntentUndone
	for _, r := range m.rows {
		if r.intent == in && r.pending {
			r.why, r.pending, r.intent = "", false, nil
		}
	}
	return true
}

// play is one random history.
type play struct {
	*world
	rand   *rand.Rand
	model  *model
	server map[int64]app.Remote
	next   int64
	scale  int // how many alerts are born at a time
}

func (p *play) learn() {
	p.Helper()
	var ids []app.AlertID
	for a, err := range p.store.Each(p.Context(), app.Filter{View: app.ViewEverything}) {
		ok(p, err)
		ids = append(ids, a.ID)
	}
	slices.Reverse(ids)
	if len(ids) != len(p.model.rows) {
		p.Fatalf("the store has %d alerts, the model %d", len(ids), len(p.model.rows))
	}
	for i, r := range p.model.rows {
		r.id = ids[i]
	}
}

func (p *play) compare(step string) {
	p.Helper()
	for view, in := range map[app.View]func(*modelRow) bool{
		app.ViewList:       func(r *modelRow) bool { return r.why == "" },
		app.ViewHistory:    func(r *modelRow) bool { return r.why != "" },
		app.ViewEverything: func(*modelRow) bool { return true },
	} {
		var got []string
		for a, err := range p.store.Each(p.Context(), app.Filter{View: view}) {
			ok(p, err)
			got = append(got, asModel(a))
		}
		if want := p.model.view(in); !slices.Equal(got, want) {
			p.Fatalf("after %s the %s is\n%v\nwant\n%v", step, view, got, want)
		}
	}
	pending := len(p.model.view(func(r *modelRow) bool { return r.pending }))
	if got := must(p.store.Pending(p.Context(), p.account.ID))(p); got != pending {
		p.Fatalf("after %s %d are pending, want %d", step, got, pending)
	}
	p.recount()
}

func (p *play) inList() []*modelRow {
	return slices.DeleteFunc(slices.Clone(p.model.rows), func(r *modelRow) bool { return r.why != "" })
}

func (p *play) step() string {
	p.Helper()
	undo := time.Duration(p.rand.IntN(3)) * 2 * time.Second
	switch n := p.rand.IntN(20); {
	case n < 4: // the server changes
		for range p.rand.IntN(4) * p.scale {
			p.next++
			p.server[p.next] = storetest.Alert(p.next)
		}
		for key, a := range p.server {
			switch p.rand.IntN(12) {
			case 0:
				delete(p.server, key)
			case 1: // restored from a copy: the key names another alert now
				a.Title += "'"
				p.server[key] = a
			}
		}
		return "a change on the server"
	case n < 5 && p.next > 0: // a key comes back
		key := p.rand.Int64N(p.next) + 1
		p.server[key] = storetest.Alert(key)
		return "an alert that came back"
	case n < 9:
		return p.pullStep()
	case n < 12:
		var rows []*modelRow
		var ids []app.AlertID
		for _, r := range p.inList() {
			if p.rand.IntN(3) == 0 {
				rows = append(rows, r)
				ids = append(ids, r.id)
			}
		}
		removed := must(p.store.Remove(p.Context(), ids, undo))(p)
		if len(rows) > 0 {
			p.model.leave(rows, removed.Intents[0], p.clock, removed.UndoUntil)
		}
		return "a removal"
	case n < 13:
		rows := p.inList()
		if len(rows) == 0 {
			return "nothing"
		}
		rows = rows[:1+p.rand.IntN(len(rows))]
		removed := must(p.store.Clear(p.Context(), 0, rows[len(rows)-1].id, undo))(p)
		p.model.leave(rows, removed.Intents[0], p.clock, removed.UndoUntil)
		return "a clear"
	case n < 16 && len(p.model.intents) > 0:
		in := p.model.intents[len(p.model.intents)-1-p.rand.IntN(min(3, len(p.model.intents)))]
		_, err := p.store.Undo(p.Context(), []app.IntentID{in.id})
		if done := p.model.undo(in.id, p.clock); done != (err == nil) {
			p.Fatalf("undo: %v, the model says %t", err, done)
		}
		return "an undo"
	case n < 17:
		ok(p, p.store.Close())
		p.store = must(store.Open(p.Context(), store.Options{Dir: p.dir, Now: func() time.Time { return p.clock }}))(p)
		return "a restart"
	case n < 18:
		p.clock = p.clock.Add(time.Duration(p.rand.IntN(7200)-3600) * time.Second)
		return "a clock that jumped"
	default:
		p.clock = p.clock.Add(time.Duration(p.rand.IntN(4000)) * time.Millisecond)
		return "some time"
	}
}

func (p *play) pullStep() string {
	p.Helper()
	complete, additions := p.rand.IntN(4) > 0, p.rand.IntN(8) == 0
	answer := make(map[int64]app.Remote)
	for key, a := range p.server {
		if complete || p.rand.IntN(2) == 0 {
			answer[key] = a
		}
	}
	pull := must(p.store.BeginPull(p.Context(), p.account.ID, complete))(p)
	defer func() { ok(p, pull.Close()) }()
	for _, a := range answer {
		ok(p, pull.Add(p.Context(), []app.Remote{a}))
	}
	plan := must(pull.Plan(p.Context()))(p)
	got := must(pull.Apply(p.Context(), app.Apply{AdditionsOnly: additions}))(p)
	want := p.model.pull(answer, complete && !additions)
	if got != want {
		p.Fatalf("a pull (complete %t, additions only %t) gave %+v, want %+v", complete, additions, got, want)
	}
	if plan.New != got.New || plan.Received != len(answer) || (complete && !additions && plan.Gone != got.Gone) {
		p.Fatalf("the plan was %+v, the pull %+v", plan, got)
	}
	p.learn()
	if !complete || p.rand.IntN(3) == 0 {
		return "a pull"
	}
	targets := must(pull.Targets(p.Context(), 100_000))(p)
	rows := p.model.targets(answer, p.clock)
	ids := make([]app.AlertID, len(targets))
	for i, one := range targets {
		ids[i] = one.Alert
		if i >= len(rows) || rows[i].id != one.Alert || rows[i].remote.ID != one.RemoteID {
			p.Fatalf("targets %v, want %v", targets, rows)
		}
	}
	if len(targets) != len(rows) {
		p.Fatalf("targets %v, want %v", targets, rows)
	}
	if len(ids) > 0 {
		ok(p, pull.Posted(p.Context(), ids))
	}
	refuses := p.rand.IntN(2) == 0
	for _, r := range rows {
		r.tries++
		if !refuses {
			delete(p.server, r.remote.ID)
		}
	}
	return "a pull with removals sent"
}

func TestTheStoreDoesWhatTheModelDoes(t *testing.T) {
	plays := 6
	if testing.Short() {
		plays = 3
	}
	for seed := range plays {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			p := &play{world: newWorld(t), rand: rand.New(rand.NewPCG(uint64(seed), 1)), model: &model{}, scale: 1, server: make(map[int64]app.Remote)}
			defer func() { ok(t, p.store.Close()) }()
			for i := range 150 {
				step := p.step()
				p.compare(fmt.Sprintf("step %d, %s,", i, step))
			}
			p.deepCheck()
		})
	}
}

// TestLargeSetsDoWhatTheModelDoes plays with hundreds of alerts at a time, over
// the edge of a block of ids.
func TestLargeSetsDoWhatTheModelDoes(t *testing.T) {
	plays := 3
	if testing.Short() {
		plays = 1
	}
	for seed := range plays {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := newWorld(t)
			raw(t, filepath.Join(w.dir, "bellhop.db"), `INSERT INTO sqlite_sequence (name, seq) VALUES ('alerts', 16000)`)
			p := &play{world: w, rand: rand.New(rand.NewPCG(uint64(seed), 3)), model: &model{}, scale: 150, server: make(map[int64]app.Remote)}
			defer func() { ok(t, p.store.Close()) }()
			for i := range 60 {
				step := p.step()
				p.compare(fmt.Sprintf("step %d, %s,", i, step))
			}
			p.deepCheck()
		})
	}
}
