package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// frames returns how many pages the write-ahead log holds.
func frames(tb testing.TB, dir string) int64 {
	tb.Helper()
	info := must(os.Stat(filepath.Join(dir, "bellhop.db-wal")))(tb)
	return info.Size() / (4096 + 24)
}

func TestChangesThatWaitAreCommittedTogether(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := must(store.Open(t.Context(), store.Options{Dir: dir}))(t)
		defer func() { ok(t, s.Close()) }()
		before := frames(t, dir)
		held, release := make(chan struct{}), make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			if err := s.Hold(t.Context(), held, release); err != nil {
				t.Error(err)
			}
		})
		<-held
		for i := range 100 {
			all.Go(func() {
				if err := s.Set(t.Context(), app.SettingHistoryDays, fmt.Sprint(i+1)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // all hundred wait for the writer
		close(release)
		all.Wait()
		// Each commit writes a page at least; a hundred commits, a hundred.
		if n := frames(t, dir) - before; n > 10 {
			t.Errorf("a hundred changes wrote %d pages", n)
		}
	})
}

func TestAChangeWhoseCallerGaveUpIsNotMade(t *testing.T) {
	w := newWorld(t)
	held, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := w.store.Hold(t.Context(), held, release); err != nil {
			t.Error(err)
		}
	})
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.store.Set(ctx, app.SettingTheme, "dark"); !errors.Is(err, context.Canceled) {
		t.Errorf("set: %v", err)
	}
	close(release)
	all.Wait()
	if got := must(w.store.Setting(t.Context(), app.SettingTheme))(t); got != "system" {
		t.Errorf("the theme is %q", got)
	}
}

func TestAChangeThatFailsLeavesTheOthersOfItsGroup(t *testing.T) {
	w := newWorld(t)
	held, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := w.store.Hold(t.Context(), held, release); err != nil {
			t.Error(err)
		}
	})
	<-held
	for i := range 20 {
		all.Go(func() {
			err := w.store.Set(t.Context(), app.SettingTheme, "light")
			if i%2 == 0 {
				err = w.store.UpdateAccount(t.Context(), app.Account{ID: 99, URL: "https://nowhere", SignIn: app.SignInPassword})
				if errors.Is(err, app.ErrNotFound) {
					err = nil
				} else if err == nil {
					err = errors.New("an account that is not there was updated")
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(release)
	all.Wait()
	if got := must(w.store.Setting(t.Context(), app.SettingTheme))(t); got != "light" {
		t.Errorf("the theme is %q", got)
	}
}

func TestHintsComeAfterTheCommit(t *testing.T) {
	w := newWorld(t)
	hints, end := w.store.Changes().Subscribe()
	defer end()
	w.pull(app.Apply{First: true}, answer(1, 2)...)
	if got := <-hints; !got[app.TopicAlerts] || got[app.TopicSettings] {
		t.Errorf("a pull hints at %v", got)
	}
	must(w.store.Remove(t.Context(), []app.AlertID{w.id(1)}, 0))(t)
	if got := <-hints; !got[app.TopicAlerts] || !got[app.TopicIntents] {
		t.Errorf("a removal hints at %v", got)
	}
	ok(t, w.store.Set(t.Context(), app.SettingTheme, "dark"))
	if got := <-hints; !got[app.TopicSettings] {
		t.Errorf("a setting hints at %v", got)
	}
	w.pull(app.Apply{}, answer(1, 2)...)
	select {
	case got := <-hints:
		if got[app.TopicAlerts] {
			t.Errorf("a pull without news hints at %v", got)
		}
	default:
	}
}

func TestManyDoManyThingsAtOnce(t *testing.T) {
	w := newWorld(t)
	s, account, ctx := w.store, w.account, t.Context()
	const rounds = 30
	var all sync.WaitGroup
	try := func(fn func(i int) error) {
		all.Go(func() {
			for i := range rounds {
				if err := fn(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	newest := func() []app.AlertID {
		page, err := s.Alerts(ctx, app.Filter{Limit: 20})
		if err != nil {
			t.Error(err)
		}
		var ids []app.AlertID
		for _, a := range page.Alerts {
			ids = append(ids, a.ID)
		}
		return ids
	}
	try(func(i int) error { // the syncer
		p, err := s.BeginPull(ctx, account.ID, true)
		if err != nil {
			return err
		}
		keys := make([]int64, 40)
		for k := range keys {
			keys[k] = int64(i*10 + k + 1)
		}
		err = p.Add(ctx, answer(keys...))
		if err == nil {
			_, err = p.Apply(ctx, app.Apply{})
		}
		if err == nil {
			_, err = p.Targets(ctx, 10)
		}
		return errors.Join(err, p.Close())
	})
	for range 2 {
		try(func(int) error { // the user in the window
			ids := newest()
			_, err := s.Remove(ctx, ids[:min(3, len(ids))], 0)
			return err
		})
		try(func(int) error {
			_, err := s.Undo(ctx, nil)
			if errors.Is(err, app.ErrTooLate) {
				err = nil
			}
			return err
		})
		try(func(int) error {
			ids := newest()
			if len(ids) < 15 {
				return nil
			}
			_, err := s.Clear(ctx, 0, ids[10], time.Minute)
			return err
		})
		try(func(int) error {
			_, err := s.Alerts(ctx, app.Filter{Search: "scan of", View: app.ViewEverything})
			return err
		})
	}
	try(func(int) error {
		events, err := s.Unrouted(ctx, 10)
		var ids []int64
		for _, e := range events {
			ids = append(ids, e.ID)
		}
		return errors.Join(err, s.Routed(ctx, ids))
	})
	try(func(int) error { _, err := s.Prune(ctx, w.clock.Add(time.Hour)); return err })
	try(func(int) error { _, err := s.NewCount(ctx, 0); return err })
	all.Wait()
	w.recount()
	w.deepCheck()
}

func TestClosingWaitsForWhatRuns(t *testing.T) {
	for range 50 {
		s := must(store.Open(t.Context(), store.Options{Dir: t.TempDir()}))(t)
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() { _ = s.Set(t.Context(), app.SettingHistoryDays, fmt.Sprint(i+1)) })
		}
		ok(t, s.Close())
		all.Wait()
	}
}
