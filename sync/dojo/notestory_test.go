package dojo_test

import (
	"errors"
	"testing"
	"time"

	"bellhop/sync/dojo"
	"bellhop/sync/dojoserver"
)

// A note is read at what it was written at, and a copy of that has a copy of it;
// what a copy keeps of a test and a finding is kept to the microsecond.
func TestNotesAndCopiesAreToldToTheMicrosecond(t *testing.T) {
	at := time.Date(2026, 11, 25, 15, 38, 22, 835_701_000, time.UTC)
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			s, sue, _ := office(t, version)
			shop := s.AddProduct(dojoserver.Product{Name: "Shop", Type: s.AddProductType(dojoserver.ProductType{Name: "Red"})})
			nightly := s.AddEngagement(dojoserver.Engagement{Name: "Nightly", Product: shop})
			unit := s.AddTest(dojoserver.Test{Title: "unit", Engagement: nightly, Start: at})
			s.AddTest(dojoserver.Test{Title: "later", Engagement: nightly, Start: at.Add(time.Microsecond)})
			hole := s.AddFinding(dojoserver.Finding{Title: "Hole", Test: unit, Active: true})
			s.AddFinding(dojoserver.Finding{Title: "Nobody looked at it", Test: unit, Active: true})
			now := time.Now().UTC().Truncate(time.Microsecond)
			s.AddNote("findings", hole, dojoserver.Note{Author: "ana", Text: "see @sue", Private: true, At: now})
			s.AddNote("tests", unit, dojoserver.Note{Author: "gone", Text: "old"})
			s.AddNote("engagements", nightly, dojoserver.Note{Author: "sue", Text: "go", API: true})

			seen, err := collect(sue.Findings(t.Context(), dojo.FindingFilter{Reviewed: dojo.Past7Days, Order: "-last_reviewed"}))
			if err != nil || len(seen) != 1 || seen[0].ID != hole || !seen[0].ReviewedAt.Equal(now) || seen[0].HashCode == "" {
				t.Fatalf("what was looked at is %+v, %v", seen, err)
			}
			if n := seen[0].Notes; len(n) != 1 || n[0].Author != "ana" || n[0].By != "Ana (ana)" || n[0].Text != "see @sue" || !n[0].At.Equal(now) || !n[0].Private {
				t.Errorf("the note is %+v", n)
			}
			engagements, err := collect(sue.Engagements(t.Context(), dojo.EngagementFilter{ID: nightly}))
			if err != nil || len(engagements) != 1 || len(engagements[0].Notes) != 1 || engagements[0].Notes[0].By != "sue" {
				t.Errorf("the engagement is %+v, %v", engagements, err)
			}

			made := s.CopyTest(unit, nightly)
			twins, err := collect(sue.Tests(t.Context(), dojo.TestFilter{Start: at}))
			if err != nil || len(twins) != 2 || twins[0].ID != unit || twins[1].ID != made || !twins[1].Start.Equal(at) || !twins[1].End.Equal(twins[0].End) {
				t.Fatalf("those that began then are %+v, %v", twins, err)
			}
			if a, b := twins[0].Notes, twins[1].Notes; len(a) != 1 || len(b) != 1 || a[0].ID == b[0].ID || !a[0].At.Equal(b[0].At) || a[0].Author != "" {
				t.Errorf("the notes are %+v and %+v", a, b)
			}
			copies, err := collect(sue.Findings(t.Context(), dojo.FindingFilter{Test: made}))
			if err != nil || len(copies) != 2 || !copies[0].ReviewedAt.Equal(now) || copies[0].HashCode != seen[0].HashCode || copies[0].ID == hole {
				t.Errorf("the copies are %+v, %v", copies, err)
			}
			if _, err := collect(sue.Findings(t.Context(), dojo.FindingFilter{Order: "notes"})); !errors.Is(err, dojo.ErrRefused) {
				t.Errorf("an order that the server has not gave %v", err)
			}
		})
	}
}

// A note by the API counts as a look at the finding since 3.x.
func TestANoteByTheAPICountsAsALook(t *testing.T) {
	for _, version := range versions {
		s, sue, _ := office(t, version)
		shop := s.AddProduct(dojoserver.Product{Name: "Shop", Type: s.AddProductType(dojoserver.ProductType{Name: "Red"})})
		f := s.AddFinding(dojoserver.Finding{Title: "Hole", Test: s.AddTest(dojoserver.Test{Engagement: s.AddEngagement(dojoserver.Engagement{Product: shop})})})
		s.AddNote("findings", f, dojoserver.Note{Author: "ana", Text: "x", API: true})
		seen, err := collect(sue.Findings(t.Context(), dojo.FindingFilter{Reviewed: dojo.Past7Days}))
		if want := version != "2.46.0"; err != nil || (len(seen) == 1) != want {
			t.Errorf("%s: %d looked at, %v", version, len(seen), err)
		}
	}
}
