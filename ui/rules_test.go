package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"bellhop/app"
	"bellhop/ui/widget"
)

// openRules opens the switches of maria.
func openRules(t *testing.T, e *fakeEngine) *world {
	t.Helper()
	w := newWorld(t, wide, ViewNotifications, withEngine(canned(), e), running())
	w.until("the switches are shown", func() bool { return w.ui.known && w.ui.rules.known && len(w.ui.rules.columns) > 0 })
	w.until("they are of the account", func() bool { return w.ui.rules.account == 1 })
	return w
}

// stores lets the bell store rows as the store does.
func (w *world) stores(e *fakeEngine) {
	w.bell.put = func(p app.Preference) (app.Preference, error) {
		p.Version++
		e.change(func() {
			for i, old := range e.rules.Local {
				if old.Scope == p.Scope && old.Product == p.Product && old.Person == p.Person {
					e.rules.Local[i] = p
					return
				}
			}
			e.rules.Local = append(e.rules.Local, p)
		})
		return p, nil
	}
}

// cell returns a switch as it is shown.
func (w *world) cellOf(c app.Column, ch app.Channel) (on, locked bool, mark string) {
	w.t.Helper()
	for i, x := range w.ui.rules.columns {
		if x == c {
			cell := w.ui.rules.matrix.Lines()[i].Cells[ch]
			return cell.On, cell.Locked, cell.Mark
		}
	}
	w.t.Fatalf("%s has no line", c)
	return false, false, ""
}

// press presses a switch.
func (w *world) press(c app.Column, ch app.Channel) {
	w.t.Helper()
	for i, x := range w.ui.rules.columns {
		if x == c {
			w.ui.rules.toggle(i, int(ch))
			return
		}
	}
	w.t.Fatalf("%s has no line", c)
}

func TestTheSettingsAreNotReadBeforeTheyAreLookedAt(t *testing.T) {
	e := cannedEngine()
	w := newWorld(t, wide, "", withEngine(canned(), e), running())
	w.ready()
	w.ui.Hint(app.Hints{app.TopicFacts: true, app.TopicDeliveries: true})
	w.drain()
	if e.asked() > 0 || w.ui.rules.made {
		t.Errorf("%d reads, page made: %t", e.asked(), w.ui.rules.made)
	}
	w.ui.Show(ViewSettings)
	test.Tap(w.ui.settings.tabs.Button(ViewNotifications))
	w.until("they are shown", func() bool { return w.ui.rules.known })
	if w.ui.place != ViewNotifications || !w.ui.side.views[ViewSettings].On {
		t.Errorf("the place is %q", w.ui.place)
	}
}

func TestTheDefaultsAreShownAsSuchAndASwitchIsSavedAtOnce(t *testing.T) {
	e := cannedEngine()
	w := openRules(t, e)
	r := w.ui.rules
	if len(r.columns) != app.NumColumns || r.chip.Text != "DefectDojo's defaults" || r.back.Visible() {
		t.Errorf("%d lines, the chip says %q", len(r.columns), r.chip.Text)
	}
	if on, _, _ := w.cellOf(app.ColumnScanAdded, app.ChannelAlert); !on {
		t.Error("the default of an alert is not shown")
	}
	w.stores(e)
	w.press(app.ColumnTestAdded, app.ChannelMail)
	if on, _, _ := w.cellOf(app.ColumnTestAdded, app.ChannelMail); !on || r.chip.Text != "Saving…" {
		t.Errorf("it is not shown at once: %t, %q", on, r.chip.Text)
	}
	w.press(app.ColumnTestAdded, app.ChannelAlert) // before the bell has answered
	w.until("both are saved", w.bell.called("put personal of 7 for 0 at 1"))
	w.until("nothing more is", func() bool { return !r.saving })
	if got := e.rules.Local[1].Row[app.ColumnTestAdded]; got != app.ChannelsOf(app.ChannelToast, app.ChannelMail) || e.rules.Local[1].Version != 2 {
		t.Errorf("stored is %s at version %d", got, e.rules.Local[1].Version)
	}
	if r.chip.Text != "Saved" || !r.back.Visible() {
		t.Errorf("the chip says %q", r.chip.Text)
	}
}

