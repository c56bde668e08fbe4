// Package app is Bellhop's vocabulary: the nouns that every other package
// speaks, their rules, and nothing that touches a disk, a network or a screen.
// It imports the standard library alone.
package app

import "errors"

// Sentinel errors. Callers test them with [errors.Is]; what the user reads is
// a [Problem].
var (
	// ErrNotFound says that no such row exists.
	ErrNotFound = errors.New("not found")
	// ErrNotRunning says that a change was asked for while no bell runs.
	ErrNotRunning = errors.New("the bell is not running")
	// ErrNewerDatabase says that the database was written by a newer Bellhop.
	ErrNewerDatabase = errors.New("the database was written by a newer Bellhop")
	// ErrTooLate says that an undo came after the removal had been sent.
	ErrTooLate = errors.New("too late to undo")
	// ErrForeignHost says that a link leads away from the account's server and
	// needs the user's word before it is opened.
	ErrForeignHost = errors.New("the link leads to another host")
	// ErrConflict says that what is to be changed was changed by somebody else
	// meanwhile.
	ErrConflict = errors.New("changed meanwhile")
	// ErrInvalid says that what the user gave cannot be used.
	ErrInvalid = errors.New("invalid")
)
