package program

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

// hush begins a silence.
func (w *world) hush(s app.Silence) app.Silence {
	w.t.Helper()
	kept, err := w.client.AddSilence(w.t.Context(), s)
	if err != nil {
		w.t.Fatal(err)
	}
	return kept
}

// held lists what is held.
func (w *world) held() []app.Delivery {
	w.t.Helper()
	return w.deliveries(app.DeliveryFilter{State: app.DeliveryHeld})
}

// A silence holds what matches it, lets the rest and what is critical out, and
// keeps the list complete. What it held comes in one message when it ends.
func TestASilenceHoldsAndEndsInOneSummary(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, everyWay...)
	until := w.clock.now().Add(2 * time.Hour).Truncate(time.Second)
	kept := w.hush(app.Silence{Account: a.ID, Products: []string{"shop"}, Until: until, CriticalPasses: true, Note: "we deploy"})
	if kept.ID == 0 || kept.Who == "" || kept.Created.IsZero() || !kept.Until.Equal(until) {
		t.Fatalf("it began as %+v", kept)
	}
	w.notify(a.ID, map[string]any{"title": "First of the shop", "product": "Shop"})
	w.notify(a.ID, map[string]any{"title": "Second of the shop", "product": "Shop", "severity": "High", "finding": "A crack"})
	w.notify(a.ID, map[string]any{"title": "Of the till", "product": "Till"})
	w.notify(a.ID, map[string]any{"title": "Critical of the shop", "product": "Shop", "severity": "Critical", "finding": "A hole"})
	w.until("the list has all", func() bool { return w.status().Count == 4 })
	w.settledButHeld(2 * 5)
	for _, d := range w.held() {
		if !d.Due.Equal(until) {
			t.Fatalf("%s is held until %v, want %v", d.Channel, d.Due, until)
		}
	}
	const to = "maria@example.com"
	if got := e.arrived(to); got != (arrivals{Mail: 2, Slack: 2, Teams: 2, Hook: 2}) {
		t.Fatalf("in the silence arrived %+v", got)
	}
	for _, l := range e.mail.letters(to) {
		if strings.Contains(l.Text, "First of the shop") || strings.Contains(l.Text, "Second of the shop") {
			t.Errorf("a silenced letter arrived: %s", l.Text)
		}
	}
	w.restart() // a bell that is started anew knows of the silence
	w.notify(a.ID, map[string]any{"title": "Third of the shop", "product": "Shop"})
	w.settledButHeld(3 * 5)
	w.clock.pass(2 * time.Hour)
	w.set(app.SettingDigests, "on") // the machine looks at the clock again
	w.wantArrived(e, to, arrivals{Mail: 3, Slack: 3, Teams: 3, Hook: 5})
	w.settled()
	w.wantArrived(e, to, arrivals{Mail: 3, Slack: 3, Teams: 3, Hook: 5})
	letters := e.mail.letters(to)
	for _, title := range []string{"First of the shop", "Second of the shop", "Third of the shop"} {
		if !strings.Contains(letters[len(letters)-1].Text, title) {
			t.Errorf("the summary does not have %q", title)
		}
	}
	messages, cards := e.slack.Messages(), e.flow.Cards()
	for where, said := range map[string][2]string{
		"mail":  {letters[0].Text, letters[len(letters)-1].Text},
		"Slack": {fmt.Sprint(messages[0]), fmt.Sprint(messages[len(messages)-1])},
		"Teams": {fmt.Sprint(cards[0]), fmt.Sprint(cards[len(cards)-1])},
	} {
		const held = "Held until now by quiet hours or a silence."
		if strings.Contains(said[0], held) || !strings.Contains(said[1], held) {
			t.Errorf("by %s it said %q, and then %q", where, said[0], said[1])
		}
	}
	// It has ended: what comes now goes out at once.
	w.notify(a.ID, map[string]any{"title": "After it", "product": "Till", "event": "test_added"})
	w.settled()
	if n := len(w.held()); n != 0 {
		t.Errorf("%d are held after the end", n)
	}
}

