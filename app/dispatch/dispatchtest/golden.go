package dispatchtest

import (
	"flag"
	"os"
	"strings"
	"testing"

	"bellhop/app"
	"bellhop/app/dispatch"
)

var update = flag.Bool("update", false, "write the golden files anew; look at what changed")

// Golden compares what a test has made with the file of what was looked at.
// After a change: go test with -update, and look at the difference.
func Golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	raw, err := os.ReadFile(path) // #nosec G304 -- of this project
	must(t, err)
	if got == string(raw) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(raw), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Errorf("%s differs from line %d on:\n got %s\nwant %s", path, i+1, strings.Join(g[min(i, len(g)):min(i+3, len(g))], "\n     "),
				strings.Join(w[min(i, len(w)):min(i+3, len(w))], "\n     "))
			return
		}
	}
}

// Samples are the messages whose form on each channel was looked at.
func Samples() map[string]dispatch.Message {
	return map[string]dispatch.Message{
		"scan_added":        Message(Scan()),
		"engagement_closed": Message(Closed()),
		"sla_breach":        Message(Breach()),
		"ping":              Message(app.Call{Kind: app.KindPing}),
		"digest":            Digest(Breach(), Scan(), Closed()),
	}
}
