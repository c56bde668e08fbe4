package program

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/store"
)

// toldAs returns the alerts of the list whose title has a text.
func (w *world) toldAs(title string) []app.Alert {
	w.t.Helper()
	return slices.DeleteFunc(w.list(app.ViewList), func(a app.Alert) bool { return !strings.Contains(a.Title, title) })
}

// place returns a destination as it is stored.
func (w *world) place(account app.AccountID, name string) (d app.Destination) {
	w.t.Helper()
	for _, one := range w.destinations(account) {
		if one.Name == name {
			d = one
		}
	}
	return d
}

// later lets time pass, and the outbox look at the clock again.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.clock.pass(d)
	w.bell.store.Changes().Publish(app.TopicOutbox)
}

// A mail server that is away for an hour is told of once, by an alert, the
// doctor and the status, though nothing was given up; each attempt is a line of the
// log. When it is back, everything arrives and nothing is held against it.
func TestAnOutageOfAnHourIsTold(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelMail)
	e.mail.say("CONNECT", "421 4.3.2 try again later")
	event := w.notify(a.ID, map[string]any{"title": "Nobody reads it yet"})
	tries := func() (n int) { // of which the end is noted, so that the next one has its time
		for _, d := range w.deliveries(app.DeliveryFilter{Event: event, Channel: "mail"}) {
			if n = d.Attempts; !d.Due.After(w.clock.now()) {
				n = 0
			}
		}
		return n
	}
	w.until("it was tried", func() bool { return tries() == 1 && !w.place(a.ID, "post").FirstError.IsZero() })
	line := "msg=\"a message was not taken\" channel=mail destination=post delivery="
	if got := strings.Count(w.log.String(), line); got != 1 {
		t.Errorf("the log has %d lines of it, want 1", got)
	}
	if got := w.toldAs("post"); len(got) != 0 {
		t.Errorf("told at once: %+v", got)
	}
	w.later(61 * time.Minute)
	w.until("it was tried again", func() bool { return tries() == 2 })
	if at := w.place(a.ID, "post").Warned; !at.IsZero() {
		t.Error("told after two failures with an hour of nothing, sleep maybe, between them")
	}
	w.later(10 * time.Minute)
	w.until("it was tried once more, and she is told", func() bool { return tries() == 3 && len(w.toldAs("Nothing has reached post since ")) == 1 })
	w.restart()
	w.later(6 * time.Hour)
	w.until("and again", func() bool { return tries() >= 4 })
	if got := w.toldAs("post"); len(got) != 1 || !strings.Contains(got[0].Description, "nothing is lost") {
		t.Errorf("told: %+v", got)
	}
	var said []string
	for _, c := range OutboxLines(w.status().Outbox, w.clock.now()) {
		said = append(said, c.Name+": "+c.Detail)
	}
	if got := strings.Join(said, "\n"); !strings.Contains(got, "deliveries: 4 destinations, 1 waiting") || !strings.Contains(got, "destination post: fails since ") {
		t.Errorf("the status says\n%s", got)
	}
	e.mail.say("CONNECT", "")
	w.later(24 * time.Hour)
	w.until("it arrives", func() bool { return len(e.mail.letters("maria@example.com")) == 1 })
	w.until("and is forgiven", func() bool { return w.place(a.ID, "post").FirstError.IsZero() })
	w.settled()
	if o := w.status().Outbox; len(o.Trouble) != 0 || o.Waiting != 0 {
		t.Errorf("the status has %+v", o)
	}
}

// The owner of a webhook is told before it is switched off, by an alert, and
// again when it is.
func TestTheOwnerIsToldBeforeAWebhookIsSwitchedOff(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelWebhooks)
	e.breaks("hook", answers(http.StatusInternalServerError))
	event := w.notify(a.ID, map[string]any{"title": "Nobody takes it"})
	warned := func() bool { return len(w.toldAs("The webhook siem will be switched off")) == 1 }
	for tries, pause := range []time.Duration{0, 2 * time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour, 7 * time.Hour, 14 * time.Hour} {
		if tries == 3 && warned() {
			t.Error("told after ten minutes")
		}
		w.later(pause)
		w.until("it is tried, and that is noted", func() bool {
			for _, d := range w.deliveries(app.DeliveryFilter{Event: event, Channel: "webhooks"}) {
				return d.Attempts > tries && (d.Due.After(w.clock.now()) || d.Stopped != nil)
			}
			return false
		})
		if tries >= 3 {
			w.until("she is told", warned)
		}
		if off := w.place(a.ID, "siem").State == "inactive_permanent"; off != (tries == 6) {
			t.Errorf("after %d tries it is off: %v", tries+1, off)
		}
	}
	w.until("she is told of the end", func() bool { return len(w.toldAs("siem was switched off")) == 1 })
	w.read(func(s *store.Store) {
		list, _, err := s.Deliveries(t.Context(), app.DeliveryFilter{NeedsYou: true})
		if err != nil || len(list) != 1 || list[0].Stopped == nil {
			t.Errorf("what waits there: %+v, %v", list, err)
		}
	})
}

