package ui

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
	"bellhop/ui/widget"
)

// openSilences opens the page of silences.
func openSilences(t *testing.T, e *fakeEngine) *world {
	t.Helper()
	w := newWorld(t, wide, ViewSilences, withEngine(canned(), e), running())
	w.until("the silences are shown", func() bool { return w.ui.known && w.ui.silences.loaded })
	return w
}

// silencesBegin lets the bell begin and end silences as the store does.
func (w *world) silencesBegin(e *fakeEngine) {
	w.bell.quiet = func(s app.Silence) (app.Silence, error) {
		e.change(func() {
			s.ID, s.Created, s.Who = e.silences[0].ID+1, noon, "maria"
			e.silences = append([]SilenceLine{{Silence: s}}, e.silences...)
		})
		return s, nil
	}
	w.bell.loud = func(id app.SilenceID) (out app.SilenceEnded, err error) {
		e.change(func() {
			for i := range e.silences {
				if e.silences[i].ID == id {
					e.silences[i].Until = noon
					out = app.SilenceEnded{Silence: e.silences[i].Silence, LetGo: 3}
				}
			}
		})
		return out, nil
	}
}

// titles returns what is listed.
func (s *silences) titles() []string {
	var out []string
	for i := range s.lines {
		st := s.rowState(&s.lines[i])
		out = append(out, st.Title+" | "+st.Sub)
	}
	return out
}

func TestTheSilencesAreListedAndNothingIsReadBefore(t *testing.T) {
	e := cannedEngine()
	w := newWorld(t, wide, "", withEngine(canned(), e), running())
	w.ready()
	w.ui.Hint(app.Hints{app.TopicFacts: true})
	w.until("they are counted", func() bool { return w.ui.side.views[ViewSilences].Count == "2" })
	if e.asked() > 1 || w.ui.silences.made { // the deliveries are counted, too
		t.Errorf("%d reads, page made: %t", e.asked(), w.ui.silences.made)
	}
	w.ui.Show(ViewSilences)
	s := w.ui.silences
	w.until("they are shown", func() bool { return s.loaded })
	want := []string{
		"Everything but critical findings | Until 12:40 · for everybody · made by maria · Snoozed",
		"Scan Added or Finding Closed, about Shop, up to Medium, on Mail and Slack | Until Nov 27, 09:00 · for maria · made by maria · nightly scans are noisy until the new baseline",
	}
	if got := s.titles(); !reflect.DeepEqual(got, want) || s.states.Button(listInForce).Text != "In force 2" || s.count.Text != "2 silences, newest first" {
		t.Errorf("listed is %q, %q, %q", got, s.states.Button(listInForce).Text, s.count.Text)
	}
	w.rune('2')
	w.until("the ended one is shown", func() bool { return s.loaded && s.ended && len(s.lines) == 1 })
	if got := s.titles()[0]; got != "Everything, tagged pci, with “prod” in it | Ended Nov 22, 04:00 · for everybody · made by tom" || s.rowState(&s.lines[0]).Act != "" {
		t.Errorf("what ended is told as %q", got)
	}
}

func TestASilenceUnfoldsToWhatItHolds(t *testing.T) {
	w := openSilences(t, cannedEngine())
	s := w.ui.silences
	w.key(fyne.KeyDown)
	w.key(fyne.KeyReturn)
	w.until("it is looked at", func() bool { return s.looked })
	var got []string
	for _, it := range s.items {
		if it.text != nil {
			got = append(got, it.text.Lead+": "+it.text.Text)
		}
	}
	want := []string{
		"Why: nightly scans are noisy until the new baseline",
		"Holds: Scan Added or Finding Closed, about Shop, up to Medium, on Mail and Slack",
		"In force: Tue, Nov 24, 2026, 10:00 to Fri, Nov 27, 2026, 09:00",
		"Lately: It would have held 57 of the 340 messages of the last 30 days, about 41 events: Toast 17, Mail 40. 2 messages about critical findings would have gone out.",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("unfolded is %q", got)
	}
	w.rune(' ')
	if len(s.items) != 2 {
		t.Errorf("folded are %d lines", len(s.items))
	}
}

