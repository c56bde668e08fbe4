package app

import "time"

// Mode is for whom the engine decides.
type Mode string

// The two modes.
const (
	// ModeMe decides for the person who signed in and her own destinations.
	ModeMe Mode = "me"
	// ModeEveryone decides for all people of the server and for its shared
	// destinations. It needs a superuser's sign-in and one machine that does it.
	ModeEveryone Mode = "everyone"
)

// Facts is everything that decisions about one account's events are made from.
// Whoever holds it treats it as immutable.
type Facts struct {
	Mode  Mode
	Model AccessModel
	// ServerAlerts is true where a server keeps the list of alerts itself (a
	// session's account), so that what it tells by webhook gets no second row of
	// ours. Local events, and what the server tells nobody, do.
	ServerAlerts bool
	// Gates are the channels that are allowed at all.
	Gates Channels
	// Trump are the events for which the system row is added to a recipient's.
	Trump []Kind
	// SuperuserSystem says whether superusers get the system row besides their
	// own, as in DefectDojo.
	SuperuserSystem bool
	// System is the system row; nil = none stored, [DefaultRow] counts.
	System *Preference

	People       []Person
	Grants       []Grant
	Products     []Product
	ProductTypes []ProductType
	// Preferences are personal rows and product rows in any order.
	Preferences  []Preference
	Destinations []Destination
	// Silences are those that have not ended, in any order.
	Silences []Silence
}

// Directory is what a synchronisation learned about the people of a server and
// about what they may see. It replaces what was known before.
type Directory struct {
	Model AccessModel
	// Complete is false where only the signed-in person could be learned.
	Complete     bool
	At           time.Time
	People       []Person // ID is not set; RemoteID is
	Grants       []DirectoryGrant
	Products     []Product
	ProductTypes []ProductType
}

// DirectoryGrant is a [Grant] before people have ids here: User is the
// server's.
type DirectoryGrant struct {
	User int64
	Grant
}
