package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

// openDeliveries opens the page of deliveries.
func openDeliveries(t *testing.T, e *fakeEngine) *world {
	t.Helper()
	w := newWorld(t, wide, ViewDeliveries, withEngine(canned(), e), running())
	w.until("the deliveries are shown", func() bool { return w.ui.known && w.ui.deliveries.loaded })
	return w
}

// many returns an engine with n mails that were sent.
func many(n int) *fakeEngine {
	e := cannedEngine()
	e.deliveries = nil
	for i := range n {
		e.deliveries = append(e.deliveries, DeliveryLine{
			Delivery: app.Delivery{ID: app.DeliveryID(fmt.Sprintf("%026d", n-i)), Channel: app.ChannelMail, State: app.DeliverySent, Created: noon},
			Title:    fmt.Sprint("mail ", n-i),
		})
	}
	return e
}

// arrives adds a delivery at the top.
func (f *fakeEngine) arrives(d app.Delivery, title string) {
	f.change(func() {
		f.deliveries = append([]DeliveryLine{{Delivery: d, Title: title}}, f.deliveries...)
	})
}

func TestTheDeliveriesAreListedByState(t *testing.T) {
	w := openDeliveries(t, cannedEngine())
	d := w.ui.deliveries
	if len(d.lines) != 40 || d.count.Text != "40 deliveries, newest first" || d.states.Button("dead").Text != "Needs you 1" || !d.again.Visible() {
		t.Errorf("%d lines, %q, %q", len(d.lines), d.count.Text, d.states.Button("dead").Text)
	}
	if got := w.ui.side.views[ViewDeliveries].Count; got != "1" {
		t.Errorf("the side bar counts %q", got)
	}
	for state, want := range map[app.DeliveryState]string{
		app.DeliveryDead:    "Needs you · Webhooks to ci · 3 attempts · 404 no such hook",
		app.DeliveryWaiting: "Tries again 12:04 · Teams to Blue team · 2 attempts · 502 upstream is away",
		app.DeliveryHeld:    "Held until Nov 26, 07:00 · Mail to maria@example.com",
		app.DeliveryDropped: "Dropped · Slack to #security · The destination was removed.",
	} {
		test.Tap(d.states.Button(string(state)))
		w.until("they are read", func() bool { return d.loaded && d.state == state })
		if len(d.lines) != 1 || d.rowState(&d.lines[0]).Sub != want {
			t.Errorf("%s is told as %q", state, d.rowState(&d.lines[0]).Sub)
		}
	}
	d.narrow("", app.ChannelToast.String())
	w.until("a channel is chosen", func() bool { return d.loaded && len(d.lines) == 1 })
	if d.chooser.Text != "Toast" || d.count.Text != "1 delivery, newest first" {
		t.Errorf("it says %q and %q", d.chooser.Text, d.count.Text)
	}
}

func TestADeliveryUnfoldsToItsAttempts(t *testing.T) {
	w := openDeliveries(t, cannedEngine())
	d := w.ui.deliveries
	w.key(fyne.KeyDown)
	w.key(fyne.KeyReturn)
	w.until("the attempts are read", func() bool { return len(d.attempts[d.current]) == 3 })
	var got []string
	for _, it := range d.items {
		if it.text != nil {
			got = append(got, strings.TrimSpace(it.text.Lead+" "+it.text.Text))
		}
	}
	want := []string{
		"1 · 09:12:00 · 240 ms 404 no such hook", "2 · 09:17:00 · 240 ms 404 no such hook", "3 · 09:22:00 · 240 ms 404 no such hook",
		"What to do: Look at the address of the webhook, then send it again.",
		"Message 01KB0000000000000000000039, decided Wed, Nov 25, 2026, 09:12:00 UTC",
	}
	if !slices.Equal(got, want) {
		t.Errorf("unfolded it says %q", got)
	}
	w.key(fyne.KeyLeft)
	if len(d.items) != len(d.lines) {
		t.Error("it does not fold")
	}
}

