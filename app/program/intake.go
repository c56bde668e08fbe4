package program

import (
	"context"
	"errors"
	"log/slog"
	"net"
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
	// asked hands over who waits until the settings of this moment are in force.
	asked chan chan struct{}
	// placer finds the product of what webhooks tell.
	placer *placer

	mu      sync.Mutex
	running *intake.Listener // nil while there is none
	problem *app.Problem     // why there is none although one is wanted
}

// doorAgain is when an address is tried again that could not be listened on:
// whoever has it may have gone.
const doorAgain = 30 * time.Second

// settings of the intake, compared to know whether they changed.
type doorway struct{ address, header, path, secret string }

// Run keeps the listener until ctx ends.
func (d *doorkeeper) Run(ctx context.Context) error {
	hints, end := d.store.Changes().Subscribe()
	defer end()
	var open doorway
	stop := func() {}
	defer func() { stop() }()
	again := time.NewTimer(0)
	defer again.Stop()
	var waits chan struct{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case waits = <-d.asked:
		case <-again.C:
		case h := <-hints:
			if !h[app.TopicSettings] {
				continue
			}
		}
		want, err := d.wanted(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			d.set(nil, app.AsProblem(err))
		case err == nil && want != open:
			stop()
			var ok bool
			if stop, ok = d.open(ctx, want); ok {
				open = want
			} else {
				open = doorway{}
				again.Reset(doorAgain)
			}
		}
		if waits != nil {
			close(waits)
			waits = nil
		}
	}
}

// inForce waits until the listener is as the settings are now.
func (d *doorkeeper) inForce(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case d.asked <- done:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
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
	// A keyring that cannot be asked could have one, so it is noted here that one
	// was made.
	marked, err := d.store.Cursor(ctx, local.ID, secretIntake)
	if err != nil {
		return "", false, err
	}
	if !another && len(marked) > 0 {
		secret, err = d.vault.Get(ctx, local.ID, secretIntake)
		if err == nil || !errors.Is(err, app.ErrNotFound) {
			return secret, false, err
		}
	}
	secret = intake.NewSecret()
	if err := d.vault.Set(ctx, local.ID, secretIntake, secret); err != nil {
		return "", false, err
	}
	_, err = d.store.RecordEvents(ctx, nil, map[string][]byte{cursorKey(local.ID, secretIntake): []byte("made")})
	return secret, true, err
}

// open starts a listener and returns what ends it and waits for that, and
// whether it is as it was asked for.
func (d *doorkeeper) open(ctx context.Context, w doorway) (stop func(), ok bool) {
	nothing := func() {}
	if w.address == "" {
		d.set(nil, nil)
		return nothing, true
	}
	l, err := intake.New(intake.Options{
		Header: w.header, Secret: w.secret, Path: w.path, Accounts: d.store.Accounts, Now: d.now, Log: d.log,
		Record: d.placer.take,
	})
	if err != nil {
		d.set(nil, app.AsProblem(err))
		return nothing, false
	}
	nl, err := intake.Listen(ctx, w.address)
	if err != nil {
		d.mu.Lock()
		told := d.problem != nil
		d.mu.Unlock()
		if !told { // and not at every further try
			d.log.WarnContext(ctx, "webhooks are not received", "error", err)
		}
		d.set(nil, app.AsProblem(err))
		return nothing, false
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
	return func() { cancel(); serving.Wait() }, true
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

// ChangeIntake changes how webhooks are received. When it returns, they are: the
// server's first call must not meet a closed door.
func (b *bell) ChangeIntake(ctx context.Context, c app.IntakeChange) (app.Intake, error) {
	address, err := app.IntakeAddress(c.Address)
	if err != nil {
		return app.Intake{}, err
	}
	var secret string
	made := false
	if off := c.Address != "" && address == ""; !off || c.NewSecret {
		if secret, made, err = b.door.secret(ctx, c.NewSecret); err != nil {
			return app.Intake{}, err
		}
	}
	if c.Address != "" {
		if err := b.Set(ctx, app.SettingIntakeAddress, c.Address); err != nil {
			return app.Intake{}, err
		}
	}
	if err := b.door.inForce(ctx); err != nil {
		return app.Intake{}, err
	}
	out, err := b.door.state(ctx)
	if err != nil {
		return out, err
	}
	if c.Register != 0 {
		if out.Problem != nil {
			return out, out.Problem // a webhook that leads nowhere is switched off for good
		}
		silent := false
		if out.Registered, silent, err = b.register(ctx, c, out, secret); err != nil {
			return out, err
		}
		if silent {
			out.Problem = app.NewProblem("webhooks_off", "The server sends no webhooks: they are switched off in its system settings.",
				"Switch on \"Enable Webhook notifications\" there, and the events on its page of system notifications.", true, nil)
		}
	}
	if made {
		out.Secret = secret
	}
	return out, nil
}

// register makes the webhook at the account's server, in place of one of ours
// that is there, and says whether the server is set to send none.
func (b *bell) register(ctx context.Context, c app.IntakeChange, in app.Intake, secret string) (id int64, silent bool, err error) {
	url := c.URL
	if url == "" {
		url = in.URL
	}
	if url == "" {
		return 0, false, app.Invalid("Webhooks are not received yet.", "Switch that on first: `bellhop intake on`.")
	}
	err = b.withServer(ctx, c.Register, func(ctx context.Context, client *dojo.Client, a app.Account) error {
		if c.URL == "" && app.Loopback(in.Address) && !app.Loopback(net.JoinHostPort(hostnameOf(a.URL), "0")) {
			return app.Invalid(a.Host()+" cannot reach "+in.Address+", which is for programs of this machine alone.",
				"Listen for other machines (`bellhop intake on 0.0.0.0:8917`, behind a proxy with TLS) and give --url, under which that server reaches it.")
		}
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
		if err != nil {
			return err
		}
		id = made.ID
		settings, err := client.SystemSettings(ctx)
		silent = err == nil && !settings.Webhooks
		return err
	})
	return id, silent, err
}
