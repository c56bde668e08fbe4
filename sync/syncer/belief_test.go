package syncer

import (
	"testing"

	"bellhop/app"
)

func TestSuspicious(t *testing.T) {
	for _, c := range []struct {
		name                   string
		listed, received, gone int
		want                   bool
	}{
		{"the first list", 0, 999, 0, false},
		{"nothing changed", 50, 50, 0, false},
		{"a few were removed by hand", 8, 3, 5, false},
		{"twenty of twenty-five", 25, 5, 20, false},
		{"twenty-one of twenty-five", 25, 4, 21, true},
		{"twenty-one of a thousand", 1000, 979, 21, false},
		{"exactly a third", 90, 60, 30, false},
		{"a breath over a third", 90, 59, 31, true},
		{"the last five", 5, 0, 5, false},
		{"the last six", 6, 0, 6, true},
		{"everything of a thousand", 1000, 0, 1000, true},
		{"everything, but other alerts are there", 1000, 900, 1000, true},
		{"empty and empty", 0, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := app.Plan{Listed: c.listed, Received: c.received, Gone: c.gone}
			if got := suspicious(p); got != c.want {
				t.Errorf("suspicious(%+v) = %v, want %v", p, got, c.want)
			}
		})
	}
}

func TestConfirms(t *testing.T) {
	gone := func(n int) app.Plan { return app.Plan{Listed: 1000, Gone: n} }
	if !confirms(gone(1000), gone(1000)) || !confirms(gone(900), gone(920)) || !confirms(gone(920), gone(900)) {
		t.Error("the same answer twice is no confirmation")
	}
	if confirms(gone(1000), gone(600)) || confirms(gone(600), gone(1000)) {
		t.Error("two different answers confirm each other")
	}
}

func TestWhyGone(t *testing.T) {
	for _, c := range []struct {
		name     string
		received int
		gone     int
		oldest   bool
		arrived  int
		want     app.Why
	}{
		{"the clean-up at the default cap", 999, 120, true, 0, app.WhyExpired},
		{"and seven came after it", 1006, 120, true, 7, app.WhyExpired},
		{"eight above the cap, but only seven came", 508, 120, true, 7, app.WhyElsewhere},
		{"another round cap", 500, 3, true, 0, app.WhyExpired},
		{"the oldest, but no cap", 743, 3, true, 0, app.WhyElsewhere},
		{"a cap, but not the oldest", 999, 3, false, 0, app.WhyElsewhere},
		{"nothing is gone", 999, 0, true, 0, app.WhyElsewhere},
		{"removed to the end by hand", 0, 4, true, 0, app.WhyElsewhere},
		{"a small list", 12, 4, true, 12, app.WhyElsewhere},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := app.Plan{Listed: 2000, Received: c.received, Gone: c.gone, OldestGone: c.oldest}
			if got := whyGone(p, c.arrived); got != c.want {
				t.Errorf("whyGone = %q, want %q", got, c.want)
			}
		})
	}
}
