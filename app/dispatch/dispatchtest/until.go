package dispatchtest

import (
	"testing"
	"time"
)

// Until waits for something that other goroutines or another process bring
// about, and fails the test where they do not within the time.
func Until(tb testing.TB, within time.Duration, what string, done func() bool) {
	tb.Helper()
	deadline := time.After(within)
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-deadline:
			tb.Fatalf("in vain: %s", what)
		case <-again.C:
		}
	}
}
