package program

import (
	"context"
	"errors"
	"fmt"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// AddSilence begins a silence now. It holds what is decided from now on; what
// waits already goes out.
func (b *bell) AddSilence(ctx context.Context, s app.Silence) (app.Silence, error) {
	if err := s.Check(b.o.now()); err != nil {
		return app.Silence{}, err
	}
	account, err := b.homeOf(ctx, s.Account)
	if err != nil {
		return app.Silence{}, err
	}
	s.ID, s.Account, s.Who = 0, account, whoami()
	return b.store.AddSilence(ctx, s)
}

// EndSilence ends a silence, and lets go what nothing else holds.
func (b *bell) EndSilence(ctx context.Context, id app.SilenceID) (app.SilenceEnded, error) {
	s, err := b.store.EndSilence(ctx, id)
	if errors.Is(err, app.ErrNotFound) {
		return app.SilenceEnded{}, app.NewProblem("not_found", fmt.Sprintf("There is no silence %d.", id), "List them with `bellhop silence list`.", false, err)
	}
	if err != nil {
		return app.SilenceEnded{}, err
	}
	n, err := b.releaseHeld(ctx, s.Account)
	return app.SilenceEnded{Silence: s, LetGo: n}, err
}

// releaseAtMost bounds how many deliveries are looked at at once.
const releaseAtMost = 1000

// releaseHeld lets deliveries of an account that are held leave as soon as by the
// facts of now nothing holds them: at once, or when quiet hours or another silence
// ends. It returns how many leave earlier than before.
func (b *bell) releaseHeld(ctx context.Context, account app.AccountID) (int, error) {
	// What is being decided by older facts is waited for, or it would be missed.
	b.engine.deciding.Lock()
	b.engine.deciding.Unlock() //nolint:staticcheck // only waited for
	facts, err := b.store.Facts(ctx, account)
	if err != nil {
		return 0, err
	}
	w, now := dispatch.New(facts), b.o.now()
	total := 0
	for after := app.DeliveryID(""); ; {
		held, err := b.store.Held(ctx, account, after, releaseAtMost)
		if err != nil {
			return total, err
		}
		if len(held) == 0 {
			return total, b.store.LetGo(ctx, account, now)
		}
		var earlier []app.Delivery
		for i := range held {
			d := held[i].Delivery
			after = d.ID
			if due := w.HeldUntil(held[i].Event, d.Person, d.Channel, now); due.Before(d.Due) {
				d.Due = due
				earlier = append(earlier, d)
			}
		}
		n, err := b.store.Hasten(ctx, earlier)
		total += n
		if err != nil {
			return total, err
		}
	}
}

// releaseOverdue does what a bell that died left undone.
func (b *bell) releaseOverdue(ctx context.Context) error {
	accounts, err := b.store.Overdue(ctx)
	for _, account := range accounts {
		if _, one := b.releaseHeld(ctx, account); one != nil {
			err = errors.Join(err, one)
		}
	}
	if err != nil && ctx.Err() == nil {
		b.log.WarnContext(ctx, "what a silence held is not let go yet", "error", err)
	}
	return nil
}
