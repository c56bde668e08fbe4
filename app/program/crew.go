package program

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/store"
	"bellhop/sync/syncer"
)

// local is the store as a syncer sees it.
type local struct{ *store.Store }

// BeginPull stages one answer of a server.
func (l local) BeginPull(ctx context.Context, account app.AccountID, complete bool) (syncer.Pull, error) {
	pull, err := l.Store.BeginPull(ctx, account, complete)
	if err != nil {
		return nil, err
	}
	return pull, nil
}

var (
	_ syncer.Local      = local{}
	_ syncer.WatchLocal = local{}
	_ syncer.Secrets    = (*vault)(nil)
)

// crew runs, for each account with a server, one syncer for its alerts and one
// watch over what its alerts do not tell.
type crew struct {
	store   *store.Store
	secrets syncer.Secrets
	log     *slog.Logger
	agent   string // the User-Agent of every request
	now     func() time.Time

	begun chan struct{} // closed once Run has started a syncer for each stored account

	mu      sync.Mutex
	members map[app.AccountID]member
	ctx     context.Context //nolint:containedctx // the life of the syncers, not of a call
	done    sync.WaitGroup
}

// member is a running syncer with its watch, and what ends both.
type member struct {
	syncer *syncer.Syncer
	watch  *syncer.Watch
	end    func()
}

// Run starts a syncer for every account and ends them all with ctx.
func (c *crew) Run(ctx context.Context) error {
	c.mu.Lock()
	c.ctx = ctx // first, so that an account added meanwhile is started by one of us
	c.mu.Unlock()
	accounts, err := c.store.Accounts(ctx)
	if err != nil {
		return endOr(ctx, err)
	}
	for _, a := range accounts {
		c.Start(a) //nolint:contextcheck // it lives by c.ctx, which is ours
	}
	close(c.begun)
	<-ctx.Done()
	c.mu.Lock()
	c.ctx = nil // whoever is starting a syncer has done so, or sees the end
	c.mu.Unlock()
	c.done.Wait()
	return nil
}

// Start runs a syncer for the account, in place of one that runs already. It
// does nothing before Run and after its end.
func (c *crew) Start(a app.Account) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for { // another Start may come between the end of one and the beginning of the next
		m, running := c.members[a.ID]
		if !running {
			break
		}
		delete(c.members, a.ID)
		c.mu.Unlock()
		m.end()
		c.mu.Lock()
	}
	if c.ctx == nil || c.ctx.Err() != nil || a.Local() {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	s := syncer.New(syncer.Options{
		Account: a, Local: local{c.store}, Secrets: c.secrets, Now: c.now, UserAgent: c.agent,
		Log: c.log,
	})
	w := syncer.NewWatch(syncer.WatchOptions{
		Account: a, Local: local{c.store}, Secrets: c.secrets, Now: c.now, UserAgent: c.agent, Log: c.log,
	})
	var running sync.WaitGroup
	run := func(what string, f func(context.Context) error) {
		running.Add(1)
		c.done.Go(func() {
			defer running.Done()
			if err := f(ctx); err != nil && ctx.Err() == nil {
				c.log.ErrorContext(ctx, "an account's work stopped", "what", what, "account", int64(a.ID), "error", err)
			}
		})
	}
	run("synchronisation", s.Run)
	run("watch", w.Run)
	if c.members == nil {
		c.members = make(map[app.AccountID]member)
	}
	c.members[a.ID] = member{s, w, func() { cancel(); running.Wait() }}
}

// Stop ends the account's syncer and waits for it.
func (c *crew) Stop(id app.AccountID) {
	c.mu.Lock()
	m, ok := c.members[id]
	delete(c.members, id)
	c.mu.Unlock()
	if ok {
		m.end()
	}
}

// Sync synchronises an account, or all (0) at the same time, and waits. A call
// that comes while the bell is still starting waits for that as well.
func (c *crew) Sync(ctx context.Context, id app.AccountID) error {
	select {
	case <-c.begun:
	case <-ctx.Done():
		return ctx.Err()
	}
	var some []*syncer.Syncer
	c.mu.Lock()
	for account, m := range c.members {
		if id == 0 || id == account {
			some = append(some, m.syncer)
		}
	}
	c.mu.Unlock()
	if len(some) == 0 {
		return app.NewProblem("no_account", "There is no such server to synchronise with.",
			"See `bellhop accounts`, or connect one with `bellhop connect URL`.", true, app.ErrNotFound)
	}
	errs := make([]error, len(some))
	var all sync.WaitGroup
	for i, s := range some {
		all.Go(func() { errs[i] = c.outcome(s.SyncNow(ctx)) })
	}
	all.Wait()
	for _, err := range errs { // the first one that the user can act on is told
		if err != nil && app.AsProblem(err).NeedsUser {
			return err
		}
	}
	return errors.Join(errs...)
}

// outcome words the end of a syncer whose account was removed or connected anew
// meanwhile: the bell itself still runs.
func (c *crew) outcome(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !errors.Is(err, app.ErrNotRunning) || c.ctx == nil || c.ctx.Err() != nil {
		return err
	}
	return app.NewProblem("account_changed", "The account was removed or connected again while it was being synchronised.",
		"See `bellhop accounts`.", false, err)
}

// Wake lets every syncer look at once, if it is due to.
func (c *crew) Wake() { c.each((*syncer.Syncer).Wake) }

// WindowOpened asks for complete lists.
func (c *crew) WindowOpened() { c.each((*syncer.Syncer).WindowOpened) }

func (c *crew) each(f func(*syncer.Syncer)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		f(m.syncer)
	}
}
