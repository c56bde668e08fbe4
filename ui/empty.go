package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"bellhop/app"
	"bellhop/ui/widget"
)

// emptyState stands where the list would be while there is nothing to list.
type emptyState struct {
	box    *fyne.Container
	icon   *widget.Picture
	title  *widget.Label
	text   *widget.Prose
	button *widget.Button
	act    func()
}

func newEmptyState() *emptyState {
	e := &emptyState{
		icon:  widget.NewPicture("bell", widget.ColorBrass, 40),
		title: widget.NewLabel("", widget.SizeTitle, true, widget.ColorText),
		text:  widget.NewProse("", widget.SizeText, false, widget.ColorMuted).Centre(),
	}
	e.button = widget.NewButton(widget.Plain, "", "", func() {
		if e.act != nil {
			e.act()
		}
	})
	center := func(o fyne.CanvasObject) fyne.CanvasObject { return container.NewCenter(o) }
	e.box = container.NewCenter(widget.Column(8,
		center(e.icon), center(e.title), container.New(narrowest{}, e.text), widget.Space(1, 4), center(e.button)))
	e.box.Hide()
	return e
}

// set writes what is said; button may be "".
func (e *emptyState) set(icon string, tint widget.Tint, title, text, button string, act func()) {
	e.icon.Set(icon, tint.Ink)
	e.title.Set(title)
	e.text.Set(text, widget.ColorMuted)
	e.button.SetText(button)
	visible(e.button, button != "")
	e.act = act
	e.box.Refresh()
}

// showState decides between the alerts, grey shapes while they are read, and a
// word about why there are none.
func (l *list) showState() {
	brass := widget.Tint{Ink: widget.ColorBrass}
	none := len(l.feed.rows) == 0
	if l.total > 0 {
		l.clear.Enable()
	} else {
		l.clear.Disable()
	}
	visible(l.waitBox, none && !l.loaded && l.problem == nil)
	visible(l.rows, !none)
	visible(l.empty.box, none && (l.loaded || l.problem != nil))
	if !none {
		return
	}
	a := l.u.worst()
	switch {
	case l.problem != nil:
		p := app.AsProblem(l.problem)
		l.empty.set("warn", widget.TintRed, "The alerts cannot be shown", oneLine(p.Error()), "Try again", l.refresh)
	case l.words != "":
		l.empty.set("search", widget.TintGrey, "Nothing found", "Every word has to occur in the title or the description.", "Show everything", func() {
			l.search.SetText("")
			l.searchFor("")
		})
	case l.place == ViewHistory:
		l.empty.set("history", widget.TintGrey, "Nothing has been removed yet", "What leaves the list stays here, with the reason.", "", nil)
	case l.place == ViewNew:
		l.empty.set("check", widget.TintGreen, "Nothing new", "You have seen everything that is in the list.", "", nil)
	case l.u.known && len(l.u.status.Accounts) == 0:
		l.empty.set("bell", brass, "No server is connected", "Connect your DefectDojo to see its alerts here.", "Connect", func() { l.u.Show(ViewConnect) })
	case a != nil && a.LastSync.IsZero():
		l.empty.set("offline", widget.TintGrey, "Nothing has been read yet", "The server could not be asked so far.", "Try now", func() { l.u.sync(0) })
	case len(l.u.servers()) > 0 && l.u.servers()[0].LastSync.IsZero():
		l.empty.set("sync", widget.TintBlue, "Reading your alerts…", "The first look at a server takes a moment.", "", nil)
	default:
		l.empty.set("bell", brass, "No alerts. The bell is quiet.", "New ones appear here within a minute.", "", nil)
	}
}

// narrowest centres text that is at most as wide as can be read.
type narrowest struct{}

const emptyWidth float32 = 320

// Layout is for Fyne.
func (narrowest) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, x := range o {
		x.Resize(size)
	}
}

// MinSize is for Fyne.
func (narrowest) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, x := range o {
		x.Resize(fyne.NewSize(emptyWidth, x.MinSize().Height))
		h = max(h, x.MinSize().Height)
	}
	return fyne.NewSize(emptyWidth, h)
}
