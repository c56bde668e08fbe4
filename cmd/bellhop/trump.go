package main

import (
	"os"
	"strings"

	"bellhop/app"
)

// The environment variables that give the events whose system settings count
// for a named recipient too: ours, and DefectDojo's own.
const (
	trumpVariable     = "BELLHOP_NOTIFICATIONS_SYSTEM_LEVEL_TRUMP"
	trumpVariableDojo = "DD_NOTIFICATIONS_SYSTEM_LEVEL_TRUMP"
)

// trumpFromEnvironment reads them, ours first: names separated by commas, as
// DefectDojo takes them; an empty value is an empty list. It is nil where
// neither is set.
func trumpFromEnvironment() ([]app.Kind, error) {
	for _, name := range []string{trumpVariable, trumpVariableDojo} {
		value, set := os.LookupEnv(name)
		if !set {
			continue
		}
		kinds := []app.Kind{}
		for one := range strings.SplitSeq(strings.Trim(value, "[]() "), ",") {
			if one = strings.Trim(one, " '\""); one == "" {
				continue
			}
			if strings.ContainsFunc(one, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' && (r < '0' || r > '9') }) {
				return nil, usage(name+" has a name that no event can have.", "Give events separated by commas, for example user_mentioned,review_requested.")
			}
			kinds = append(kinds, app.Kind(one))
		}
		return kinds, nil
	}
	return nil, nil
}
