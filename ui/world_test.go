package ui

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

// noon is the moment at which every story begins.
var noon = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)

// world is a window on Fyne's test driver with an inbox and a bell of its own,
// and a clock that the story moves.
type world struct {
	t     *testing.T
	ui    *UI
	inbox *fakeInbox
	bell  *fakeBell

	mu     sync.Mutex
	now    time.Time
	timers []*timer
	queue  chan func()
}

type timer struct {
	at   time.Time
	f    func()
	over bool
}

// newWorld opens a window of the given size on inbox. The bell may be nil.
func newWorld(t *testing.T, size fyne.Size, view string, inbox *fakeInbox, bell *fakeBell) *world {
	t.Helper()
	w := &world{t: t, inbox: inbox, bell: bell, now: noon, queue: make(chan func(), 256)}
	a := test.NewTempApp(t)
	a.Settings().SetTheme(NewTheme("light"))
	o := Options{App: a, Inbox: inbox, Engine: inbox.engine, Do: func(f func()) { w.queue <- f }, View: view, Now: w.clock, After: w.after}
	if bell != nil {
		bell.t, bell.inbox = t, inbox
		o.Bell = bell
	}
	w.ui = New(o)
	w.ui.Window().Resize(size)
	w.ui.Start(t.Context())
	t.Cleanup(func() {
		done := make(chan struct{})
		go func() { w.ui.Close(); close(done) }()
		for {
			select {
			case f := <-w.queue:
				f()
			case <-done:
				return
			}
		}
	})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) after(d time.Duration, f func()) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	tm := &timer{at: w.now.Add(d), f: f}
	w.timers = append(w.timers, tm)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		tm.over = true
	}
}

// pass lets time go by, with everything that is due on the way.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	end := w.clock().Add(d)
	for {
		w.mu.Lock()
		var next *timer
		for _, tm := range w.timers {
			if !tm.over && !tm.at.After(end) && (next == nil || tm.at.Before(next.at)) {
				next = tm
			}
		}
		if next == nil {
			w.now = end
			w.timers = slices.DeleteFunc(w.timers, func(tm *timer) bool { return tm.over })
			w.mu.Unlock()
			break
		}
		next.over = true
		w.now = next.at
		w.mu.Unlock()
		next.f()
		w.drain()
	}
	w.drain()
}

// drain runs what has been queued for the goroutine of the user interface.
func (w *world) drain() {
	for {
		select {
		case f := <-w.queue:
			f()
		default:
			return
		}
	}
}

// until runs the user interface until cond holds.
func (w *world) until(what string, cond func() bool) {
	w.t.Helper()
	limit := time.After(10 * time.Second)
	look := time.NewTicker(time.Millisecond) // for what happens off the user interface
	defer look.Stop()
	for !cond() {
		select {
		case f := <-w.queue:
			f()
		case <-look.C:
		case <-limit:
			w.t.Fatalf("it never came to this: %s", what)
		}
	}
}

// ready waits until the list and the status are on screen.
func (w *world) ready() {
	w.t.Helper()
	w.until("the list and the status are shown", func() bool { return w.ui.known && w.ui.list.loaded })
}

// key presses a key with nothing focused.
func (w *world) key(k fyne.KeyName) { w.ui.Window().Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k}) }

// rune types a character with nothing focused.
func (w *world) rune(r rune) { w.ui.Window().Canvas().OnTypedRune()(r) }

// fakeInbox keeps alerts in memory, newest first.
type fakeInbox struct {
	mu       sync.Mutex
	alerts   []app.Alert
	accounts []app.Account
	states   map[app.AccountID]app.SyncState
	settings map[string]string
	err      error
	gate     func(f app.Filter) // called outside the lock before a page is read
	asked    []app.Filter
	engine   Engine // nil where the story has none
}

