package program

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bellhop/app"
	"bellhop/app/intake"
	"bellhop/store"
	"bellhop/sync/dojo"
)

const (
	// secretIntake is the secret of the intake's header; it belongs to this
	// machine's account.
	secretIntake = "intake" // #nosec G101 -- a name, not a secret
	// intakeName is what the webhook is called at a server.
	intakeName = "Bellhop"
)

// doorkeeper runs the listener for DefectDojo's webhooks as the settings say.
type doorkeeper struct {
	store *store.Store
	vault secretKeeper
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	running *intake.Listener // nil while there is none
	problem *app.Problem     // why there is none although one is wanted
}

// settings of the intake, compared to know whether they changed.
type doorway struct{ address, header, path, secret string }

// Run keeps the listener until ctx ends.
func (d *doorkeeper) Run(ctx context.Context) error {
	hints, end := d.store.Changes().Subscribe()
	defer end()
	var open doorway
	stop := func() {}
	defer func() { stop() }()
	for {
		want, err := d.wanted(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			d.set(nil, app.AsProblem(err))
		} else if want != open {
			stop()
			stop, open = d.open(ctx, want), want
		}
		select {
		case <-ctx.Done():
			return nil
		case h := <-hints:
			for !h[app.TopicSettings] {
				select {
				case <-ctx.Done():
					return nil
				case h = <-hints:
				}
			}
		}
	}
}

// wanted reads what the settings ask for; an empty address is no listener.
func (d *doorkeeper) wanted(ctx context.Context) (doorway, error) {
	var w doorway
	typed, err := d.store.Setting(ctx, app.SettingIntakeAddress)
	if err != nil {
		return w, err
	}
	if w.address, err = app.IntakeAddress(typed); err != nil || w.address == "" {
		return w, err
	}
	if w.header, err = d.store.Setting(ctx, app.SettingIntakeHeader); err != nil {
		return w, err
	}
	if w.path, err = d.store.Setting(ctx, app.SettingIntakePath); err != nil {
		return w, err
	}
	w.secret, _, err = d.secret(ctx, false)
	return w, err
}

// secret returns the header's secret, and makes one where there is none or
// another is wanted.
func (d *doorkeeper) secret(ctx context.Context, another bool) (secret string, made bool, err error) {
	local, err := d.store.Local(ctx)
	if err != nil {
		return "", false, err
	}
	if !another {
		secret, err = d.vault.Get(ctx, local.ID, secretIntake)
		if err == nil || !errors.Is(err, app.ErrNotFound) {
			return secret, false, err
		}
	}
	secret = intake.NewSecret()
	return secret, true, d.vault.Set(ctx, local.ID, secretIntake, secret)
}

// open starts a listener and returns what ends it and waits for that.
func (d *doorkeeper) open(ctx context.Context, w doorway) func() {
	d.set(nil, nil)
	if w.address == "" {
		return func() {}
	}
	l, err := intake.New(intake.Options{
		Header: w.header, Secret: w.secret, Path: w.path, Accounts: d.store.Accounts, Now: d.now, Log: d.log,
		Record: func(ctx context.Context, e app.Event) error {
			_, err := d.store.RecordEvents(ctx, []app.Event{e}, nil)
			return err
		},
	})
	if err != nil {
		d.set(nil, app.AsProblem(err))
		return func() {}
	}
	nl, err := intake.Listen(ctx, w.address)
	if err != nil {
		d.log.WarnContext(ctx, "webhooks are not received", "error", err)
		d.set(nil, app.AsProblem(err))
		return func() {}
	}
	d.set(l, nil)
	ctx, cancel := context.WithCancel(ctx)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := l.Serve(ctx, nl); err != nil {
			d.log.WarnContext(ctx, "webhooks are not received any more", "error", err)
			d.set(nil, app.AsProblem(err))
		}
	})
	return func() { cancel(); serving.Wait() }
}

func (d *doorkeeper) set(l *intake.Listener, p *app.Problem) {
	d.mu.Lock()
	d.running, d.problem = l, p
	d.mu.Unlock()
	d.store.Changes().Publish(app.TopicState)
}

// state says how webhooks are received.
func (d *doorkeeper) state(ctx context.Context) (app.Intake, error) {
	var out app.Intake
	typed, err := d.store.Setting(ctx, app.SettingIntakeAddress)
	if err != nil {
		return out, err
	}
	if out.Address, err = app.IntakeAddress(typed); err != nil {
		return out, err
	}
	if out.Header, err = d.store.Setting(ctx, app.SettingIntakeHeader); err != nil {
		return out, err
	}
	if out.Path, err = d.store.Setting(ctx, app.SettingIntakePath); err != nil {
		return out, err
	}
	if out.Address != "" {
		out.URL = "http://" + out.Address + out.Path
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	out.Problem = d.problem
	if d.running != nil {
		s := d.running.Status()
		out.LastPing, out.LastEvent, out.Recorded, out.Refused = s.LastPing, s.LastEvent, s.Recorded, s.Refused
		if out.Problem == nil {
			out.Problem = s.Problem
		}
	}
	return out, nil
}

// Intake says how webhooks are received.
func (b *bell) Intake(ctx context.Context) (app.Intake, error) { return b.door.state(ctx) }

// ChangeIntake changes how webhooks are received.
func (b *bell) ChangeIntake(ctx context.Context, c app.IntakeChange) (app.Intake, error) {
	secret, made, err := b.door.secret(ctx, c.NewSecret)
	if err != nil {
		return app.Intake{}, err
	}
	if c.Address != "" {
		if err := b.Set(ctx, app.SettingIntakeAddress, c.Address); err != nil {
			return app.Intake{}, err
		}
	} else if made {
		b.store.Changes().Publish(app.TopicSettings) // the listener takes the new secret
	}
	out, err := b.door.state(ctx)
	if err != nil {
		return out, err
	}
	if c.Register != 0 {
		if out.Registered, err = b.register(ctx, c, out, secret); err != nil {
			return out, err
		}
	}
	if made {
		out.Secret = secret
	}
	return out, nil
}

// register makes the webhook at the account's server, in place of one of ours
// that is there.
func (b *bell) register(ctx context.Context, c app.IntakeChange, in app.Intake, secret string) (int64, error) {
	url := c.URL
	if url == "" {
		url = in.URL
	}
	if url == "" {
		return 0, app.Invalid("Webhooks are not received yet.", "Switch that on first: `bellhop intake on`.")
	}
	var id int64
	err := b.withServer(ctx, c.Register, func(ctx context.Context, client *dojo.Client, _ app.Account) error {
		for w, err := range client.NotificationWebhooks(ctx) {
			if err != nil {
				return err
			}
			if w.Name == intakeName {
				if err := client.RemoveNotificationWebhook(ctx, w.ID); err != nil {
					return err
				}
			}
		}
		made, err := client.AddNotificationWebhook(ctx, dojo.NewWebhook{Name: intakeName, URL: url, HeaderName: in.Header, HeaderValue: secret})
		id = made.ID
		return err
	})
	return id, err
}
