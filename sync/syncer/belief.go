package syncer

import "bellhop/app"

// The bounds of belief. A wrong backend behind a load balancer, a database that
// is being restored and a permission that was lost all look like a list that
// shrank. Up to a screenful may go without a second look: that is what people
// remove by hand.
const (
	goneFreely      = 20 // alerts that may go at once
	goneFreelyEmpty = 5  // alerts that may go at once where nothing remains
)

// suspicious says whether an answer shrinks the list so much that it has to be
// confirmed before it is believed: more than twenty alerts and more than a
// third of the list are gone, or more than five and nothing is left.
func suspicious(p app.Plan) bool {
	if p.Received == 0 {
		return p.Gone > goneFreelyEmpty
	}
	return p.Gone > goneFreely && p.Gone*3 > p.Listed
}

// confirms says whether a second suspicious answer tells the same as the first.
// What people do in the seconds between them may differ.
func confirms(first, second app.Plan) bool {
	return abs(first.Gone-second.Gone) <= goneFreely
}

// whyGone says why alerts left the list. DefectDojo's clean-up keeps a user's
// newest alerts (DD_MAX_ALERTS_PER_USER, 999 unless it was set) and drops the
// rest, so its mark is: exactly the oldest are gone, and what remained was a
// cap. arrived is how many alerts came since the last complete list; any number
// of them may have come after the clean-up.
func whyGone(p app.Plan, arrived int) app.Why {
	if p.Gone == 0 || !p.OldestGone {
		return app.WhyElsewhere
	}
	for n := p.Received - min(arrived, window); n <= p.Received; n++ {
		if roundCap(n) {
			return app.WhyExpired
		}
	}
	return app.WhyElsewhere
}

// roundCap says whether somebody may have chosen n as a cap: DefectDojo's own
// 999, a multiple of a hundred, or one less.
func roundCap(n int) bool {
	return n >= 99 && (n%100 == 0 || n%100 == 99)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
