//go:build !race

package dojo_test

const underRace = false
