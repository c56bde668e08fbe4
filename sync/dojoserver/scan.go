package dojoserver

import (
	"slices"
	"time"
)

// Test is a test of an engagement.
type Test struct {
	ID         int64
	Title      string
	Type       int64  // 0 means 1
	TypeName   string // "" means "API Test"
	ScanType   string
	Engagement int64
	Lead       string
	Percent    int // -1 for null
	Tags       []string
	Created    time.Time
	Updated    time.Time
	Start      time.Time // target_start; zero means Created
	End        time.Time // target_end; zero means Start
	Notes      []Note    // see AddNote
	// FromScan has the texts of an import, which are empty instead of null.
	FromScan bool
}

// AddTest adds a test, or replaces the one of that number, and returns its
// number.
func (s *Server) AddTest(t Test) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&t.Created)
	if t.Updated.IsZero() {
		t.Updated = t.Created
	}
	if t.Start.IsZero() {
		t.Start = t.Created
	}
	if t.End.IsZero() {
		t.End = t.Start
	}
	if t.Type == 0 {
		t.Type = 1
	}
	if t.TypeName == "" {
		t.TypeName = "API Test"
	}
	return s.data.tests.put(t.ID, func(id int64) Test { t.ID = id; return t })
}

// productOf returns the product of a test, 0 for an unknown one.
func (s *Server) productOf(test int64) int64 {
	return s.data.engagements.rows[s.data.tests.rows[test].Engagement].Product
}

func (s *Server) testJSON(t Test) map[string]any {
	var text any
	if t.FromScan {
		text = ""
	}
	out := map[string]any{
		"id": t.ID, "tags": listOf(t.Tags), "test_type_name": t.TypeName, "finding_groups": []any{}, "scan_type": nullText(t.ScanType),
		"title": nullText(t.Title), "description": nil, "target_start": apiTime(t.Start), "target_end": apiTime(t.End),
		"percent_complete": t.Percent, "updated": apiTime(t.Updated), "created": apiTime(t.Created),
		"version": text, "build_id": text, "commit_hash": text, "branch_tag": text, "engagement": t.Engagement,
		"lead": nullID(s.userID(t.Lead)), "test_type": t.Type, "environment": 1, "api_scan_configuration": nil,
		"notes": s.notesJSON(t.Notes), "files": []any{},
	}
	if t.Percent < 0 {
		out["percent_complete"] = nil
	}
	if s.old() {
		out["estimated_time"], out["actual_time"] = nil, nil
	} else {
		out["deduplication_algorithm"], out["hash_code_fields"] = "hash_code", []string{"title", "cwe", "severity"}
	}
	return out
}

// TestImport is one import of a scan.
type TestImport struct {
	ID      int64
	Test    int64
	Again   bool // a reimport
	Created time.Time
	// The findings that it made, closed, opened again and left as they were.
	New, Closed, Reactivated, Untouched []int64
}

// AddTestImport adds an import, or replaces the one of that number, and
// returns its number.
func (s *Server) AddTestImport(i TestImport) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orNow(&i.Created)
	return s.data.imports.put(i.ID, func(id int64) TestImport { i.ID = id; return i })
}

func (s *Server) importJSON(i TestImport) map[string]any {
	actions, affected := []any{}, []int64{}
	for _, part := range []struct {
		action   string
		findings []int64
	}{{"C", i.Closed}, {"N", i.New}, {"R", i.Reactivated}, {"U", i.Untouched}} {
		for _, id := range part.findings {
			affected = append(affected, id)
			actions = append(actions, map[string]any{
				"id": int64(len(actions)) + 1, "created": apiTime(i.Created), "modified": apiTime(i.Created), "action": part.action,
				"test_import": i.ID, "finding": id,
			})
		}
	}
	slices.Sort(affected)
	kind := "import"
	if i.Again {
		kind = "reimport"
	}
	return map[string]any{
		"id": i.ID, "test_import_finding_action_set": actions, "created": apiTime(i.Created), "modified": apiTime(i.Created),
		"import_settings": map[string]any{"active": true, "verified": true, "push_to_jira": false, "minimum_severity": "Info", "tags": []any{}},
		"type":            kind, "version": "", "build_id": "", "commit_hash": "", "branch_tag": "", "test": i.Test, "findings_affected": affected,
	}
}
