package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Item is a line of [Rows]: an alert, or the day above alerts. Keys are unique
// and tell the list what to keep in place when its items change.
type Item struct {
	Key  int64
	Head bool
	// More is how much higher it is than a row, or than a head.
	More float32
}

func (i Item) height() float32 {
	if i.Head {
		return GroupH + i.More
	}
	return RowH + i.More
}

// Rows is a list of any length. It holds a stretch of items and draws those in
// view; how many lines lie before and after the stretch is a number. The
// position is an item and an offset into it, never a distance from the top: a
// list of a million lines is beyond the precision of Fyne's coordinates, and
// items may come and go above without moving what is in view.
type Rows struct {
	fynewidget.BaseWidget

	// Make makes a line; Fill fills it with the item at index i.
	Make func(head bool) fyne.CanvasObject
	Fill func(i int, o fyne.CanvasObject)
	// OnTapped is told where in which item the list was hit, and which
	// modifier keys were down.
	OnTapped func(i int, pos fyne.Position, keys fyne.KeyModifier)
	// OnHover is told the item below the pointer, -1 for none, and where in it.
	OnHover func(i int, pos fyne.Position)
	// OnView is told after every scroll which items are in view.
	OnView func(first, last int)
	// OnJump is told where in all lines, 0 to 1, the scroll bar was dragged to
	// while that is outside the stretch.
	OnJump func(part float64)
	// OnFocus is told when the keyboard comes and goes.
	OnFocus func(bool)
	// OnWidth is called when the list has become wider or narrower.
	OnWidth func()

	items         []Item
	before, after int // lines outside the stretch

	top    int     // the item at the upper edge
	offset float32 // how much of it is above the edge

	hover   int
	pointer *fyne.Position
	keys    fyne.KeyModifier
	focused bool

	live map[int64]*slot
	free map[bool][]*slot
	body *fyne.Container
	clip *container.Clip
	bar  *scrollBar
}

// slot is a line object and what it shows.
type slot struct {
	object fyne.CanvasObject
	head   bool
	index  int
	kept   bool // still in view
}

var (
	_ fyne.Scrollable   = (*Rows)(nil)
	_ fyne.Tappable     = (*Rows)(nil)
	_ desktop.Mouseable = (*Rows)(nil)
	_ fyne.Focusable    = (*Rows)(nil)
	_ desktop.Hoverable = (*Rows)(nil)
)

// NewRows returns an empty list.
func NewRows() *Rows {
	r := &Rows{hover: -1, live: map[int64]*slot{}, free: map[bool][]*slot{}}
	r.body = container.NewWithoutLayout()
	r.clip = container.NewClip(r.body)
	r.clip.ExtendBaseWidget(r.clip)
	r.bar = newScrollBar(r)
	r.ExtendBaseWidget(r)
	return r
}

// Set replaces the items. What is at the upper edge stays there, or the next
// item that is still there.
func (r *Rows) Set(items []Item, before, after int) {
	r.hold(items)
	r.items, r.before, r.after = items, before, after
	r.clamp()
	r.settle(true)
}

// hold finds the new index of the item at the upper edge.
func (r *Rows) hold(items []Item) {
	if r.top >= len(r.items) || (r.top == 0 && r.offset == 0 && r.before == 0) {
		return
	}
	index := make(map[int64]int, len(items))
	for i, it := range items {
		index[it.Key] = i
	}
	for i := r.top; i < len(r.items); i++ {
		if n, ok := index[r.items[i].Key]; ok {
			if i != r.top {
				r.offset = 0
			}
			r.top = n
			return
		}
	}
	r.top, r.offset = max(0, len(items)-1), 0
}

// Items returns the items of the stretch.
func (r *Rows) Items() []Item { return r.items }

// Redraw fills every line in view again.
func (r *Rows) Redraw() { r.settle(true) }

// Top scrolls to the first item of the stretch.
func (r *Rows) Top() { r.top, r.offset = 0, 0; r.settle(false) }

