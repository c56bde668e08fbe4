package program

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/sync/dojoserver"
)

// alone is a world of maria with a destination of each channel of her own.
func alone(t *testing.T) (w *world, e *edges, a app.Account, me app.Person, places map[app.Channel]app.Destination) {
	t.Helper()
	w = newWorld(t)
	w.dojo.AddUser(dojoserver.User{Name: maria, Password: password, Superuser: true, Slack: "maria@example.com"})
	w.shop()
	w.dojo.AddProduct(dojoserver.Product{Name: "Till", Type: 1})
	a = w.connect()
	e = newEdges(w)
	if _, err := w.client.SyncPeople(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	w.set(app.SettingSuperuserSystem, "off")
	me = w.person(a.ID, maria)
	return w, e, a, me, w.places(e, a.ID, me.ID)
}

// mine sets what maria wants of the event "other".
func (w *world) mine(me app.Person, other ...app.Channel) {
	w.t.Helper()
	w.prefer(app.Preference{Account: me.Account, Scope: app.ScopePersonal, Person: me.ID}, map[string]app.Channels{"other": app.ChannelsOf(other...)})
}

// A change counts for the very next event, however quickly that follows.
func TestAChangeOfSettingsCountsAtOnce(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	want := 0
	for i := range 40 {
		on := i%2 == 0
		if on {
			w.mine(me, app.ChannelWebhooks)
			want++
		} else {
			w.mine(me)
		}
		w.notify(a.ID, map[string]any{"title": fmt.Sprintf("Number %d, %v", i, on)})
		w.until("it is decided", w.decided) // or the next change would count for it
	}
	w.settled()
	hooks := e.hook.Hooks()
	if len(hooks) != want {
		t.Errorf("%d events arrived, want %d", len(hooks), want)
	}
	for _, h := range hooks {
		if title := fmt.Sprint(h.Body["title"]); !strings.HasSuffix(title, "true") {
			t.Errorf("%q arrived", title)
		}
	}
	// The same for a setting of the engine: no channel may be used at all.
	w.mine(me, app.ChannelWebhooks)
	w.set(app.SettingChannels, "alert, toast")
	w.notify(a.ID, map[string]any{"title": "Behind a closed gate"})
	w.settled()
	if len(e.hook.Hooks()) != want {
		t.Error("a webhook left through a gate that is closed")
	}
}

func TestAProductHasADestinationOfItsOwn(t *testing.T) {
	t.Parallel()
	w, e, a, me, places := alone(t)
	w.mine(me)
	w.set(app.SettingEngineMode, string(app.ModeEveryone))
	w.prefer(app.Preference{Account: a.ID, Scope: app.ScopeSystem}, map[string]app.Channels{"other": app.ChannelsOf(app.ChannelSlack)})
	general := places[app.ChannelSlack]
	general.Person, general.Address = 0, "#security"
	w.put(general, nil)
	shop := slices.IndexFunc(w.products(a.ID), func(p app.Product) bool { return p.Name == "Shop" })
	w.put(app.Destination{Account: a.ID, Channel: app.ChannelSlack, Name: "shop", Product: w.products(a.ID)[shop].ID, Address: "#shop", Config: map[string]string{"api": e.slackURL}}, nil)
	w.notify(a.ID, map[string]any{"title": "Of the shop", "product": "Shop"})
	w.notify(a.ID, map[string]any{"title": "Of the till", "product": "Till"})
	w.settled()
	got := make(map[string]string)
	for _, m := range e.slack.Messages() {
		got[m.Channel] = strings.Join(m.Shown, " ")
	}
	if len(got) != 2 || !strings.Contains(got["C1"], "Of the till") || !strings.Contains(got["C2"], "Of the shop") {
		t.Errorf("told %v\n%s", got, w.ledger())
	}
}

// What the system's row says is added to a recipient's, for the events that the
// setting lists.
func TestTheSystemRowCountsForRecipientsOfCertainEvents(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.prefer(app.Preference{Account: a.ID, Scope: app.ScopePersonal, Person: me.ID}, map[string]app.Channels{"user_mentioned": 0, "review_requested": 0})
	w.prefer(app.Preference{Account: a.ID, Scope: app.ScopeSystem}, map[string]app.Channels{"user_mentioned": app.ChannelsOf(app.ChannelWebhooks), "review_requested": app.ChannelsOf(app.ChannelWebhooks)})
	mention := func(title string) {
		w.notify(a.ID, map[string]any{"event": "user_mentioned", "title": title, "recipients": []string{maria}, "product": "Shop"})
		w.settled()
	}
	mention("First")
	if n := len(e.hook.Hooks()); n != 1 {
		t.Fatalf("%d arrived, want 1\n%s", n, w.ledger())
	}
	w.set(app.SettingSystemTrump, "review_requested")
	mention("Second")
	if n := len(e.hook.Hooks()); n != 1 {
		t.Errorf("%d arrived, want none more", n)
	}
}

// Quiet hours hold what they name; it comes by itself when they end, in one
// message where messages can be joined. The list has it at once.
func TestQuietHoursHoldAndLetGoInOneSummary(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	now := w.clock.now().UTC()
	end := now.Truncate(time.Minute).Add(time.Minute)
	w.clock.pass(end.Sub(now) - 4*time.Second) // four seconds before the end
	w.prefer(app.Preference{
		Account: a.ID, Scope: app.ScopePersonal, Person: me.ID,
		Extra: app.Extra{Quiet: []app.QuietHours{{
			From: end.Add(-time.Hour).Format("15:04"), To: end.Format("15:04"), Zone: "UTC",
			Channels: app.ChannelsOf(app.ChannelToast, app.ChannelMail, app.ChannelSlack, app.ChannelWebhooks),
		}}},
	}, map[string]app.Channels{"other": everywhere, "test_added": everywhere})
	w.notify(a.ID, map[string]any{"title": "At night", "product": "Shop"})
	w.notify(a.ID, map[string]any{"title": "At night, elsewhere", "product": "Till"})
	w.notify(a.ID, map[string]any{"title": "At night, another event", "event": "test_added", "product": "Shop"})
	w.until("the list has all", func() bool { return w.status().Count == 3 })
	w.until("Teams, which is not held, has it", func() bool { return e.arrived("").Teams == 3 })
	held := w.deliveries(app.DeliveryFilter{State: app.DeliveryHeld})
	if len(held) != 12 || !held[0].Due.Equal(end) {
		t.Fatalf("%d are held until %v, want 12 until %v\n%s", len(held), held[0].Due, end, w.ledger())
	}
	if got := e.arrived("maria@example.com"); got != (arrivals{Teams: 3}) {
		t.Fatalf("in quiet hours arrived %+v", got)
	}
	w.wantNoToast()
	w.wantArrived(e, "maria@example.com", arrivals{Mail: 1, Slack: 1, Teams: 3, Hook: 3})
	if early := w.clock.now().Before(end); early {
		t.Error("it came before the end")
	}
	if toast := w.wantToast(); toast.Title == "" {
		t.Error("the toast has no title")
	}
	w.settled()
	w.wantNoToast()
	w.wantArrived(e, "maria@example.com", arrivals{Mail: 1, Slack: 1, Teams: 3, Hook: 3})
	mail := e.mail.letters("maria@example.com")[0].Text
	for _, title := range []string{"At night", "elsewhere", "another event"} {
		if !strings.Contains(mail, title) {
			t.Errorf("the summary does not have %q", title)
		}
	}
}

// A storm becomes few messages where messages can be joined, and loses nothing.
func TestAStormBecomesDigests(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelMail, app.ChannelSlack, app.ChannelTeams, app.ChannelWebhooks)
	const n = 60
	w.notify(a.ID, map[string]any{"title": "Blow 0", "product": "Shop"})
	w.until("the first comes at once", func() bool { return e.arrived("maria@example.com") == arrivals{1, 1, 1, 1} })
	for i := range n - 1 {
		w.notify(a.ID, map[string]any{"title": fmt.Sprintf("Blow %d", i+1), "product": "Shop"})
	}
	w.until("the receiver has each", func() bool { return e.arrived("").Hook == n })
	if got := e.arrived("maria@example.com"); got.Mail != 1 || got.Slack != 1 || got.Teams != 1 {
		t.Errorf("half a minute has not passed, and %+v arrived", got)
	}
	w.restart() // what was sent before counts after a restart
	w.until("the rest waits for its time", func() bool {
		now := w.clock.now()
		return !slices.ContainsFunc(w.deliveries(app.DeliveryFilter{State: app.DeliveryWaiting, Limit: 1000}), func(d app.Delivery) bool { return d.Due.Before(now) })
	})
	w.clock.pass(31 * time.Second)
	w.set(app.SettingDigests, "on") // the machine looks at the clock again
	w.wantArrived(e, "maria@example.com", arrivals{Mail: 2, Slack: 2, Teams: 2, Hook: n})
	w.settled()
	if got := len(w.deliveries(app.DeliveryFilter{State: app.DeliverySent, Limit: 1000})); got < 4*n {
		t.Errorf("%d are noted as sent, want %d", got, 4*n)
	}
	digest := w.deliveries(app.DeliveryFilter{Channel: "mail", State: app.DeliverySent})[0].Digest
	if digest == "" {
		t.Error("the ledger does not say in which message it went out")
	}
	// What is critical does not wait.
	w.notify(a.ID, map[string]any{"title": "Critical blow", "product": "Shop", "severity": "Critical", "finding": "A hole"})
	w.wantArrived(e, "maria@example.com", arrivals{Mail: 3, Slack: 3, Teams: 3, Hook: n + 1})
}

