package program

import (
	"strings"
	"testing"
	"time"

	"bellhop/app"
	"bellhop/ui/tray"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// status returns a status with one account in a phase.
func status(phase app.Phase, count, fresh int) app.Status {
	return app.Status{Count: count, New: fresh, Accounts: []app.AccountStatus{{
		Account:   app.Account{URL: "https://dojo.example.com", Username: "ana"},
		SyncState: app.SyncState{Phase: phase, Since: noon.Add(-2 * time.Hour), LastSync: noon.Add(-time.Minute)},
		Count:     count,
	}}}
}

func TestTheFaceTellsTheWorstThatTheUserCanActOn(t *testing.T) {
	t.Parallel()
	paused := status(app.PhaseOK, 5, 2)
	paused.PausedUntil = noon.Add(time.Hour)
	over := status(app.PhaseOK, 5, 2)
	over.PausedUntil = noon.Add(-time.Second)
	both := status(app.PhaseOffline, 5, 2)
	both.Accounts = append(both.Accounts, status(app.PhaseNeedsYou, 0, 0).Accounts...)
	for _, c := range []struct {
		name string
		give app.Status
		want tray.Face
	}{
		{"nothing in the list", status(app.PhaseOK, 0, 0), tray.FaceIdle},
		{"alerts, all seen", status(app.PhaseOK, 5, 0), tray.FaceSeen},
		{"something new", status(app.PhaseOK, 5, 2), tray.FaceNew},
		{"paused", paused, tray.FaceQuiet},
		{"a pause that is over", over, tray.FaceNew},
		{"offline", status(app.PhaseOffline, 5, 2), tray.FaceOffline},
		{"needs the user", status(app.PhaseNeedsYou, 5, 2), tray.FaceNeedsYou},
		{"one offline, one needs the user", both, tray.FaceNeedsYou},
		{"no account", app.Status{}, tray.FaceIdle},
	} {
		got := faceOf(c.give, nil, noon)
		if got.Face != c.want {
			t.Errorf("%s: face %v, want %v", c.name, got.Face, c.want)
		}
		if got.Count != c.give.Count {
			t.Errorf("%s: the number is %d instead of %d", c.name, got.Count, c.give.Count)
		}
	}
}

func TestTheTooltipHasNumberServerAndLastSync(t *testing.T) {
	t.Parallel()
	got := faceOf(status(app.PhaseOK, 42, 0), nil, noon).Tooltip
	if want := "Bellhop: 42 alerts · dojo.example.com: synced 11:59"; got != want {
		t.Errorf("tooltip %q, want %q", got, want)
	}
	demo := status(app.PhaseOffline, 1, 0)
	demo.Demo = true
	got = faceOf(demo, nil, noon).Tooltip
	if want := "Bellhop (Demo): 1 alert · dojo.example.com: offline since 10:00"; got != want {
		t.Errorf("tooltip %q, want %q", got, want)
	}
}

func TestTheMenuSaysWhatNeedsTheUser(t *testing.T) {
	t.Parallel()
	s := status(app.PhaseNeedsYou, 0, 0)
	s.Accounts[0].Problem = app.NewProblem("password_refused", "The password was refused.", "Sign in again.", true, nil)
	if got := faceOf(s, nil, noon); got.NeedsYou != "The password was refused." {
		t.Errorf("the menu says %q", got.NeedsYou)
	}
	s = status(app.PhaseOK, 0, 0)
	s.PausedUntil = app.PauseForever
	if got := faceOf(s, nil, noon); !got.Paused || !strings.Contains(got.PausedText, "resume") {
		t.Errorf("an endless pause reads %q", got.PausedText)
	}
}

func TestAgesAreNeverInTheFuture(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Hour: "now", 0: "now", 59 * time.Second: "now", 61 * time.Second: "1 min", 59 * time.Minute: "59 min",
		47 * time.Hour: "47 h", 48 * time.Hour: "2 d", 400 * 24 * time.Hour: "400 d",
	} {
		if got := age(d); got != want {
			t.Errorf("age(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestAPauseUntilTomorrowEndsInTheMorning(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 12, 31, 23, 50, 0, 0, time.UTC)
	if got, want := pauseEnd(tray.PauseTomorrow, late), time.Date(2027, 1, 1, 8, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("until tomorrow ends at %v", got)
	}
	if got := pauseEnd(tray.PauseHour, late); !got.Equal(late.Add(time.Hour)) {
		t.Errorf("one hour ends at %v", got)
	}
	if got := pauseEnd(tray.PauseForever, late); !got.Equal(app.PauseForever) {
		t.Errorf("until resumed ends at %v", got)
	}
}
