package app

import (
	"hash/fnv"
	"strconv"
	"time"
)

// AlertID names an alert in this database. Ids ascend in the order of arrival,
// so that a list is paged by id and "everything up to here" is one number.
type AlertID int64

// Remote is an alert as the server holds it, decoded but not yet stored.
// The description is plain text: HTML entities are resolved once, tags are not
// interpreted.
type Remote struct {
	ID          int64 // primary key on the server; it can be reused after a restore
	UserID      int64
	Title       string
	Description string
	URL         string // as sent: empty, a path, or absolute
	Source      string
	Icon        string
	Created     time.Time
}

// Fingerprint tells two alerts with the same primary key apart: it covers the
// creation time and the title, which the server never changes.
func (r Remote) Fingerprint() int64 {
	h := fnv.New64a()
	_, _ = h.Write(strconv.AppendInt(nil, r.Created.UnixMilli(), 10))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(r.Title))
	return int64(h.Sum64())
}

// Why says why an alert left the list.
type Why string

// The reasons for which an alert leaves the list.
const (
	WhyMe        Why = "me"        // the user removed it with Bellhop
	WhyElsewhere Why = "elsewhere" // it was removed in a browser or on another device
	WhyExpired   Why = "expired"   // the server dropped its oldest alerts (DD_MAX_ALERTS_PER_USER)
)

// Removal is how an alert left the list.
type Removal struct {
	Why Why       `json:"why"`
	At  time.Time `json:"at"`
	// Pending is true until the server is known to have dropped it too.
	Pending bool `json:"pending"`
}

// Failure is a removal that the server did not carry out; the alert is back in
// the list and carries the reason.
type Failure struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Alert is one row of the inbox or of its history.
type Alert struct {
	ID          AlertID   `json:"id"`
	Account     AccountID `json:"account"`
	RemoteID    int64     `json:"remote_id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	URL         string    `json:"url"` // as the server sent it; open it with [Link]
	Source      string    `json:"source"`
	Icon        string    `json:"icon"`
	Created     time.Time `json:"created"`    // the server's clock
	FirstSeen   time.Time `json:"first_seen"` // our clock
	// New is true while the alert arrived after the user last looked.
	New bool `json:"new"`
	// Removal is nil while the alert is in the list.
	Removal *Removal `json:"removal,omitempty"`
	// Failure is set where the last removal failed.
	Failure *Failure `json:"failure,omitempty"`
}

// View selects which alerts a [Filter] looks at.
type View string

// The views of the alerts.
const (
	ViewList       View = "list"       // what the bell counts
	ViewHistory    View = "history"    // what has left the list
	ViewEverything View = "everything" // both
)

// Filter asks for a page of alerts, newest first. The zero value asks for the
// first page of the list of every account.
type Filter struct {
	Account AccountID // 0 = every account
	View    View      // "" = ViewList
	Search  string    // words, all of which must occur; the last one may be a beginning
	Source  string    // exact, "" = any
	After   AlertID   // only ids below this one; 0 = from the newest
	Limit   int       // 0 = 50; at most 1000
}

// Page is an answer to a [Filter].
type Page struct {
	Alerts []Alert `json:"alerts"`
	// Next is what to ask for as After; 0 where this is the last page.
	Next AlertID `json:"next,omitempty"`
}