// Where a message can be replaced, a storm that goes on is told by the digest that
// is there, also after a restart.
func TestAStormThatGoesOnReplacesItsDigest(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelSlack)
	blow := func(title string, n int) {
		for i := range n {
			w.notify(a.ID, map[string]any{"title": fmt.Sprintf("%s %d", title, i), "product": "Shop"})
		}
		w.until("they are decided", w.decided)
	}
	later := func(d time.Duration) {
		w.clock.pass(d)
		w.set(app.SettingDigests, "on") // the machine looks at the clock again
		w.settled()
	}
	blow("Blow", 1)
	w.settled()
	blow("Squall", 3)
	later(31 * time.Second)
	if got := e.slack.Messages(); len(got) != 2 || got[1].Shown[0] != "plain:3 notifications" {
		t.Fatalf("Slack shows %+v", got)
	}
	blow("Gust", 4)
	w.restart()
	later(6 * time.Minute)
	got := e.slack.Messages()
	if len(got) != 2 || got[1].Edits != 1 || got[1].Shown[0] != "plain:7 notifications" {
		t.Fatalf("Slack shows %+v", got)
	}
	if shown := strings.Join(got[1].Shown, "\n"); !strings.Contains(shown, "Squall 2") || !strings.Contains(shown, "Gust 3") {
		t.Errorf("the digest shows %s", shown)
	}
	blow("Breeze", 1)
	later(6 * time.Minute)
	if got := e.slack.Messages(); len(got) != 2 || got[1].Edits != 2 || got[1].Shown[0] != "plain:8 notifications" {
		t.Errorf("Slack shows %+v", got)
	}
	later(20 * time.Minute)
	blow("Another day", 1)
	w.settled()
	if got := e.slack.Messages(); len(got) != 3 {
		t.Errorf("another storm begins with %+v", got[len(got)-1])
	}
}

