package syncer

import (
	"fmt"
	"time"

	"bellhop/app"
)

// deriveType returns that a product type was added. The server tells no time
// for it.
func deriveType(a *atlas, t productType, at time.Time) app.Event {
	call := app.Call{Kind: app.KindProductTypeAdded, Title: t.Name, URL: a.typePath(t.ID), URLAPI: apiPath("product_types", t.ID)}
	call.ProductType = &app.Ref{ID: t.ID, Name: t.Name}
	return a.event(at, call, t.ID)
}

// deriveProduct returns that a product was added.
func deriveProduct(a *atlas, p product, at time.Time) app.Event {
	call := app.Call{Kind: app.KindProductAdded, Title: p.Name, URL: a.productPath(p.ID), URLAPI: apiPath("products", p.ID)}
	a.inProduct(&call, p.ID)
	return a.event(at, call, p.ID)
}

// deriveProductDeleted returns that a product is gone. It carries no product,
// as DefectDojo's does not: what is gone cannot be looked up, and only
// superusers are told. Nothing is told of what was in it.
func deriveProductDeleted(a *atlas, p product, at time.Time) app.Event {
	word, list := "product", "/product"
	if a.Model == app.AccessAuthorized {
		word, list = "Asset", "/asset"
	}
	return a.event(at, app.Call{
		Kind: app.KindProductDeleted, Title: "Deletion of " + p.Name, URL: list, Icon: iconDeleted,
		Description: fmt.Sprintf("The %s \"%s\" was deleted", word, p.Name),
	}, p.ID)
}

// deriveTypeDeleted returns that a product type is gone, for shared places
// alone.
func deriveTypeDeleted(a *atlas, t productType, at time.Time) app.Event {
	word, list := "product type", "/product/type"
	if a.Model == app.AccessAuthorized {
		word, list = "Organization", "/organization"
	}
	return a.event(at, app.Call{
		Kind: app.KindProductTypeDeleted, Title: "Deletion of " + t.Name, URL: list, Icon: iconDeleted, NoUsers: true,
		Description: fmt.Sprintf("The %s \"%s\" was deleted", word, t.Name),
	}, t.ID)
}

// iconDeleted is the icon of what is deleted, copied or added by hand.
const iconDeleted = "exclamation-triangle"
