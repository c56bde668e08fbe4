package dojo

import (
	"context"
	"iter"
	"time"
)

// Finding is what Bellhop needs of a finding. Days are midnight UTC.
type Finding struct {
	ID       int64
	Title    string
	Severity string // Critical, High, Medium, Low or Info
	Test     int64
	Date     time.Time // the day it was discovered

	Active, Verified, Duplicate, FalsePositive, OutOfScope, RiskAccepted, Mitigated, UnderReview bool

	MitigatedAt time.Time
	// SLADue is the day on which its service level ends; zero where it has
	// none.
	SLADue time.Time
	// SLADaysLeft counts from the server's today (or, where it is mitigated,
	// from that day) to SLADue: negative where that is over. It counts only
	// where SLADue is set.
	SLADaysLeft  int
	Tags         []string
	Reporter     int64
	Jira         bool // it is linked to an issue there
	StatusAt     time.Time
	Created      time.Time
	Updated      time.Time // 3.x; 2.x sends none
	Reviewers    []int64
	ReviewWanted int64 // who asked for a review, 0 for nobody
	// HashCode is the server's digest of what makes a finding the same as
	// another; what goes into it, its administrator chooses for each scanner.
	HashCode string
	// ReviewedAt is when somebody last looked at it, to the microsecond: an
	// import, a note or an edit. Zero for a finding that was typed in and left.
	ReviewedAt time.Time
	Notes      []Note

	// The following are set only where [FindingFilter.Related] asked for them.

	TestTitle, TestTypeName string
	Engagement              int64
	EngagementName          string
	Product                 int64
	ProductName             string
	ProductType             int64
	ProductTypeName         string
}

type wireFinding struct {
	ID            int64        `json:"id"`
	Title         string       `json:"title"`
	Severity      string       `json:"severity"`
	Test          int64        `json:"test"`
	Date          day          `json:"date"`
	Active        bool         `json:"active"`
	Verified      bool         `json:"verified"`
	Duplicate     bool         `json:"duplicate"`
	FalsePositive bool         `json:"false_p"`
	OutOfScope    bool         `json:"out_of_scope"`
	RiskAccepted  bool         `json:"risk_accepted"`
	Mitigated     bool         `json:"is_mitigated"`
	UnderReview   bool         `json:"under_review"`
	MitigatedAt   moment       `json:"mitigated"`
	SLADue        day          `json:"sla_expiration_date"`
	SLADaysLeft   int          `json:"sla_days_remaining"`
	Tags          []string     `json:"tags"`
	Reporter      int64        `json:"reporter"`
	Jira          moment       `json:"jira_creation"`
	StatusAt      moment       `json:"last_status_update"`
	Created       moment       `json:"created"`
	Updated       moment       `json:"updated"`
	Reviewers     []int64      `json:"reviewers"`
	ReviewWanted  int64        `json:"review_requested_by"`
	HashCode      string       `json:"hash_code"`
	ReviewedAt    moment       `json:"last_reviewed"`
	Notes         []wireNote   `json:"notes"`
	Related       *wireRelated `json:"related_fields"`
}

type wireRelated struct {
	Test struct {
		Title string `json:"title"`
		Type  struct {
			Name string `json:"name"`
		} `json:"test_type"`
		Engagement struct {
			ID      int64  `json:"id"`
			Name    string `json:"name"`
			Product struct {
				ID   int64  `json:"id"`
				Name string `json:"name"`
				Type struct {
					ID   int64  `json:"id"`
					Name string `json:"name"`
				} `json:"prod_type"`
			} `json:"product"`
		} `json:"engagement"`
	} `json:"test"`
}

func (w *wireFinding) finding() (Finding, error) {
	if w.ID <= 0 {
		return Finding{}, errNoID
	}
	f := Finding{
		ID: w.ID, Title: w.Title, Severity: w.Severity, Test: w.Test, Date: w.Date.Time,
		Active: w.Active, Verified: w.Verified, Duplicate: w.Duplicate, FalsePositive: w.FalsePositive,
		OutOfScope: w.OutOfScope, RiskAccepted: w.RiskAccepted, Mitigated: w.Mitigated, UnderReview: w.UnderReview,
		MitigatedAt: w.MitigatedAt.Time, SLADue: w.SLADue.Time, SLADaysLeft: w.SLADaysLeft, Tags: w.Tags,
		Reporter: w.Reporter, Jira: !w.Jira.IsZero(), StatusAt: w.StatusAt.Time, Created: w.Created.Time,
		Updated: w.Updated.Time, Reviewers: w.Reviewers, ReviewWanted: w.ReviewWanted,
		HashCode: w.HashCode, ReviewedAt: w.ReviewedAt.Time, Notes: notesOf(w.Notes),
	}
	if w.Related != nil {
		test := &w.Related.Test
		product := &test.Engagement.Product
		f.TestTitle, f.TestTypeName = test.Title, test.Type.Name
		f.Engagement, f.EngagementName = test.Engagement.ID, test.Engagement.Name
		f.Product, f.ProductName = product.ID, product.Name
		f.ProductType, f.ProductTypeName = product.Type.ID, product.Type.Name
	}
	return f, nil
}

// FindingFilter says which findings are wanted; the zero value all.
type FindingFilter struct {
	IDs         []int64
	Active      Is
	Verified    Is
	Duplicate   Is
	Mitigated   Is
	UnderReview Is
	// OutsideSLA wants the active ones whose service level is breached.
	OutsideSLA  bool
	Severity    []string // any of these
	Product     int64
	ProductType int64
	Engagement  int64
	Test        int64
	Created     Window
	// Reviewed wants those that somebody looked at lately; without it, an order
	// by last_reviewed begins with those that nobody ever did.
	Reviewed Window
	// FoundAfter and FoundBefore bound the day of discovery, both exclusive.
	FoundAfter, FoundBefore time.Time
	// MitigatedAfter and MitigatedBefore bound when it was mitigated.
	MitigatedAfter, MitigatedBefore time.Time
	// Related asks for the names and numbers above the finding, which costs the
	// server a few more queries for each row.
	Related bool
	// Order is one of id, created, last_status_update, last_reviewed, date,
	// severity and others, with "-" before it for the last first; "" means id. By
	// sla_expiration_date 3.x can order and 2.46 can not ([ErrRefused]).
	Order string
}

// Findings lists findings that the user may see.
func (c *Client) Findings(ctx context.Context, want FindingFilter) iter.Seq2[Finding, error] {
	f := newFilters()
	f.ids("id", want.IDs)
	f.is("active", want.Active)
	f.is("verified", want.Verified)
	f.is("duplicate", want.Duplicate)
	f.is("is_mitigated", want.Mitigated)
	f.is("under_review", want.UnderReview)
	if want.OutsideSLA {
		f.Set("outside_of_sla", "1")
	}
	f.words("severity", want.Severity)
	f.id("test__engagement__product", want.Product)
	f.id("test__engagement__product__prod_type", want.ProductType)
	f.id("test__engagement", want.Engagement)
	f.id("test", want.Test)
	f.window("created", want.Created)
	f.window("last_reviewed", want.Reviewed)
	f.day("discovered_after", want.FoundAfter)
	f.day("discovered_before", want.FoundBefore)
	f.time("mitigated_after", want.MitigatedAfter)
	f.time("mitigated_before", want.MitigatedBefore)
	if want.Related {
		f.Set("related_fields", "true")
	}
	f.word("o", want.Order)
	if want.Order == "" {
		f.Set("o", "id")
	}
	return list(ctx, c, listing{op: "list the findings", path: "/api/v2/findings/", filter: f.Values}, (*wireFinding).finding)
}
