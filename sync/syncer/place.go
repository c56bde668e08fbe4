package syncer

import (
	"context"
	"iter"

	"bellhop/app"
	"bellhop/sync/dojo"
)

// PlaceSource is what [Place] reads of DefectDojo's API.
type PlaceSource interface {
	Products(ctx context.Context, ids ...int64) iter.Seq2[dojo.Product, error]
	Engagements(ctx context.Context, want dojo.EngagementFilter) iter.Seq2[dojo.Engagement, error]
	Tests(ctx context.Context, want dojo.TestFilter) iter.Seq2[dojo.Test, error]
	Findings(ctx context.Context, want dojo.FindingFilter) iter.Seq2[dojo.Finding, error]
}

var _ PlaceSource = (*dojo.Client)(nil)

// Place writes into a call what stands above the object that its link leads to,
// and the object itself: up to its product, by at most three requests. It says
// whether the product is known now. What the account may not see, or what is
// gone, is not found, which is no error. What the call says already stays.
func Place(ctx context.Context, from PlaceSource, c *app.Call) (bool, error) {
	kind, id := c.About()
	product := int64(0)
	switch kind {
	case "finding":
		f, ok, err := firstOf(from.Findings(ctx, dojo.FindingFilter{IDs: []int64{id}, Related: true}))
		if !ok || f.ID != id {
			return false, err
		}
		placeFinding(c, f)
		return c.Product != nil, nil
	case "test":
		t, ok, err := firstOf(from.Tests(ctx, dojo.TestFilter{ID: id}))
		if !ok || t.ID != id {
			return false, err
		}
		c.Test, c.TestType = orRef(c.Test, t.ID, t.Title), t.TypeName
		c.Tags = appendNew(c.Tags, t.Tags)
		id = t.Engagement
		fallthrough
	case "engagement":
		e, ok, err := firstOf(from.Engagements(ctx, dojo.EngagementFilter{ID: id}))
		if !ok || e.ID != id {
			return false, err
		}
		c.Engagement = orRef(c.Engagement, e.ID, e.Name)
		c.Tags = appendNew(c.Tags, e.Tags)
		product = e.Product
	case "product":
		product = id
	default:
		return false, nil
	}
	p, ok, err := firstOf(from.Products(ctx, product))
	if !ok || p.ID != product {
		return false, err
	}
	c.Product = orRef(c.Product, p.ID, p.Name)
	c.Tags = appendNew(c.Tags, p.Tags)
	return true, nil
}

func placeFinding(c *app.Call, f dojo.Finding) {
	if c.Finding == nil {
		c.Finding = &app.FindingRef{ID: f.ID, Title: f.Title, Severity: f.Severity}
	}
	c.Test = orRef(c.Test, f.Test, f.TestTitle)
	if c.TestType == "" {
		c.TestType = f.TestTypeName
	}
	c.Engagement = orRef(c.Engagement, f.Engagement, f.EngagementName)
	c.Product = orRef(c.Product, f.Product, f.ProductName)
	c.ProductType = orRef(c.ProductType, f.ProductType, f.ProductTypeName)
	c.Tags = appendNew(c.Tags, f.Tags)
}

// orRef names an object where nothing names one.
func orRef(have *app.Ref, id int64, name string) *app.Ref {
	if have != nil || id == 0 {
		return have
	}
	return &app.Ref{ID: id, Name: name}
}

// firstOf returns the first row of a list.
func firstOf[T any](list iter.Seq2[T, error]) (row T, ok bool, err error) {
	next, stop := iter.Pull2(list)
	defer stop()
	row, err, ok = next()
	return row, ok && err == nil, err
}
