package dispatch

import (
	"math/rand/v2"
	"time"

	"bellhop/app"
)

// webhookSteps are the waits between the attempts of a webhook: the example of
// the Standard Webhooks specification 1.0.0, about 75 hours in all.
var webhookSteps = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	// firstWait of the other channels; it grows by half as much again as
	// double, so that the sixth attempt comes after about an hour.
	firstWait = 15 * time.Second
	waitGrows = 3
	// mostWait is the longest pause between two attempts.
	mostWait = 24 * time.Hour
	// A delivery is given up once it was tried giveUpTries times and is as old as a
	// webhook's steps take together, or for a webhook as they take at the shortest:
	// one that was kept by a pause or a closed laptop is not too old for its first try.
	giveUpTries = 9
	giveUpAge   = 76 * time.Hour
	webhookAge  = 60 * time.Hour
	// jitter spreads every wait by a fifth to both sides, so that many
	// deliveries that failed together do not come back together.
	jitter = 0.2
)

// backoff returns how long a delivery waits after its nth attempt has failed,
// and false where it is to be given up. spread is from 0 to 1; 0.5 changes
// nothing.
func backoff(c app.Channel, attempts int, age time.Duration, spread float64) (time.Duration, bool) {
	var wait time.Duration
	if c == app.ChannelWebhooks {
		if attempts > len(webhookSteps) && age >= webhookAge {
			return 0, false
		}
		wait = webhookSteps[min(max(attempts, 1), len(webhookSteps))-1]
	} else {
		if attempts > giveUpTries && age >= giveUpAge {
			return 0, false
		}
		wait = firstWait
		for range max(attempts, 1) - 1 {
			if wait = wait * waitGrows; wait >= mostWait {
				wait = mostWait
				break
			}
		}
	}
	return wait + time.Duration(float64(wait)*jitter*(2*spread-1)), true
}

func randomSpread() float64 { return rand.Float64() } // #nosec G404 -- spreads load, protects nothing
