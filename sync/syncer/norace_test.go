//go:build !race

package syncer_test

// large is the number of alerts that a server without clean-up may hold.
const large = 600_000