// What cannot be delivered dies with its reason, is told by one alert, and can
// be sent again.
func TestADeadDeliveryIsToldAndSentAgain(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelMail)
	e.mail.say("RCPT", "550 5.1.1 no such user here")
	w.notify(a.ID, map[string]any{"title": "To nobody", "product": "Shop"})
	w.notify(a.ID, map[string]any{"title": "To nobody either", "product": "Till"})
	w.until("both are dead", func() bool { return len(w.deliveries(app.DeliveryFilter{State: app.DeliveryDead})) == 2 })
	dead := w.deliveries(app.DeliveryFilter{State: app.DeliveryDead})[0]
	if dead.Code != "recipient_unknown" || dead.Status != 550 || dead.Next == "" || !strings.Contains(dead.Answer, "no such user") {
		t.Errorf("the ledger has %+v", dead)
	}
	w.until("she is told", func() bool { return len(w.list(app.ViewList)) > 0 })
	w.settled()
	told := w.list(app.ViewList)
	if len(told) != 1 || !strings.Contains(told[0].Title, "could not be delivered") || !strings.Contains(told[0].Description, "recipient_unknown") {
		t.Errorf("told: %+v", told)
	}
	w.restart()
	e.mail.say("RCPT", "")
	if n, err := w.client.Resend(t.Context(), nil, true); n != 2 || err != nil {
		t.Fatalf("sent again: %d, %v", n, err)
	}
	w.until("they arrive", func() bool { return len(e.mail.letters("maria@example.com")) == 2 })
	w.settled()
	for _, d := range w.deliveries(app.DeliveryFilter{Channel: "mail"}) {
		if d.State != app.DeliverySent || d.Resent.IsZero() {
			t.Errorf("the ledger has %+v", d)
		}
	}
	if _, err := w.client.Resend(t.Context(), []app.DeliveryID{"01K9NOTTHERE00000000000000"}, false); err != nil && !errors.Is(err, app.ErrNotFound) {
		t.Errorf("sending again what is not there gave %v", err)
	}
}

