// Package tray is the bell in the notification area: the icon with its number,
// the tooltip and the menu. It shows what it is given and reports what was
// clicked; it reads no store and knows no server.
//
// On Linux the icon is a StatusNotifierItem on the session bus. Nothing there
// is taken for granted: the bus, the panel that shows icons, or both can be
// missing, die and come back while the bell runs.
package tray

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"bellhop/app"
)

// Name is what the desktop calls the icon.
const Name = "Bellhop"

// Face is the state that the bell's shape tells.
type Face int

// The faces of the bell.
const (
	FaceIdle     Face = iota // nothing in the list
	FaceSeen                 // alerts in the list, none of them new since the user looked: outline
	FaceNew                  // something new since the user looked: solid
	FaceOffline              // the server cannot be reached: slash
	FaceNeedsYou             // nothing happens until the user acts: triangle
	FaceQuiet                // notifications are paused: Z
)

// PauseChoice is how long the user wants no notifications.
type PauseChoice int

// The choices of the menu.
const (
	PauseHour     PauseChoice = iota // for one hour
	PauseTomorrow                    // until tomorrow morning
	PauseForever                     // until resumed
)

// Item is one alert in the menu. Its texts come from the server as they are;
// the menu makes them harmless.
type Item struct {
	ID     app.AlertID
	Title  string
	Source string
	Age    string // for example "3 min"
}

// View is everything the bell shows.
type View struct {
	Count int // alerts in the list
	Face  Face
	// Tooltip is one line: number, server, last synchronisation. The menu
	// repeats it, for desktops that show no tooltips.
	Tooltip string
	// Title stands beside the icon on macOS, where the icon itself carries no
	// number; elsewhere it is not shown.
	Title string
	// Demo marks everything as a demonstration.
	Demo bool
	// Banner is a line of the menu that leads to connecting a server.
	Banner string
	// Alerts are the newest first; the menu shows ten.
	Alerts []Item
	// Paused says that notifications are held back; PausedText says until
	// when, for example "until 14:00".
	Paused     bool
	PausedText string
	// NeedsYou is a line of the menu that leads to signing in again.
	NeedsYou string
}

// Actions are what the menu does. They run one after another on a goroutine
// of the tray; one that takes long delays the next click, never the icon. None
// may wait for [Tray.Run] to return, which waits for them. A nil action is a
// line without effect.
type Actions struct {
	Open   func(app.AlertID)
	SeeAll func()
	// ClearAll gets the newest id that was in the menu when the user read the
	// number, so that nothing is cleared that was not shown.
	ClearAll func(shown app.AlertID)
	Sync     func()
	Pause    func(PauseChoice)
	Resume   func()
	Settings func()
	Connect  func()
	Quit     func()
}

// Tray is the bell's icon and menu. Make it with [New]. One process can have
// one at a time, because the desktop knows the icon by the process.
type Tray struct {
	do  Actions
	log *slog.Logger
	now func() time.Time

	wake    chan struct{} // one slot: the view changed
	changed chan bool     // one slot: the newest presence of a host
	taps    chan struct{} // one slot: the icon was clicked

	mu      sync.Mutex
	want    View
	means   meanings
	present bool
	note    string
	looked  bool // present is an answer
}

// New returns a tray that is not shown yet.
func New(do Actions, log *slog.Logger) *Tray {
	return &Tray{
		do: do, log: log, now: time.Now,
		wake: make(chan struct{}, 1), changed: make(chan bool, 1), taps: make(chan struct{}, 1),
		note: "The tray has not started.",
	}
}

// Run shows the icon and serves its clicks until ctx ends. It must be called
// on the main goroutine: macOS and Windows deliver clicks to the main thread
// alone. Without a session bus or a panel it waits for one; that is no error.
func (t *Tray) Run(ctx context.Context) error { return t.run(ctx) }

// Show makes v what the bell shows. It may be called before and during Run, by
// any goroutine; an equal view costs a comparison and nothing else.
func (t *Tray) Show(v View) {
	t.mu.Lock()
	same := reflect.DeepEqual(t.want, v)
	if !same {
		t.want = v
	}
	t.mu.Unlock()
	if same {
		return
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Host says whether the desktop has a place that shows the icon, and if not,
// why and what the user can do about it.
func (t *Tray) Host() (present bool, note string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.present, t.note
}

// HostChanged receives whether there is such a place: once when Run has looked,
// and whenever it changes. What was not read is replaced, so a slow reader sees
// the latest. It is never closed.
func (t *Tray) HostChanged() <-chan bool { return t.changed }

// view returns what is to be shown.
func (t *Tray) view() View {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.want
}

// setHost records whether the icon has a place.
func (t *Tray) setHost(present bool, note string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	news := t.present != present || !t.looked
	t.present, t.note, t.looked = present, note, true
	if !news {
		return
	}
	select {
	case <-t.changed:
	default:
	}
	t.changed <- present // free: only setHost sends, and it holds the lock
}

// tap records a click on the icon itself.
func (t *Tray) tap() {
	select {
	case t.taps <- struct{}{}:
	default:
	}
}

// safely carries out one call into the desktop. The library underneath panics
// where a bus connection dies between two calls; a bell must survive that, and
// what was not drawn is drawn again when the bus is back.
func (t *Tray) safely(step string, call func()) {
	defer func() {
		if r := recover(); r != nil {
			t.log.Debug("tray call failed", "step", step, "reason", r)
		}
	}()
	call()
}
