package syncer

import (
	"time"

	"bellhop/sync/dojo"
)

// The server's objects, as far as events are derived from them. They are
// values without behaviour; what the API calls them is in package dojo.

type productType struct {
	ID      int64     `json:"i"`
	Name    string    `json:"n"`
	Created time.Time `json:"c,omitzero"`
}

type product struct {
	ID      int64     `json:"i"`
	Name    string    `json:"n"`
	Type    int64     `json:"t"`
	SLA     int64     `json:"s,omitempty"` // its SLA configuration
	Quiet   bool      `json:"q,omitempty"` // disable_sla_breach_notifications
	Created time.Time `json:"c,omitzero"`
	Tags    []string  `json:"-"`
}

type engagement struct {
	ID          int64     `json:"i"`
	Name        string    `json:"n"`
	Product     int64     `json:"p"`
	Lead        int64     `json:"l,omitempty"`
	Start       day       `json:"s,omitempty"`
	End         day       `json:"e,omitempty"`
	Status      string    `json:"t,omitempty"`
	Created     time.Time `json:"c,omitzero"`
	Updated     time.Time `json:"-"`
	Acceptances []int64   `json:"a,omitempty"`
	// Print covers what a copy keeps; 0 where it cannot be told.
	Print uint64   `json:"f,omitempty"`
	Tags  []string `json:"-"`
}

type test struct {
	ID         int64     `json:"i"`
	Engagement int64     `json:"e"`
	Title      string    `json:"n,omitempty"`
	Type       string    `json:"t,omitempty"` // the test type's name
	Created    time.Time `json:"c,omitzero"`
	Tags       []string  `json:"-"`
	// Start is when it was planned or imported, and Print covers that and all
	// else that a copy keeps.
	Start time.Time `json:"b,omitzero"`
	Print uint64    `json:"f,omitempty"`
}

// name returns what DefectDojo shows for the test: its title with its type
// behind it, or the type alone.
func (t test) name() string {
	if t.Title == "" {
		return t.Type
	}
	return t.Title + " (" + t.Type + ")"
}

type finding struct {
	ID        int64
	Test      int64
	Title     string
	Severity  string
	Expires   day  // sla_expiration_date
	Left      *int // sla_days_remaining by the server's own date
	Active    bool
	Verified  bool
	Mitigated bool
	Duplicate bool
	Jira      bool // linked to an issue
	Review    bool // under_review
	Reviewers []int64
	Requester int64 // review_requested_by
	// Request is the note with which the review was requested last; its time is
	// zero where there is none.
	Request     dojo.Note
	Reporter    int64
	MitigatedAt time.Time
	Created     time.Time
	StatusAt    time.Time // last_status_update
	Tags        []string
}

type acceptance struct {
	ID       int64   `json:"i"`
	Name     string  `json:"n"`
	Findings []int64 `json:"f,omitempty"`
	Expires  day     `json:"e,omitempty"`
	Handled  bool    `json:"h,omitempty"` // the server has carried out the expiry
}

// slaConfiguration says which severities have a deadline.
type slaConfiguration struct {
	ID       int64           `json:"i"`
	Enforced map[string]bool `json:"e"` // by severity
}

// scanImport is one import of a report into a test.
type scanImport struct {
	ID      int64
	Test    int64
	Created time.Time
	Actions []importAction
}

// importAction says what an import did with a finding: N made it, C closed it,
// R brought it back, U left it as it was.
type importAction struct {
	Finding int64
	Action  string
}

// The states of an engagement that events ask for.
const (
	statusInProgress = "In Progress"
	statusNotStarted = "Not Started"
	statusCompleted  = "Completed"
	statusCancelled  = "Cancelled"
)

// over says whether the engagement has ended.
func (e engagement) over() bool {
	return e.Status == statusCompleted || e.Status == statusCancelled
}
