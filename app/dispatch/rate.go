package dispatch

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// rateMost is how many limits a destination may have, and rateHighest their largest
// number: what was sent within a limit is remembered.
const (
	rateMost    = 5
	rateHighest = 100_000
)

// RateForm is what [ParseRate] takes, for texts that explain it.
const RateForm = "a number for each s, m, h or d, such as 100/h or 2/s,500/d"

var errRate = errors.New("no rate of this form: " + RateForm)

// ParseRate reads how many messages a destination may get: limits such as "100/h",
// separated by commas, for each second (s), minute (m), hour (h) or day (d). An empty
// text is no limit.
func ParseRate(text string) ([]Limit, error) {
	var limits []Limit
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" && len(text) == 0 {
			break
		}
		number, unit, _ := strings.Cut(part, "/")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[strings.TrimSpace(unit)]
		if err != nil || n < 1 || n > rateHighest || per == 0 || len(limits) == rateMost {
			return nil, errRate
		}
		limits = append(limits, Limit{n, per})
	}
	return limits, nil
}