func TestASilenceIsEndedAfterAQuestion(t *testing.T) {
	e := cannedEngine()
	w := openSilences(t, e)
	w.silencesBegin(e)
	s := w.ui.silences
	w.rune('j')
	w.key(fyne.KeyDelete)
	if w.ui.dialog == nil || len(w.bell.asked()) > 0 {
		t.Fatal("nobody was asked")
	}
	test.Tap(w.ui.dialog.yes)
	w.until("it is ended", w.bell.called("end silence 4"))
	w.until("it is told", func() bool {
		return len(s.lines) == 1 && s.count.Text == "The silence has ended and lets go of 3 messages."
	})
	if s.current != 5 || w.ui.side.views[ViewSilences].Count != "1" {
		t.Errorf("the current one is %d, the side bar counts %q", s.current, w.ui.side.views[ViewSilences].Count)
	}
	w.pass(saidTime)
	if s.count.Text != "1 silence" {
		t.Errorf("it says still %q", s.count.Text)
	}
}

func TestEverythingIsSnoozedInEveryAccount(t *testing.T) {
	e := cannedEngine()
	in := canned()
	in.accounts = append(in.accounts, app.Account{ID: 2, URL: "https://dojo.example.org", Username: "maria"})
	in.states[2] = app.SyncState{Account: 2, Phase: app.PhaseOK}
	w := newWorld(t, wide, ViewSilences, withEngine(in, e), running())
	w.until("the silences are shown", func() bool { return w.ui.known && w.ui.silences.loaded })
	w.silencesBegin(e)
	s := w.ui.silences
	w.rune('2')
	s.snoozeUntil(tomorrow(w.ui.now()))
	w.until("it is told", func() bool {
		return s.count.Text == "Everything but critical findings is held until Nov 26, 08:00."
	})
	for _, want := range []string{
		`silence "Everything but critical findings" in 1 until 2026-11-26T08:00:00Z`, `silence "Everything but critical findings" in 2 until 2026-11-26T08:00:00Z`,
	} {
		if !w.bell.called(want)() {
			t.Errorf("the bell was asked for %q", w.bell.asked())
		}
	}
	w.until("both are listed", func() bool { return !s.ended && len(s.lines) == 4 })
}

func TestASilenceIsMadeWithALookAtWhatItHolds(t *testing.T) {
	e := cannedEngine()
	w := openSilences(t, e)
	w.silencesBegin(e)
	s := w.ui.silences
	w.rune('n')
	f := s.form
	if f == nil || s.list.Visible() {
		t.Fatal("no form is open")
	}
	w.until("everything is looked at", func() bool { return strings.Contains(f.says.Text(), "57 of the 340 messages of the last 30 days") })
	w.until("the products are known", func() bool { return len(f.data.Products) == 3 })
	f.products.field.Type("pay")
	f.products.field.Press(fyne.KeyReturn)
	f.events.field.Type("ing clo")
	f.events.field.Press(fyne.KeyReturn)
	f.events.field.Type("scan added")
	test.Tap(f.severity.Button("High"))
	test.Tap(f.channels.Button("mail"))
	test.Tap(f.critical)
	test.Tap(f.whom.Button(whomMe))
	f.tags.field.Type("pci")
	f.sources.field.Type("Sla Breach")
	f.text.Type("prod")
	f.note.Type("we deploy")
	looked := len(e.looks)
	w.pass(previewDelay)
	w.until("it is looked at anew", func() bool {
		return f.says.Text() == "It would have held none of the 340 messages of the last 30 days."
	})
	if n := len(e.looks) - looked; n != 1 {
		t.Errorf("it was looked at %d times", n)
	}
	f.submit()
	w.until("it is begun", func() bool { return s.form == nil && s.list.Visible() })
	w.until("it is listed", func() bool { return len(s.lines) == 3 && s.current == 6 })
	got := s.lines[0].Silence
	want := app.Silence{
		ID: 6, Account: 1, Person: 7, Events: []string{"finding_closed", "scan_added"}, Products: []string{"Pay"}, Severity: "High", Text: "prod",
		Sources: []string{"Sla Breach"}, Tags: []string{"pci"}, Channels: app.ChannelsOf(app.ChannelMail), Until: noon.Add(time.Hour + previewDelay), Created: noon, Who: "maria", Note: "we deploy",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("begun is %+v", got)
	}
	if s.count.Text != "It holds until 13:00." {
		t.Errorf("it says %q", s.count.Text)
	}
}

