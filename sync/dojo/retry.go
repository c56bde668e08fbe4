package dojo

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestRetry caps what a Retry-After may ask for: a day.
const longestRetry = 24 * time.Hour

// retryAfter reads a Retry-After header: whole seconds or an HTTP date, which
// is compared with now. It is 0 for anything else and for a time that is over.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(header, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(longestRetry/time.Second))) * time.Second
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), longestRetry)
}
