// Package ui is what the window program shows: the list of alerts and its
// history, the settings, and the guide that connects a server.
//
// The store is the only state; the windows keep copies of what they show and
// the ids of what is selected. Reading goes through a [view], changing through
// [UI.act]; nothing else crosses between the goroutine of the user interface
// and others. The package knows neither a database nor a network: it asks an
// [Inbox] and a [Bell].
package ui

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"bellhop/app"
)

// The views of the window, as the command line and the bell name them.
const (
	ViewAlerts   = "alerts"
	ViewNew      = "new"
	ViewHistory  = "history"
	ViewSettings = "settings"
	// ViewDeliveries is the page of what leaves this computer.
	ViewDeliveries = "deliveries"
	// ViewSilences is the page of what holds messages back for a while.
	ViewSilences = "silences"
	ViewConnect  = "connect"
	// ViewNotifications is the part of the settings that says who is told what.
	ViewNotifications = "notifications"
)

// tickTime is how often what is said about the time is said anew. Each time
// costs a frame, which is dear where the processor draws it.
const tickTime = 5 * time.Second

// lookedTime is how long a closing window waits for the bell.
const lookedTime = 2 * time.Second

// Options is what a [UI] needs.
type Options struct {
	App    fyne.App
	Inbox  Inbox
	Engine Engine // nil where there is none
	Bell   Bell   // nil while no bell runs; see [UI.SetBell]
	// Do runs a function on the goroutine of the user interface, later.
	Do func(func())
	// View is what to show first; "" is the list, or the guide where no
	// account is connected.
	View string
	Now  func() time.Time
	// After runs f on any goroutine after d; the result stops it. Nil is the
	// clock of the machine.
	After func(d time.Duration, f func()) (stop func())
	// StartBell starts the bell; nil where it cannot be started from here.
	StartBell func(ctx context.Context) error
	// Notices are what the store found when it was opened.
	Notices []app.Problem
	// First is what to show at once; nil reads it when the window has started.
	First *Preloaded
	// Shown is called once, when the first page is in the window.
	Shown func()
}

// UI is the window. Its methods belong to the goroutine of the user interface
// unless they say otherwise.
type UI struct {
	app    fyne.App
	inbox  Inbox
	engine Engine
	bell   Bell
	do     func(func())
	now    func() time.Time
	after  func(time.Duration, func()) func()
	start  func(context.Context) error
	shown  func()
	first  *Preloaded
	ctx    context.Context //nolint:containedctx // ends with the window; every action and every load hangs on it
	cancel context.CancelFunc
	work   sync.WaitGroup
	turn   sync.Mutex // held while something runs for the user interface

	window     fyne.Window
	shell      *shell
	side       *side
	list       *list
	detail     *detail
	settings   *settings
	rules      *rules
	deliveries *deliveries
	silences   *silences
	ledger     *ledger
	guide      *guide
	dialog     *dialog
	undo       *undo

	place    string // the view on screen
	status   app.Status
	known    bool // status has been read once
	problem  error
	failure  *app.Problem
	notices  []app.Problem
	hidden   map[string]bool // notices the user has closed
	statuses *view[Bell, app.Status]
	sums     *view[struct{}, sums]
	rulesOf  *view[app.AccountID, Rules] // for the form of a silence
	previews *view[previewAsk, Preview]
	need     tally // deliveries that need somebody
	silenced int   // silences that are in force
	held     bool  // sending is paused
	stopTick func()
	lookedAt app.AlertID // up to where the bell knows that the user has seen the list
}