func TestAConflictIsToldAndReadAgain(t *testing.T) {
	e := cannedEngine()
	w := openRules(t, e)
	w.bell.put = func(app.Preference) (app.Preference, error) {
		other := app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 7, Version: 9}
		e.change(func() { e.rules.Local = append(e.rules.Local, other) })
		return app.Preference{}, app.NewProblem("changed_meanwhile", "These notification settings were changed by somebody else meanwhile.", "Look at them again.", true, app.ErrConflict)
	}
	w.press(app.ColumnTestAdded, app.ChannelMail)
	w.until("it is told", func() bool {
		return strings.HasPrefix(w.ui.shell.pageFailure.Text(), "These notification settings were changed")
	})
	w.until("what the other chose is shown", func() bool {
		on, _, _ := w.cellOf(app.ColumnScanAdded, app.ChannelAlert)
		return !on && w.ui.rules.stored != nil && w.ui.rules.stored.Version == 9
	})
}

func TestWhatTheServerDeliversIsSaidBeforeItComesTwice(t *testing.T) {
	e := cannedEngine()
	w := openRules(t, e)
	w.stores(e)
	if _, _, mark := w.cellOf(app.ColumnScanAdded, app.ChannelMail); mark != markServer {
		t.Errorf("beside the switch stands %q", mark)
	}
	w.press(app.ColumnScanAdded, app.ChannelMail)
	if w.ui.dialog == nil || len(w.bell.asked()) > 0 {
		t.Fatal("nobody was asked")
	}
	test.Tap(w.ui.dialog.yes)
	w.until("it is saved", w.bell.called("put personal of 7 for 0 at 0"))
	if _, _, mark := w.cellOf(app.ColumnScanAdded, app.ChannelMail); mark != markTwice {
		t.Errorf("beside the switch stands %q", mark)
	}
	if _, _, mark := w.cellOf(app.ColumnUserMentioned, app.ChannelMail); mark != markSystem {
		t.Errorf("what the administrator adds is marked %q", mark)
	}
}

func TestAChannelWithoutADestinationIsGreyAndSaysWhy(t *testing.T) {
	e := cannedEngine()
	row := app.DefaultRow()
	row[app.ColumnOther] |= app.ChannelsOf(app.ChannelTeams)
	e.rules.Local = append(e.rules.Local, app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 7, Row: row, Version: 4})
	w := openRules(t, e)
	w.stores(e)
	for ch, want := range map[app.Channel]bool{app.ChannelMail: false, app.ChannelWebhooks: false, app.ChannelSlack: true, app.ChannelTeams: true} {
		if _, locked, _ := w.cellOf(app.ColumnTestAdded, ch); locked != want {
			t.Errorf("%s is grey: %t", ch, locked)
		}
	}
	m := w.ui.rules.matrix
	tap := func(line, column float32) {
		wide := min(84, (m.Size().Width-212)/app.NumChannels)
		m.Tapped(&fyne.PointEvent{Position: fyne.NewPos(m.Size().Width-(app.NumChannels-0.5-column)*wide, line*42+20)})
	}
	tap(3, 4) // Teams, test added: off and grey
	if len(w.bell.asked()) > 0 {
		t.Errorf("a grey switch was pressed: %q", w.bell.asked())
	}
	tap(14, 4) // Teams, other: on and grey
	w.until("what is on can be switched off", w.bell.called("put personal of 7 for 0 at 4"))
	if tip := w.ui.rules.tip(app.ColumnTestAdded, int(app.ChannelTeams)); !strings.Contains(tip, "No destination of yours. Add one: bellhop channels add msteams --mine --name team --secret url") {
		t.Errorf("the tip says %q", tip)
	}
	e.change(func() { e.rules.Settings[app.SettingChannels] = "alert, toast" })
	w.ui.Hint(app.Hints{app.TopicSettings: true})
	w.until("a closed gate is seen", func() bool { _, locked, _ := w.cellOf(app.ColumnTestAdded, app.ChannelMail); return locked })
}

