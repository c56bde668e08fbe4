package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"bellhop/app"
)

func openSettings(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, wide, ViewSettings, canned(), running())
	w.until("the settings are shown", func() bool { return w.ui.known && w.ui.settings.fields[app.SettingTheme].choice.Value() != "" })
	return w
}

func TestEverySettingCanBeSet(t *testing.T) {
	w := openSettings(t)
	for _, s := range app.Settings {
		if elsewhere[s.Key] {
			continue
		}
		f := w.ui.settings.fields[s.Key]
		if f == nil {
			t.Errorf("%s is not shown", s.Key)
			continue
		}
		shown := ""
		if f.choice != nil {
			shown = f.choice.Value()
		} else {
			shown = f.field.Text()
		}
		if shown != s.Default {
			t.Errorf("%s shows %q, want %q", s.Key, shown, s.Default)
		}
	}
}

func TestANumberIsSavedWhenTypingPauses(t *testing.T) {
	w := openSettings(t)
	w.bell.set = func(string, string) error { return nil }
	f := w.ui.settings.fields[app.SettingUndoSeconds]
	f.field.Focus()
	f.field.Type("0") // makes 50
	w.pass(saveDelay)
	w.until("it is saved", w.bell.called("set undo_seconds 50"))
	f.field.Type("0") // makes 500
	w.pass(saveDelay)
	if !f.field.Bad || f.fault.Text() != `"500" is not allowed here. Give a whole number from 0 to 60.` {
		t.Errorf("a number that is too large gives %q", f.fault.Text())
	}
	if len(w.bell.asked()) != 1 {
		t.Errorf("a wrong number was sent: %q", w.bell.asked())
	}
}

func TestWhatTheBellRefusesIsToldBelowTheSetting(t *testing.T) {
	w := openSettings(t)
	w.bell.set = func(string, string) error { return app.Invalid("The disk is full.", "Free some space.") }
	f := w.ui.settings.fields[app.SettingToasts]
	test.Tap(f.choice.Button("off"))
	w.until("the refusal is told", func() bool { return f.fault.Text() == "The disk is full. Free some space." })
	w.until("the choice goes back", func() bool { return f.choice.Value() == "on" })
}

func TestTheColoursFollowTheSetting(t *testing.T) {
	w := openSettings(t)
	w.bell.set = func(key, value string) error {
		w.inbox.mu.Lock()
		defer w.inbox.mu.Unlock()
		w.inbox.settings = map[string]string{key: value}
		return nil
	}
	test.Tap(w.ui.settings.fields[app.SettingTheme].choice.Button("dark"))
	w.until("it is dark", func() bool { return w.ui.app.Settings().Theme() == NewTheme("dark") })
}

func TestDisconnectingAsksFirst(t *testing.T) {
	w := openSettings(t)
	w.ui.settings.askDisconnect(w.ui.status.Accounts[0])
	if w.ui.dialog == nil || len(w.bell.asked()) > 0 {
		t.Fatal("nobody was asked")
	}
	w.bell.disconnect = func(app.AccountID) error { return nil }
	test.Tap(w.ui.dialog.yes)
	w.until("it is disconnected", w.bell.called("disconnect 1"))
}

func TestAFailureIsToldOnTheSettingsToo(t *testing.T) {
	w := openSettings(t)
	w.bell.pause = func(time.Time) error {
		return app.NewProblem("disk_full", "The disk is full.", "Free some space.", true, nil)
	}
	test.Tap(w.ui.settings.pauses.Button("hour"))
	w.until("the failure is told", func() bool { return w.ui.shell.pageFailure.Text() == "The disk is full. Free some space." })
	if !w.ui.shell.pageFailure.Box.Visible() || w.ui.shell.pageFailure.Box.Size().Height < 30 {
		t.Error("the failure has no room on the page")
	}
	w.ui.SetBell(nil)
	w.until("the bell is missed", func() bool { return w.ui.shell.pageBell.Text() != "" })
}

func TestNotificationsCanBePaused(t *testing.T) {
	w := openSettings(t)
	w.bell.pause = func(time.Time) error { return nil }
	test.Tap(w.ui.settings.pauses.Button("hour"))
	w.until("they are paused", w.bell.called("pause 2026-11-25T13:00:00Z"))
	test.Tap(w.ui.settings.pauses.Button("tomorrow"))
	w.until("they are paused until tomorrow", w.bell.called("pause 2026-11-26T08:00:00Z"))
}