// Who ends a silence before its time gets what it held at once, but not what
// quiet hours or another silence hold as well.
func TestEndingASilenceLetsGoWhatNothingElseHolds(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	now := w.clock.now().UTC()
	night := now.Truncate(time.Minute).Add(3 * time.Hour)
	w.prefer(app.Preference{
		Account: a.ID, Scope: app.ScopePersonal, Person: me.ID,
		Extra: app.Extra{Quiet: []app.QuietHours{{
			From: now.Add(-time.Hour).Format("15:04"), To: night.Format("15:04"), Zone: "UTC", Channels: app.ChannelsOf(app.ChannelSlack),
		}}},
	}, map[string]app.Channels{"other": everywhere})
	w.set(app.SettingChannels, "alert, mail, slack, webhooks")
	all := w.hush(app.Silence{Account: a.ID, Until: now.Add(20 * time.Hour)})
	hooks := w.hush(app.Silence{Account: a.ID, Until: now.Add(10 * time.Hour), Text: "noise", Person: me.ID, Channels: app.ChannelsOf(app.ChannelWebhooks)})
	w.notify(a.ID, map[string]any{"title": "Some noise", "product": "Shop"})
	w.notify(a.ID, map[string]any{"title": "Something", "product": "Shop"})
	w.settledButHeld(6)
	for _, d := range w.held() {
		if !d.Due.Equal(all.Until) {
			t.Fatalf("%s is held until %v, want %v", d.Channel, d.Due, all.Until)
		}
	}
	ended, err := w.client.EndSilence(t.Context(), all.ID)
	if err != nil {
		t.Fatal(err)
	}
	if ended.LetGo != 6 || ended.Silence.ID != all.ID || ended.Silence.Until.After(w.clock.now()) {
		t.Errorf("ended %+v", ended)
	}
	w.wantArrived(e, "maria@example.com", arrivals{Mail: 1, Hook: 1})
	w.settledButHeld(3)
	for _, d := range w.held() {
		if want := map[app.Channel]time.Time{app.ChannelSlack: night, app.ChannelWebhooks: hooks.Until}[d.Channel]; !d.Due.Equal(want) {
			t.Errorf("%s is held until %v, want %v", d.Channel, d.Due, want)
		}
	}
	if got := e.hook.Hooks()[0].Body["title"]; got != "Something" {
		t.Errorf("%q was let go", got)
	}
	again, err := w.client.EndSilence(t.Context(), all.ID)
	if err != nil || again.LetGo != 0 {
		t.Errorf("ended again: %+v, %v", again, err)
	}
	if _, err := w.client.EndSilence(t.Context(), 99); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("ending none: %v", err)
	}
	w.wantArrived(e, "maria@example.com", arrivals{Mail: 1, Hook: 1})
}

// A silence that was ended by a bell that died at once has let go by the next one.
func TestWhatAnEndedSilenceHeldIsLetGoAtTheNextStart(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelWebhooks)
	s := w.hush(app.Silence{Account: a.ID, Until: w.clock.now().Add(time.Hour)})
	w.notify(a.ID, map[string]any{"title": "Held", "product": "Shop"})
	w.settledButHeld(1)
	if _, err := w.bell.store.EndSilence(t.Context(), s.ID); err != nil { // and nothing after it
		t.Fatal(err)
	}
	w.restart()
	w.until("it arrives", func() bool { return len(e.hook.Hooks()) == 1 })
}

func TestASilenceThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect()
	for _, s := range []app.Silence{
		{Account: a.ID},
		{Account: a.ID, Until: w.clock.now().Add(-time.Minute)},
		{Account: a.ID, Until: w.clock.now().Add(time.Hour), Events: []string{"weather"}},
		{Account: a.ID, Until: w.clock.now().Add(time.Hour), Person: 99},
		{Account: a.ID, Until: w.clock.now().Add(time.Hour), Channels: app.ChannelsOf(app.ChannelAlert)},
	} {
		if _, err := w.client.AddSilence(t.Context(), s); !errors.Is(err, app.ErrInvalid) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, err := w.client.AddSilence(t.Context(), app.Silence{Account: 99, Until: w.clock.now().Add(time.Hour)}); !errors.Is(err, app.ErrNotFound) {
		t.Errorf("for no account: %v", err)
	}
}

// everyWay is [everywhere] as a list.
var everyWay = []app.Channel{
	app.ChannelAlert, app.ChannelToast, app.ChannelMail, app.ChannelSlack, app.ChannelTeams, app.ChannelWebhooks,
}

// settledButHeld waits until everything is routed and sent but n deliveries that
// are held.
func (w *world) settledButHeld(n int) {
	w.t.Helper()
	w.until("everything is sent but what is held", func() bool {
		return w.decided() && len(w.held()) == n && len(w.deliveries(app.DeliveryFilter{State: app.DeliveryWaiting})) == 0
	})
}
