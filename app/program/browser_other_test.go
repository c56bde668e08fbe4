//go:build !windows && !darwin

package program

import (
	"strings"
	"testing"

	"bellhop/app"
)

func TestAMissingBrowserIsSaidWithoutTheAddress(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := browse(t.Context(), "https://dojo.example.com/finding/1?key=secret")
	p := app.AsProblem(err)
	if p == nil || p.Code != "no_browser" || strings.Contains(p.Error(), "key=secret") {
		t.Errorf("without a browser: %v", err)
	}
}
