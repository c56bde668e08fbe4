package app

import "time"

// Status is the bell in one object: what `bellhop status --json` prints and
// the windows show.
type Status struct {
	Version  string          `json:"version"`
	Running  bool            `json:"running"` // false where it was read from the database alone
	PID      int             `json:"pid,omitempty"`
	Started  time.Time       `json:"started,omitzero"`
	DataDir  string          `json:"data_dir"`
	Demo     bool            `json:"demo"`
	Count    int             `json:"count"` // alerts in the lists of all accounts
	New      int             `json:"new"`   // of those, arrived since the user last looked; at most 100
	Pending  int             `json:"pending"`
	Accounts []AccountStatus `json:"accounts"`
	// PausedUntil is zero while toasts are shown; far in the future
	// ([PauseForever]) for "until resumed".
	PausedUntil time.Time `json:"paused_until,omitzero"`
	// Notices are things the user should know and Bellhop cannot mend.
	Notices []Problem    `json:"notices,omitempty"`
	Outbox  OutboxStatus `json:"outbox"`
}

// OutboxStatus is how deliveries stand.
type OutboxStatus struct {
	Paused       bool `json:"paused"`       // nothing but toasts leaves
	Destinations int  `json:"destinations"` // of all accounts
	Waiting      int  `json:"waiting"`      // deliveries that are due now or later
	Held         int  `json:"held"`         // by quiet hours and silences
	Dead         int  `json:"dead"`         // that need somebody
	// Trouble are the destinations that are switched off or fail.
	Trouble []Destination `json:"trouble,omitempty"`
}

// AccountStatus is one account in a [Status].
type AccountStatus struct {
	Account
	SyncState `json:"sync"`
	Count     int `json:"count"`
	Pending   int `json:"pending"` // removals that wait for the server
}

// PauseForever stands for "until resumed".
var PauseForever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Paused says whether toasts are held back at now.
func (s Status) Paused(now time.Time) bool { return s.PausedUntil.After(now) }

// Connect is what the user gives to add an account or to sign in again. The
// secret is in exactly one of Password, Session and Token.
type Connect struct {
	URL        string `json:"url"`
	SignIn     SignIn `json:"sign_in"`
	Username   string `json:"username,omitempty"`
	Password   string `json:"password,omitempty"`
	Session    string `json:"session,omitempty"`
	CookieName string `json:"cookie_name,omitempty"`
	Token      string `json:"token,omitempty"`
	CAFile     string `json:"ca_file,omitempty"`
	ClientCert string `json:"client_cert,omitempty"`
	ClientKey  string `json:"client_key,omitempty"`
	Proxy      string `json:"proxy,omitempty"`
	Insecure   bool   `json:"insecure,omitempty"`
}

// Probe is what can be told about a server before signing in.
type Probe struct {
	URL        string    `json:"url"`                  // the base URL that answered
	DefectDojo bool      `json:"defectdojo"`           // the login page is DefectDojo's
	SSO        bool      `json:"sso"`                  // the login page leads to single sign-on
	TLSUntil   time.Time `json:"tls_until,omitzero"`   // end of the certificate's validity
	TLSIssuer  string    `json:"tls_issuer,omitempty"` // who signed it
	Skew       int       `json:"skew_seconds"`         // the server's clock minus ours
	Problem    *Problem  `json:"problem,omitempty"`    // why it cannot be used
}

// Check is one line of the doctor.
type Check struct {
	Name   string `json:"name"` // stable, for example "keyring"
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`         // what was found
	Step   string `json:"step,omitempty"` // what to do where it is not OK
}
