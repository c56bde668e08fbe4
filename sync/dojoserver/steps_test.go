package dojoserver

import (
	"maps"
	"strings"
)

// merge joins tables; a later one wins.
func merge[V any](tables ...map[string]V) map[string]V {
	out := make(map[string]V)
	for _, t := range tables {
		maps.Copy(out, t)
	}
	return out
}

// each gives the same step to several exchanges.
func each(st step, names ...string) map[string]step {
	out := make(map[string]step)
	for _, line := range names {
		for name := range strings.FieldsSeq(line) {
			out[name] = st
		}
	}
	return out
}