func TestWhatFailedIsSentAgain(t *testing.T) {
	e := cannedEngine()
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	w.bell.resend = func(ids []app.DeliveryID, dead bool) (int, error) {
		e.change(func() {
			for i := range e.deliveries {
				if x := &e.deliveries[i]; slices.Contains(ids, x.ID) || (dead && x.State == app.DeliveryDead) {
					x.State, x.Attempts, x.Due = app.DeliveryWaiting, 0, noon
				}
			}
		})
		return 1, nil
	}
	w.key(fyne.KeyDown)
	w.rune('s')
	w.until("it waits again", func() bool { return d.lines[1].State == app.DeliveryWaiting && w.ui.need.n == 0 })
	w.key(fyne.KeyUp)
	w.rune('s') // it arrived already
	if w.ui.dialog == nil {
		t.Fatal("what was sent is sent twice without a question")
	}
	w.ui.closeDialog()
	e.change(func() { e.deliveries[5].State = app.DeliveryDead; e.deliveries[6].State = app.DeliveryDead })
	w.ui.Hint(app.Hints{app.TopicDeliveries: true})
	w.until("two more need somebody", func() bool { return w.ui.need.n == 2 && d.again.Visible() })
	test.Tap(d.again)
	if w.ui.dialog == nil || w.ui.dialog.yes.Text != "Send again" {
		t.Fatal("nobody was asked")
	}
	for n, want := range map[int]string{1: "1 delivery", 2: "2 deliveries"} {
		if asked := allAgainText(n); !strings.HasPrefix(asked, want+" could not be delivered.") || !strings.Contains(asked, "switched off stays") {
			t.Errorf("of %d it is asked %q", n, asked)
		}
	}
	test.Tap(w.ui.dialog.yes)
	w.until("all of them wait", func() bool { return w.ui.need.n == 0 && !d.again.Visible() })
	if got := w.bell.asked(); len(got) != 2 || got[1] != "resend [] true" {
		t.Errorf("the bell was asked %q", got)
	}
}

func TestAnEndpointThatIsOffIsTestedFirst(t *testing.T) {
	e := cannedEngine()
	e.deliveries[1].Off, e.deliveries[1].Fails, e.deliveries[1].Destination = true, true, 1
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	taken := false
	w.bell.tests = func(id app.DestinationID) (app.Tested, error) {
		if !taken {
			return app.Tested{Status: 404, Code: "not_found", Answer: "no such hook", Next: "Check the path in the address."}, nil
		}
		e.change(func() { e.deliveries[1].Off, e.deliveries[1].Fails = false, false })
		return app.Tested{OK: true, Status: 200}, nil
	}
	w.key(fyne.KeyDown)
	if got := d.rowState(&d.lines[1]).Act; got != "Test it" {
		t.Errorf("%q is offered", got)
	}
	w.rune('s')
	w.until("it is told", func() bool {
		return w.ui.shell.pageFailure.Text() == "Webhooks to ci has not taken a test: 404 no such hook. Check the path in the address."
	})
	taken = true
	w.rune('s')
	w.until("it can be sent again", func() bool { return d.rowState(&d.lines[1]).Act == "Send again" })
	if got := w.ui.shell.pageFailure.Text(); got != "" {
		t.Errorf("it still says %q", got)
	}
	if got := w.bell.asked(); !slices.Equal(got, []string{"test 1", "test 1"}) {
		t.Errorf("the bell was asked %q", got)
	}
	waits := DeliveryLine{Delivery: app.Delivery{Channel: app.ChannelWebhooks, Destination: 1, State: app.DeliveryWaiting, Due: noon}, Off: true, Fails: true}
	if actText(waits, noon) != "Test it" || !strings.Contains(nextText(waits), "then test it") {
		t.Errorf("of one that waits it says %q, %q", actText(waits, noon), nextText(waits))
	}
	waits.Channel, waits.Stopped = app.ChannelSlack, &app.Stop{Reason: "sec is switched off", Next: "Let it go on with `bellhop channels edit sec --on`."}
	if actText(waits, noon) != "" || !strings.Contains(nextText(waits), "edit sec --on") {
		t.Errorf("of one that waits for Slack it says %q, %q", actText(waits, noon), nextText(waits))
	}
}

