package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"bellhop/app"
)

// sparse is an inbox of n alerts whose ids have holes of every size, among them
// one that is longer than all the rest.
func sparse(n int, seed uint64) *fakeInbox {
	r := rand.New(rand.NewPCG(seed, 7))
	f := &fakeInbox{}
	id := app.AlertID(1)
	for i := range n {
		id += 1 + app.AlertID(r.IntN(3)*r.IntN(40))
		if i == n/3 {
			id += 100_000
		}
		f.alerts = append(f.alerts, app.Alert{ID: id, Created: noon})
	}
	slices.Reverse(f.alerts)
	return f
}

// walker is a list without a screen.
type walker struct {
	feed
	t  *testing.T
	in *fakeInbox
}

func (w *walker) do(m move, part float64) answer {
	w.t.Helper()
	q := ask{move: m, rows: len(w.rows), newest: w.newest, total: w.total, part: part}
	if len(w.rows) > 0 {
		q.first, q.last = w.rows[0].ID, w.rows[len(w.rows)-1].ID
	}
	a, err := read(w.t.Context(), w.in, q)
	if err != nil {
		w.t.Fatal(err)
	}
	switch m {
	case moveFirst:
		w.reset(a)
	case moveMore:
		w.append(a)
	case moveLess:
		w.prepend(a)
	case moveJump:
		w.jumped(a, part)
	case moveRefresh:
		w.refresh(a, false, nil)
	}
	w.check(fmt.Sprintf("move %d", m))
	return a
}

// check makes sure that what is held is a stretch of the inbox without a gap.
func (w *walker) check(after string) {
	w.t.Helper()
	if len(w.rows) == 0 || len(w.rows) > mostRows {
		w.t.Fatalf("after %s %d alerts are held", after, len(w.rows))
	}
	from := slices.IndexFunc(w.in.alerts, func(a app.Alert) bool { return a.ID == w.rows[0].ID })
	for i, a := range w.rows {
		if from < 0 || from+i >= len(w.in.alerts) || w.in.alerts[from+i].ID != a.ID {
			w.t.Fatalf("after %s alert %d of those held is not the neighbour of the one before", after, i)
		}
	}
	if end := from+len(w.rows) == len(w.in.alerts); end == w.more {
		w.t.Fatalf("after %s the oldest is held: %t, there are more: %t", after, end, w.more)
	}
	if top := from == 0; top != (w.before == 0) {
		w.t.Fatalf("after %s the newest is held: %t, %d are said to be before", after, top, w.before)
	}
}

func TestEveryAlertCanBeReachedWhateverTheIDs(t *testing.T) {
	for seed := range uint64(5) {
		const n = 3000
		w := &walker{t: t, in: sparse(n, seed)}
		w.do(moveFirst, 0)
		for w.more {
			w.do(moveMore, 0)
		}
		for w.before > 0 {
			w.do(moveLess, 0)
		}
		r := rand.New(rand.NewPCG(seed, 11))
		for range 30 {
			w.do(moveJump, r.Float64())
			for range r.IntN(4) {
				if w.more {
					w.do(moveMore, 0)
				}
				if w.before > 0 {
					w.do(moveLess, 0)
				}
				w.do(moveRefresh, 0)
			}
		}
		w.do(moveJump, 1)
		if w.more {
			t.Error("a jump to the end does not lead there")
		}
		w.do(moveJump, 0)
		if w.before != 0 {
			t.Error("a jump to the beginning does not lead there")
		}
	}
}

func TestALateAnswerDoesNotTearTheStretch(t *testing.T) {
	w := &walker{t: t, in: sparse(2000, 1)}
	w.do(moveFirst, 0)
	more := w.do(moveMore, 0)
	n := len(w.rows)
	w.append(more) // the same answer once more
	if len(w.rows) != n {
		t.Errorf("%d alerts are held, want %d", len(w.rows), n)
	}
	w.do(moveJump, 0.5)
	less := w.do(moveLess, 0)
	n = len(w.rows)
	w.prepend(less)
	if len(w.rows) != n {
		t.Errorf("%d alerts are held, want %d", len(w.rows), n)
	}
	w.check("late answers")
}
