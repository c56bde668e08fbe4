package dojoserver

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Finding is a finding; of its days the time does not count.
type Finding struct {
	ID           int64
	Title        string
	Description  string
	Severity     string // "" means "High"
	Test         int64
	Date         time.Time // zero means today
	Active       bool
	Verified     bool
	Duplicate    bool
	FalseP       bool
	RiskAccepted bool
	UnderReview  bool
	Mitigated    time.Time // zero for not
	// SLADue is the end of its service level; zero means the one that the
	// product's service levels give it, if any.
	SLADue       time.Time
	NoSLA        bool // has none whatever the product says
	Tags         []string
	Reporter     string // a user's name
	ReviewBy     string // who asked for a review
	Reviewers    []string
	Jira         time.Time // when it was linked to an issue there
	Static       bool
	Created      time.Time
	StatusUpdate time.Time // zero means Created
	Reviewed     time.Time // last_reviewed; zero for never
	HashCode     string    // "" means one of the title, severity and description
	Notes        []Note    // see AddNote
}

// AddFinding adds a finding, or replaces the one of that number, and returns
// its number.
func (s *Server) AddFinding(f Finding) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&f.Created)
	if f.Date.IsZero() {
		f.Date = s.opts.Now()
	}
	if f.StatusUpdate.IsZero() {
		f.StatusUpdate = f.Created
	}
	if f.Severity == "" {
		f.Severity = "High"
	}
	return s.data.findings.put(f.ID, func(id int64) Finding { f.ID = id; return f })
}

// Finding returns a finding, the zero one for an unknown number.
func (s *Server) Finding(id int64) Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.findings.rows[id]
}

// dayOf cuts a time to its day, in UTC.
func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// slaDue returns the day on which a finding's service level ends, zero for
// none.
func (s *Server) slaDue(f Finding) time.Time {
	switch {
	case f.NoSLA:
		return time.Time{}
	case !f.SLADue.IsZero():
		return dayOf(f.SLADue)
	}
	product := s.data.products.rows[s.productOf(f.Test)]
	days := s.data.slas.rows[product.SLA].days(f.Severity)
	if days == 0 {
		return time.Time{}
	}
	return dayOf(f.Date).AddDate(0, 0, days)
}

// until is the day to which a finding's age counts.
func (s *Server) until(f Finding) time.Time {
	if !f.Mitigated.IsZero() {
		return dayOf(f.Mitigated)
	}
	return dayOf(s.opts.Now().UTC())
}