// What somebody has switched off is not mended by a test: it is said that it is off,
// and nothing is offered that would change nothing.
func TestWhatIsSwitchedOffByHandIsNotTested(t *testing.T) {
	e := cannedEngine()
	dead, waits := &e.deliveries[1], &e.deliveries[2]
	for _, d := range []*DeliveryLine{dead, waits} {
		d.Channel, d.Destination, d.Off = app.ChannelWebhooks, 1, true
		d.Stopped = &app.Stop{Reason: "ci is switched off", Next: "Let it go on with `bellhop channels edit ci --on`; what waits is sent then."}
	}
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	for i, next := range []string{
		"Let it go on with `bellhop channels edit ci --on`; what waits is sent then. Look at the address of the webhook, then send it again.",
		"Let it go on with `bellhop channels edit ci --on`; what waits is sent then.",
	} {
		w.key(fyne.KeyDown)
		if got := d.rowState(&d.lines[i+1]); got.Act != "" || got.Failure != "" {
			t.Errorf("%q is offered", got.Act)
		}
		w.rune('s')
		var said []string
		for _, x := range unfolded(d.lines[i+1], nil, true, noon) {
			said = append(said, x.Text)
		}
		if !slices.Contains(said, "Stopped: ci is switched off.") || !slices.Contains(said, "What to do: "+next) {
			t.Errorf("unfolded it says %q", said)
		}
	}
	if got := w.bell.asked(); len(got) > 0 || w.ui.dialog != nil {
		t.Errorf("the bell was asked %q", got)
	}
}

func TestWhatWaitsForItsDigestSaysSo(t *testing.T) {
	waits := DeliveryLine{Delivery: app.Delivery{
		ID: "01KB0000000000000000000001", Channel: app.ChannelMail, Group: "scan_added\x1fShop\x1f7",
		State: app.DeliveryWaiting, Created: noon, Due: noon.Add(5 * time.Minute),
	}}
	told := func(change func(*DeliveryLine)) string {
		d := waits
		change(&d)
		for _, x := range unfolded(d, nil, true, noon) {
			if strings.HasPrefix(x.Text, "Waits") {
				return x.Text
			}
		}
		return ""
	}
	at := clock(noon.Add(5*time.Minute), noon)
	if got := told(func(*DeliveryLine) {}); got != "Waits to be told together with others of Shop, at "+at {
		t.Errorf("it says %q", got)
	}
	if got := told(func(d *DeliveryLine) { d.Group = "other\x1f" }); got != "Waits to be told together with others like it, at "+at {
		t.Errorf("without a product it says %q", got)
	}
	for name, change := range map[string]func(*DeliveryLine){
		"a webhook":         func(d *DeliveryLine) { d.Channel = app.ChannelWebhooks },
		"tried":             func(d *DeliveryLine) { d.Attempts = 1 },
		"due":               func(d *DeliveryLine) { d.Due = noon },
		"sent again":        func(d *DeliveryLine) { d.Resent = noon },
		"held":              func(d *DeliveryLine) { d.State = app.DeliveryHeld },
		"of quiet hours":    func(d *DeliveryLine) { d.Group = "held" },
		"switched off":      func(d *DeliveryLine) { d.Off = true },
		"access not known":  func(d *DeliveryLine) { d.Code = "access_unknown" },
		"in a message":      func(d *DeliveryLine) { d.Digest = d.ID },
		"without its group": func(d *DeliveryLine) { d.Group = "" },
	} {
		if got := told(change); got != "" {
			t.Errorf("%s: it says %q", name, got)
		}
	}
}

