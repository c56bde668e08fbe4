package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryCommandHasAManPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := manTree((&tool{}).root(), dir); err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) < 25 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	roffTool, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not here to check them")
	}
	for _, page := range pages {
		out, err := exec.CommandContext(t.Context(), roffTool, "-man", "-Tutf8", "-ww", "-z", page).CombinedOutput() // #nosec G204 -- pages made above
		if err != nil || strings.TrimSpace(string(out)) != "" {
			t.Errorf("%s: %v %s", filepath.Base(page), err, out)
		}
	}
}

func TestRoffTakesNothingForItsOwn(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`--data-dir`: `\-\-data\-dir`, `.TH`: `\&.TH`, `'x`: `\&'x`, `a\nb`: `a\enb`, `plain`: `plain`,
	} {
		if got := roff(in); got != want {
			t.Errorf("roff(%q) = %q, want %q", in, got, want)
		}
	}
}
