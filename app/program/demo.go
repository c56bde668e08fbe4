package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/app/demo"
	"bellhop/app/dispatch/toast"
)

// demoPace is the pause between two steps of the headless demo, for its reader.
const demoPace = 1200 * time.Millisecond

// throwAway removes a data folder that a window may still be opening: it ends
// with the bell, but not in the same moment, and SQLite makes files where it
// reads. A folder in which files appear for longer than that stays, as an error.
func throwAway(dir string) error {
	ended := time.Now().Add(3 * time.Second)
	for {
		err := os.RemoveAll(dir)
		if err == nil || time.Now().After(ended) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// RunDemo runs the bell on a DefectDojo of its own, in a data folder that is
// thrown away at the end. With a desktop the server's side of the story plays
// until the user quits; without one the whole story is told on o.Out, and
// RunDemo returns nil only if every step came out. An account that the user
// connects meanwhile goes to o.DataDir, and the demo ends.
func RunDemo(ctx context.Context, o Options) (err error) {
	o = o.withDefaults()
	dir, err := os.MkdirTemp("", "bellhop-demo-")
	if err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	defer func() { err = errors.Join(err, throwAway(dir)) }()
	server, err := demo.NewServer(ctx, o.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	hook, err := demo.NewHook(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hook.Close()) }()

	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	seen := &announcements{}
	played := o
	played.DataDir, played.demo, played.secrets, played.onToasts = dir, true, &memory{}, seen.add
	played.connectElsewhere = func(ctx context.Context, c app.Connect) (app.Account, error) {
		account, err := Connect(ctx, o, c)
		if err == nil {
			time.AfterFunc(quitDelay, func() { end(ErrConnected) })
		}
		return account, err
	}
	var summary *demo.Summary // nil until the story came to its end
	if o.Headless {
		played.toaster = &printer{out: o.Out, next: 1}
	} else if o.View == "" {
		played.View = "alerts"
	}
	played.story = func(ctx context.Context, b *bell) error {
		account, err := b.connectHere(ctx, server.SignIn())
		if err != nil {
			return fmt.Errorf("connect the demo: %w", err)
		}
		if err := chooseForDemo(ctx, b, account, hook.URL()); err != nil {
			return fmt.Errorf("choose the demo's settings: %w", err)
		}
		story := &demo.Story{Server: server, Hook: hook, Bell: stage{b, seen}, Out: o.Out, Pace: demoPace, Now: o.Now}
		if !o.Headless {
			return story.Play(ctx)
		}
		defer b.quit()
		told, err := story.Tell(ctx)
		if err == nil {
			summary = &told
		}
		return endOr(ctx, err)
	}
	if _, err := fmt.Fprintf(o.Out, "Bellhop demo: a DefectDojo of its own, nothing leaves this computer.\nIts data are in %s until it ends; try `bellhop --data-dir %s alerts`.\n", dir, dir); err != nil {
		return err
	}
	err = Run(ctx, played)
	switch {
	case errors.Is(context.Cause(ctx), ErrConnected):
		return ErrConnected
	case err != nil && !errors.Is(err, context.Canceled):
		return err
	case !o.Headless:
		return nil
	case summary == nil:
		return app.NewProblem("interrupted", "The demo was interrupted before its end.", "Run `bellhop demo` again.", false, nil)
	}
	_, err = fmt.Fprintf(o.Out, "demo: %s\n", *summary)
	return err
}

// chooseForDemo makes the choices of the demo's user: some of her events are sent
// on to a webhook, and of scans only those of the nightly job.
func chooseForDemo(ctx context.Context, b *bell, account app.Account, hook string) error {
	me, err := b.store.Me(ctx, account.ID)
	if err != nil {
		return err
	}
	if _, err := b.PutDestination(ctx, app.Destination{
		Account: account.ID, Channel: app.ChannelWebhooks, Name: "team chat", Person: me.ID, Address: hook,
		Config: map[string]string{"private": "on"},
	}, nil, true); err != nil {
		return err
	}
	row := app.DefaultRow()
	for _, c := range []app.Column{app.ColumnUserMentioned, app.ColumnReviewRequested, app.ColumnScanAdded, app.ColumnSLABreach} {
		row[c] |= app.ChannelsOf(app.ChannelWebhooks)
	}
	_, err = b.PutPreference(ctx, app.Preference{
		Account: account.ID, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: me.ID, Row: row,
		Extra: app.Extra{Only: []app.Condition{{Channels: app.ChannelsOf(app.ChannelWebhooks), Columns: []string{app.ColumnScanAdded.String()}, Text: "nightly"}}},
	})
	return err
}

// ErrConnected ends a demo whose user has connected an account: the bell is to
// be started on it.
var ErrConnected = errors.New("an account was connected")

// stage is the bell as the story sees it.
type stage struct {
	*bell
	seen *announcements
}

// Toasted counts the alerts that were announced so far.
func (s stage) Toasted() int { return s.seen.count() }

// AwaitToasted waits until n alerts were announced.
func (s stage) AwaitToasted(ctx context.Context, n int) error { return s.seen.await(ctx, n) }

// announcements counts alerts that were announced.
type announcements struct {
	mu      sync.Mutex
	n       int
	changed chan struct{} // closed and replaced with each change; nil while nobody waits
}

func (a *announcements) add(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n += n
	if a.changed != nil {
		close(a.changed)
		a.changed = nil
	}
}

func (a *announcements) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.n
}

func (a *announcements) await(ctx context.Context, n int) error {
	for {
		a.mu.Lock()
		if a.n >= n {
			a.mu.Unlock()
			return nil
		}
		if a.changed == nil {
			a.changed = make(chan struct{})
		}
		changed := a.changed
		a.mu.Unlock()
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}

// printer is the toaster of a demo without a desktop.
type printer struct {
	out  io.Writer
	mu   sync.Mutex
	next uint32
}

// Show prints the toast.
func (p *printer) Show(_ context.Context, t toast.Toast) (uint32, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := fmt.Fprintf(p.out, "                  toast: %s\n", t.Title); err != nil {
		return 0, err
	}
	p.next++
	return p.next - 1, nil
}

// Withdraw has nothing to take back from a page.
func (*printer) Withdraw(context.Context, uint32) error { return nil }

// Actions never has one.
func (*printer) Actions() <-chan toast.Action { return nil }

// memory keeps the demo's secrets, which nobody needs after it: they must not
// meet the keyring of the user's real accounts.
type memory struct {
	mu      sync.Mutex
	secrets map[app.AccountID]map[string]string
}

// Get returns a secret, or [app.ErrNotFound].
func (m *memory) Get(_ context.Context, account app.AccountID, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.secrets[account][name]
	if !ok {
		return "", app.ErrNotFound
	}
	return value, nil
}

// Set keeps a secret.
func (m *memory) Set(_ context.Context, account app.AccountID, name, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.secrets == nil {
		m.secrets = make(map[app.AccountID]map[string]string)
	}
	if m.secrets[account] == nil {
		m.secrets[account] = make(map[string]string)
	}
	m.secrets[account][name] = value
	return nil
}

// Delete forgets all secrets of an account.
func (m *memory) Delete(_ context.Context, account app.AccountID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.secrets, account)
	return nil
}

// Drop forgets one secret.
func (m *memory) Drop(_ context.Context, account app.AccountID, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.secrets[account], name)
	return nil
}

// Notice has nothing to say.
func (*memory) Notice() *app.Problem { return nil }
