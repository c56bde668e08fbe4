package tray

import (
	"strings"
	"testing"
)

func TestAMissingPanelIsExplained(t *testing.T) {
	for desktop, want := range map[string]string{
		"GNOME":        "AppIndicator",
		"ubuntu:GNOME": "AppIndicator",
		"XFCE":         "No panel",
		"":             "No panel",
	} {
		if got := missingHost(desktop); !strings.Contains(got, want) || !strings.Contains(got, "appears by itself") {
			t.Errorf("%q: %q", desktop, got)
		}
	}
}
