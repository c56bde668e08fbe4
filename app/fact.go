package app

import (
	"net/url"
	"strings"
	"time"
)

// SameWindow is within how long two sources tell the same fact.
const SameWindow = 15 * time.Minute

// Fact names what e is about, so that two sources that tell it can be matched:
// the kind and the path of the object. It is empty where there is no object.
func (e Event) Fact() string {
	u, err := url.Parse(e.Call.URL)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return ""
	}
	return string(e.Kind) + " " + strings.Trim(u.Path, "/")
}
