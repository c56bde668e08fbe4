package syncer

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestReadingJump(t *testing.T) {
	before := reading{wall: noon, mono: time.Minute}
	for _, c := range []struct {
		name  string
		now   reading
		jump  time.Duration
		slept bool
	}{
		{"both clocks ran a minute", reading{noon.Add(time.Minute), 2 * time.Minute}, 0, false},
		{"the machine slept eight hours", reading{noon.Add(8*time.Hour + time.Minute), 2 * time.Minute}, 8 * time.Hour, true},
		{"NTP moved the clock by two seconds", reading{noon.Add(62 * time.Second), 2 * time.Minute}, 2 * time.Second, false},
		{"exactly the slack is not sleep", reading{noon.Add(time.Minute + slack), 2 * time.Minute}, slack, false},
		{"a breath more is", reading{noon.Add(time.Minute + slack + 1), 2 * time.Minute}, slack + 1, true},
		{"the clock was set back an hour", reading{noon.Add(-59 * time.Minute), 2 * time.Minute}, -time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := before.jump(c.now); got != c.jump {
				t.Errorf("jump = %v, want %v", got, c.jump)
			}
			if got := before.slept(c.now); got != c.slept {
				t.Errorf("slept = %v, want %v", got, c.slept)
			}
		})
	}
}

// TestReadingIgnoresTheMonotonicPart guards against the trap that makes wake
// detectors blind: the difference of two times that still carry a monotonic
// reading is the monotonic difference, whatever the wall clock did.
func TestReadingIgnoresTheMonotonicPart(t *testing.T) {
	s := New(Options{})
	// The operator, unlike Equal, also compares the monotonic parts.
	if wall := s.read().wall; wall != wall.Round(0) {
		t.Errorf("the wall reading %v carries a monotonic part", wall)
	}
}

func TestDeadlineComesByEitherClock(t *testing.T) {
	set := reading{wall: noon, mono: time.Hour}
	d := set.in(time.Minute)
	for _, c := range []struct {
		name string
		now  reading
		left time.Duration
	}{
		{"at once", set, time.Minute},
		{"half way", reading{noon.Add(30 * time.Second), time.Hour + 30*time.Second}, 30 * time.Second},
		{"both say so", reading{noon.Add(time.Minute), time.Hour + time.Minute}, 0},
		{"after a sleep only the wall clock does", reading{noon.Add(time.Hour), time.Hour + time.Second}, 0},
		{"after the clock was set back only the monotonic one does", reading{noon.Add(-time.Hour), time.Hour + time.Minute}, 0},
		{"set back, and not yet", reading{noon.Add(-time.Hour), time.Hour + 10*time.Second}, 50 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := d.left(c.now); got != c.left {
				t.Errorf("left = %v, want %v", got, c.left)
			}
			if got := d.come(c.now); got != (c.left == 0) {
				t.Errorf("come = %v with %v left", got, c.left)
			}
		})
	}
	if !(deadline{}).come(reading{wall: noon}) {
		t.Error("the zero deadline has not come")
	}
}

func TestWithinDoesNotTrustTheFuture(t *testing.T) {
	for _, c := range []struct {
		age  time.Duration
		want bool
	}{{0, true}, {time.Minute - 1, true}, {time.Minute, false}, {-time.Second, false}} {
		if got := within(noon, noon.Add(c.age), time.Minute); got != c.want {
			t.Errorf("age %v: within = %v, want %v", c.age, got, c.want)
		}
	}
}
