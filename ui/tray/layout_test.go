package tray

import (
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

func TestTheMenuShowsTheTenNewest(t *testing.T) {
	var v View
	for id := range 12 {
		v.Alerts = append(v.Alerts, Item{ID: 100 - 1, Title: string(rune('a' + id))})
	}
	lines := layout(v)
	for i := range alertRows {
		if l := lines[slotAlert+slot(i)]; l.hidden || l.text != string(rune('a'+i)) {
			t.Errorf("row %d is %+v", i, l)
		}
	}
	if !lines[slotNone].hidden {
		t.Error("a full menu says that there are no alerts")
	}
}

func TestAnAlertIsOneShortLine(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, c := range []struct {
		in   Item
		want string
	}{
		{Item{Title: "T", Source: "S", Age: "1 h"}, "T · S, 1 h"},
		{Item{Title: "T", Age: "1 h"}, "T · 1 h"},
		{Item{Title: "T", Source: "S"}, "T · S"},
		{Item{Title: "T"}, "T"},
		{Item{Title: " \u202e", Source: "S"}, "(no title) · S"},
		{Item{Title: long, Source: long, Age: "1 h"}, long[:59] + "… · " + long[:23] + "…, 1 h"},
	} {
		if got := alertText(c.in); got != c.want {
			t.Errorf("%+v reads %q, want %q", c.in, got, c.want)
		}
	}
}

func TestClearingNamesTheNumber(t *testing.T) {
	v := View{Count: 1, Alerts: []Item{{ID: 7}, {ID: 9}}}
	if l := layout(v)[slotClearYes]; l.text != "Clear 1 alert" || l.alert != 9 {
		t.Errorf("got %+v", l)
	}
	v.Count = 42
	if l := layout(v)[slotClearYes]; l.text != "Clear 42 alerts" {
		t.Errorf("got %+v", l)
	}
}

// The menu changes while it is open; what is cleared is what the user had time
// to read.
func TestClearingMeansWhatCouldBeRead(t *testing.T) {
	var m meanings
	at := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	see := func(after time.Duration, id app.AlertID) {
		at = at.Add(after)
		m.note(layout(View{Count: 1, Alerts: []Item{{ID: id}}}), at)
	}
	want := func(after time.Duration, id app.AlertID) {
		t.Helper()
		if got := m.of(slotClearYes, at.Add(after)); got != id {
			t.Errorf("a click %v after the last change clears up to %d, want %d", after, got, id)
		}
	}
	see(0, 5)
	want(0, 5) // nothing stood there before
	want(time.Minute, 5)
	see(time.Minute, 6)
	want(settle/2, 5)
	want(settle, 6)
	if got := m.of(slotAlert, at); got != 6 {
		t.Errorf("a click on an alert opens %d", got)
	}
	see(settle/4, 7) // several changes in a row
	want(settle/2, 5)
	want(settle, 7)
}
