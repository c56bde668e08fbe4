package app_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/app"
)

func TestFingerprintTellsAlertsWithTheSameKeyApart(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 25, 9, 0, 0, 123e6, time.UTC)
	one := app.Remote{ID: 7, Title: "Scan", Created: at}
	for name, other := range map[string]app.Remote{
		"another title": {ID: 7, Title: "Scan ", Created: at},
		"another time":  {ID: 7, Title: "Scan", Created: at.Add(time.Millisecond)},
	} {
		if one.Fingerprint() == other.Fingerprint() {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
	same := app.Remote{ID: 8, Title: "Scan", Created: at.In(time.FixedZone("x", 3600)), Description: "changed"}
	if one.Fingerprint() != same.Fingerprint() {
		t.Error("the key, the description or the time zone changed the fingerprint")
	}
}

func TestKindOfKnowsDefectDojosSources(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]app.Kind{
		"Scan Added": app.KindScanAdded, "Sla Breach (Combined)": app.KindSLABreachCombined,
		"Jira Problems": app.KindJiraUpdate, "Finding Group Deleted": app.KindFindingGroupDeleted,
		"Test Copied": app.KindTestCopied, " user mentioned ": app.KindUserMentioned,
		"Microsoft Teams Notification": app.KindIntegration, "Generic": app.KindOther, "": app.KindOther, "Prüfung": app.KindOther,
	} {
		if got := app.KindOf(source); got != want {
			t.Errorf("KindOf(%q) = %q, want %q", source, got, want)
		}
	}
}

func TestProblemsKeepTheirCauseAndTheirStep(t *testing.T) {
	t.Parallel()
	p := app.NewProblem("gone", "It is gone.", "Look elsewhere.", false, fmt.Errorf("find row: %w", app.ErrNotFound))
	wrapped := fmt.Errorf("open alert: %w", p)
	if got := app.AsProblem(wrapped); got != p {
		t.Errorf("AsProblem found %v", got)
	}
	if !errors.Is(wrapped, app.ErrNotFound) {
		t.Error("the cause is lost")
	}
	if got := wrapped.Error(); got != "open alert: It is gone. Look elsewhere." {
		t.Errorf("the error reads %q", got)
	}
	if app.AsProblem(nil) != nil {
		t.Error("no error became a problem")
	}
	if got := app.AsProblem(errors.New("boom")); got.Code != "unexpected" || got.Message != "boom" {
		t.Errorf("an unknown error became %#v", got)
	}
}

func TestEverySettingAcceptsItsDefaultAndRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, s := range app.Settings {
		if got, err := s.Check(s.Default); err != nil || got != s.Default {
			t.Errorf("%s: the default %q became %q, %v", s.Key, s.Default, got, err)
		}
		nonsense := []string{"", "-1", "1e9", "yes please", "99999999999999999999"}
		if s.Key == app.SettingTeam { // any text will do, on one line
			nonsense = []string{"", " ", "a\nb", strings.Repeat("x", 101)}
		}
		for _, bad := range nonsense {
			if got, err := s.Check(bad); !errors.Is(err, app.ErrInvalid) {
				t.Errorf("%s accepted %q as %q", s.Key, bad, got)
			}
		}
		if s.Help == "" {
			t.Errorf("%s is not explained", s.Key)
		}
	}
	if _, err := app.FindSetting("colour"); !errors.Is(err, app.ErrInvalid) {
		t.Errorf("an unknown setting gave %v", err)
	}
}

func TestHintsMergeUntilTheyAreReadAndNeverBlock(t *testing.T) {
	t.Parallel()
	var c app.Changes
	c.Publish(app.TopicAlerts) // nobody listens
	fast, endFast := c.Subscribe()
	slow, endSlow := c.Subscribe()
	defer endSlow()
	c.Publish(app.TopicAlerts)
	if got := <-fast; !got[app.TopicAlerts] || len(got) != 1 {
		t.Errorf("the first hint was %v", got)
	}
	c.Publish(app.TopicState, app.TopicIntents)
	if got := <-slow; len(got) != 3 {
		t.Errorf("the slow subscriber got %v, want three merged topics", got)
	}
	if got := <-fast; len(got) != 2 || got[app.TopicAlerts] {
		t.Errorf("a hint was repeated: %v", got)
	}
	endFast()
	c.Publish(app.TopicAlerts)
	select {
	case got := <-fast:
		t.Errorf("a hint came after the end: %v", got)
	default:
	}
}
