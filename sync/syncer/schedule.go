package syncer

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// The times and sizes of synchronisation.
const (
	window       = 50               // alerts in an ordinary look; fewer means "that is all"
	batch        = 2000             // alerts handed to the store at once: two of the usual lists, some 2 MB
	perPost      = 200              // alerts removed by one request
	tokenEvery   = 15 * time.Minute // between two checks of a token, which show nothing else
	fullEvery    = 10 * time.Minute // between two complete lists
	defaultPoll  = time.Minute      // between two looks where the setting is unusable
	firstRetry   = 30 * time.Second // upper bound of the first wait after a failure
	lastRetry    = 15 * time.Minute // upper bound of every wait after a failure
	leastRetry   = 5 * time.Second  // lower bound, so that chance cannot make a hot loop
	longestHold  = time.Hour        // the most that a server's Retry-After is believed
	limitedHold  = time.Minute      // DefectDojo counts sign-ins by the minute (DD_RATE_LIMITER_RATE, "5/m")
	limitedExtra = 10 * time.Second // spread on top, and a margin for clocks that differ
	quickDeath   = 10 * time.Minute // a session that ends sooner was ended by somebody
	evictedHold  = time.Hour        // between sign-ins where sessions keep ending
	signInSpread = 10 * time.Second // so that clients do not sign in all at once after a restart of the server
	calm         = 3 * time.Second  // between a synchronisation and the next that a Wake causes
	longestSync  = 15 * time.Minute // the most that one synchronisation may take
)

// Jitter returns a random duration in [0, most).
type Jitter func(most time.Duration) time.Duration

// chance is the Jitter of real life.
func chance(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) // #nosec G404 -- spreads load, protects nothing
}

// pollEvery returns the poll interval that the setting asks for, in seconds.
func pollEvery(setting string) time.Duration {
	n, err := strconv.Atoi(setting)
	if err != nil || n <= 0 {
		return defaultPoll
	}
	return time.Duration(n) * time.Second
}

// vary returns the interval, up to a tenth longer or shorter.
func vary(interval time.Duration, jitter Jitter) time.Duration {
	return interval - interval/10 + jitter(interval/5)
}

// backoff returns how long to wait after so many failures in a row: a random
// time below a bound that doubles from 30 s to 15 min. The whole range is
// random ("full jitter"), which spreads clients best when a server comes back.
func backoff(failures int, jitter Jitter) time.Duration {
	bound := firstRetry << min(max(failures-1, 0), 10)
	return leastRetry + jitter(min(bound, lastRetry)-leastRetry)
}
