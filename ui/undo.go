package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bellhop/app"
	"bellhop/ui/widget"
)

// undo is the bar that offers to take removals back, the latest first.
type undo struct {
	u       *UI
	bar     *widget.UndoBar
	removed []app.Removed // what can still be undone, the latest last
	coming  int           // removals that the bell has not answered yet
	wishes  int           // how often the user took back what was still coming
	stop    func()
}

func newUndo(u *UI) *undo {
	n := &undo{u: u}
	n.bar = widget.NewUndoBar(n.take)
	n.bar.Hide()
	return n
}

// expect says that the bell has been asked for a removal, of which offer or
// miss will tell.
func (n *undo) expect() { n.coming++ }

// offer shows the bar until the removal can no longer be undone, unless the
// user has been faster than the bell and has taken it back already.
func (n *undo) offer(r app.Removed) {
	if len(r.Intents) > 0 {
		n.removed = append(n.removed, r)
	}
	n.count()
	n.arrived()
}

// miss says that an expected removal has failed.
func (n *undo) miss() { n.arrived() }

// arrived fulfils the wishes once all that they may be about is known.
func (n *undo) arrived() {
	if n.coming = max(n.coming-1, 0); n.coming > 0 {
		return
	}
	for ; n.wishes > 0; n.wishes-- {
		n.take()
	}
}

// count shows the latest removal and the seconds that are left, and counts on.
func (n *undo) count() {
	if n.stop != nil {
		n.stop()
		n.stop = nil
	}
	now := n.u.now()
	n.removed = slices.DeleteFunc(n.removed, func(r app.Removed) bool { return !r.UndoUntil.After(now) })
	if len(n.removed) == 0 {
		n.bar.Hide()
		return
	}
	latest := n.removed[len(n.removed)-1]
	left := latest.UndoUntil.Sub(now)
	seconds := int((left + time.Second - 1) / time.Second)
	n.bar.Set(alerts(latest.Count)+" removed", fmt.Sprintf("Undo (%d)", seconds))
	n.u.shell.float(n.bar)
	n.u.shell.placeFloats()
	n.stop = n.u.later(left-time.Duration(seconds-1)*time.Second, n.count)
}

// take takes the latest removal back, if need be once the bell has answered it.
func (n *undo) take() {
	if n.coming > 0 {
		n.wishes++
		return
	}
	if len(n.removed) == 0 {
		return
	}
	latest := n.removed[len(n.removed)-1]
	n.removed = n.removed[:len(n.removed)-1]
	n.count()
	n.u.act(func(ctx context.Context, b Bell) error {
		_, err := b.Undo(ctx, latest.Intents)
		return err
	}, func(error) bool {
		clear(n.u.list.mine)
		n.u.list.bringBack()
		return false
	})
}
