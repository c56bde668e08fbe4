package dispatch_test

import (
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
)

// mailOf returns the decision about ann's mail.
func mailOf(t *testing.T, f app.Facts, e *app.Event) app.Decision {
	t.Helper()
	for _, d := range dispatch.New(f).Explain(e, 1) {
		if d.Channel == app.ChannelMail {
			return d
		}
	}
	t.Fatal("nothing is said about mail")
	return app.Decision{}
}

func TestARightThatIsGoneIsToldAsOneOfThen(t *testing.T) {
	t.Parallel()
	e := event(app.Call{Product: &app.Ref{ID: 11, Name: "Shop"}})
	f := ann(app.Extra{})
	then := mailOf(t, f, e)
	if got := strings.Join(dispatch.Words(dispatch.New(f), e, then), " "); strings.Contains(got, "when it was decided") {
		t.Errorf("a right that she still has is one of then: %s", got)
	}
	f.Grants = nil
	for i := range f.People {
		f.People[i].Superuser, f.People[i].Staff = false, false
	}
	got := strings.Join(dispatch.Words(dispatch.New(f), e, then), " ")
	if !strings.Contains(got, "when it was decided") || strings.Contains(got, "ann is ") {
		t.Errorf("a right that she has lost is told as %q", got)
	}
}

func TestTheAlertOfATroubleIsAlwaysGiven(t *testing.T) {
	t.Parallel()
	f := ann(app.Extra{})
	for i := range f.People {
		f.People[i].Me = f.People[i].ID == 1
	}
	f.Preferences = nil
	e := event(app.Call{Kind: app.KindIntegration, Recipients: []string{"ann"}, AlertOnly: true})
	e.Kind, e.Origin, e.Key = app.KindIntegration, app.OriginLocal, app.TroubleKey+"mail gone"
	w := dispatch.New(f)
	off := app.Decision{Person: 1, Channel: app.ChannelAlert, Why: app.Chain(0).With(dispatch.RuleNamed).With(dispatch.RuleOff)}
	if !w.Forced(e, off) {
		t.Error("her settings leave it out")
	}
	if got := strings.Join(dispatch.Words(w, e, off), " "); !strings.Contains(got, "always given") || strings.Contains(got, "off") {
		t.Errorf("it says %q", got)
	}
	for name, d := range map[string]app.Decision{
		"on by her settings": {Person: 1, Channel: app.ChannelAlert, Yes: true, Why: off.Why},
		"of another channel": {Person: 1, Channel: app.ChannelMail, Why: off.Why},
		"of somebody else":   {Person: 2, Channel: app.ChannelAlert, Why: off.Why},
	} {
		if w.Forced(e, d) {
			t.Errorf("a decision %s is overruled", name)
		}
	}
	e.Key = "mine"
	if w.Forced(e, off) {
		t.Error("an event like any other is always given")
	}
}
