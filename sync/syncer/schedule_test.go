package syncer

import (
	"errors"
	"testing"
	"time"

	"bellhop/sync/dojo"
)

func least(time.Duration) time.Duration     { return 0 }
func most(d time.Duration) time.Duration    { return d - 1 }
func halfway(d time.Duration) time.Duration { return d / 2 }

func TestPollVariesByATenth(t *testing.T) {
	if got := vary(time.Minute, least); got != 54*time.Second {
		t.Errorf("shortest = %v", got)
	}
	if got := vary(time.Minute, halfway); got != time.Minute {
		t.Errorf("middle = %v", got)
	}
	if got := vary(time.Minute, most); got != 66*time.Second-1 {
		t.Errorf("longest = %v", got)
	}
}

func TestPollEveryReadsTheSetting(t *testing.T) {
	for setting, want := range map[string]time.Duration{
		"60": time.Minute, "30": 30 * time.Second, "3600": time.Hour,
		"": defaultPoll, "0": defaultPoll, "-5": defaultPoll, "soon": defaultPoll,
	} {
		if got := pollEvery(setting); got != want {
			t.Errorf("pollEvery(%q) = %v, want %v", setting, got, want)
		}
	}
}

func TestBackoffDoublesToAQuarterOfAnHour(t *testing.T) {
	want := []time.Duration{30, 60, 120, 240, 480, 900, 900}
	for i, bound := range want {
		bound *= time.Second
		if got := backoff(i+1, most); got != bound-1 {
			t.Errorf("failure %d: at most %v, want just under %v", i+1, got, bound)
		}
		if got := backoff(i+1, least); got != leastRetry {
			t.Errorf("failure %d: at least %v, want %v", i+1, got, leastRetry)
		}
	}
	for _, n := range []int{-1, 0, 1000, 1 << 40} {
		if got := backoff(n, most); got < leastRetry || got >= lastRetry {
			t.Errorf("failure %d: %v is out of bounds", n, got)
		}
	}
}

func TestChanceStaysInRange(t *testing.T) {
	for range 1000 {
		if got := chance(10); got < 0 || got >= 10 {
			t.Fatalf("chance(10) = %v", got)
		}
	}
	if chance(0) != 0 || chance(-1) != 0 {
		t.Error("chance of nothing is not zero")
	}
}

func TestRetryAfterIsBelievedUpToAnHour(t *testing.T) {
	for _, c := range []struct {
		err  error
		want time.Duration
	}{
		{nil, 0},
		{errors.New("no answer"), 0},
		{&dojo.Error{Op: "list alerts", RetryAfter: 90 * time.Second, Err: dojo.ErrServer}, 90 * time.Second},
		{&dojo.Error{Op: "list alerts", RetryAfter: 24 * time.Hour, Err: dojo.ErrServer}, time.Hour},
		{&postError{&dojo.Error{Op: "remove alerts", RetryAfter: time.Minute, Err: dojo.ErrServer}}, time.Minute},
	} {
		if got := retryAfter(c.err); got != c.want {
			t.Errorf("retryAfter(%v) = %v, want %v", c.err, got, c.want)
		}
	}
}