// AtTop says whether the first line of all is in view.
func (r *Rows) AtTop() bool { return r.before == 0 && r.top == 0 && r.offset < 1 }

// Place scrolls so that item i is at the upper edge.
func (r *Rows) Place(i int) {
	r.top, r.offset = i, 0
	r.clamp()
	r.settle(false)
}

// Reveal scrolls as little as needed to bring item i into view, together with
// the day above it.
func (r *Rows) Reveal(i int) {
	if i < 0 || i >= len(r.items) {
		return
	}
	h := r.Size().Height
	from := i
	if i > 0 && r.items[i-1].Head {
		from--
	}
	if from < r.top || (from == r.top && r.offset > 0) {
		r.Place(from)
		return
	}
	y := -r.offset
	for n := r.top; n < i; n++ {
		if y += r.items[n].height(); y > h {
			break
		}
	}
	if over := y + r.items[i].height() - h; over > 0 {
		if y > h {
			r.top, r.offset = i, 0
			r.scroll(RowH - h)
			return
		}
		r.scroll(over)
	}
}

// PageSize returns how many alerts fit into the list.
func (r *Rows) PageSize() int { return max(1, int(r.Size().Height/RowH)-1) }

// Scrolled is for Fyne.
func (r *Rows) Scrolled(e *fyne.ScrollEvent) { r.scroll(-e.Scrolled.DY) }

// scroll moves the view down by dy.
func (r *Rows) scroll(dy float32) {
	r.offset += dy
	r.clamp()
	r.settle(false)
}

// clamp brings top and offset to an existing item, and keeps the list from
// being scrolled beyond its ends.
func (r *Rows) clamp() {
	if len(r.items) == 0 {
		r.top, r.offset = 0, 0
		return
	}
	r.top = min(max(r.top, 0), len(r.items)-1)
	for r.offset < 0 && r.top > 0 {
		r.top--
		r.offset += r.items[r.top].height()
	}
	for r.top < len(r.items)-1 && r.offset >= r.items[r.top].height() {
		r.offset -= r.items[r.top].height()
		r.top++
	}
	r.offset = max(0, r.offset)
	room := r.Size().Height
	below := -r.offset
	for i := r.top; i < len(r.items) && below <= room; i++ {
		below += r.items[i].height()
	}
	for below < room {
		if r.top == 0 && r.offset == 0 {
			return
		}
		step := room - below
		if step <= r.offset {
			r.offset -= step
			return
		}
		below += r.offset
		if r.offset = 0; r.top > 0 {
			r.top--
			r.offset = r.items[r.top].height()
		}
	}
}

// Resize is for Fyne.
func (r *Rows) Resize(s fyne.Size) {
	was := r.Size()
	if s == was {
		return
	}
	r.BaseWidget.Resize(s)
	if s.Width != was.Width && r.OnWidth != nil {
		r.OnWidth()
	}
	r.clamp()
	r.settle(false)
}

// settle puts a line object under every item in view. Objects that already
// show the right item are only moved, unless all is true.
func (r *Rows) settle(all bool) {
	size := r.Size()
	end, y := r.top, -r.offset
	for ; end < len(r.items) && y < size.Height; end++ {
		if s := r.live[r.items[end].Key]; s != nil {
			s.kept = true
		}
		y += r.items[end].height()
	}
	r.release()
	y = -r.offset
	for i := r.top; i < end; i++ {
		it := r.items[i]
		s := r.live[it.Key]
		if s == nil {
			s = r.take(it.Head)
			r.live[it.Key] = s
			s.index = -1
		}
		if all || s.index != i {
			s.index = i
			s.object.Resize(fyne.NewSize(size.Width, it.height()))
			r.Fill(i, s.object)
		}
		put(s.object, 0, y, size.Width, it.height())
		s.object.Show()
		y += it.height()
	}
	r.bar.update()
	if r.OnView != nil && end > r.top {
		r.OnView(r.top, end-1)
	}
	r.track()
}

