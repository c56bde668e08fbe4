package ui

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"bellhop/app"
)

func TestTextFromTheServerCannotSteerTheDisplay(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                                "plain",
		"two\nlines\tand a tab":                "two lines and a tab",
		"cut\x00here\x1b[31mred":               "cut·here·[31mred",
		"invoice\u202egnp.exe":                 "invoice·gnp.exe",
		"zero\u200bwidth\ufeff":                "zerowidth",
		"broken \xff\xfe bytes":                "broken � bytes",
		"a family: \U0001F468\u200d\U0001F469": "a family: \U0001F468\u200d\U0001F469",
		"  padded\r\n":                         "padded",
		"<b>bold</b> **bold** [a](http://x)":   "<b>bold</b> **bold** [a](http://x)",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got, cut := paragraphs("one\r\ntwo\rthree"); got != "one\ntwo\nthree" || cut {
		t.Errorf("paragraphs became %q, cut %t", got, cut)
	}
	if got, cut := paragraphs(strings.Repeat("é", longestText+1)); !cut || len([]rune(got)) != longestText {
		t.Errorf("a long description was cut %t to %d characters", cut, len([]rune(got)))
	}
}

func TestTheHeadOfATextIsWhole(t *testing.T) {
	for n, want := range map[int]string{0: "", 1: "a", 2: "a", 3: "aé", 9: "aéb"} {
		if got := head("aéb", n); got != want {
			t.Errorf("the first %d bytes are %q, want %q", n, got, want)
		}
	}
}

func FuzzOneLine(f *testing.F) {
	for _, s := range []string{"", "a\u202eb", "\xf0\x28\x8c\x28", "\u2067\u2069\u200e", "line\r\nline"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := oneLine(s)
		for _, r := range got {
			if r != '\u200d' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("%q still has %U", s, r)
			}
		}
	})
}

func TestTimesAreSaidAsOneWouldSayThem(t *testing.T) {
	now := noon
	for _, x := range []struct {
		ago                time.Duration
		group, short, date string
	}{
		{0, "Today", "12:00", "today 12:00"},
		{12 * time.Hour, "Today", "00:00", "today 00:00"},
		{13 * time.Hour, "Yesterday", "23:00", "yesterday"},
		{50 * time.Hour, "This week", "Mon", "Nov 23"},
		{24 * 6 * time.Hour, "This week", "Thu", "Nov 19"},
		{24 * 7 * time.Hour, "November", "Nov 18", "Nov 18"},
		{24 * 60 * time.Hour, "September", "Sep 26", "Sep 26"},
		{24 * 400 * time.Hour, "October 2025", "Oct 2025", "Oct 21, 2025"},
		{-time.Hour, "Today", "13:00", "today 13:00"}, // the server's clock is ahead
		{-19 * time.Hour, "Today", "07:00", "today 07:00"},
	} {
		at := now.Add(-x.ago)
		if _, got := groupOf(at, now); got != x.group {
			t.Errorf("%s ago stands under %q, want %q", x.ago, got, x.group)
		}
		if got := short(at, now); got != x.short {
			t.Errorf("%s ago is shown as %q, want %q", x.ago, got, x.short)
		}
		if got := date(at, now); got != x.date {
			t.Errorf("%s ago is called %q, want %q", x.ago, got, x.date)
		}
	}
	if got := clock(now.Add(19*time.Hour), now); got != "Nov 26, 07:00" {
		t.Errorf("tomorrow morning is called %q", got)
	}
	for ago, want := range map[time.Duration]string{
		-time.Hour: "just now", time.Second: "just now", 12 * time.Second: "12 s ago",
		3 * time.Minute: "3 min ago", 2 * time.Hour: "at 10:00", 30 * time.Hour: "yesterday",
	} {
		if got := since(now.Add(-ago), now); got != want {
			t.Errorf("%s ago is said as %q, want %q", ago, got, want)
		}
	}
}

func TestADayThatIsAnHourShorterIsStillADay(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone data")
	}
	now := time.Date(2026, time.March, 30, 9, 0, 0, 0, berlin) // the clocks went forward on the 29th
	if got := daysAgo(time.Date(2026, time.March, 29, 1, 0, 0, 0, berlin), now); got != 1 {
		t.Errorf("the day before is %d days ago", got)
	}
	if got := daysAgo(time.Date(2026, time.March, 28, 23, 0, 0, 0, berlin), now); got != 2 {
		t.Errorf("two days before is %d days ago", got)
	}
}

func TestTheKindOfAnAlertIsToldFromItsSource(t *testing.T) {
	for source, want := range map[string]string{
		"Sla Breach": "warn", "Sla Breach (Combined)": "warn", "User Mentioned": "at", "Review Requested": "eye",
		"Scan Added": "scan", "Scan Added Empty": "scan", "Close Engagement": "closed", "Finding Closed": "closed",
		"Risk Acceptance Expiration": "clock", "Upcoming Engagement": "clock", "Jira Problems": "plug",
		"Engagement Added": "plus", "Test Added": "plus", "Product Added": "plus", "Finding Delete": "trash", "Other": "bell",
	} {
		if got := kindOf(app.Alert{Source: source}).icon; got != want {
			t.Errorf("%q has the icon %q, want %q", source, got, want)
		}
	}
	if got := kindOf(app.Alert{Source: "Other", Title: "Error pushing to JIRA (Shop)"}).icon; got != "plug" {
		t.Errorf("a title that tells the kind is not looked at: %q", got)
	}
}

func TestNumbersAreReadable(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 18204: "18,204", 1000000: "1,000,000"} {
		if got := number(n); got != want {
			t.Errorf("%d is written %q, want %q", n, got, want)
		}
	}
}
