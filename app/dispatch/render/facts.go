package render

import (
	"strconv"
	"strings"

	"bellhop/app"
)

// cardFacts are the event's objects and numbers as DefectDojo's cards list
// them, with its labels, as far as the call knows them.
func (in *Input) cardFacts() [][2]string {
	c := in.Call
	f := facts{}
	switch c.Kind {
	case app.KindProductTypeAdded:
		f.add("Product Type", name(c.ProductType))
	case app.KindProductAdded:
		f.add("Product", name(c.Product))
		f.add("Product Type", name(c.ProductType))
	case app.KindSLABreachCombined:
		f.add("Product", name(c.Product))
		f.add("Product Type", name(c.ProductType))
		f.number("Findings", len(c.Findings))
	case app.KindScanAdded, app.KindScanAddedEmpty:
		f.add("Product", name(c.Product))
		f.add("Engagement", name(c.Engagement))
		f.add("Scan", testName(c))
		f.add("Scan Type", short(c.TestType))
		in.findingFacts(&f)
		if testName(c) == "" {
			break
		}
		f.add("Updated Findings", strconv.Itoa(count(c)))
		for _, l := range changes(c) {
			f.add(l.name+" Findings", strconv.Itoa(len(l.findings)))
		}
	case app.KindRiskAcceptanceExpiration:
		f.add("Product", name(c.Product))
		f.add("Engagement", name(c.Engagement))
		f.add("Risk Acceptance", name(c.Accepted))
		f.number("Accepted Findings", len(c.Findings))
		if !c.End.IsZero() {
			label := "Expiration Date"
			if in.expired() {
				label = "Expired Date"
			}
			f.add(label, date(c.End))
		}
	default:
		f.add("Product", name(c.Product))
		f.add("Engagement", name(c.Engagement))
		f.add("Test", testName(c))
		f.add("Scan Type", short(c.TestType))
		in.findingFacts(&f)
		if !c.Start.IsZero() {
			f.add("Start date", date(c.Start))
		}
		if !c.End.IsZero() {
			f.add("End date", date(c.End))
		}
	}
	return f
}

func (in *Input) findingFacts(f *facts) {
	c := in.Call
	if c.Finding == nil {
		return
	}
	// A local event with a severity alone has no finding but itself.
	if c.Finding.ID != 0 || short(c.Finding.Title) != short(c.Title) {
		f.add("Finding", short(c.Finding.Title))
	}
	f.add("Severity", short(c.Finding.Severity))
	if c.Kind == app.KindSLABreach {
		f.add("SLA", in.due())
	}
	if c.Kind == app.KindReviewRequested {
		f.add("Requested by", in.author())
		f.add("Reviewers", strings.Join(in.reviewers(), ", "))
	}
}

// facts are labels with their values.
type facts [][2]string

// add adds a fact whose value is known.
func (f *facts) add(label, value string) {
	if value = strings.TrimSpace(value); value != "" {
		*f = append(*f, [2]string{label, shorten(value, maxName)})
	}
}

// number adds a number that is not 0.
func (f *facts) number(label string, n int) {
	if n > 0 {
		f.add(label, strconv.Itoa(n))
	}
}
