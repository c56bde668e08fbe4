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
	stop    func()
}

func newUndo(u *UI) *undo {
	n := &undo{u: u}
	n.bar = widget.NewUndoBar(n.take)
	n.bar.Hide()
	return n
}

// offer shows the bar until the removal can no longer be undone.
func (n *undo) offer(r app.Removed) {
	if len(r.Intents) > 0 {
		n.removed = append(n.removed, r)
	}
	n.count()
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

// take takes the latest removal back.
func (n *undo) take() {
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
