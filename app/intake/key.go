package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"
)

const (
	// sameCall is how long a call that is equal to an earlier one is its
	// repetition; see the package comment.
	sameCall = time.Minute
	// maxRecent is how many calls are remembered for that; beyond it the
	// minutes of the clock do.
	maxRecent = 4096
	// maxID is the longest id of a call that is used as it is.
	maxID = 128
)

// recent remembers when a call was first seen. The zero value is ready.
type recent struct {
	mu    sync.Mutex
	first map[[sha256.Size]byte]time.Time
}

// key returns what makes recording a call idempotent.
func (r *recent) key(w *Webhook, now time.Time) string {
	if w.ID != "" {
		if len(w.ID) <= maxID {
			return "id:" + w.ID
		}
		sum := sha256.Sum256([]byte(w.ID))
		return "id#" + hex.EncodeToString(sum[:])
	}
	minute := r.seen(w.sum, now).Unix() / int64(sameCall/time.Second)
	return "call:" + hex.EncodeToString(w.sum[:16]) + ":" + strconv.FormatInt(minute, 10)
}

// seen returns when the call was first seen within the last minute.
func (r *recent) seen(sum [sha256.Size]byte, now time.Time) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.first[sum]; ok && now.Sub(at).Abs() < sameCall {
		return at
	}
	if len(r.first) >= maxRecent {
		for old, at := range r.first {
			if now.Sub(at).Abs() >= sameCall {
				delete(r.first, old)
			}
		}
	}
	if len(r.first) >= maxRecent {
		return now
	}
	if r.first == nil {
		r.first = make(map[[sha256.Size]byte]time.Time)
	}
	r.first[sum] = now
	return now
}
