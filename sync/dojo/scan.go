package dojo

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Test is a test of an engagement.
type Test struct {
	ID         int64
	Title      string // "" where the test type says it all
	Type       int64
	TypeName   string // such as "ZAP Scan"
	ScanType   string // of the report that made it, "" for none
	Engagement int64
	Lead       int64
	Tags       []string
	// Created and Updated are by the server's clock.
	Created, Updated time.Time
	// Start and End are when it was planned, or when a report was imported, to
	// the microsecond. A copy keeps them.
	Start, End time.Time
	// Version, Build, Commit and Branch are what was tested, "" for not said.
	Version, Build, Commit, Branch string
	Notes                          []Note
}

type wireTest struct {
	ID         int64    `json:"id"`
	Title      string   `json:"title"`
	Type       int64    `json:"test_type"`
	TypeName   string   `json:"test_type_name"`
	ScanType   string   `json:"scan_type"`
	Engagement int64    `json:"engagement"`
	Lead       int64    `json:"lead"`
	Tags       []string `json:"tags"`
	Created    moment   `json:"created"`
	Updated    moment   `json:"updated"`
	Start      moment   `json:"target_start"`
	End        moment   `json:"target_end"`
	Version    string   `json:"version"`
	Build      string   `json:"build_id"`
	Commit     string   `json:"commit_hash"`
	Branch     string   `json:"branch_tag"`

	Notes []wireNote `json:"notes"`
}

func (w *wireTest) test() (Test, error) {
	if w.ID <= 0 {
		return Test{}, errNoID
	}
	return Test{
		ID: w.ID, Title: w.Title, Type: w.Type, TypeName: w.TypeName, ScanType: w.ScanType, Engagement: w.Engagement, Lead: w.Lead,
		Tags: w.Tags, Created: w.Created.Time, Updated: w.Updated.Time, Start: w.Start.Time, End: w.End.Time,
		Version: w.Version, Build: w.Build, Commit: w.Commit, Branch: w.Branch, Notes: notesOf(w.Notes),
	}, nil
}

// TestFilter says which tests are wanted; the zero value all. There is no
// filter by product.
type TestFilter struct {
	ID         int64
	Engagement int64
	// Start wants those that began exactly then, to the microsecond.
	Start time.Time
	// Order is one of created, updated, target_start and target_end, with "-"
	// before it for the last first.
	Order string
}

// Tests lists tests that the user may see.
func (c *Client) Tests(ctx context.Context, want TestFilter) iter.Seq2[Test, error] {
	f := newFilters()
	f.id("id", want.ID)
	f.id("engagement", want.Engagement)
	f.exact("target_start", want.Start)
	f.word("o", want.Order)
	return list(ctx, c, listing{op: "list the tests", path: "/api/v2/tests/", filter: f.Values}, (*wireTest).test)
}

// TestImport is one import of a scan into a test.
type TestImport struct {
	ID   int64
	Test int64
	Type string // "import" or "reimport"
	// Findings that the import made, closed, opened again, and left as they
	// were, by their numbers.
	Created, Closed, Reactivated, Untouched []int64
	At                                      time.Time
}

type wireImport struct {
	ID      int64  `json:"id"`
	Test    int64  `json:"test"`
	Type    string `json:"type"`
	Created moment `json:"created"`
	Actions []struct {
		Action  string `json:"action"`
		Finding int64  `json:"finding"`
	} `json:"test_import_finding_action_set"`
}

func (w *wireImport) testImport() (TestImport, error) {
	if w.ID <= 0 || w.Test <= 0 {
		return TestImport{}, fmt.Errorf("%w: an import without a test", ErrMalformed)
	}
	out := TestImport{ID: w.ID, Test: w.Test, Type: w.Type, At: w.Created.Time}
	for _, a := range w.Actions {
		switch a.Action {
		case "N":
			out.Created = append(out.Created, a.Finding)
		case "C":
			out.Closed = append(out.Closed, a.Finding)
		case "R":
			out.Reactivated = append(out.Reactivated, a.Finding)
		case "U":
			out.Untouched = append(out.Untouched, a.Finding)
		}
	}
	return out, nil
}

// importRows is how many imports are asked for at a time: a row holds every
// finding that the import touched, and costs the server accordingly.
const importRows = 20

// ImportFilter says which imports are wanted; the zero value all.
type ImportFilter struct {
	Test int64
	// Order is id, created or modified, with "-" before it for the last first.
	Order string
}

// TestImports lists imports of scans that the user may see.
func (c *Client) TestImports(ctx context.Context, want ImportFilter) iter.Seq2[TestImport, error] {
	f := newFilters()
	f.id("test", want.Test)
	f.word("o", want.Order)
	return list(ctx, c, listing{op: "list the imports", path: "/api/v2/test_imports/", filter: f.Values, rows: importRows}, (*wireImport).testImport)
}