func TestWhatIsNoSilenceIsToldAndKept(t *testing.T) {
	e := cannedEngine()
	w := openSilences(t, e)
	s := w.ui.silences
	w.rune('n')
	f := s.form
	test.Tap(f.long.Button(longOther))
	for typed, want := range map[string]string{
		"": "The silence has no end.", "soon": "“soon” is no time.", "2020-01-01": "The end of the silence lies in the past.", "2028-01-01": "The silence is longer than a year.",
	} {
		f.until.SetText(typed)
		f.submit()
		if !strings.HasPrefix(f.fault.Text(), want) || !f.until.Bad {
			t.Errorf("%q: it says %q", typed, f.fault.Text())
		}
	}
	f.until.SetText("2h")
	f.events.field.Type("Nothing Of That Name")
	f.submit()
	if !strings.HasPrefix(f.fault.Text(), "No event is called “Nothing Of That Name”. Take it away") {
		t.Errorf("it says %q", f.fault.Text())
	}
	f.events.set(nil)
	w.bell.quiet = func(app.Silence) (app.Silence, error) {
		return app.Silence{}, app.NewProblem("disk_full", "The disk is full.", "Make room.", true, nil)
	}
	f.text.Type("prod")
	f.submit()
	w.until("it is refused", func() bool { return f.fault.Text() == "The disk is full. Make room." })
	w.ui.Show(ViewAlerts)
	w.ui.Show(ViewSilences)
	if s.form != f || f.text.Text() != "prod" || f.until.Text() != "2h" || !f.box.Visible() {
		t.Fatal("what was typed is lost")
	}
	w.key(fyne.KeyEscape)
	if s.form != nil || w.ui.place != ViewSilences {
		t.Error("escape does not close the form")
	}
	w.key(fyne.KeyEscape)
	if w.ui.place != ViewAlerts {
		t.Errorf("escape leads to %q", w.ui.place)
	}
}

func TestASilenceIsToldInWords(t *testing.T) {
	for want, s := range map[string]app.Silence{
		"Everything":                                     {},
		"Everything but critical findings":               {CriticalPasses: true},
		"Scan Added, but no critical findings":           {CriticalPasses: true, Events: []string{"scan_added"}},
		"Everything, about Shop, on Mail":                {Products: []string{"Shop"}, Channels: app.ChannelsOf(app.ChannelMail)},
		"Everything, up to High":                         {CriticalPasses: true, Severity: "High"},
		"Everything, tagged a or b, filed as Sla Breach": {Tags: []string{"a", "b"}, Sources: []string{"Sla Breach"}},
	} {
		if got := silenceText(s); got != want {
			t.Errorf("it is told as %q, want %q", got, want)
		}
	}
}

