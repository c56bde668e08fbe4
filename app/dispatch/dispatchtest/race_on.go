//go:build race

package dispatchtest

// megabyte is smaller where the race detector multiplies the time of every
// step.
const megabyte = 1 << 16
