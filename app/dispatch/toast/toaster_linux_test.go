package toast

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"bellhop/app"
	"bellhop/app/dispatch/dispatchtest"
	"bellhop/app/dispatch/render"
	"bellhop/ui/tray/desktoptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// every capability that concerns us.
var able = []string{"body", "body-markup", "actions"}

// newToaster returns a toaster on the bus at the address; it ends with the test.
func newToaster(t *testing.T, address string) *Toaster {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	var icon bytes.Buffer
	if err := png.Encode(&icon, image.NewNRGBA(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	toaster, err := New(t.Context(), Options{AppName: "Bellhop", Icon: icon.Bytes(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(toaster.Close)
	return toaster
}

func mustShow(t *testing.T, toaster *Toaster, toast Toast) uint32 {
	t.Helper()
	note, err := toaster.Show(t.Context(), toast)
	if err != nil {
		t.Fatal(err)
	}
	return note
}

func wantAction(t *testing.T, toaster *Toaster, want Action) {
	t.Helper()
	if got := desktoptest.Receive(t, toaster.Actions(), want.What); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Every hostile title and description, as the daemon on the bus gets them and as
// it reads them, with markup and without.
func TestHostileTextsAreShownAsTexts(t *testing.T) {
	for name, able := range map[string][]string{"a daemon that parses": able, "a daemon that does not": {"body"}} {
		bus := desktoptest.Start(t)
		daemon := bus.Daemon(t, able...)
		toaster := newToaster(t, bus.Address)
		for what, text := range dispatchtest.Hostile {
			words := render.Toast(render.Input{Call: &app.Call{Kind: app.KindOther, Title: text, Description: text}})
			for _, toast := range []Toast{{Title: words.Title, Body: words.Body}, {Title: text, Body: text}} {
				mustShow(t, toaster, toast)
				got := desktoptest.Receive(t, daemon.Shown, "a toast")
				dispatchtest.Shows(t, name+", "+what+", the title", got.Title, text)
				body := got.Body
				if slices.Contains(able, "body-markup") {
					body = read(t, body)
				}
				first := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
				if toast.Body == text { // the other may have words of its own, or none
					dispatchtest.Shows(t, name+", "+what+", the body", body, strings.Join(first[:min(len(first), bodyLines)], "\n"))
				} else {
					dispatchtest.Shows(t, name+", "+what+", the body", body, "")
				}
				if strings.Contains(got.Title, "\n") || utf8.RuneCountInString(got.Title) > titleWidth || utf8.RuneCountInString(body) > bodyWidth {
					t.Errorf("%s, %s: a wall of text: %.200q, %.200q", name, what, got.Title, body)
				}
			}
		}
	}
}

func TestAToastIsShownWithButtonsAndEscapedText(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	note := mustShow(t, toaster, Toast{Key: "7", Title: "SQL <b>injection</b>\n", Body: "<i>Acme</i> & co\nnext line", Urgent: true, Actions: true})
	got := desktoptest.Receive(t, daemon.Shown, "a toast")
	if got.Note != note || got.App != "Bellhop" || got.Milliseconds != -1 || got.Replaces != 0 {
		t.Errorf("got %+v", got)
	}
	if got.Title != "SQL <b>injection</b>" { // never markup
		t.Errorf("title %q", got.Title)
	}
	if want := "&lt;i&gt;Acme&lt;/i&gt; &amp; co\nnext line"; got.Body != want {
		t.Errorf("body %q, want %q", got.Body, want)
	}
	if want := []string{"default", "Open", "remove", "Remove", "snooze", "Snooze"}; !slices.Equal(got.Actions, want) {
		t.Errorf("actions %q, want %q", got.Actions, want)
	}
	if got.Hints["urgency"].Value() != byte(2) || got.Hints["desktop-entry"].Value() != "bellhop" || got.Hints["category"].Value() == nil {
		t.Errorf("hints %v", got.Hints)
	}
	var image picture
	if err := got.Hints["image-data"].Store(&image); err != nil || image.Width != 3 || image.Height != 2 || len(image.Pixels) != 24 {
		t.Errorf("image %+v, %v", image, err)
	}
	if got, want := toaster.Capabilities(), (Capabilities{Server: "testd 1.0", Actions: true, Markup: true, Present: true}); got != want {
		t.Errorf("capabilities %+v, want %+v", got, want)
	}
}

func TestASimpleDaemonGetsPlainTextAndNoButtons(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, "body")
	toaster := newToaster(t, bus.Address)
	mustShow(t, toaster, Toast{Title: "T", Body: "5 < 6 & <b>", Actions: true})
	got := desktoptest.Receive(t, daemon.Shown, "a toast")
	if got.Body != "5 < 6 & <b>" || len(got.Actions) != 0 || got.Hints["urgency"].Value() != byte(1) {
		t.Errorf("got %+v", got)
	}
}

func TestASummaryOnlyOpens(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	note := mustShow(t, toaster, Toast{Title: "7 new alerts"})
	if got := desktoptest.Receive(t, daemon.Shown, "a toast").Actions; !slices.Equal(got, []string{"default", "Open"}) {
		t.Errorf("actions %q", got)
	}
	daemon.Invoke(t, note, "default")
	wantAction(t, toaster, Action{note, "", Opened})
}

func TestClicksComeBackAndThoseOfOthersDoNot(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	first := mustShow(t, toaster, Toast{Key: "1", Title: "one", Actions: true})
	second := mustShow(t, toaster, Toast{Key: "2", Title: "two", Actions: true})
	daemon.Invoke(t, 999, "default") // another program's
	daemon.Close(t, 999, 2)
	daemon.Invoke(t, first, "unheard-of")
	daemon.Invoke(t, first, "default")
	daemon.Invoke(t, second, "snooze")
	daemon.Invoke(t, second, "remove")
	daemon.Close(t, first, 1)
	daemon.Invoke(t, first, "default") // gone
	daemon.Close(t, second, 2)
	for _, want := range []Action{
		{first, "1", Opened}, {second, "2", Snoozed}, {second, "2", Removed}, {first, "1", Closed}, {second, "2", Closed},
	} {
		wantAction(t, toaster, want)
	}
}

func TestAToastIsWithdrawn(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	note := mustShow(t, toaster, Toast{Key: "1", Title: "one"})
	if err := toaster.Withdraw(t.Context(), note); err != nil {
		t.Fatal(err)
	}
	if got := desktoptest.Receive(t, daemon.Withdrawn, "a withdrawal"); got != note {
		t.Errorf("withdrew %d, want %d", got, note)
	}
	wantAction(t, toaster, Action{note, "1", Closed})
	daemon.Quit()
	if err := toaster.Withdraw(t.Context(), note); err != nil {
		t.Errorf("without a daemon: %v", err)
	}
}

func TestAToastTakesThePlaceOfAnother(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	note := mustShow(t, toaster, Toast{Key: "1", Title: "one"})
	desktoptest.Receive(t, daemon.Shown, "a toast")
	if again := mustShow(t, toaster, Toast{Key: "2", Title: "two", Replace: note}); again != note {
		t.Errorf("note %d, want %d", again, note)
	}
	if got := desktoptest.Receive(t, daemon.Shown, "a toast").Replaces; got != note {
		t.Errorf("replaces %d, want %d", got, note)
	}
	daemon.Invoke(t, note, "default")
	wantAction(t, toaster, Action{note, "2", Opened})
	mustShow(t, toaster, Toast{Title: "three", Replace: 999})
	if got := desktoptest.Receive(t, daemon.Shown, "a toast").Replaces; got != 0 {
		t.Errorf("took the place of %d, which is another program's", got)
	}
}

func TestAToastOfAnEarlierRunCanBeAdopted(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, able...)
	before := newToaster(t, bus.Address)
	note, instance := mustShow(t, before, Toast{Key: "1", Title: "one"}), before.Instance(t.Context())
	before.Close()

	after := newToaster(t, bus.Address)
	if got := after.Instance(t.Context()); got != instance || got == "" {
		t.Errorf("instance %q, was %q", got, instance)
	}
	after.Adopt(note, "1")
	daemon.Invoke(t, note, "default")
	wantAction(t, after, Action{note, "1", Opened})

	daemon.Quit()
	wantAction(t, after, Action{note, "1", Closed})
	bus.Daemon(t, able...)
	if got := after.Instance(t.Context()); got == instance {
		t.Error("another daemon passes for the same")
	}
}

func TestADaemonThatComesBackIsAskedAgain(t *testing.T) {
	bus := desktoptest.Start(t)
	daemon := bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	note := mustShow(t, toaster, Toast{Key: "1", Title: "one"})
	daemon.Quit()
	wantAction(t, toaster, Action{note, "1", Closed})
	if _, err := toaster.Show(t.Context(), Toast{Title: "two"}); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("without a daemon: %v", err)
	}
	if got := toaster.Capabilities(); got.Present {
		t.Errorf("without a daemon: %+v", got)
	}
	daemon = bus.Daemon(t, "body")
	again := mustShow(t, toaster, Toast{Key: "3", Title: "three", Actions: true})
	if got := desktoptest.Receive(t, daemon.Shown, "a toast"); len(got.Actions) != 0 || got.Note != again {
		t.Errorf("got %+v", got)
	}
	if again != note {
		t.Fatalf("the daemon counts on from %d to %d", note, again)
	}
	daemon.Invoke(t, again, "default") // the same number, and still not the old toast
	wantAction(t, toaster, Action{again, "3", Opened})
}

func TestABusThatComesBackIsFound(t *testing.T) {
	bus := desktoptest.Start(t)
	bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	now := time.Now()
	toaster.now = func() time.Time { return now }
	note := mustShow(t, toaster, Toast{Key: "1", Title: "one"})
	bus.Kill()
	wantAction(t, toaster, Action{note, "1", Closed})
	for range 3 { // the first is tried, the others are spared
		if _, err := toaster.Show(t.Context(), Toast{Title: "two"}); !errors.Is(err, ErrNoDaemon) {
			t.Fatalf("without a bus: %v", err)
		}
	}
	if err := toaster.Withdraw(t.Context(), note); err != nil {
		t.Errorf("without a bus: %v", err)
	}
	bus.Run(t)
	daemon := bus.Daemon(t, able...)
	if _, err := toaster.Show(t.Context(), Toast{Title: "three"}); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("tried again at once: %v", err)
	}
	now = now.Add(firstRest)
	mustShow(t, toaster, Toast{Title: "four"})
	if got := desktoptest.Receive(t, daemon.Shown, "a toast").Title; got != "four" {
		t.Errorf("shown %q", got)
	}
}

func TestWithoutABusNothingIsShownAndNothingFails(t *testing.T) {
	toaster := newToaster(t, "unix:path="+t.TempDir()+"/nothing")
	if _, err := toaster.Show(t.Context(), Toast{Title: "one"}); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("got %v", err)
	}
	if got := toaster.Capabilities(); got != (Capabilities{}) {
		t.Errorf("got %+v", got)
	}
	if got := toaster.Instance(t.Context()); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestClicksOutliveAFloodOfClosedToasts(t *testing.T) {
	bus := desktoptest.Start(t)
	bus.Daemon(t, able...)
	toaster := newToaster(t, bus.Address)
	toaster.Adopt(1, "clicked")
	toaster.invoked(1, "default")
	for note := range uint32(2 * queueLimit) {
		toaster.Adopt(note+2, "closed")
		toaster.closed(note + 2)
	}
	wantAction(t, toaster, Action{1, "clicked", Opened})
	toaster.mu.Lock()
	defer toaster.mu.Unlock()
	if len(toaster.queue) > queueLimit {
		t.Errorf("%d actions wait", len(toaster.queue))
	}
}
