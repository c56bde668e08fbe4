package dojo

import (
	"context"
	"fmt"
	"time"
)

// SystemSettings is what Bellhop needs of the server's system settings. The
// rest is not read, and of the secrets among them (Slack's token, the address
// of the Teams channel) only whether they are there.
type SystemSettings struct {
	Slack, Teams, Mail, Webhooks bool // the channels that are switched on

	SlackChannel    string
	SlackToken      bool // there is one
	TeamsURL        bool // there is one
	MailTo          string
	MailFrom        string
	TeamName        string
	URLPrefix       string
	Disclaimer      string
	WebhooksTimeout time.Duration

	// Service levels: whether there are any, and of which findings the server
	// tells (none of them: of no finding).
	FindingSLA        bool
	SLAActive         bool
	SLAActiveVerified bool
	SLAJiraOnly       bool
	SLABackoff        bool // after a breach on days 1, 2, 4, 8 and so on
	// AcceptanceDays is how many days before a risk acceptance ends the server
	// says so, 0 for never.
	AcceptanceDays int
	// AutoClose closes engagements AutoCloseDays after their target end.
	AutoClose     bool
	AutoCloseDays int
}

type wireSettings struct {
	ID                int64  `json:"id"`
	Slack             bool   `json:"enable_slack_notifications"`
	Teams             bool   `json:"enable_msteams_notifications"`
	Mail              bool   `json:"enable_mail_notifications"`
	Webhooks          bool   `json:"enable_webhooks_notifications"`
	SlackChannel      string `json:"slack_channel"`
	SlackToken        filled `json:"slack_token"`
	TeamsURL          filled `json:"msteams_url"`
	MailTo            string `json:"mail_notifications_to"`
	MailFrom          string `json:"email_from"`
	TeamName          string `json:"team_name"`
	URLPrefix         string `json:"url_prefix"`
	Disclaimer        string `json:"disclaimer_notifications"`
	OldDisclaimer     string `json:"disclaimer"` // before 2.43
	WebhooksTimeout   int    `json:"webhooks_notifications_timeout"`
	FindingSLA        bool   `json:"enable_finding_sla"`
	SLAActive         bool   `json:"enable_notify_sla_active"`
	SLAActiveVerified bool   `json:"enable_notify_sla_active_verified"`
	SLAJiraOnly       bool   `json:"enable_notify_sla_jira_only"`
	SLABackoff        bool   `json:"enable_notify_sla_exponential_backoff"`
	AcceptanceDays    int    `json:"risk_acceptance_notify_before_expiration"`
	AutoClose         bool   `json:"engagement_auto_close"`
	AutoCloseDays     int    `json:"engagement_auto_close_days"`
}

// filled is whether a secret is there; the secret itself is not kept.
type filled bool

// UnmarshalJSON looks whether there is more than null or an empty string.
func (f *filled) UnmarshalJSON(text []byte) error {
	*f = string(text) != "null" && string(text) != `""`
	return nil
}

func (w *wireSettings) settings() (SystemSettings, error) {
	if w.ID <= 0 {
		return SystemSettings{}, errNoID
	}
	s := SystemSettings{
		Slack: w.Slack, Teams: w.Teams, Mail: w.Mail, Webhooks: w.Webhooks,
		SlackChannel: w.SlackChannel, SlackToken: bool(w.SlackToken), TeamsURL: bool(w.TeamsURL),
		MailTo: w.MailTo, MailFrom: w.MailFrom, TeamName: w.TeamName, URLPrefix: w.URLPrefix, Disclaimer: w.Disclaimer,
		// The server's own bound is what fits a small database integer.
		WebhooksTimeout: time.Duration(min(max(w.WebhooksTimeout, 0), 1<<15)) * time.Second,
		FindingSLA:      w.FindingSLA, SLAActive: w.SLAActive, SLAActiveVerified: w.SLAActiveVerified,
		SLAJiraOnly: w.SLAJiraOnly, SLABackoff: w.SLABackoff,
		AcceptanceDays: max(w.AcceptanceDays, 0), AutoClose: w.AutoClose, AutoCloseDays: max(w.AutoCloseDays, 0),
	}
	if s.Disclaimer == "" {
		s.Disclaimer = w.OldDisclaimer
	}
	return s, nil
}

// SystemSettings reads the system settings; for superusers alone.
func (c *Client) SystemSettings(ctx context.Context) (SystemSettings, error) {
	const op = "read the system settings"
	for s, err := range list(ctx, c, listing{op: op, path: "/api/v2/system_settings/", rows: 1}, (*wireSettings).settings) {
		return s, err // there is one row
	}
	return SystemSettings{}, &Error{Op: op, Err: fmt.Errorf("%w: there are none", ErrMalformed)}
}
