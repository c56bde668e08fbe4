package main

import (
	"context"
	"errors"

	"bellhop/app"
	"bellhop/app/control"
	"bellhop/store"
)

// open lets the bell open the page and returns its address.
func (t *tool) open(ctx context.Context, id app.AlertID, foreign bool) (target string, err error) {
	err = t.withBell(ctx, func(ctx context.Context, c *control.Client) error {
		var err error
		target, err = c.Open(ctx, id, foreign)
		return foreignProblem(target, err)
	})
	return target, err
}

// address returns the page's address by the database alone.
func (t *tool) address(ctx context.Context, id app.AlertID, foreign bool) (target string, err error) {
	err = t.withStore(ctx, func(ctx context.Context, s *store.Store) error {
		if s == nil {
			return app.ErrNotFound
		}
		alert, err := s.Alert(ctx, id)
		if err != nil {
			return err
		}
		account, err := s.Account(ctx, alert.Account)
		if err != nil {
			return err
		}
		var other bool
		if target, other, err = app.Link(account.URL, alert.URL); err != nil {
			return err
		}
		if other && !foreign {
			return foreignProblem(target, app.ErrForeignHost)
		}
		return nil
	})
	return target, err
}

// foreignProblem shows where a link leads that was not followed.
func foreignProblem(target string, err error) error {
	if !errors.Is(err, app.ErrForeignHost) || target == "" {
		return err
	}
	return app.NewProblem("foreign_host", "The alert's link leads to another host: "+target,
		"Open it with --foreign if you trust it.", true, err)
}