// A Teams workflow that is gone is switched off like a webhook's endpoint: it says
// so wherever it is shown, what comes for it waits, and a new one gets it.
func TestAWorkflowThatIsGoneIsSwitchedOff(t *testing.T) {
	t.Parallel()
	w, e, a, me, places := alone(t)
	w.mine(me, app.ChannelTeams)
	e.breaks("flow", answers(http.StatusGone))
	w.notify(a.ID, map[string]any{"title": "Met a workflow that is gone"})
	w.until("it is off", func() bool { return w.place(a.ID, "team").State == "inactive_permanent" })
	w.until("she is told", func() bool { return len(w.toldAs("team was switched off")) == 1 })
	w.notify(a.ID, map[string]any{"title": "Waits for another", "event": "test_added"})
	w.until("it is decided", w.decided)
	for _, d := range w.deliveries(app.DeliveryFilter{NeedsYou: true}) {
		if d.Stopped == nil || !strings.HasPrefix(d.Stopped.Reason, "team is switched off after failures: gone") {
			t.Errorf("it is stopped because %+v", d.Stopped)
		}
	}
	e.breaks("flow", nil)
	w.put(places[app.ChannelTeams], map[string]string{"url": e.flowURL})
	w.settled()
	if n := len(e.flow.Cards()); n != 1 {
		t.Errorf("%d arrived at the new one, want the one that is wanted", n)
	}
	if d := w.place(a.ID, "team"); d.State != "" {
		t.Errorf("it is still %s", d.State)
	}
}

// A test that a place takes forgives what failed there; what somebody has switched
// off, it leaves as it is.
func TestATestThatIsTakenForgivesFailures(t *testing.T) {
	t.Parallel()
	w, e, a, me, _ := alone(t)
	w.mine(me, app.ChannelMail)
	e.mail.say("CONNECT", "421 4.3.2 try again later")
	w.notify(a.ID, map[string]any{"title": "Nobody reads it yet"})
	w.until("it was tried", func() bool { return !w.place(a.ID, "post").FirstError.IsZero() })
	if err := w.client.PauseOutbox(t.Context(), true); err != nil { // or the message itself would forgive
		t.Fatal(err)
	}
	e.mail.say("CONNECT", "")
	try := func() app.Destination {
		t.Helper()
		if out, err := w.client.TestDestination(t.Context(), w.place(a.ID, "post").ID); err != nil || !out.OK {
			t.Fatalf("the test: %+v, %v", out, err)
		}
		return w.place(a.ID, "post")
	}
	post := try()
	if !post.FirstError.IsZero() || post.Note != "" {
		t.Errorf("held against it is still %+v", stateOf(post))
	}
	post.Off, post.State, post.FirstError, post.Note = true, "inactive_permanent", w.clock.now(), "gone"
	if err := w.bell.store.UpdateDestination(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	if got := try(); !got.Off || got.State != post.State || got.Note != "gone" {
		t.Errorf("of one that is switched off it made %+v", got)
	}
}

// A message that was taken while another one found the workflow gone does not open
// it again; one that was sent to it since does.
func TestWhatWasInTheAirForgivesNothing(t *testing.T) {
	t.Parallel()
	w, _, a, _, places := alone(t)
	team := places[app.ChannelTeams]
	team.FirstError = w.clock.now().Add(-time.Minute).Truncate(time.Second)
	before := team
	team.State, team.Note = "inactive_permanent", "gone (status 410)"
	for began, want := range map[*app.Destination]string{&before: team.State, &team: ""} {
		if err := w.bell.store.UpdateDestinationState(t.Context(), team); err != nil {
			t.Fatal(err)
		}
		c := app.Claimed{Delivery: app.Delivery{Account: a.ID, Channel: app.ChannelTeams, Destination: team.ID}, Destination: *began}
		w.bell.poster.heed(t.Context(), &c, nil)
		if got := w.place(a.ID, "team").State; got != want {
			t.Errorf("after an attempt that began when it was %q it is %q", began.State, got)
		}
	}
}

// The lines of the doctor and the status: what is well is one line, and each
// trouble says what to do.
func TestTheOutboxIsToldInLines(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	if got := OutboxLines(app.OutboxStatus{Destinations: 2}, at); len(got) != 1 || !got[0].OK || got[0].Detail != "2 destinations, 0 waiting" {
		t.Errorf("where all is well it says %+v", got)
	}
	lines := OutboxLines(app.OutboxStatus{
		Paused: true, Destinations: 4, Waiting: 7, Held: 1, Dead: 2, Trouble: []app.Destination{
			{Name: "old", Off: true},
			{Name: "the siem", State: "inactive_permanent", Note: "Response status code: 404"},
			{Name: "the office", FirstError: at.Add(-2 * time.Hour), Note: "timeout"},
			{Name: "ci", State: "active_tmp", FirstError: at.Add(-3 * time.Hour), LastError: at.Add(-time.Hour)},
		},
	}, at)
	var said []string
	for _, c := range lines {
		if c.OK == (c.Step != "") {
			t.Errorf("%s is well: %v, and to do is %q", c.Name, c.OK, c.Step)
		}
		if name, ok := strings.CutPrefix(c.Name, "destination the "); ok && !strings.Contains(c.Step, " 'the "+name+"'") {
			t.Errorf("what to do about %s is no command: %s", name, c.Step)
		}
		said = append(said, c.Name+": "+c.Detail)
	}
	want := []string{
		"deliveries: 4 destinations, 7 waiting, 1 held by quiet hours or silences", "outbox: paused: nothing but toasts leaves",
		"dead letters: 2 deliveries could not be delivered", "destination old: switched off by hand: nothing new goes there, and what waited is kept",
		"destination the siem: switched off after failures (Response status code: 404); what comes for it waits",
		"destination the office: fails since 10:00 (timeout)", "destination ci: on trial: failed between 09:00 and 11:00",
	}
	if !slices.Equal(said, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}
