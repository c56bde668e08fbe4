package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"bellhop/app"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"SQL injection":             "SQL injection",
		"two\nlines\tand a tab":     "two lines and a tab",
		"\x1b]0;owned\x07":          "\uFFFD]0;owned\uFFFD",
		"\u009b2J":                  "\uFFFD2J",
		"\u202egpj.exe":             "\uFFFDgpj.exe",
		"bad \xff utf8":             "bad \uFFFD utf8",
		"می\u200cخواهم":             "می\u200cخواهم",
		"👩\u200d💻 ｆｕｌｌ":             "👩\u200d💻 ｆｕｌｌ",
		"zero\u200bwidth \ufeffbom": "zero\uFFFDwidth \uFFFDbom",
		"back\bspace\x7f":           "back\uFFFDspace\uFFFD",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("\x1b[31m\u009b\u202e\xc2")
	f.Fuzz(func(t *testing.T, s string) {
		got := plain(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("plain(%q) = %q", s, got)
		}
		var b strings.Builder
		if err := writeJSON(&b, map[string]string{"k": s}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(strings.TrimSuffix(b.String(), "\n"), unicode.IsControl) {
			t.Errorf("JSON of %q: %q", s, b.String())
		}
		var back map[string]string
		if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
			t.Fatalf("JSON of %q: %v in %q", s, err, b.String())
		}
		if utf8.ValidString(s) && !reflect.DeepEqual(back, map[string]string{"k": s}) {
			t.Errorf("%q came back as %q", s, back["k"])
		}
	})
}

func TestCellIsNoFormula(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                 "",
		"a=b":              "a=b",
		"=cmd|' /C calc'":  "'=cmd|' /C calc'",
		"+1":               "'+1",
		"-1":               "'-1",
		"@SUM(A1)":         "'@SUM(A1)",
		"\t=1":             "'\t=1",
		"\r\n=1":           "'\r\n=1",
		"  =1":             "'  =1",
		"\u00a0=1":         "'\u00a0=1",
		"＝1":               "'＝1",
		"日本":               "日本",
		"\x1b[2Ja\r\n\tb":  "\uFFFD[2Ja\r\n\tb",
		"https://a/?x=1&y": "https://a/?x=1&y",
	} {
		if got := cell(in); got != want {
			t.Errorf("cell(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "1h30m": 90 * time.Minute, "3d": 72 * time.Hour, "1s": time.Second,
		"": 0, "d": 0, "0": 0, "-1h": 0, "1": 0, "0.5d": 0, "36501d": 0, "1ms": 0, "9999999999d": 0, "soon": 0,
	} {
		got, err := duration(in)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("duration(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
}

func TestPauseUntilTomorrowIsTheNextMorning(t *testing.T) {
	t.Parallel()
	for _, hour := range []int{0, 7, 8, 23} {
		now := time.Date(2026, 12, 31, hour, 30, 0, 0, time.Local)
		until, err := pauseEnd(now, "tomorrow")
		if want := time.Date(2027, 1, 1, 8, 0, 0, 0, time.Local); err != nil || !until.Equal(want) {
			t.Errorf("at %v: %v, %v", now, until, err)
		}
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "now", 59 * time.Second: "now", -30 * time.Second: "now", 5 * time.Minute: "5 min ago", -5 * time.Minute: "in 5 min",
		90 * time.Minute: "1 h ago", 47 * time.Hour: "47 h ago", 48 * time.Hour: "2 days ago", -72 * time.Hour: "in 3 days",
	} {
		if got := ago(d); got != want {
			t.Errorf("ago(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 0, "abc"}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"äöüß", 3, "äö…"}} {
		if got := cut(tt.in, tt.n); got != tt.want {
			t.Errorf("cut(%q, %d) = %q", tt.in, tt.n, got)
		}
	}
}

func TestAFailedRemovalIsShownOnItsRow(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	tl := &tool{out: &out, now: time.Now}
	page := app.Page{Alerts: []app.Alert{{
		ID: 1, Title: "T", Source: "S", Created: time.Now(), New: true,
		Failure: &app.Failure{Reason: "the server kept it\x1b[2J"},
	}}}
	if err := tl.printAlerts(page, nil, app.Filter{View: app.ViewList}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "* T (not removed: the server kept it\uFFFD[2J)") {
		t.Errorf("got %q", got)
	}
}