func TestAProductHasSevenLinesOfItsOwn(t *testing.T) {
	e := cannedEngine()
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	test.Tap(r.scopes.Button(string(app.ScopeProduct)))
	if r.table.Visible() || !r.pick.box.Visible() {
		t.Fatal("no product was asked for")
	}
	r.pick.field.Type("sho")
	r.pick.field.OnEnter()
	if r.product != 3 || len(r.columns) != len(app.ProductColumns) || r.chip.Text != "Nothing set for this product" {
		t.Fatalf("product %d with %d lines, %q", r.product, len(r.columns), r.chip.Text)
	}
	if on, _, mark := w.cellOf(app.ColumnScanAdded, app.ChannelAlert); on || mark != markPersonal {
		t.Errorf("what is on everywhere is on: %t, marked %q", on, mark)
	}
	w.press(app.ColumnScanAdded, app.ChannelMail)
	w.until("it is saved", w.bell.called("put product of 7 for 3 at 0"))
	if got := r.scopes.Button(string(app.ScopeProduct)).Text; got != "Product: Shop" {
		t.Errorf("the choice says %q", got)
	}
}

func TestWhatAProductsFormDoesNotHaveIsKept(t *testing.T) {
	e := cannedEngine()
	row := app.Row{}
	row[app.ColumnOther], row[app.ColumnScanAdded] = app.ChannelsOf(app.ChannelAlert), app.ChannelsOf(app.ChannelToast)
	e.rules.Local = append(e.rules.Local, app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopeProduct, Person: 7, Product: 3, Row: row, Version: 2})
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	r.setScope(app.ScopeProduct)
	r.pickProduct(3)
	w.press(app.ColumnScanAdded, app.ChannelMail)
	w.until("it is saved", func() bool { return !r.saving && r.stored.Version == 3 })
	row[app.ColumnScanAdded] |= app.ChannelsOf(app.ChannelMail)
	if r.stored.Row != row {
		t.Errorf("stored is %v", r.stored.Row)
	}
}

func TestWhatDefectDojoDoesNotKnowIsKeptBesideTheSwitches(t *testing.T) {
	e := cannedEngine()
	mine := app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 7, Version: 4}
	mine.Extra.Only = []app.Condition{{Severity: "High"}}
	e.rules.Local = append(e.rules.Local, mine)
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	test.Tap(r.extras.mine)
	w.press(app.ColumnOther, app.ChannelMail)
	w.until("both are saved", func() bool { return !r.saving && r.stored != nil && r.stored.Version == 6 })
	if x := r.stored.Extra; !x.NotMine || x.Muted || len(x.Only) != 1 || !r.stored.Row[app.ColumnOther].Has(app.ChannelMail) {
		t.Errorf("stored is %+v", r.stored)
	}
	r.setScope(app.ScopeProduct)
	r.pickProduct(3)
	if !r.extras.muteBox.Visible() || r.extras.mute.State == widget.Checked {
		t.Error("a product cannot be muted, or is from the first")
	}
	test.Tap(r.extras.mute)
	w.until("it is muted", func() bool { return !r.saving && r.stored != nil && r.stored.Extra.Muted && r.stored.Product == 3 })
}

func TestOnlyASuperuserSeesTheSystemsSettings(t *testing.T) {
	e := cannedEngine()
	w := openRules(t, e)
	r := w.ui.rules
	if r.scopes.Button(string(app.ScopeSystem)) != nil || !r.mode.Button(string(app.ModeEveryone)).Disabled() {
		t.Error("a plain user is offered the system's settings")
	}
	e.change(func() { e.rules.Me.Superuser = true })
	w.ui.Hint(app.Hints{app.TopicFacts: true})
	w.until("the system's are offered", func() bool { return r.scopes.Button(string(app.ScopeSystem)) != nil })
	test.Tap(r.scopes.Button(string(app.ScopeSystem)))
	if _, locked, _ := w.cellOf(app.ColumnScanAdded, app.ChannelMail); locked || r.stored == nil || r.stored.Version != 3 {
		t.Errorf("the system's row is %+v, mail, which a superuser gets by it, locked: %t", r.stored, locked)
	}
	w.bell.set = func(key, value string) error {
		e.change(func() { e.rules.Settings[key] = value })
		return nil
	}
	test.Tap(r.mode.Button(string(app.ModeEveryone)))
	if w.ui.dialog == nil {
		t.Fatal("nobody was asked")
	}
	test.Tap(w.ui.dialog.yes)
	w.until("decisions are made for everyone", func() bool { return r.everyone() && strings.Contains(r.modeNote.Text(), "exactly one computer") })
	if _, locked, _ := w.cellOf(app.ColumnScanAdded, app.ChannelMail); !locked {
		t.Error("mail without a shared place is not locked")
	}
}

