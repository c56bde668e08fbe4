package dojo

import (
	"context"
	"iter"
	"time"
)

// Product is a product, or asset, that the user may see.
type Product struct {
	ID   int64
	Name string
	// Type is the product type, or organization, that it belongs to.
	Type int64
	// AuthorizedUsers are who may see it by name; 3.x. Whoever may see the type
	// may see it too.
	AuthorizedUsers  []int64
	SLAConfiguration int64
	// SLASilent switches notifications of breached service levels off.
	SLASilent bool
	Tags      []string
	Created   time.Time
}

type wireProduct struct {
	ID               int64    `json:"id"`
	Name             string   `json:"name"`
	Type             int64    `json:"prod_type"`
	AuthorizedUsers  []int64  `json:"authorized_users"`
	SLAConfiguration int64    `json:"sla_configuration"`
	SLASilent        bool     `json:"disable_sla_breach_notifications"`
	Tags             []string `json:"tags"`
	Created          moment   `json:"created"`
}

func (w *wireProduct) product() (Product, error) {
	if w.ID <= 0 {
		return Product{}, errNoID
	}
	return Product{
		ID: w.ID, Name: w.Name, Type: w.Type, AuthorizedUsers: w.AuthorizedUsers,
		SLAConfiguration: w.SLAConfiguration, SLASilent: w.SLASilent, Tags: w.Tags, Created: w.Created.Time,
	}, nil
}

// Products lists the products that the user may see, or of those the ones with
// the numbers given. A row is heavy for the server, which counts its findings:
// ask rarely.
func (c *Client) Products(ctx context.Context, ids ...int64) iter.Seq2[Product, error] {
	f := newFilters()
	f.ids("id", ids)
	return list(ctx, c, listing{op: "list the products", path: "/api/v2/products/", filter: f.Values, exact: true}, (*wireProduct).product)
}

// ProductType is a product type, or organization, that the user may see. In
// 2.x a member of a product does not see its type.
type ProductType struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// AuthorizedUsers are who may see it by name; 3.x.
	AuthorizedUsers []int64 `json:"authorized_users"`
}

// ProductTypes lists the product types that the user may see.
func (c *Client) ProductTypes(ctx context.Context) iter.Seq2[ProductType, error] {
	return list(ctx, c, listing{op: "list the product types", path: "/api/v2/product_types/", exact: true},
		same(func(p *ProductType) int64 { return p.ID }))
}