// New builds the window. Nothing is read until [UI.Start].
func New(o Options) *UI {
	u := &UI{
		app: o.App, inbox: o.Inbox, engine: o.Engine, bell: o.Bell, now: o.Now, after: o.After,
		start: o.StartBell, shown: o.Shown, first: o.First, notices: o.Notices, hidden: map[string]bool{},
	}
	u.do = func(f func()) { o.Do(func() { u.take(f) }) }
	if u.engine == nil {
		u.engine = noEngine{}
	}
	if u.now == nil {
		u.now = time.Now
	}
	if u.after == nil {
		u.after = func(d time.Duration, f func()) func() {
			t := time.AfterFunc(d, f)
			return func() { t.Stop() }
		}
	}
	u.statuses = newView(u.do, func(ctx context.Context, b Bell) (app.Status, error) {
		return readStatus(ctx, u.inbox, b)
	}, u.showStatus)
	u.window = u.app.NewWindow("Bellhop")
	u.sums = newView(u.do, u.readSums, func(_ struct{}, n sums, err error) {
		if err == nil { // the pages of deliveries and of silences tell what is wrong
			u.showSums(n.deliveries)
			u.showSilences(n.silences)
		}
	})
	u.rulesOf = newView(u.do, func(ctx context.Context, account app.AccountID) (Rules, error) {
		return u.engine.Rules(ctx, account, 0)
	}, func(account app.AccountID, r Rules, err error) {
		if u.silences.form != nil && err == nil { // without it nothing is offered while one types
			u.silences.form.know(account, r)
		}
	})
	u.previews = newView(u.do, u.lookOf, u.showLook)
	u.list = newList(u)
	u.ledger = newLedger(u)
	u.deliveries = newDeliveries(u)
	u.silences = newSilences(u)
	u.detail = newDetail(u)
	u.side = newSide(u)
	u.settings = newSettings(u)
	u.rules = newRules(u)
	u.guide = newGuide(u)
	u.undo = newUndo(u)
	u.shell = newShell(u)
	u.window.SetPadded(false)
	u.window.SetContent(u.shell.content)
	u.window.Resize(fyne.NewSize(1200, 760))
	u.window.SetOnClosed(u.Left)
	u.keys()
	u.place = ViewAlerts
	if o.View != "" {
		u.place = o.View
	}
	return u
}

// take runs f on the goroutine of the user interface. Once Fyne's loop has ended, it
// runs what it is given on the spot, wherever that is (2.8.1, driver/glfw/loop.go):
// what then meets something else that runs is left out, since two at once can break
// what they draw, and nobody sees either.
func (u *UI) take(f func()) {
	if !u.turn.TryLock() {
		return
	}
	defer u.turn.Unlock()
	f()
}

// Window returns the window, to be shown by the caller.
func (u *UI) Window() fyne.Window { return u.window }

// Start begins to read. Everything ends with ctx; see [UI.Close].
func (u *UI) Start(ctx context.Context) {
	u.ctx, u.cancel = context.WithCancel(ctx)
	u.work.Go(func() { u.list.pages.run(u.ctx) })
	u.work.Go(func() { u.statuses.run(u.ctx) })
	u.work.Go(func() { u.settings.values.run(u.ctx) })
	u.work.Go(func() { u.rules.reads.run(u.ctx) })
	u.work.Go(func() { u.rules.whose.people.run(u.ctx) })
	u.work.Go(func() { u.deliveries.reads.run(u.ctx) })
	u.work.Go(func() { u.ledger.reads.run(u.ctx) })
	u.work.Go(func() { u.ledger.whys.run(u.ctx) })
	u.work.Go(func() { u.sums.run(u.ctx) })
	u.work.Go(func() { u.silences.reads.run(u.ctx) })
	u.work.Go(func() { u.silences.looks.run(u.ctx) })
	u.work.Go(func() { u.rulesOf.run(u.ctx) })
	u.work.Go(func() { u.previews.run(u.ctx) })
	u.work.Go(func() { u.guide.probes.run(u.ctx) })
	place := u.place
	u.place = ""
	if u.first != nil {
		u.present(u.first, place)
		u.first = nil
	} else {
		u.Show(place)
		u.statuses.ask(u.bell)
		u.settings.values.ask(struct{}{})
	}
	u.tick()
}

// Close ends everything that was started and waits for it. It is called after
// the loop of the user interface has ended.
func (u *UI) Close() {
	u.cancel()
	if u.stopTick != nil {
		u.stopTick()
	}
	u.work.Wait()
}

