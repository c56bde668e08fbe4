package ui

import (
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
	"bellhop/ui/widget"
)

// openWishes opens maria's settings with some wishes stored.
func openWishes(t *testing.T) (*world, *fakeEngine) {
	t.Helper()
	e := cannedEngine()
	withWishes(&fakeInbox{engine: e})
	w := openRules(t, e)
	w.stores(e)
	return w, e
}

// cards returns what is listed, an open form as "…".
func cardsOf(l *wishList) []string {
	var out []string
	var texts func(o fyne.CanvasObject) string
	texts = func(o fyne.CanvasObject) string {
		switch o := o.(type) {
		case *widget.Prose:
			return o.Text()
		case *widget.Field:
			return "…"
		case *fyne.Container:
			for _, x := range o.Objects {
				if s := texts(x); s != "" {
					return s
				}
			}
		}
		return ""
	}
	for _, o := range l.cards.Objects {
		out = append(out, texts(o))
	}
	return out
}

func TestWishesAreToldInWords(t *testing.T) {
	w, _ := openWishes(t)
	x := w.ui.rules.extras
	want := []string{"Mail and Slack, for Scan Added: only from High up, about Shop or Pay", "Every channel but the list: only tagged pci, with “prod” in it"}
	if got := cardsOf(x.only); !reflect.DeepEqual(got, want) {
		t.Errorf("the conditions are %q", got)
	}
	if got := cardsOf(x.quiet); !reflect.DeepEqual(got, []string{"Toast and Mail: Mon to Fri, 22:00 to 07:00 the next day"}) {
		t.Errorf("the quiet hours are %q", got)
	}
	if x.mine.State != widget.Checked || x.muteBox.Visible() {
		t.Error("what she did herself is not left out, or there is a product to mute")
	}
	for _, tt := range []struct {
		q    app.QuietHours
		want string
	}{
		{app.QuietHours{From: "12:00", To: "13:30", Channels: app.ChannelsOf(app.ChannelMail)}, "Mail: every day, 12:00 to 13:30"},
		{app.QuietHours{Days: []string{"sun", "sat"}, From: "00:00", To: "00:00", Zone: "Europe/Berlin", Channels: app.ChannelsOf(app.ChannelMail)}, "Mail: Sat and Sun, 24 hours from 00:00, in Europe/Berlin"},
		{app.QuietHours{From: "22:00", To: "07:00", Channels: app.ChannelsOf(app.ChannelMail), CriticalPasses: true}, "Mail: every day, 22:00 to 07:00 the next day; critical alerts pass"},
	} {
		if got := quietText(tt.q); got != tt.want {
			t.Errorf("quiet hours are told as %q", got)
		}
	}
	if got := conditionText(app.Condition{Severity: "Critical", ProductType: []string{"Web"}, Sources: []string{"Scan Added"}}); got != "Every channel but the list: only what is Critical, of product type Web, filed as Scan Added" {
		t.Errorf("a condition is told as %q", got)
	}
}

// Everything that a settings file can ask for can be chosen.
func TestAConditionIsMadeWithEveryPartItCanHave(t *testing.T) {
	e := cannedEngine()
	e.rules.Types = []app.ProductType{{ID: 1, Name: "Web"}}
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	test.Tap(r.extras.only.add)
	f, ok := r.extras.form().form.(*conditionForm)
	if !ok || r.extras.only.add.Visible() {
		t.Fatal("no form is open, or another one can be opened")
	}
	test.Tap(f.channels.Button("mail"))
	test.Tap(f.channels.Button("alert"))
	test.Tap(f.every.Button(someEvents))
	test.Tap(f.events.Button("sla_breach"))
	test.Tap(f.severity.Button("Medium"))
	f.products.field.Type("SHOP")
	f.products.field.Press(fyne.KeyReturn)
	f.types.field.Type("web") // and no return
	f.tags.field.Type("pci")
	f.tags.field.Press(fyne.KeyReturn)
	f.sources.field.Type("scan added")
	f.text.Type(" prod ")
	f.text.Press(fyne.KeyReturn)
	w.until("it is saved", func() bool { return !r.saving && r.extras.form() == nil })
	want := []app.Condition{{
		Columns: []string{"sla_breach"}, Channels: app.ChannelsOf(app.ChannelAlert, app.ChannelMail), Severity: "Medium",
		Products: []string{"Shop"}, ProductType: []string{"Web"}, Tags: []string{"pci"}, Sources: []string{"Scan Added"}, Text: "prod",
	}}
	if got := r.stored.Extra.Only; !reflect.DeepEqual(got, want) {
		t.Errorf("stored is %+v", got)
	}
	if got := cardsOf(r.extras.only); len(got) != 1 || got[0] == "…" {
		t.Errorf("listed is %q", got)
	}
}

