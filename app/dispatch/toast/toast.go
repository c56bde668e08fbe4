// Package toast shows notifications on the user's own desktop: a channel with
// one implementation per operating system.
//
// Texts come from a server on which others can name things, so every text is
// data here: made plain, cut, and escaped as the receiving side parses it.
package toast

import (
	"errors"
	"log/slog"
)

// ErrNoDaemon says that nothing on this desktop shows notifications at the
// moment. It may change; the next [Toaster.Show] tries again.
var ErrNoDaemon = errors.New("no notification daemon answers")

// Options are what a [Toaster] is made of.
type Options struct {
	// AppName is what the desktop calls the sender.
	AppName string
	// DesktopEntry is the base name of the installed .desktop file, so that a
	// Linux desktop finds the application's icon and its notification
	// settings; empty means "bellhop".
	DesktopEntry string
	// Icon is a PNG, or nothing.
	Icon []byte
	Log  *slog.Logger
}

// Toast is one notification.
type Toast struct {
	// Key comes back with every [Action] on this toast.
	Key   string
	Title string
	// Body is plain text; it may have several lines.
	Body string
	// Urgent keeps the toast on the screen until the user reacts, where the
	// desktop has that.
	Urgent bool
	// Actions adds the buttons Remove and Snooze, where the desktop has
	// buttons. A click on the toast itself is always reported as "open".
	Actions bool
	// Replace is the note of an earlier toast whose place this one takes, or
	// 0.
	Replace uint32
}

// What tells what happened to a toast.
type What = string

// What can happen to a toast.
const (
	Opened  What = "open"   // clicked
	Removed What = "remove" // the button Remove
	Snoozed What = "snooze" // the button Snooze
	Closed  What = "closed" // it left the desktop, for whatever reason
)

// Action is what the user or the desktop did with a toast.
type Action struct {
	Note uint32
	Key  string
	What What
}

// Capabilities are what the desktop's notifications can do.
type Capabilities struct {
	Server  string // name and version, "" when unknown
	Actions bool   // clicks and buttons come back
	Markup  bool   // the body is parsed as markup, so it is escaped
	Present bool   // something shows notifications, or is started on demand
}
