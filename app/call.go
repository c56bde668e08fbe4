package app

import "time"

// The limits of DefectDojo's alert columns, in characters
// (dojo/notifications/models.py, unchanged from 2.30 to 3.2).
const (
	MaxTitle       = 250
	MaxDescription = 2000
	MaxSource      = 100
	MaxIcon        = 25
)

// Cut returns the first n characters of s, as DefectDojo does: no mark is left.
func Cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Ref names an object of the server: a product, an engagement, a test.
type Ref struct {
	ID   int64  `json:"id,omitempty"` // 0 where only the name is known
	Name string `json:"name"`
}

// FindingRef is a finding as a message shows it.
type FindingRef struct {
	ID       int64  `json:"id,omitempty"`
	Title    string `json:"title"`
	Severity string `json:"severity,omitempty"`
}

// FindingCounts are numbers of findings beside the lists of a scan.
type FindingCounts struct {
	New         int `json:"new,omitempty"`
	Reactivated int `json:"reactivated,omitempty"`
	Mitigated   int `json:"mitigated,omitempty"`
	Untouched   int `json:"untouched,omitempty"`
}

// Call is one event as somebody raised it: DefectDojo's create_notification.
// The zero value of a field is "not given".
type Call struct {
	Kind        Kind   `json:"event"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`     // a path on the server, or absolute
	URLAPI      string `json:"url_api,omitempty"` // the same object in the API
	Icon        string `json:"icon,omitempty"`
	// Actor is the user name of who did it, RequestedBy her display name where
	// a text needs it.
	Actor       string `json:"acting_user,omitempty"`
	RequestedBy string `json:"requested_by,omitempty"`

	ProductType *Ref        `json:"product_type,omitempty"`
	Product     *Ref        `json:"product,omitempty"`
	Engagement  *Ref        `json:"engagement,omitempty"`
	Test        *Ref        `json:"test,omitempty"`
	TestType    string      `json:"test_type,omitempty"`
	Finding     *FindingRef `json:"finding,omitempty"`

	// Recipients are user names: these people and nobody else. A list that is
	// empty and not nil is nobody at all; nil is everybody who may see it.
	Recipients []string `json:"recipients"`
	NoUsers    bool     `json:"no_users,omitempty"`   // shared places only
	AlertOnly  bool     `json:"alert_only,omitempty"` // the alert channel only (and our toast)

	FindingCount        *int         `json:"finding_count,omitempty"`
	FindingsNew         []FindingRef `json:"findings_new,omitempty"`
	FindingsReactivated []FindingRef `json:"findings_reactivated,omitempty"`
	FindingsMitigated   []FindingRef `json:"findings_mitigated,omitempty"`
	FindingsUntouched   []FindingRef `json:"findings_untouched,omitempty"`
	// More counts what the four lists above have been shortened by: a scan can
	// bring more findings than any message shows. The worst are kept.
	More FindingCounts `json:"more,omitzero"`

	Section   string       `json:"section,omitempty"`    // user_mentioned: where the note is
	Note      string       `json:"note,omitempty"`       // user_mentioned, review_requested
	Reviewers []string     `json:"reviewers,omitempty"`  // review_requested
	SLAAge    *int         `json:"sla_age,omitempty"`    // sla_breach: days left, negative = overdue
	Breach    string       `json:"breach,omitempty"`     // sla_breach_combined: breached, breaching, prebreach
	Findings  []FindingRef `json:"findings,omitempty"`   // sla_breach_combined, risk_acceptance_expiration
	Accepted  *Ref         `json:"acceptance,omitempty"` // risk_acceptance_expiration
	// Start and End are the planned days of an engagement; End is also the day
	// on which a risk acceptance ends. Only the date counts.
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	Tags  []string  `json:"tags,omitempty"`
}