func daysFrom(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// severities in the order of their numbers, S0 to S4.
var severities = []string{"Critical", "High", "Medium", "Low", "Info"}

func (f Finding) displayStatus() string {
	words := []string{"Inactive"}
	if f.Active {
		words[0] = "Active"
	}
	for _, word := range []struct {
		is   bool
		text string
	}{
		{f.Verified, "Verified"},
		{!f.Mitigated.IsZero(), "Mitigated"},
		{f.FalseP, "False Positive"},
		{f.Duplicate, "Duplicate"},
		{f.RiskAccepted, "Risk Accepted"},
		{f.UnderReview, "Under Review"},
	} {
		if word.is {
			words = append(words, word.text)
		}
	}
	return strings.Join(words, ", ")
}

// hash is the digest by which the server knows a finding again.
func (f Finding) hash() string {
	if f.HashCode != "" {
		return f.HashCode
	}
	sum := sha256.Sum256([]byte(f.Title + f.Severity + f.Description))
	return hex.EncodeToString(sum[:])
}

// findingJSON is a finding; related adds what is above it.
func (s *Server) findingJSON(f Finding, related bool) map[string]any {
	out := map[string]any{
		"id": f.ID, "tags": listOf(f.Tags), "request_response": map[string]any{"req_resp": []any{}}, "accepted_risks": []any{},
		"push_to_jira": false, "age": daysFrom(dayOf(f.Date), s.until(f)), "sla_days_remaining": nil, "finding_meta": []any{},
		"related_fields": nil, "jira_creation": nullTime(f.Jira), "jira_change": nullTime(f.Jira), "display_status": f.displayStatus(),
		"finding_groups": []any{}, "vulnerability_ids": []any{}, "reporter": nullID(s.userID(f.Reporter)), "title": f.Title,
		"date": nullDay(f.Date), "sla_start_date": nil, "sla_expiration_date": nil, "cwe": 0, "epss_score": nil,
		"epss_percentile": nil, "cvssv3": nil, "cvssv3_score": nil, "url": nil, "severity": f.Severity, "description": f.Description,
		"mitigation": nil, "impact": nil, "steps_to_reproduce": nil, "severity_justification": nil, "references": nil,
		"active": f.Active, "verified": f.Verified, "false_p": f.FalseP, "duplicate": f.Duplicate, "out_of_scope": false,
		"risk_accepted": f.RiskAccepted, "under_review": f.UnderReview, "last_status_update": apiTime(f.StatusUpdate),
		"under_defect_review": false, "is_mitigated": !f.Mitigated.IsZero(), "thread_id": 0, "mitigated": nullTime(f.Mitigated),
		"numerical_severity": "S4", "last_reviewed": nullTime(f.Reviewed), "param": nil, "payload": nil, "hash_code": f.hash(), "line": nil,
		"file_path": nil, "component_name": nil, "component_version": nil, "static_finding": f.Static, "dynamic_finding": !f.Static,
		"created": apiTime(f.Created), "scanner_confidence": nil, "unique_id_from_tool": nil, "vuln_id_from_tool": nil,
		"sast_source_object": nil, "sast_sink_object": nil, "sast_source_line": nil, "sast_source_file_path": nil,
		"nb_occurences": nil, //nolint:misspell // DefectDojo's spelling
		"publish_date":  nil, "service": nil, "planned_remediation_date": nil,
		"planned_remediation_version": nil, "effort_for_fixing": nil, "test": f.Test, "duplicate_finding": nil,
		"review_requested_by": nullID(s.userID(f.ReviewBy)), "defect_review_requested_by": nil, "mitigated_by": nil,
		"last_reviewed_by": nil, "sonarqube_issue": nil, "endpoints": []any{}, "reviewers": s.userIDs(f.Reviewers), "notes": s.notesJSON(f.Notes),
		"files": []any{}, "found_by": []int64{s.data.tests.rows[f.Test].Type},
	}
	for i, name := range severities {
		if name == f.Severity {
			out["numerical_severity"] = "S" + itoa(int64(i))
		}
	}
	if due := s.slaDue(f); !due.IsZero() {
		out["sla_expiration_date"], out["sla_days_remaining"] = nullDay(due), daysFrom(s.until(f), due)
	}
	if !s.old() {
		for _, name := range []string{"kev_date", "cvssv4", "cvssv4_score", "fix_available", "fix_version"} {
			out[name] = nil
		}
		out["cwes"], out["known_exploited"], out["ransomware_used"] = []any{}, false, false
		out["updated"] = apiTime(f.StatusUpdate)
	}
	if related {
		out["related_fields"] = s.relatedJSON(f)
	}
	return out
}

// relatedJSON is what stands above a finding.
func (s *Server) relatedJSON(f Finding) map[string]any {
	test := s.data.tests.rows[f.Test]
	full := s.testJSON(test)
	e := s.engagementJSON(s.data.engagements.rows[test.Engagement])
	product := s.data.products.rows[s.productOf(f.Test)]
	pick := func(from map[string]any, names ...string) map[string]any {
		out := make(map[string]any)
		for _, name := range names {
			out[name] = from[name]
		}
		return out
	}
	engagement := pick(e, "id", "name", "description", "target_start", "target_end", "branch_tag", "engagement_type",
		"build_id", "commit_hash", "version", "created", "updated")
	engagement["product"] = map[string]any{
		"id": product.ID, "name": product.Name,
		"prod_type": map[string]any{"id": product.Type, "name": s.data.types.rows[product.Type].Name},
	}
	out := pick(full, "id", "title", "branch_tag", "build_id", "commit_hash", "version")
	out["test_type"] = map[string]any{"id": test.Type, "name": test.TypeName}
	out["engagement"] = engagement
	out["environment"] = map[string]any{"id": 1, "name": "Development"}
	return map[string]any{"test": out, "jira": nil}
}
