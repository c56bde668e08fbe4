package app_test

import (
	"testing"

	"bellhop/app"
)

func TestANameIsOneWordOfAShell(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"siem": "siem", "größe-2_b.c@d": "größe-2_b.c@d", "blue team": "'blue team'", "o'hara": `'o'\''hara'`, "$(x)": "'$(x)'", "": "''",
	} {
		if got := app.Quoted(name); got != want {
			t.Errorf("%s is quoted as %s, want %s", name, got, want)
		}
	}
}