// Show brings a view to the screen.
func (u *UI) Show(place string) {
	switch place {
	case ViewNew, ViewHistory, ViewDeliveries, ViewSilences, ViewSettings, ViewNotifications, ViewConnect:
	default:
		place = ViewAlerts
	}
	if u.place == place {
		return
	}
	u.place = place
	u.list.search.SetText("")
	u.shell.show(place)
	u.side.show()
	switch place {
	case ViewAlerts, ViewNew, ViewHistory:
		u.list.enter(place)
	case ViewConnect:
		u.guide.enter()
	case ViewSettings:
		u.settings.enter()
	case ViewDeliveries:
		u.deliveries.enter()
	case ViewSilences:
		u.silences.enter()
	case ViewNotifications:
		u.rules.enter()
	}
}

// Raise brings the window to the front with a view, "" for the one it shows. It
// may be called from any goroutine.
func (u *UI) Raise(place string) {
	u.do(func() {
		if place == ViewAlerts && u.known && len(u.status.Accounts) == 0 {
			place = ViewConnect
		}
		if place != "" {
			u.Show(place)
		}
		u.window.Show()
		u.window.RequestFocus()
	})
}

// Hint says that parts of the store have changed. It may be called from any
// goroutine.
func (u *UI) Hint(h app.Hints) {
	u.do(func() {
		if h[app.TopicAlerts] || h[app.TopicIntents] {
			u.list.refresh()
		}
		if h[app.TopicDeliveries] {
			u.sums.ask(struct{}{})
			u.deliveries.refresh()
			u.ledger.refresh()
		}
		if h[app.TopicFacts] || h[app.TopicSettings] {
			u.rules.refresh()
		}
		if h[app.TopicFacts] {
			u.sums.ask(struct{}{})
			u.silences.refresh()
		}
		if h[app.TopicSettings] {
			u.settings.values.ask(struct{}{})
		}
		u.statuses.ask(u.bell)
	})
}

// SetBell says that a bell can be asked now, or with nil that none runs. It may
// be called from any goroutine.
func (u *UI) SetBell(b Bell) {
	u.do(func() {
		u.bell = b
		u.rules.refresh()
		u.deliveries.refresh()
		u.silences.refresh()
		u.ledger.refresh()
		u.statuses.ask(u.bell)
		u.list.refresh()
	})
}

// tick lets what depends on the time of day follow it.
func (u *UI) tick() {
	u.stopTick = u.later(tickTime, func() {
		u.side.showFoot()
		u.tick()
	})
}

// looked tells the bell up to which alert the user has seen the list. It is
// told when the window is left: as long as one looks at it, what is new stays
// marked.
func (u *UI) looked() {
	newest, account := u.list.newest, u.list.account
	if newest == 0 || newest == u.lookedAt || u.bell == nil || (u.place != ViewAlerts && u.place != ViewNew) {
		return
	}
	u.lookedAt = newest
	bell, ctx := u.bell, context.WithoutCancel(u.ctx)
	u.work.Go(func() {
		// It may be the last thing the window does, so it outlives the context.
		ctx, cancel := context.WithTimeout(ctx, lookedTime)
		defer cancel()
		_ = bell.Looked(ctx, account, newest) // what is new stays marked; nothing is lost
	})
}

// Opened says that the window is on the screen; only then can the keyboard be
// given to a field.
func (u *UI) Opened() {
	u.sums.ask(struct{}{})
	if u.place == ViewConnect {
		u.guide.focus()
	}
}

// unfocus takes the keyboard out of a field.
func (u *UI) unfocus() { u.window.Canvas().Unfocus() }

// CloseWindow closes the window. It may be called from any goroutine.
func (u *UI) CloseWindow() { u.do(u.window.Close) }

// Left says that another window has been brought to the front.
func (u *UI) Left() { u.looked() }

// sums are the numbers of the side bar that are not part of the status.
type sums struct {
	deliveries DeliveryCounts
	silences   int
}

func (u *UI) readSums(ctx context.Context, _ struct{}) (n sums, err error) {
	if n.deliveries, err = u.engine.DeliveryCounts(ctx); err == nil {
		n.silences, err = u.engine.SilencesInForce(ctx)
	}
	return n, err
}