// A receiver that is gone for good keeps what comes, tells its owner once, and
// lets go when it is mended.
func TestAReceiverThatIsGoneKeepsWhatComes(t *testing.T) {
	t.Parallel()
	w, e, a, me, places := alone(t)
	w.mine(me, app.ChannelWebhooks)
	e.breaks("hook", answers(http.StatusGone))
	w.notify(a.ID, map[string]any{"title": "One"})
	siem := func() app.Destination {
		for _, d := range w.destinations(a.ID) {
			if d.Channel == app.ChannelWebhooks {
				return d
			}
		}
		return app.Destination{}
	}
	w.until("it is closed", func() bool { return siem().State == "inactive_permanent" })
	w.notify(a.ID, map[string]any{"title": "Two"})
	w.restart()
	w.notify(a.ID, map[string]any{"title": "Three"})
	w.until("she is told", func() bool { return len(w.list(app.ViewList)) > 0 })
	w.until("all are kept", func() bool {
		kept := w.deliveries(app.DeliveryFilter{Channel: "webhooks"})
		return len(kept) == 3 && !slices.ContainsFunc(kept, func(d app.Delivery) bool { return d.State != app.DeliveryWaiting })
	})
	if told := w.list(app.ViewList); len(told) != 1 || !strings.Contains(told[0].Description, "siem") {
		t.Errorf("told: %+v", told)
	}
	e.breaks("hook", nil)
	w.clock.pass(time.Hour)
	w.set(app.SettingDigests, "on")
	if n := e.arrived("").Hook; n != 0 {
		t.Errorf("%d arrived although nobody mended it", n)
	}
	w.put(places[app.ChannelWebhooks], nil)
	w.until("all arrive", func() bool { return e.arrived("").Hook == 3 })
	w.settled()
	if d := siem(); d.State != "" || d.Note != "" {
		t.Errorf("mended, it is %+v", d)
	}

	// A test is tried also while it is closed, and one that succeeds mends it.
	e.breaks("hook", answers(http.StatusGone))
	w.notify(a.ID, map[string]any{"title": "Four"})
	w.until("it is closed again", func() bool { return siem().State == "inactive_permanent" })
	if tested, err := w.client.TestDestination(t.Context(), siem().ID); err != nil || tested.OK || tested.Status != http.StatusGone {
		t.Errorf("tested while it is gone: %+v, %v", tested, err)
	}
	e.breaks("hook", nil)
	if tested, err := w.client.TestDestination(t.Context(), siem().ID); err != nil || !tested.OK {
		t.Errorf("tested when it is back: %+v, %v", tested, err)
	}
	w.until("the fourth arrives after the test", func() bool { return e.arrived("").Hook == 5 })
}
