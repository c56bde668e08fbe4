package widget_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"bellhop/ui/widget"
)

// lister is a list of numbered items on a canvas of 300 by 280 pixels: five
// lines.
type lister struct {
	*widget.Rows
	made  int
	shown map[int64]int // fills by key
}

func newLister(t *testing.T, keys ...int64) *lister {
	t.Helper()
	dress(t)
	l := &lister{Rows: widget.NewRows(), shown: map[int64]int{}}
	l.Make = func(head bool) fyne.CanvasObject {
		l.made++
		if head {
			return widget.NewGroup()
		}
		return widget.NewRow()
	}
	l.Fill = func(i int, _ fyne.CanvasObject) { l.shown[l.Items()[i].Key]++ }
	test.NewTempWindow(t, l.Rows).Resize(fyne.NewSize(300, 280))
	l.Resize(fyne.NewSize(300, 280))
	l.put(keys...)
	return l
}

func (l *lister) put(keys ...int64) {
	items := make([]widget.Item, len(keys))
	for i, k := range keys {
		items[i] = widget.Item{Key: k, Head: k < 0}
	}
	l.Set(items, 0, 0)
}

// view returns the keys of the first and the last item in view.
func (l *lister) view() (first, last int64) {
	told := l.OnView
	l.OnView = func(a, b int) { first, last = l.Items()[a].Key, l.Items()[b].Key }
	l.Redraw()
	l.OnView = told
	return first, last
}

func (l *lister) wheel(dy float32) { l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -dy)}) }

func numbers(from, to int64) []int64 {
	var keys []int64
	for k := from; k <= to; k++ {
		keys = append(keys, k)
	}
	return keys
}

func TestOnlyWhatIsInViewIsMade(t *testing.T) {
	l := newLister(t, numbers(1, 1000)...)
	if l.made > 6 {
		t.Errorf("%d lines were made for a view of five", l.made)
	}
	for range 50 {
		l.wheel(100)
	}
	if l.made > 7 {
		t.Errorf("after scrolling %d lines were made", l.made)
	}
}

func TestTheListEndsWhereItsItemsEnd(t *testing.T) {
	l := newLister(t, numbers(1, 20)...)
	l.wheel(1e6)
	if first, last := l.view(); first != 16 || last != 20 {
		t.Errorf("at the end %d to %d are in view", first, last)
	}
	l.wheel(-1e6)
	if first, _ := l.view(); first != 1 || !l.AtTop() {
		t.Errorf("at the top %d comes first", first)
	}
	l.put(1, 2)
	l.wheel(50)
	if first, last := l.view(); first != 1 || last != 2 {
		t.Errorf("a short list moved to %d to %d", first, last)
	}
}

func TestWhatIsInViewStaysWhenItemsComeAndGoAbove(t *testing.T) {
	l := newLister(t, numbers(1, 100)...)
	l.Place(49) // item 50
	l.wheel(10)
	l.put(append(numbers(-5, -1), numbers(1, 100)...)...)
	if first, _ := l.view(); first != 50 {
		t.Errorf("after five lines came above, %d is at the top, want 50", first)
	}
	l.put(numbers(40, 100)...)
	if first, _ := l.view(); first != 50 {
		t.Errorf("after lines went above, %d is at the top, want 50", first)
	}
	l.put(numbers(60, 100)...)
	if first, _ := l.view(); first != 60 {
		t.Errorf("after the line itself went, %d is at the top, want its successor 60", first)
	}
}

func TestRevealScrollsNoFartherThanNeeded(t *testing.T) {
	l := newLister(t, append([]int64{-1}, numbers(1, 50)...)...)
	l.Reveal(2)
	if first, _ := l.view(); first != -1 {
		t.Errorf("revealing what is in view scrolled to %d", first)
	}
	l.Reveal(10)
	if _, last := l.view(); last != 10 {
		t.Errorf("revealing item 10 shows %d last", last)
	}
	l.Reveal(1)
	if first, _ := l.view(); first != -1 {
		t.Errorf("revealing the first item does not show the heading above it but %d", first)
	}
	l.Reveal(50)
	if _, last := l.view(); last != 50 {
		t.Errorf("revealing the last item shows %d last", last)
	}
}

func TestThePointerIsOverTheItemBelowIt(t *testing.T) {
	l := newLister(t, append([]int64{-1}, numbers(1, 50)...)...)
	var over int64
	l.OnHover = func(i int, _ fyne.Position) {
		over = 0
		if i >= 0 {
			over = l.Items()[i].Key
		}
	}
	var hit int64
	var at fyne.Position
	l.OnTapped = func(i int, pos fyne.Position, _ fyne.KeyModifier) { hit, at = l.Items()[i].Key, pos }
	l.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, 40)}})
	if over != 1 {
		t.Errorf("the pointer is over %d, want 1", over)
	}
	l.wheel(widget.RowH)
	if over != 2 {
		t.Errorf("after scrolling the pointer is over %d, want 2", over)
	}
	l.Tapped(&fyne.PointEvent{Position: fyne.NewPos(20, 40)})
	if hit != 2 || at.X != 20 {
		t.Errorf("%d was hit at %v, want 2", hit, at)
	}
	l.MouseOut()
	if over != 0 || l.Pointed() {
		t.Error("the pointer has left and is still over an item")
	}
}

func TestScrollingFillsALineOnce(t *testing.T) {
	l := newLister(t, numbers(1, 100)...)
	clear(l.shown)
	for range 28 {
		l.wheel(2)
	}
	for key, n := range l.shown {
		if n > 1 {
			t.Errorf("line %d was filled %d times while scrolling by one line", key, n)
		}
	}
	if len(l.shown) == 0 {
		t.Error("nothing was filled")
	}
}
