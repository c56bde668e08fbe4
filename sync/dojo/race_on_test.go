//go:build race

package dojo_test

// underRace says that the race detector is on, which slows everything down by a
// factor of twenty.
const underRace = true
