package dojoserver

import "time"

// Engagement is an engagement; of its days the time does not count.
type Engagement struct {
	ID          int64
	Name        string
	Product     int64
	Lead        string // a user's name; "" for nobody
	TargetStart time.Time
	TargetEnd   time.Time
	Status      string // "" means "In Progress", or "Completed" where Closed
	Closed      bool
	Type        string // "" means "CI/CD"
	Tags        []string
	Created     time.Time
	Updated     time.Time // zero means Created
	Notes       []Note    // see AddNote
}

// AddEngagement adds an engagement, or replaces the one of that number, and
// returns its number.
func (s *Server) AddEngagement(e Engagement) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&e.Created)
	if e.Updated.IsZero() {
		e.Updated = e.Created
	}
	if e.TargetStart.IsZero() {
		e.TargetStart = e.Created
	}
	if e.TargetEnd.IsZero() {
		e.TargetEnd = e.TargetStart.AddDate(0, 0, 7)
	}
	switch {
	case e.Status != "":
	case e.Closed:
		e.Status = "Completed"
	default:
		e.Status = "In Progress"
	}
	if e.Type == "" {
		e.Type = "CI/CD"
	}
	return s.data.engagements.put(e.ID, func(id int64) Engagement { e.ID = id; return e })
}

// Engagement returns an engagement, the zero one for an unknown number.
func (s *Server) Engagement(id int64) Engagement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.engagements.rows[id]
}

func (s *Server) engagementJSON(e Engagement) map[string]any {
	risks := []int64{}
	for _, id := range s.data.risks.ids() {
		if s.data.risks.rows[id].Engagement == e.ID {
			risks = append(risks, id)
		}
	}
	out := map[string]any{
		"id": e.ID, "tags": listOf(e.Tags), "name": e.Name, "description": nil, "version": nil, "first_contacted": nil,
		"target_start": nullDay(e.TargetStart), "target_end": nullDay(e.TargetEnd), "reason": nil,
		"updated": apiTime(e.Updated), "created": apiTime(e.Created), "active": !e.Closed, "tracker": nil,
		"test_strategy": nil, "threat_model": true, "api_test": true, "pen_test": true, "check_list": true,
		"status": e.Status, "progress": "threat_model", "tmodel_path": "none", "done_testing": false,
		"engagement_type": e.Type, "build_id": nil, "commit_hash": nil, "branch_tag": nil,
		"source_code_management_uri": nil, "deduplication_on_engagement": false, "lead": nullID(s.userID(e.Lead)),
		"requester": nil, "preset": nil, "report_type": nil, "product": e.Product, "notes": s.notesJSON(e.Notes), "files": []any{},
		"risk_acceptance": risks,
	}
	names := []string{"cicd_build_server", "cicd_scm_server", "cicd_orchestration_engine"}
	if s.old() {
		names = []string{"build_server", "source_code_management_server", "orchestration_engine"}
	}
	for _, name := range names {
		out[name] = nil
	}
	return out
}

// RiskAcceptance is a decision to live with findings for a while.
type RiskAcceptance struct {
	ID         int64
	Name       string
	Engagement int64
	Owner      string // a user's name
	Findings   []int64
	Expires    time.Time // zero for never
	Warned     time.Time
	Handled    time.Time
	Created    time.Time
}

// AddRiskAcceptance adds a risk acceptance, or replaces the one of that
// number, and returns its number.
func (s *Server) AddRiskAcceptance(r RiskAcceptance) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&r.Created)
	return s.data.risks.put(r.ID, func(id int64) RiskAcceptance { r.ID = id; return r })
}

// riskJSON has the fields of the model of 2.46 and 3.2; no row was recorded.
func (s *Server) riskJSON(r RiskAcceptance) map[string]any {
	return map[string]any{
		"id": r.ID, "name": r.Name, "recommendation": "F", "recommendation_details": nil, "decision": "A",
		"decision_details": nil, "accepted_by": nil, "path": nil, "owner": nullID(s.userID(r.Owner)),
		"accepted_findings": listOf(r.Findings), "expiration_date": nullTime(r.Expires),
		"expiration_date_warned": nullTime(r.Warned), "expiration_date_handled": nullTime(r.Handled),
		"reactivate_expired": true, "restart_sla_expired": false, "notes": []any{},
		"created": apiTime(r.Created), "updated": apiTime(r.Created),
	}
}

// SLAConfiguration is how many days findings may stay open; a severity with 0
// days is not enforced.
type SLAConfiguration struct {
	ID                          int64
	Name                        string
	Description                 string
	Critical, High, Medium, Low int
}

// AddSLAConfiguration adds service levels, or replaces those of that number,
// and returns their number. A server has two from the start: "Default" with 7,
// 30, 90 and 120 days and "No SLA Enforced".
func (s *Server) AddSLAConfiguration(c SLAConfiguration) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addSLA(c)
}

func (s *Server) addSLA(c SLAConfiguration) int64 {
	return s.data.slas.put(c.ID, func(id int64) SLAConfiguration { c.ID = id; return c })
}

// days returns how long a severity may stay open, 0 for ever.
func (c SLAConfiguration) days(severity string) int {
	switch severity {
	case "Critical":
		return c.Critical
	case "High":
		return c.High
	case "Medium":
		return c.Medium
	case "Low":
		return c.Low
	default:
		return 0
	}
}

func (s *Server) slaJSON(c SLAConfiguration) map[string]any {
	out := map[string]any{"id": c.ID, "name": c.Name, "description": nullText(c.Description)}
	for _, level := range []struct {
		name        string
		days, usual int
	}{{"critical", c.Critical, 7}, {"high", c.High, 30}, {"medium", c.Medium, 90}, {"low", c.Low, 120}} {
		out["enforce_"+level.name] = level.days > 0
		if out[level.name] = level.days; level.days == 0 {
			out[level.name] = level.usual
		}
	}
	if !s.old() {
		out["restart_sla_on_reactivation"] = false
	}
	return out
}
