package syncer

// rules are the switches of a server that its jobs obey. They are part of its
// system settings, which superusers alone can read.
type rules struct {
	SLA         bool `json:"sla"`          // enable_finding_sla
	SLAActive   bool `json:"sla_active"`   // enable_notify_sla_active
	SLAVerified bool `json:"sla_verified"` // enable_notify_sla_active_verified; it wins over SLAActive
	SLAJira     bool `json:"sla_jira"`     // enable_notify_sla_jira_only
	SLABackoff  bool `json:"sla_backoff"`  // enable_notify_sla_exponential_backoff
	AutoClose   bool `json:"auto_close"`   // engagement_auto_close
	CloseDays   int  `json:"close_days"`   // engagement_auto_close_days
	Acceptance  int  `json:"acceptance"`   // risk_acceptance_notify_before_expiration, days; 0 = no heads-up
}

// The days that DefectDojo takes from its environment or has written into its
// code, so that no client can read them.
const (
	preBreach  = 3 // DD_SLA_NOTIFY_PRE_BREACH: days left for a warning
	postBreach = 7 // DD_SLA_NOTIFY_POST_BREACH: days overdue after which it falls silent
	upcoming   = 3 // days before the start of an engagement
)

// defaultRules are those of a server whose settings cannot be read: its own
// defaults but for one. A fresh server tells nobody of service levels; whoever
// asks Bellhop to look for them wants to be told.
var defaultRules = rules{SLA: true, SLAActive: true, CloseDays: 3, Acceptance: 10}