func TestAConditionIsChangedWhereItStands(t *testing.T) {
	w, _ := openWishes(t)
	r := w.ui.rules
	first := r.wish.Only[0]
	r.extras.editCondition(&first)
	if got := cardsOf(r.extras.only); len(got) != 2 || strings.HasPrefix(got[0], "Mail") {
		t.Errorf("listed is %q", got)
	}
	f := r.extras.form().form.(*conditionForm)
	test.Tap(f.products.chips.Objects[0].(*widget.Button))
	test.Tap(r.extras.form().save)
	w.until("it is saved", func() bool { return !r.saving && r.extras.form() == nil })
	x := r.stored.Extra
	if len(x.Only) != 2 || !reflect.DeepEqual(x.Only[0].Products, []string{"Pay"}) || x.Only[1].Text != "prod" || len(x.Quiet) != 1 || !x.NotMine {
		t.Errorf("stored is %+v", x)
	}
}

func TestWhatCannotBeSaidIsToldWhereItStands(t *testing.T) {
	w, _ := openWishes(t)
	r := w.ui.rules
	test.Tap(r.extras.only.add)
	form := r.extras.form()
	f := form.form.(*conditionForm)
	test.Tap(form.save)
	if !strings.HasPrefix(form.fault.Text(), "This asks for nothing yet") {
		t.Errorf("it says %q", form.fault.Text())
	}
	f.products.field.Type("Nowhere")
	f.products.field.Press(fyne.KeyReturn)
	if form.fault.Text() != "" || !strings.HasPrefix(f.products.note.Text(), "No product is called Nowhere here now") {
		t.Errorf("it says %q and %q", form.fault.Text(), f.products.note.Text())
	}
	test.Tap(f.every.Button(someEvents))
	test.Tap(form.save)
	if !strings.HasPrefix(form.fault.Text(), "No event is chosen") {
		t.Errorf("it says %q", form.fault.Text())
	}
	test.Tap(form.cancel)
	test.Tap(r.extras.quiet.add)
	form = r.extras.form()
	q := form.form.(*quietForm)
	if q.says.Text() != "Toast, Mail, Slack, Teams and Webhooks: every day, 22:00 to 07:00 the next day" && app.NumChannels == 6 {
		t.Errorf("it begins with %q", q.says.Text())
	}
	for _, tt := range []struct {
		spoil, mend func()
		field       *widget.Field
		want        string
	}{
		{func() { q.from.SetText("25") }, func() { q.from.SetText("7.30") }, q.from, "“25” is no time of the day. Write it like 22:00."},
		{func() { q.to.SetText("soon") }, func() { q.to.SetText("9") }, q.to, "“soon” is no time of the day."},
		{func() { q.zone.SetText("Mars/Base") }, func() { q.zone.SetText("Europe/Berlin") }, q.zone, "There is no time zone “Mars/Base”."},
		{func() { q.channels.Set(func(string) bool { return false }) }, func() { test.Tap(q.channels.Button("mail")) }, nil, "No channel is chosen"},
	} {
		tt.spoil()
		test.Tap(form.save)
		if !strings.HasPrefix(form.fault.Text(), tt.want) || tt.field != nil && !tt.field.Bad {
			t.Errorf("it says %q", form.fault.Text())
		}
		tt.mend()
	}
	if len(w.bell.asked()) > 0 {
		t.Errorf("the bell was asked: %q", w.bell.asked())
	}
	test.Tap(q.days.Button("sat"))
	test.Tap(form.save)
	w.until("it is saved", func() bool { return !r.saving && r.extras.form() == nil })
	want := app.QuietHours{Days: []string{"sat"}, From: "07:30", To: "09:00", Zone: "Europe/Berlin", Channels: app.ChannelsOf(app.ChannelMail)}
	if got := r.stored.Extra.Quiet; len(got) != 2 || !reflect.DeepEqual(got[1], want) {
		t.Errorf("stored is %+v", got)
	}
}