func (f *fakeInbox) Alerts(ctx context.Context, q app.Filter) (app.Page, error) {
	f.mu.Lock()
	f.asked = append(f.asked, q)
	gate := f.gate
	f.mu.Unlock()
	if gate != nil {
		gate(q)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := errors.Join(f.err, ctx.Err()); err != nil {
		return app.Page{}, err
	}
	limit := q.Limit
	if limit == 0 {
		limit = 50
	}
	if limit > 1000 {
		return app.Page{}, fmt.Errorf("a page of %d is too large", limit)
	}
	var p app.Page
	from := 0
	if q.After != 0 {
		from, _ = slices.BinarySearchFunc(f.alerts, q.After-1, func(a app.Alert, id app.AlertID) int { return int(id - a.ID) })
	}
	for _, a := range f.alerts[from:] {
		listed := a.Removal == nil
		switch {
		case q.Account != 0 && a.Account != q.Account,
			q.View == app.ViewHistory && listed,
			(q.View == app.ViewList || q.View == "") && !listed,
			q.Search != "" && !strings.Contains(strings.ToLower(a.Title+" "+a.Description), strings.ToLower(q.Search)):
			continue
		}
		if len(p.Alerts) == limit {
			p.Next = p.Alerts[limit-1].ID
			break
		}
		p.Alerts = append(p.Alerts, a)
	}
	return p, nil
}

func (f *fakeInbox) count(account app.AccountID, ok func(app.Alert) bool) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, a := range f.alerts {
		if (account == 0 || a.Account == account) && ok(a) {
			n++
		}
	}
	return n
}

func (f *fakeInbox) Count(_ context.Context, id app.AccountID) (int, error) {
	return f.count(id, func(a app.Alert) bool { return a.Removal == nil }), nil
}

func (f *fakeInbox) NewCount(_ context.Context, id app.AccountID) (int, error) {
	return min(100, f.count(id, func(a app.Alert) bool { return a.Removal == nil && a.New })), nil
}

func (f *fakeInbox) Pending(_ context.Context, id app.AccountID) (int, error) {
	return f.count(id, func(a app.Alert) bool { return a.Removal != nil && a.Removal.Pending }), nil
}

func (f *fakeInbox) Accounts(context.Context) ([]app.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.accounts), nil
}

func (f *fakeInbox) SyncState(_ context.Context, id app.AccountID) (app.SyncState, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.states[id], nil
}

func (f *fakeInbox) Settings(context.Context) (map[string]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[string]string{}
	for _, s := range app.Settings {
		all[s.Key] = s.Default
	}
	maps.Copy(all, f.settings)
	return all, nil
}

// update changes the alerts with the ids.
func (f *fakeInbox) update(ids []app.AlertID, change func(*app.Alert)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.alerts {
		if slices.Contains(ids, f.alerts[i].ID) {
			change(&f.alerts[i])
		}
	}
}

// arrive adds an alert at the top.
func (f *fakeInbox) arrive(a app.Alert) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alerts = append([]app.Alert{a}, f.alerts...)
}

// fakeBell is strict: a call that no story asked for fails the test. A story
// allows a method by setting its function.
type fakeBell struct {
	t     *testing.T
	inbox *fakeInbox

	mu    sync.Mutex
	calls []string

	status     func() (app.Status, error)
	remove     func([]app.AlertID) (app.Removed, error)
	clear      func(app.AccountID, app.AlertID) (app.Removed, error)
	undo       func([]app.IntentID) (int, error)
	retry      func([]app.AlertID) (app.Removed, error)
	looked     func(app.AlertID) error
	sync       func(app.AccountID) error
	pause      func(time.Time) error
	resume     func() error
	set        func(key, value string) error
	probe      func(context.Context, app.Connect) (app.Probe, error)
	connect    func(app.Connect) (app.Account, error)
	disconnect func(app.AccountID) error
	open       func(app.AlertID, bool) (string, error)
	keeper
}

// note writes a call down; allowed says whether the story expects it.
func (b *fakeBell) note(allowed bool, format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	b.mu.Lock()
	b.calls = append(b.calls, call)
	b.mu.Unlock()
	if !allowed {
		b.t.Errorf("the window called %s, which this story does not expect", call)
		return errors.New("unexpected call")
	}
	return nil
}

