//go:build race

package syncer_test

// large is smaller under the race detector, which slows the database down some
// ten times; memory is flat or it is not.
const large = 20_000
