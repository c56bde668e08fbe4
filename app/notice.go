package app

import "time"

// Noticed is what became of local events that were handed to the bell.
type Noticed struct {
	// Events are the ids, in the order of the notices; a key that was used
	// before gives the event that it had then.
	Events []int64 `json:"events"`
	// Known says of each event whether its key was used before.
	Known []bool `json:"known"`
	// Warnings are what the sender should look at, one sentence each.
	Warnings []string `json:"warnings"`
}

// PeopleNote says what a look at a server's people has found.
type PeopleNote struct {
	Account      AccountID   `json:"account"`
	Model        AccessModel `json:"access_model"`
	Complete     bool        `json:"complete"` // false: only the signed-in person could be learned
	People       int         `json:"people"`
	Grants       int         `json:"grants"`
	Products     int         `json:"products"`
	ProductTypes int         `json:"product_types"`
	Settings     int         `json:"settings"` // rows of the server's own notification settings
}

// Intake is how DefectDojo's webhooks are received.
type Intake struct {
	Address string `json:"address"` // "" = they are not
	Header  string `json:"header"`
	Path    string `json:"path"`
	// URL is where a server on this machine sends them.
	URL string `json:"url,omitempty"`
	// Secret is only told when it was made just now.
	Secret string `json:"secret,omitempty"`
	// Registered is the server's id of the webhook, 0 where none was registered.
	Registered int64 `json:"registered,omitempty"`
	// LastPing and LastEvent are when a server last called since the bell was
	// started; Recorded and Refused count its calls.
	LastPing  time.Time `json:"last_ping,omitzero"`
	LastEvent time.Time `json:"last_event,omitzero"`
	Recorded  int       `json:"recorded"`
	Refused   int       `json:"refused"`
	Problem   *Problem  `json:"problem,omitempty"`
}

// IntakeChange asks for a change of the intake.
type IntakeChange struct {
	Address string `json:"address"` // as [IntakeAddress] takes it; "" = as it is
	// NewSecret asks for another secret; the first one is made without asking.
	NewSecret bool `json:"new_secret,omitempty"`
	// Register is the account at whose server the webhook is registered, 0 for
	// none; it takes a superuser's sign-in. URL is under which the server
	// reaches the intake, "" = the intake's own.
	Register AccountID `json:"register,omitempty"`
	URL      string    `json:"url,omitempty"`
}

// Tested is how a test message went.
type Tested struct {
	OK     bool   `json:"ok"`
	Status int    `json:"status,omitempty"`
	Code   string `json:"code,omitempty"`
	Answer string `json:"answer,omitempty"`
	Next   string `json:"next,omitempty"`
}
