package dojo

import (
	"context"
	"iter"
	"time"
)

// RiskAcceptance is a decision to live with findings for a while. Which
// engagement it belongs to, the engagement says.
type RiskAcceptance struct {
	ID       int64
	Name     string
	Owner    int64
	Findings []int64
	// Expires is when it ends, zero for never. Warned and Handled are when the
	// server told of the end to come, and when it acted on the end.
	Expires, Warned, Handled time.Time
	Created, Updated         time.Time
}

type wireRisk struct {
	ID       int64   `json:"id"`
	Name     string  `json:"name"`
	Owner    int64   `json:"owner"`
	Findings []int64 `json:"accepted_findings"`
	Expires  moment  `json:"expiration_date"`
	Warned   moment  `json:"expiration_date_warned"`
	Handled  moment  `json:"expiration_date_handled"`
	Created  moment  `json:"created"`
	Updated  moment  `json:"updated"`
}

func (w *wireRisk) risk() (RiskAcceptance, error) {
	if w.ID <= 0 {
		return RiskAcceptance{}, errNoID
	}
	return RiskAcceptance{
		ID: w.ID, Name: w.Name, Owner: w.Owner, Findings: w.Findings,
		Expires: w.Expires.Time, Warned: w.Warned.Time, Handled: w.Handled.Time,
		Created: w.Created.Time, Updated: w.Updated.Time,
	}, nil
}

// RiskAcceptances lists the risk acceptances that the user may see.
func (c *Client) RiskAcceptances(ctx context.Context) iter.Seq2[RiskAcceptance, error] {
	return list(ctx, c, listing{op: "list the risk acceptances", path: "/api/v2/risk_acceptance/"}, (*wireRisk).risk)
}

// SLAConfiguration is how many days findings may stay open, by severity; a
// severity that is not enforced has no service level.
type SLAConfiguration struct {
	ID              int64  `json:"id"`
	Name            string `json:"name"`
	Critical        int    `json:"critical"`
	High            int    `json:"high"`
	Medium          int    `json:"medium"`
	Low             int    `json:"low"`
	EnforceCritical bool   `json:"enforce_critical"`
	EnforceHigh     bool   `json:"enforce_high"`
	EnforceMedium   bool   `json:"enforce_medium"`
	EnforceLow      bool   `json:"enforce_low"`
}

// SLAConfigurations lists the service levels. Every user may in 2.46; in 3.2
// staff, or who has the right to view them.
func (c *Client) SLAConfigurations(ctx context.Context) iter.Seq2[SLAConfiguration, error] {
	return list(ctx, c, listing{op: "list the service levels", path: "/api/v2/sla_configurations/"},
		same(func(s *SLAConfiguration) int64 { return s.ID }))
}
