package webhook

import (
	"strings"
	"time"
)

// KeyOldUntil is the setting that says until when (RFC 3339) the keys after the
// first sign as well; "" = for ever. Standard Webhooks 1.0.0 asks for such a time
// so that a receiver can change its key without a request that it cannot verify.
const KeyOldUntil = "old_key_until"

// Overlap is for how long an old key goes on to sign beside the one that takes
// its place: a weekend and some days, as receivers are changed by hand.
const Overlap = 7 * 24 * time.Hour

// Rotate returns the signing keys of an endpoint for which fresh is given in the
// place of those that were kept: with a time that has not come in until, the
// newest of those goes on to sign after it.
func Rotate(kept, fresh, until string, now time.Time) string {
	old := strings.Fields(kept)
	end, err := time.Parse(time.RFC3339, until)
	if err != nil || !now.Before(end) || len(old) == 0 || len(strings.Fields(fresh)) != 1 || old[0] == fresh {
		return fresh
	}
	return fresh + " " + old[0]
}

// Signing returns those of the keys that sign now.
func Signing(keys, until string, now time.Time) string {
	if until == "" {
		return keys
	}
	if end, err := time.Parse(time.RFC3339, until); err == nil && !now.Before(end) {
		if all := strings.Fields(keys); len(all) > 1 {
			keys = all[0]
		}
	}
	return keys
}

func validUntil(until string) bool {
	_, err := time.Parse(time.RFC3339, until)
	return until == "" || err == nil
}
