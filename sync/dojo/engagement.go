package dojo

import (
	"context"
	"iter"
	"time"
)

// Engagement is an engagement that the user may see. Days are midnight UTC.
type Engagement struct {
	ID      int64
	Name    string
	Product int64
	Lead    int64 // 0 for nobody
	Active  bool
	// Status is one of DefectDojo's words: "Not Started", "In Progress",
	// "Completed" and others.
	Status      string
	Type        string // "Interactive" or "CI/CD"
	TargetStart time.Time
	TargetEnd   time.Time
	// RiskAcceptances are the numbers of the acceptances that belong to it.
	RiskAcceptances  []int64
	Tags             []string
	Created, Updated time.Time
	Notes            []Note
}

type wireEngagement struct {
	ID              int64    `json:"id"`
	Name            string   `json:"name"` // null in old ones
	Product         int64    `json:"product"`
	Lead            int64    `json:"lead"`
	Active          bool     `json:"active"`
	Status          string   `json:"status"`
	Type            string   `json:"engagement_type"`
	TargetStart     day      `json:"target_start"`
	TargetEnd       day      `json:"target_end"`
	RiskAcceptances []int64  `json:"risk_acceptance"`
	Tags            []string `json:"tags"`
	Created         moment   `json:"created"`
	Updated         moment   `json:"updated"`

	Notes []wireNote `json:"notes"`
}

func (w *wireEngagement) engagement() (Engagement, error) {
	if w.ID <= 0 {
		return Engagement{}, errNoID
	}
	return Engagement{
		ID: w.ID, Name: w.Name, Product: w.Product, Lead: w.Lead, Active: w.Active, Status: w.Status, Type: w.Type,
		TargetStart: w.TargetStart.Time, TargetEnd: w.TargetEnd.Time, RiskAcceptances: w.RiskAcceptances, Tags: w.Tags,
		Created: w.Created.Time, Updated: w.Updated.Time, Notes: notesOf(w.Notes),
	}, nil
}

// EngagementFilter says which engagements are wanted; the zero value all.
type EngagementFilter struct {
	ID      int64
	Product int64
	Active  Is
	Status  string
	// Order is one of target_start, target_end, created, updated, name and
	// status, with "-" before it for the last first.
	Order string
}

// Engagements lists engagements that the user may see.
func (c *Client) Engagements(ctx context.Context, want EngagementFilter) iter.Seq2[Engagement, error] {
	f := newFilters()
	f.id("id", want.ID)
	f.id("product", want.Product)
	f.is("active", want.Active)
	f.word("status", want.Status)
	f.word("o", want.Order)
	return list(ctx, c, listing{op: "list the engagements", path: "/api/v2/engagements/", filter: f.Values}, (*wireEngagement).engagement)
}