func TestTheDefaultsCanBeHadBack(t *testing.T) {
	e := cannedEngine()
	e.rules.Local = append(e.rules.Local, app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 7, Version: 4})
	w := openRules(t, e)
	w.bell.drop = func(app.Preference) error {
		e.change(func() { e.rules.Local = e.rules.Local[:1] })
		return nil
	}
	test.Tap(w.ui.rules.back)
	if w.ui.dialog == nil {
		t.Fatal("nobody was asked")
	}
	test.Tap(w.ui.dialog.yes)
	w.until("it is dropped", w.bell.called("drop personal of 7 for 0 at 4"))
	w.until("the defaults are shown", func() bool { return w.ui.rules.chip.Text == "DefectDojo's defaults" })
}

func TestTheKeyboardSwitches(t *testing.T) {
	e := cannedEngine()
	w := openRules(t, e)
	w.stores(e)
	m := w.ui.rules.matrix
	w.ui.Window().Canvas().Focus(m)
	for _, k := range []fyne.KeyName{fyne.KeyEnd, fyne.KeyRight, fyne.KeyRight, fyne.KeySpace} {
		m.TypedKey(&fyne.KeyEvent{Name: k})
	}
	w.until("it is saved", w.bell.called("put personal of 7 for 0 at 0"))
	if on, _, _ := w.cellOf(app.ColumnRiskAcceptanceExpiration, app.ChannelMail); !on {
		t.Error("the last line was not switched")
	}
	if w.ui.rules.scroll.Offset.Y == 0 || !w.ui.rules.top.Visible() {
		t.Error("the line is not scrolled to, or the names of the channels are out of sight")
	}
	m.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if w.ui.place != ViewAlerts {
		t.Errorf("escape leads to %q", w.ui.place)
	}
}

func TestWithoutABellTheSwitchesCanOnlyBeRead(t *testing.T) {
	e := cannedEngine()
	w := newWorld(t, wide, ViewNotifications, withEngine(canned(), e), nil)
	w.until("the switches are shown", func() bool { return w.ui.known && len(w.ui.rules.columns) > 0 })
	m := w.ui.rules.matrix
	m.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if w.ui.rules.saving || w.ui.shell.pageBell.Text() == "" {
		t.Error("a switch can be pressed, or nobody says why not")
	}
}

func TestSettingsThatCannotBeReadSaySo(t *testing.T) {
	e := cannedEngine()
	e.err = app.NewProblem("damaged", "The database is damaged.", "Restore it.", true, nil)
	w := newWorld(t, wide, ViewNotifications, withEngine(canned(), e), running())
	w.until("it is told", func() bool { return w.ui.rules.fault != nil })
	if got := w.ui.rules.empty.title.Text; got != "The settings cannot be shown" {
		t.Errorf("the page says %q", got)
	}
	e.change(func() { e.err = nil })
	w.ui.rules.empty.act()
	w.until("they are shown", func() bool { return w.ui.rules.known && w.ui.rules.body.Visible() })
	e.change(func() { e.rules.Me = app.Person{} })
	w.ui.Hint(app.Hints{app.TopicFacts: true})
	w.until("nobody is there", func() bool { return w.ui.rules.empty.title.Text == "Nobody to notify yet" })
}

