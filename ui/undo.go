package ui

import (
	"context"
	"fmt"
	"time"

	"bellhop/app"
	"bellhop/ui/widget"
)

// undo is the bar that offers to take the latest removal back.
type undo struct {
	u       *UI
	bar     *widget.UndoBar
	removed app.Removed
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
	n.removed = r
	n.count()
}

// count shows the seconds that are left, and counts on.
func (n *undo) count() {
	if n.stop != nil {
		n.stop()
		n.stop = nil
	}
	left := n.removed.UndoUntil.Sub(n.u.now())
	if left <= 0 || len(n.removed.Intents) == 0 {
		n.hide()
		return
	}
	seconds := int((left + time.Second - 1) / time.Second)
	n.bar.Set(alerts(n.removed.Count)+" removed", fmt.Sprintf("Undo (%d)", seconds))
	n.u.shell.float(n.bar)
	n.u.shell.placeFloats()
	n.stop = n.u.later(left-time.Duration(seconds-1)*time.Second, n.count)
}

func (n *undo) hide() {
	n.removed = app.Removed{}
	n.bar.Hide()
}

// take takes the removal back.
func (n *undo) take() {
	ids := n.removed.Intents
	if len(ids) == 0 {
		return
	}
	n.hide()
	n.u.act(func(ctx context.Context, b Bell) error {
		_, err := b.Undo(ctx, ids)
		return err
	}, func(error) bool {
		l := n.u.list
		clear(l.mine)
		q := l.question(moveRefresh)
		q.force = true
		l.pages.ask(q)
		return false
	})
}