// What waits behind a destination that is switched off needs somebody like the dead:
// it is listed and counted with them.
func TestWhatIsStoppedNeedsYou(t *testing.T) {
	e := cannedEngine()
	waits := &e.deliveries[2]
	waits.Off, waits.Stopped = true, &app.Stop{Reason: "Blue team is switched off", Next: "Let it go on."}
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	side := func() string { return w.ui.side.views[ViewDeliveries].Count }
	if got := d.states.Button("dead").Text; got != "Needs you 2" || side() != "2" || d.states.Button("waiting").Text != "Waiting 1" {
		t.Errorf("it says %q, the side bar counts %q", got, side())
	}
	w.rune('4')
	w.until("they are read", func() bool { return d.loaded && d.state == needsYou })
	if len(d.lines) != 2 || d.lines[0].State != app.DeliveryDead || d.lines[1].ID != waits.ID || d.count.Text != "2 deliveries, newest first" {
		t.Errorf("listed are %d: %q", len(d.lines), d.count.Text)
	}
	test.Tap(d.again) // only what failed is sent again
	if w.ui.dialog == nil {
		t.Error("nobody was asked")
	}
	w.ui.closeDialog()
	d.narrow(needsYou, app.ChannelTeams.String())
	w.until("one channel is shown", func() bool { return d.loaded && len(d.lines) == 1 })
	if d.count.Text != "1 delivery, newest first" || d.states.Button("dead").Text != "Needs you 1" || d.again.Visible() {
		t.Errorf("of Teams it says %q and %q", d.count.Text, d.states.Button("dead").Text)
	}
	e.change(func() { e.more = app.ChannelsOf(app.ChannelTeams) })
	w.ui.Hint(app.Hints{app.TopicDeliveries: true})
	w.until("it is said that there can be more", func() bool { return side() == "2+" && d.states.Button("dead").Text == "Needs you 1+" })
	e.change(func() { e.more, e.deliveries[2].Off, e.deliveries[2].Stopped = 0, false, nil })
	w.ui.Hint(app.Hints{app.TopicDeliveries: true})
	w.until("it goes on", func() bool { return side() == "1" && len(d.lines) == 0 && d.empty.title.Text == "Nothing needs you" })
}

func TestAPauseIsStandingInSight(t *testing.T) {
	e := cannedEngine()
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	w.bell.hold = func(paused bool) error {
		w.inbox.mu.Lock()
		defer w.inbox.mu.Unlock()
		w.inbox.settings = map[string]string{app.SettingOutbox: map[bool]string{true: "paused", false: "running"}[paused]}
		return nil
	}
	w.rune('p')
	w.until("it is paused", func() bool { return w.ui.held && d.hold.Text() != "" && d.pause.Text == "Resume" })
	w.ui.Show(ViewAlerts)
	w.ready()
	if !strings.HasPrefix(w.said(), "Sending is paused") {
		t.Errorf("the banner says %q", w.said())
	}
	w.ui.shell.banners[0].Press()
	w.until("it goes on", func() bool { return !w.ui.held && w.said() == "" })
}

func TestNothingMovesUnderThePointerOfTheDeliveries(t *testing.T) {
	e := cannedEngine()
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	test.MoveMouse(w.ui.Window().Canvas(), fyne.NewPos(700, 420))
	first := d.lines[0].ID
	e.arrives(app.Delivery{ID: "01KC", Channel: app.ChannelMail, State: app.DeliveryWaiting, Due: noon, Created: noon}, "new")
	w.ui.Hint(app.Hints{app.TopicDeliveries: true})
	w.until("it waits", func() bool { return d.waiting == 1 })
	if d.lines[0].ID != first || !d.news.Visible() || d.news.Text != "1 new" {
		t.Errorf("the list moved, or does not say what waits: %q", d.news.Text)
	}
	test.Tap(d.news)
	w.until("it is shown", func() bool { return d.lines[0].ID == "01KC" && d.waiting == 0 })
}

