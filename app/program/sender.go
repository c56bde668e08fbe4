package program

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"bellhop/app"
	"bellhop/app/dispatch"
	"bellhop/app/dispatch/email"
	"bellhop/app/dispatch/services"
	"bellhop/app/dispatch/slack"
	"bellhop/app/dispatch/teams"
	"bellhop/app/dispatch/webhook"
	"bellhop/store"
)

var (
	_ dispatch.Queue = (*store.Store)(nil)
	_ routerStore    = (*store.Store)(nil)
	_ posterStore    = (*store.Store)(nil)
	_ factStore      = (*store.Store)(nil)
)

// send works the outbox until ctx ends.
func (b *bell) send(ctx context.Context) error {
	hints, end := b.store.Changes().Subscribe()
	defer end()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	wake := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case h := <-hints:
				if !h[app.TopicOutbox] && !h[app.TopicEvents] && !h[app.TopicSettings] && !h[app.TopicFacts] {
					continue
				}
				select {
				case wake <- struct{}{}:
				default:
				}
			}
		}
	}()
	outbox := dispatch.NewOutbox(dispatch.OutboxOptions{
		Queue: b.store, Post: b.poster, Log: b.log, Now: b.o.Now, Wake: wake,
		Paused: func(ctx context.Context) bool { return b.settingIs(ctx, app.SettingOutbox, "paused") },
		Digests: func(ctx context.Context, _ app.Channel) bool {
			return !b.settingIs(ctx, app.SettingDigests, "off")
		},
		Limits: b.rate,
	})
	if err := b.holdOff(ctx); err != nil && ctx.Err() == nil {
		b.log.WarnContext(ctx, "what is switched off was not held", "error", err)
	}
	b.awake(ctx)
	err := outbox.Run(ctx)
	stop() // or an outbox that fails would be waited for without end
	<-done
	return err
}

func (b *bell) settingIs(ctx context.Context, key, value string) bool {
	got, err := b.store.Setting(ctx, key)
	return err == nil && got == value
}

// keepRenewed keeps a secret that has replaced one of was, in every destination
// that has that: what goes to one person may leave through a shared mail server.
func keepRenewed(ctx context.Context, s *store.Store, v secretKeeper, was []string, name, value string) error {
	defer changing(v)() // or an edit at this moment would write the old one back
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	found := false
	for _, a := range accounts {
		list, err := s.Destinations(ctx, a.ID)
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.Channel != app.ChannelMail {
				continue
			}
			kept, err := readSecrets(ctx, v, d)
			if err != nil {
				return err
			}
			if kept[name] == "" || !slices.Contains(was, kept[name]) {
				continue
			}
			kept[name] = value
			if err := writeSecrets(ctx, v, d, kept); err != nil {
				return err
			}
			found = true
		}
	}
	if !found {
		return errors.New("no destination has the secret that was renewed")
	}
	return nil
}

// channels are the ways out, and what closes them.
func newChannels(s *store.Store, v secretKeeper, log *slog.Logger, now func() time.Time) (map[app.Channel]dispatch.Channel, func()) {
	people := func(ctx context.Context, account app.AccountID, username string) (app.Person, bool) {
		p, err := s.Person(ctx, account, username)
		return p, err == nil
	}
	mail := email.New(email.Options{Now: now, Log: log, Save: func(ctx context.Context, _ app.Destination, was []string, name, value string) error {
		return keepRenewed(ctx, s, v, was, name, value)
	}})
	sl := slack.New(slack.Options{})
	sl.People, sl.Users = people, slackUsers{s}
	te := teams.New(teams.Options{})
	te.People = people
	wh := webhook.New(webhook.Options{})
	wh.People = people
	sv := services.New(services.Options{})
	sv.People = people
	ways := map[app.Channel]dispatch.Channel{
		app.ChannelMail: mail, app.ChannelSlack: sl, app.ChannelTeams: te, app.ChannelWebhooks: wh,
		app.ChannelServices: sv,
	}
	return ways, func() {
		mail.Close()
		sl.Close()
		te.Close()
		wh.Close()
	}
}

// slackUsers keeps the ids under which Slack knows people, beside the cursors.
type slackUsers struct{ store *store.Store }

func slackUserKey(email string) string { return "slack user " + strings.ToLower(email) }

// SlackUser returns the id kept for an address, "" where there is none.
func (u slackUsers) SlackUser(ctx context.Context, account app.AccountID, email string) (string, error) {
	value, err := u.store.Cursor(ctx, account, slackUserKey(email))
	return string(value), err
}

// KeepSlackUser keeps an id; "" forgets it.
func (u slackUsers) KeepSlackUser(ctx context.Context, account app.AccountID, email, id string) error {
	_, err := u.store.RecordEvents(ctx, nil, map[string][]byte{cursorKey(account, slackUserKey(email)): []byte(id)})
	return err
}
