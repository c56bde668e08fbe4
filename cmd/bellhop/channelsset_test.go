package main

import (
	"maps"
	"strings"
	"testing"

	"bellhop/app"
)

// A secret is taken away also where an earlier Bellhop kept it among the settings.
func TestASecretAmongTheSettingsIsTakenAway(t *testing.T) {
	t.Parallel()
	d := app.Destination{Channel: app.ChannelSlack, Config: map[string]string{"username": "bell", "token": "xoxb-1"}}
	f := destinationFlags{unset: []string{"token"}}
	secrets := make(map[string]string)
	if err := f.takeAway(&d, secrets); err != nil {
		t.Fatal(err)
	}
	if _, marked := secrets["token"]; !marked || !maps.Equal(d.Config, map[string]string{"username": "bell"}) {
		t.Errorf("set is %v, to be taken away are %v", d.Config, secrets)
	}
}

// What was placed says a command that can be typed, whatever its name.
func TestWhatWasPlacedIsTriedByOneWord(t *testing.T) {
	t.Parallel()
	d := app.Destination{ID: 7, Name: "blue team"}
	for _, ping := range []*app.Tested{nil, {Code: "not_found", Status: 404}} {
		if got := strings.Join(placedLines("Added", app.Placed{Destination: d, Ping: ping}), "\n"); !strings.Contains(got, "`bellhop channels test 'blue team'`") {
			t.Errorf("it says %s", got)
		}
	}
}