func TestAChannelIsSwitchedForAllEventsAtOnce(t *testing.T) {
	e := cannedEngine()
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	r.askEvery(app.ChannelWebhooks)
	w.until("it is saved", func() bool { return !r.saving && r.stored != nil })
	for c := range app.Column(app.NumColumns) {
		if !r.stored.Row[c].Has(app.ChannelWebhooks) {
			t.Errorf("%s has no webhook", c)
		}
	}
	r.askEvery(app.ChannelMail) // the server sends two of them
	if w.ui.dialog == nil || r.want[app.ColumnOther].Has(app.ChannelMail) {
		t.Fatal("nobody was asked")
	}
	test.Tap(w.ui.dialog.yes)
	r.putEvery(app.ChannelWebhooks, false)
	w.until("both are saved", func() bool { return !r.saving })
	if got := r.stored.Row[app.ColumnScanAdded]; got != app.ChannelsOf(app.ChannelAlert, app.ChannelToast, app.ChannelMail) {
		t.Errorf("stored is %s", got)
	}
	// A product's row has seven lines; what it has besides stays.
	r.setScope(app.ScopeProduct)
	r.pickProduct(3)
	r.askEvery(app.ChannelToast)
	w.until("it is saved", func() bool { return !r.saving && r.stored != nil && r.stored.Product == 3 })
	if !r.stored.Row[app.ColumnSLABreach].Has(app.ChannelToast) || r.stored.Row[app.ColumnOther] != 0 {
		t.Errorf("stored is %v", r.stored.Row)
	}
}

// Superusers choose for others, as with --user on the command line.
func TestASuperuserChoosesForSomebodyElse(t *testing.T) {
	e := cannedEngine()
	for i := range 20 {
		e.people = append(e.people, app.Person{ID: app.PersonID(20 + i), Username: fmt.Sprintf("tom%02d", i), FirstName: "Tom", Active: true})
	}
	row := app.DefaultRow()
	row[app.ColumnOther] = app.ChannelsOf(app.ChannelToast)
	e.rules.Local = append(e.rules.Local, app.Preference{Account: 1, Owner: app.OwnerLocal, Scope: app.ScopePersonal, Person: 23, Row: row, Version: 5})
	w := openRules(t, e)
	w.stores(e)
	r := w.ui.rules
	if r.whose.box.Visible() {
		t.Error("a plain user is offered the settings of others")
	}
	e.change(func() { e.rules.Me.Superuser = true })
	w.ui.Hint(app.Hints{app.TopicFacts: true})
	w.until("those of others are offered", func() bool { return r.whose.box.Visible() })
	test.Tap(r.whose.choice.Button(whoseOther))
	w.until("the first ones are offered", func() bool {
		return len(r.whose.list.Objects) == mostPicks && strings.HasPrefix(r.whose.more.Text(), "There are more")
	})
	if r.table.Visible() || r.scopeBox.Visible() {
		t.Error("somebody's settings are shown while nobody is chosen")
	}
	r.whose.field.Type("m03")
	w.pass(peopleDelay)
	w.until("he is found", func() bool { return len(r.whose.list.Objects) == 1 })
	r.whose.field.Press(fyne.KeyReturn)
	w.until("his settings are shown", func() bool { return r.known && r.data.Of.ID == 23 && r.table.Visible() })
	if on, _, _ := w.cellOf(app.ColumnOther, app.ChannelAlert); on || r.stored.Version != 5 || r.note.Text() != "What tom03 is told of, for every product. It counts once this computer decides for everyone." {
		t.Errorf("shown is %+v, %q", r.stored, r.note.Text())
	}
	if o := r.data.obstacle(app.ChannelMail, app.ScopePersonal, 0); o.what != "no address of tom03 is known" || !strings.Contains(o.step, "--user tom03") {
		t.Errorf("missing is %+v", o)
	}
	w.press(app.ColumnTestAdded, app.ChannelToast)
	w.until("it is saved", w.bell.called("put personal of 23 for 0 at 5"))
	w.until("it is shown", func() bool { return !r.saving })
	test.Tap(r.extras.mine)
	w.until("his wish is saved", w.bell.called("put personal of 23 for 0 at 6"))
	w.until("it is shown", func() bool { return !r.saving })
	r.whose.pick(24)
	w.until("another's are shown", func() bool { return r.known && r.data.Of.ID == 24 && r.wish.IsZero() })
	r.whose.pick(0)
	w.until("hers are back", func() bool { return r.known && r.data.Of.ID == 7 })
	r.whose.pick(23)
	w.until("his are shown again", func() bool { return r.known && r.data.Of.ID == 23 })
	e.change(func() { e.people = nil })
	w.ui.Hint(app.Hints{app.TopicFacts: true})
	w.until("hers are back, since he has gone", func() bool { return r.known && r.data.Of.ID == 7 && r.stored == nil && r.wish.IsZero() })
}
