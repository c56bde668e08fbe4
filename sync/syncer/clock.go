package syncer

import "time"

// slack is how far the wall clock may run ahead of the monotonic clock before
// the difference is taken for sleep. A clock that is disciplined by NTP is
// slewed by far less between two looks.
const slack = 30 * time.Second

// reading is a look at both clocks. They disagree after a sleep, in which Go's
// monotonic clock stops on Linux and macOS, and after somebody set the clock.
type reading struct {
	wall time.Time     // without a monotonic part
	mono time.Duration // since the Syncer began
}

// jump returns by how much the wall clock moved more than the monotonic one
// from this reading to a later one; negative where it was set back.
func (r reading) jump(now reading) time.Duration {
	return now.wall.Sub(r.wall) - (now.mono - r.mono)
}

// slept says whether the machine slept (or its clock was set forward) between
// two readings. What was scheduled then is late, and what was tried before may
// work now.
func (r reading) slept(now reading) bool { return r.jump(now) > slack }

// deadline is a moment on both clocks. It has come when either clock says so:
// the wall clock after a sleep, the monotonic clock after the wall clock was
// set back, which would otherwise postpone everything by as much.
type deadline struct {
	wall time.Time
	mono time.Duration
}

// in returns the deadline that lies d after the reading.
func (r reading) in(d time.Duration) deadline {
	return deadline{wall: r.wall.Add(d), mono: r.mono + d}
}

// left returns how long it is until the deadline, zero where it has come.
func (d deadline) left(now reading) time.Duration {
	return max(0, min(d.wall.Sub(now.wall), d.mono-now.mono))
}

// come says whether the deadline has come.
func (d deadline) come(now reading) bool { return d.left(now) == 0 }

// within says whether t lies less than d before now. A t in the future, as the
// clock leaves it when it is set back, does not.
func within(t, now time.Time, d time.Duration) bool {
	age := now.Sub(t)
	return age >= 0 && age < d
}