// What the form does not touch outlives it, and what it says is what is stored.
func TestQuietHoursKeepThatCriticalAlertsPass(t *testing.T) {
	e := cannedEngine()
	withWishes(&fakeInbox{engine: e})
	e.rules.Local[1].Extra.Quiet[0].CriticalPasses = true
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	edit := func(want string, change func(*quietForm)) app.QuietHours {
		t.Helper()
		old := r.wish.Quiet[0]
		r.extras.editQuiet(&old)
		f := r.extras.form().form.(*quietForm)
		change(f)
		if f.says.Text() != want {
			t.Errorf("the form says %q", f.says.Text())
		}
		test.Tap(r.extras.form().save)
		w.until("it is saved", func() bool { return !r.saving && r.extras.form() == nil })
		if got := cardsOf(r.extras.quiet); !reflect.DeepEqual(got, []string{want}) {
			t.Errorf("listed is %q", got)
		}
		return r.stored.Extra.Quiet[0]
	}
	if q := edit("Toast and Mail: Mon to Fri, 21:00 to 07:00 the next day; critical alerts pass", func(f *quietForm) { f.from.SetText("2"); f.from.Type("1") }); !q.CriticalPasses || q.From != "21:00" {
		t.Errorf("after another hour was chosen, stored is %+v", q)
	}
	toggle := func(f *quietForm) { test.Tap(f.critical) }
	if q := edit("Toast and Mail: Mon to Fri, 21:00 to 07:00 the next day", toggle); q.CriticalPasses {
		t.Errorf("switched off, stored is %+v", q)
	}
	if q := edit("Toast and Mail: Mon to Fri, 21:00 to 07:00 the next day; critical alerts pass", toggle); !q.CriticalPasses {
		t.Errorf("switched on, stored is %+v", q)
	}
}

func TestWhatWasTypedOutlivesARefusalAndALookElsewhere(t *testing.T) {
	w, e := openWishes(t)
	r := w.ui.rules
	store := w.bell.put
	w.bell.put = func(app.Preference) (app.Preference, error) {
		e.change(func() { e.rules.Local[1].Version, e.rules.Local[1].Extra.Only = 9, nil })
		return app.Preference{}, app.NewProblem("changed_meanwhile", "These notification settings were changed by somebody else meanwhile.", "Look at them again.", true, app.ErrConflict)
	}
	second := r.wish.Only[1]
	r.extras.editCondition(&second)
	form := r.extras.form()
	f := form.form.(*conditionForm)
	f.text.SetText("staging")
	test.Tap(form.save)
	w.until("it is refused", func() bool { return strings.HasPrefix(form.fault.Text(), "These notification settings were changed") })
	w.until("the others' is shown", func() bool { return r.stored.Version == 9 })
	test.Tap(r.scopes.Button(string(app.ScopeProduct)))
	r.pickProduct(3)
	if r.extras.form() != nil {
		t.Error("the form is open for another row")
	}
	w.ui.Show(ViewAlerts)
	w.ui.Show(ViewNotifications)
	test.Tap(r.scopes.Button(string(app.ScopePersonal)))
	if r.extras.form() != form || f.text.Text() != "staging" || len(r.extras.only.cards.Objects) != 1 {
		t.Fatal("what was typed is lost")
	}
	w.bell.put = store
	test.Tap(form.save)
	w.until("it is saved", func() bool { return !r.saving && r.extras.form() == nil })
	if got := r.stored.Extra.Only; len(got) != 1 || got[0].Text != "staging" || !reflect.DeepEqual(got[0].Tags, []string{"pci"}) {
		t.Errorf("stored is %+v", got)
	}
}