func TestTheEndOfASilenceIsReadAsPeopleWriteIt(t *testing.T) {
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for typed, want := range map[string]time.Time{
		"2h": at.Add(2 * time.Hour), " 30 min": at.Add(30 * time.Minute), "3 days": at.AddDate(0, 0, 3), "90m": at.Add(90 * time.Minute), "1d": at.AddDate(0, 0, 1),
		"18:00": at.Add(6 * time.Hour), "11:30": at.Add(23*time.Hour + 30*time.Minute), "18.30": at.Add(6*time.Hour + 30*time.Minute), "tomorrow": time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC),
		"2026-11-30": time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), "2026-11-30 18:00": time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC),
	} {
		if got, err := silenceEnd(typed, at); err != nil || !got.Equal(want) {
			t.Errorf("%q is read as %v, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "h", "-2h", "0d", "25:00", "9999999999999999999h", "99999999d", "2026-13-01", "1.5h"} {
		if got, err := silenceEnd(typed, at); err == nil {
			t.Errorf("%q is read as %v", typed, got)
		}
	}
}

func TestTheKeyboardReachesTheWholeFormOfASilence(t *testing.T) {
	w := openSilences(t, cannedEngine())
	test.Tap(w.ui.silences.add)
	w.pass(drawTime)
	f, c := w.ui.silences.form, w.ui.Window().Canvas()
	if c.Focused() != f.long.Button(longHour) {
		t.Fatalf("the keyboard is at %T", c.Focused())
	}
	low := float32(0)
	for range 80 {
		if c.Focused() == f.save {
			break
		}
		c.FocusNext()
		low = max(low, f.scroll.Offset.Y)
	}
	if c.Focused() != f.save || low == 0 {
		t.Errorf("the keyboard never comes to the button, or nothing is scrolled to: %v", low)
	}
}

func TestManySilencesAreReadByThePage(t *testing.T) {
	e := cannedEngine()
	e.silences = nil
	const all = 3000
	for i := range all {
		e.silences = append(e.silences, SilenceLine{Silence: app.Silence{ID: app.SilenceID(all - i), Account: 1, Created: noon, Until: noon.Add(time.Hour)}})
	}
	w := openSilences(t, e)
	s := w.ui.silences
	if len(s.lines) != firstPage {
		t.Errorf("%d are read at first", len(s.lines))
	}
	most := 0
	for s.lines[len(s.lines)-1].ID != 1 {
		before := s.lines[len(s.lines)-1].ID
		w.key(fyne.KeyEnd)
		w.until("older ones are read", func() bool { return s.lines[len(s.lines)-1].ID < before })
		most = max(most, len(s.lines))
	}
	if most > mostRows {
		t.Errorf("%d are held", most)
	}
	ids := make([]app.SilenceID, len(s.lines))
	for i, x := range s.lines {
		ids[i] = x.ID
	}
	if !slices.IsSortedFunc(ids, func(a, b app.SilenceID) int { return int(b - a) }) || len(s.lines)+s.let != all {
		t.Errorf("%d are held below %d", len(s.lines), s.let)
	}
	w.key(fyne.KeyHome)
	w.until("the newest are back", func() bool { return s.loaded && len(s.lines) > 0 && s.lines[0].ID == all && s.rows.AtTop() })
}

func TestSilencesThatCannotBeReadSaySo(t *testing.T) {
	e := cannedEngine()
	e.err = app.NewProblem("damaged", "The database is damaged.", "Restore it.", true, nil)
	w := newWorld(t, wide, ViewSilences, withEngine(canned(), e), nil)
	s := w.ui.silences
	w.until("it is told", func() bool { return s.fault != nil && s.empty.title.Text == "The silences cannot be shown" })
	e.change(func() { e.err, e.silences = nil, nil })
	s.empty.act()
	w.until("there are none", func() bool { return w.ui.known && s.loaded && s.empty.title.Text == "Nothing is silenced" })
	w.rune('n')
	w.rune('s')
	if s.form != nil || !s.add.Disabled() || w.ui.shell.pageBell.Text() == "" {
		t.Error("a silence can be made without a bell, or nobody says why not")
	}
}

func TestTheSilencesAsTheyAreDrawn(t *testing.T) {
	w := openSilences(t, cannedEngine())
	w.ui.silences.fold(5, true)
	w.until("it is looked at", func() bool { return w.ui.silences.looked })
	w.settle()
	test.AssertRendersToMarkup(t, "silences.xml", w.ui.Window().Canvas())
	if got := widget.TintViolet; w.ui.silences.rowState(&w.ui.silences.lines[0]).Tint != got {
		t.Error("what is held has not the tint of what is held")
	}
}

func TestAServerIsMeantBeforeThisComputer(t *testing.T) {
	e := cannedEngine()
	in := canned()
	in.accounts = append([]app.Account{{ID: 9, URL: app.LocalURL}}, in.accounts...)
	in.states[9] = app.SyncState{Account: 9, Phase: app.PhaseOK}
	w := newWorld(t, wide, ViewSilences, withEngine(in, e), running())
	w.until("the silences are shown", func() bool { return w.ui.known && w.ui.silences.loaded })
	w.rune('n')
	if f := w.ui.silences.form; f.account != 1 || f.accounts.Value() != "1" || f.accounts.Button("9").Text != "This computer" {
		t.Errorf("the account is %d, shown is %q", f.account, f.accounts.Value())
	}
	w.ui.Show(ViewNotifications)
	w.until("the settings are shown", func() bool { return w.ui.rules.known })
	if w.ui.rules.account != 1 {
		t.Errorf("the settings are of account %d", w.ui.rules.account)
	}
}
