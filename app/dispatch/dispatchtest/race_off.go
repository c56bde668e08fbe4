//go:build !race

package dispatchtest

const megabyte = 1 << 20