func TestARemovedWishCanBeHadBack(t *testing.T) {
	w, _ := openWishes(t)
	r := w.ui.rules
	q := r.wish.Quiet[0]
	was, now := r.wish, r.wish
	now.Quiet = without(now.Quiet, q)
	r.extras.remove(r.extras.quiet, was, now)
	w.until("it is gone", func() bool { return !r.saving && len(r.stored.Extra.Quiet) == 0 })
	if !r.extras.quiet.gone.Visible() {
		t.Fatal("nothing offers it back")
	}
	back, ok := w.ui.Window().Canvas().Focused().(*widget.Button)
	if !ok || back.Text != "Undo" {
		t.Fatal("the keyboard is not at what offers it back")
	}
	test.Tap(back)
	w.until("it is back", func() bool { return !r.saving && len(r.stored.Extra.Quiet) == 1 })
	if r.extras.quiet.gone.Visible() {
		t.Error("it is offered still")
	}
}

func TestTheKeyboardReachesTheWholeForm(t *testing.T) {
	w, _ := openWishes(t)
	r := w.ui.rules
	test.Tap(r.extras.only.add)
	w.pass(drawTime)
	form := r.extras.form()
	c := w.ui.Window().Canvas()
	if c.Focused() != form.form.(*conditionForm).channels.Button("alert") {
		t.Fatalf("the keyboard is at %T", c.Focused())
	}
	low := float32(0)
	for range 60 {
		if c.Focused() == form.save {
			break
		}
		c.FocusNext()
		low = max(low, r.scroll.Offset.Y)
	}
	if c.Focused() != form.save || low == 0 {
		t.Fatalf("the keyboard never comes to Save, or nothing is scrolled to: %v", low)
	}
	y := fyne.CurrentApp().Driver().AbsolutePositionForObject(form.save).Y
	if y < 0 || y > wide.Height-widget.ControlH {
		t.Errorf("Save is at %v, out of sight", y)
	}
	form.save.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if form.fault.Text() == "" {
		t.Error("space does not press it")
	}
	form.form.(*conditionForm).text.Press(fyne.KeyEscape)
	if r.extras.form() != nil {
		t.Error("escape does not close the form")
	}
}

func TestTheSystemsRowHasConditionsButNobodyToLeaveOut(t *testing.T) {
	e := cannedEngine()
	e.rules.Me.Superuser = true
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	test.Tap(r.scopes.Button(string(app.ScopeSystem)))
	if r.extras.mineBox.Visible() || r.extras.muteBox.Visible() {
		t.Error("the shared places are asked what they did themselves")
	}
	test.Tap(r.extras.only.add)
	test.Tap(r.extras.form().form.(*conditionForm).severity.Button("High"))
	test.Tap(r.extras.form().save)
	w.until("it is saved", w.bell.called("put system of 0 for 0 at 3"))
	w.until("it is shown", func() bool { return len(cardsOf(r.extras.only)) == 1 && r.extras.form() == nil })
}

func TestWithoutABellWishesCanOnlyBeRead(t *testing.T) {
	e := cannedEngine()
	withWishes(&fakeInbox{engine: e})
	w := newWorld(t, wide, ViewNotifications, withEngine(canned(), e), nil)
	w.until("the switches are shown", func() bool { return w.ui.known && len(w.ui.rules.columns) > 0 })
	x := w.ui.rules.extras
	x.editCondition(nil)
	if !x.only.add.Disabled() || !x.mine.Disabled() || x.form() != nil || len(cardsOf(x.only)) != 2 {
		t.Error("wishes can be changed, or are not shown")
	}
}