// called says whether a call was made.
func (b *fakeBell) called(call string) func() bool {
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return slices.Contains(b.calls, call)
	}
}

// asked returns every call so far but those for the status.
func (b *fakeBell) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Status is the one call that is always allowed.
func (b *fakeBell) Status(ctx context.Context) (app.Status, error) {
	if b.status != nil {
		return b.status()
	}
	return b.running(ctx)
}

// running is the status of a bell that has nothing to complain about.
func (b *fakeBell) running(ctx context.Context) (s app.Status, err error) {
	s, err = storedStatus(ctx, b.inbox)
	s.Running = true
	return s, err
}

func (b *fakeBell) Remove(_ context.Context, ids []app.AlertID) (r app.Removed, err error) {
	if err = b.note(b.remove != nil, "remove %v", ids); err == nil {
		r, err = b.remove(ids)
	}
	return r, err
}

func (b *fakeBell) Clear(_ context.Context, id app.AccountID, upTo app.AlertID) (r app.Removed, err error) {
	if err = b.note(b.clear != nil, "clear %d up to %d", id, upTo); err == nil {
		r, err = b.clear(id, upTo)
	}
	return r, err
}

func (b *fakeBell) Undo(_ context.Context, ids []app.IntentID) (n int, err error) {
	if err = b.note(b.undo != nil, "undo %v", ids); err == nil {
		n, err = b.undo(ids)
	}
	return n, err
}

func (b *fakeBell) Retry(_ context.Context, ids []app.AlertID) (r app.Removed, err error) {
	if err = b.note(b.retry != nil, "retry %v", ids); err == nil {
		r, err = b.retry(ids)
	}
	return r, err
}

func (b *fakeBell) Looked(_ context.Context, _ app.AccountID, upTo app.AlertID) (err error) {
	if err = b.note(b.looked != nil, "looked %d", upTo); err == nil {
		err = b.looked(upTo)
	}
	return err
}

func (b *fakeBell) Sync(_ context.Context, id app.AccountID) (err error) {
	if err = b.note(b.sync != nil, "sync %d", id); err == nil {
		err = b.sync(id)
	}
	return err
}

func (b *fakeBell) Pause(_ context.Context, until time.Time) (err error) {
	if err = b.note(b.pause != nil, "pause %s", until.Format(time.RFC3339)); err == nil {
		err = b.pause(until)
	}
	return err
}

func (b *fakeBell) Resume(context.Context) (err error) {
	if err = b.note(b.resume != nil, "resume"); err == nil {
		err = b.resume()
	}
	return err
}

func (b *fakeBell) Set(_ context.Context, key, value string) (err error) {
	if err = b.note(b.set != nil, "set %s %s", key, value); err == nil {
		err = b.set(key, value)
	}
	return err
}

func (b *fakeBell) Probe(ctx context.Context, c app.Connect) (p app.Probe, err error) {
	if c.Password+c.Session+c.Token != "" {
		b.t.Errorf("a secret was sent along with a probe")
	}
	if err = b.note(b.probe != nil, "probe %s", c.URL); err == nil {
		p, err = b.probe(ctx, c)
	}
	return p, err
}

func (b *fakeBell) Connect(_ context.Context, c app.Connect) (a app.Account, err error) {
	if err = b.note(b.connect != nil, "connect %s %s", c.URL, c.SignIn); err == nil {
		a, err = b.connect(c)
	}
	return a, err
}

func (b *fakeBell) Disconnect(_ context.Context, id app.AccountID) (err error) {
	if err = b.note(b.disconnect != nil, "disconnect %d", id); err == nil {
		err = b.disconnect(id)
	}
	return err
}

func (b *fakeBell) Open(_ context.Context, id app.AlertID, foreignOK bool) (url string, err error) {
	if err = b.note(b.open != nil, "open %d %t", id, foreignOK); err == nil {
		url, err = b.open(id, foreignOK)
	}
	return url, err
}