// release puts the objects of what has left the view aside.
func (r *Rows) release() {
	for key, s := range r.live {
		if !s.kept {
			s.object.Hide()
			r.free[s.head] = append(r.free[s.head], s)
			delete(r.live, key)
		}
		s.kept = false
	}
}

// take returns an unused line object.
func (r *Rows) take(head bool) *slot {
	if free := r.free[head]; len(free) > 0 {
		s := free[len(free)-1]
		r.free[head] = free[:len(free)-1]
		return s
	}
	s := &slot{object: r.Make(head), head: head}
	r.body.Objects = append(r.body.Objects, s.object)
	return s
}

// at returns the item at height y of the view and where it begins.
func (r *Rows) at(y float32) (i int, from float32) {
	from = -r.offset
	for i = r.top; i < len(r.items); i++ {
		h := r.items[i].height()
		if y < from+h {
			return i, from
		}
		from += h
	}
	return -1, 0
}

// Tapped is for Fyne.
func (r *Rows) Tapped(e *fyne.PointEvent) {
	i, from := r.at(e.Position.Y)
	if i >= 0 && r.OnTapped != nil {
		r.OnTapped(i, e.Position.SubtractXY(0, from), r.keys)
	}
}

// MouseDown remembers the modifier keys, which Fyne does not tell
// [Rows.Tapped].
func (r *Rows) MouseDown(e *desktop.MouseEvent) { r.keys = e.Modifier }

// MouseUp is for Fyne.
func (r *Rows) MouseUp(*desktop.MouseEvent) {}

// MouseIn is for Fyne.
func (r *Rows) MouseIn(e *desktop.MouseEvent) { r.MouseMoved(e) }

// MouseMoved is for Fyne.
func (r *Rows) MouseMoved(e *desktop.MouseEvent) {
	r.pointer = &e.Position
	r.track()
}

// MouseOut is for Fyne.
func (r *Rows) MouseOut() {
	r.pointer = nil
	r.track()
}

// Pointer returns where the pointer is over the list.
func (r *Rows) Pointer() (pos fyne.Position, ok bool) {
	if r.pointer == nil {
		return pos, false
	}
	return *r.pointer, true
}

// Pointed says whether the pointer is over the list.
func (r *Rows) Pointed() bool { return r.pointer != nil }

// track tells [Rows.OnHover] what is below the pointer now.
func (r *Rows) track() {
	if r.OnHover == nil {
		return
	}
	i, from := -1, float32(0)
	var pos fyne.Position
	if r.pointer != nil {
		if i, from = r.at(r.pointer.Y); i >= 0 {
			pos = r.pointer.SubtractXY(0, from)
		}
	}
	r.hover = i
	r.OnHover(i, pos)
}

// Focused says whether the keyboard is in the list.
func (r *Rows) Focused() bool { return r.focused }

// FocusGained is for Fyne.
func (r *Rows) FocusGained() { r.setFocus(true) }

// FocusLost is for Fyne.
func (r *Rows) FocusLost() { r.setFocus(false) }

func (r *Rows) setFocus(on bool) {
	r.focused = on
	if r.OnFocus != nil {
		r.OnFocus(on)
	}
}

// TypedKey is for Fyne: the keys of the list are those of its window.
func (r *Rows) TypedKey(key *fyne.KeyEvent) { forward(r, key) }

// TypedRune is for Fyne.
func (r *Rows) TypedRune(c rune) { forwardRune(r, c) }

// CreateRenderer is for Fyne.
func (r *Rows) CreateRenderer() fyne.WidgetRenderer {
	out := &renderer{objects: []fyne.CanvasObject{r.clip, r.bar}}
	out.least = func() fyne.Size { return fyne.NewSize(200, RowH) }
	out.place = func(s fyne.Size) {
		put(r.clip, 0, 0, s.Width, s.Height)
		put(r.bar, s.Width-barWidth, 0, barWidth, s.Height)
	}
	out.paint = func() {
		for _, s := range r.live {
			s.object.Refresh()
		}
		r.bar.Refresh()
	}
	return out
}