func TestTheLedgerIsPagedAndHeldInPart(t *testing.T) {
	const n = 3000
	e := many(n)
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	if len(d.lines) != firstPage {
		t.Fatalf("%d lines were read at first", len(d.lines))
	}
	w.key(fyne.KeyEnd)
	for range 40 {
		w.until("more is read", func() bool { return d.next == "" || d.find(d.current) < len(d.lines)-1 })
		w.key(fyne.KeyEnd)
	}
	if d.next != "" || d.lines[len(d.lines)-1].ID != app.DeliveryID(fmt.Sprintf("%026d", 1)) || len(d.lines) > mostRows {
		t.Fatalf("the end is %s of %d lines", d.lines[len(d.lines)-1].ID, len(d.lines))
	}
	for range 40 {
		w.key(fyne.KeyHome)
		w.until("what was let go is read again", func() bool { return len(d.above) == 0 || d.find(d.current) > 0 })
	}
	w.key(fyne.KeyHome)
	if d.current != app.DeliveryID(fmt.Sprintf("%026d", n)) || len(d.lines) > mostRows {
		t.Errorf("the way back ends at %s with %d lines", d.current, len(d.lines))
	}
	for i := 1; i < len(d.lines); i++ {
		if d.lines[i].ID >= d.lines[i-1].ID {
			t.Fatalf("line %d is out of order", i)
		}
	}
}

func TestWithoutABellTheDeliveriesCanOnlyBeRead(t *testing.T) {
	w := newWorld(t, wide, ViewDeliveries, withEngine(canned(), cannedEngine()), nil)
	w.until("the deliveries are shown", func() bool { return w.ui.known && w.ui.deliveries.loaded })
	d := w.ui.deliveries
	s := d.rowState(&d.lines[1])
	if !d.pause.Disabled() || d.again.Visible() || s.Act != "" || s.Failure != "" || w.ui.shell.pageBell.Text() == "" {
		t.Errorf("something can be done without a bell: %+v", s)
	}
}

func TestWhatThereIsNothingOfSaysSo(t *testing.T) {
	e := cannedEngine()
	e.deliveries = nil
	w := openDeliveries(t, e)
	d := w.ui.deliveries
	for state, want := range map[string]string{"": "Nothing has been sent yet", "dead": "Nothing needs you", "waiting": "Nothing waits", "held": "Nothing of this kind"} {
		d.narrow(app.DeliveryState(state), "")
		w.until("it is read", func() bool { return d.loaded && d.empty.box.Visible() })
		if got := d.empty.title.Text; got != want {
			t.Errorf("%q without deliveries says %q", state, got)
		}
	}
	e.change(func() { e.err = app.NewProblem("damaged", "The database is damaged.", "Restore it.", true, nil) })
	d.narrow(app.DeliverySent, "")
	w.until("the error is told", func() bool { return d.fault != nil && d.empty.title.Text == "The deliveries cannot be shown" })
}

func TestHowFarADeliveryHasCome(t *testing.T) {
	for want, d := range map[string]app.Delivery{
		"Sent 11:00":        {State: app.DeliverySent, Settled: noon.Add(-time.Hour)},
		"About to leave":    {State: app.DeliveryWaiting, Due: noon},
		"Leaves 12:30":      {State: app.DeliveryWaiting, Due: noon.Add(30 * time.Minute)},
		"Tries again 12:30": {State: app.DeliveryWaiting, Due: noon.Add(30 * time.Minute), Attempts: 1},
		"Tries again now":   {State: app.DeliveryWaiting, Due: noon, Attempts: 1},
		"Held":              {State: app.DeliveryHeld, Due: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
		"Needs you":         {State: app.DeliveryDead},
		"Dropped":           {State: app.DeliveryDropped},
	} {
		if got := stateText(DeliveryLine{Delivery: d}, noon); got != want {
			t.Errorf("it is told as %q, want %q", got, want)
		}
	}
	if got := stateText(DeliveryLine{Delivery: app.Delivery{State: app.DeliveryWaiting, Attempts: 1}, Off: true}, noon); got != "Waits, switched off" {
		t.Errorf("what waits for a destination that is off is told as %q", got)
	}
	for want, a := range map[string][3]string{"404 gone": {"404", "refused", "404 gone"}, "refused here": {"", "refused_here", ""}, "a·b": {"", "", "a\x00b"}} {
		status := 0
		_, _ = fmt.Sscan(a[0], &status)
		if got := answerText(status, a[1], a[2]); got != want {
			t.Errorf("the answer is told as %q, want %q", got, want)
		}
	}
}
