package syncer

import (
	"context"
	"errors"
	"iter"
	"time"

	"bellhop/app"
	"bellhop/sync/dojo"
)

func isListChanged(err error) bool { return errors.Is(err, dojo.ErrListChanged) }

// FetchDirectory learns the people of a server, how they can be reached, and
// what they may see. For a superuser it is complete. Everybody else learns of
// herself and of what the server lists for her; then it is not Complete, and
// her grants are the products and product types that she could list.
//
// A person gets one grant for each way by which she may see something: in 2.x
// her memberships, her global role, and for each of her groups what the group
// has, with the group's name; in 3.x the products and product types that name
// her. What superusers and staff may see beyond that follows from their flags.
//
// It makes one request for each hundred rows, and some ten more.
func FetchDirectory(ctx context.Context, from DirectorySource, now time.Time) (app.Directory, error) {
	me, err := from.User(ctx)
	if err != nil {
		return app.Directory{}, err
	}
	d := directory{from: from, Directory: app.Directory{At: now.Round(0), Model: app.AccessRoles}, roles: map[int64]string{}}
	if err := d.objects(ctx); err != nil {
		return app.Directory{}, err
	}
	if !me.Superuser {
		d.alone(me)
		return d.Directory, nil
	}
	if err := d.everybody(ctx, me); err != nil {
		return app.Directory{}, err
	}
	return d.Directory, nil
}

// withheld says whether the server keeps a list from this user or has none of
// its kind. Everything else is a failure.
func withheld(err error) bool {
	return errors.Is(err, dojo.ErrForbidden) || errors.Is(err, dojo.ErrNotOffered) || errors.Is(err, dojo.ErrNotFound)
}

// directory is a [app.Directory] in the making.
type directory struct {
	app.Directory
	from  DirectorySource
	roles map[int64]string // 2.x: role names by id
	// products and types are kept for whom they name (3.x).
	products []dojo.Product
	types    []dojo.ProductType
}

// objects reads the products, the product types, and by which model the server
// decides: one without roles is a 3.x.
func (d *directory) objects(ctx context.Context) error {
	roles, err := collect(ctx, d.from.Roles)
	switch {
	case errors.Is(err, dojo.ErrNotOffered), errors.Is(err, dojo.ErrNotFound):
		d.Model = app.AccessAuthorized
	case err != nil:
		return err
	}
	for _, r := range roles {
		d.roles[r.ID] = r.Name
	}
	if d.types, err = collect(ctx, d.from.ProductTypes); err != nil {
		return err
	}
	d.products, err = collect(ctx, func(ctx context.Context) iter.Seq2[dojo.Product, error] { return d.from.Products(ctx) })
	if err != nil {
		return err
	}
	for _, t := range d.types {
		d.ProductTypes = append(d.ProductTypes, app.ProductType{ID: t.ID, Name: t.Name})
	}
	for _, p := range d.products {
		d.Products = append(d.Products, app.Product{ID: p.ID, Name: p.Name, TypeID: p.Type})
	}
	return nil
}

// alone is the directory of somebody who is no superuser.
func (d *directory) alone(me dojo.User) {
	d.People = []app.Person{{RemoteID: me.ID, Username: me.Username, Active: true, Staff: me.Staff, Me: true}}
	for _, t := range d.types {
		d.grant(me.ID, app.Grant{Scope: app.GrantProductType, Object: t.ID})
	}
	for _, p := range d.products {
		d.grant(me.ID, app.Grant{Scope: app.GrantProduct, Object: p.ID})
	}
}

// everybody is the directory of a superuser.
func (d *directory) everybody(ctx context.Context, me dojo.User) error {
	d.Complete = true
	people, err := collect(ctx, d.from.Users)
	if err != nil {
		return err
	}
	contacts, err := collect(ctx, d.from.ContactInfos)
	if err != nil && !withheld(err) {
		return err
	}
	slack := make(map[int64]string, len(contacts))
	for _, c := range contacts {
		slack[c.User] = c.SlackUsername
	}
	d.People = make([]app.Person, 0, len(people))
	for _, p := range people {
		d.People = append(d.People, app.Person{
			RemoteID: p.ID, Username: p.Username, FirstName: p.FirstName, LastName: p.LastName, Email: p.Email,
			Slack: slack[p.ID], Active: p.Active, Superuser: p.Superuser, Staff: p.Staff, Me: p.ID == me.ID,
		})
	}
	if d.Model == app.AccessAuthorized {
		d.authorized()
		return nil
	}
	return d.members(ctx)
}

// authorized grants what 3.x grants: each product and each product type names
// its people.
func (d *directory) authorized() {
	for _, t := range d.types {
		for _, user := range t.AuthorizedUsers {
			d.grant(user, app.Grant{Scope: app.GrantProductType, Object: t.ID})
		}
	}
	for _, p := range d.products {
		for _, user := range p.AuthorizedUsers {
			d.grant(user, app.Grant{Scope: app.GrantProduct, Object: p.ID})
		}
	}
}

// members grants what 2.x grants.
func (d *directory) members(ctx context.Context) error {
	groups, err := collect(ctx, d.from.Groups)
	if err != nil {
		return err
	}
	joined, err := collect(ctx, d.from.GroupMembers)
	if err != nil {
		return err
	}
	names, inGroup := make(map[int64]string, len(groups)), make(map[int64][]int64, len(groups))
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	for _, m := range joined {
		inGroup[m.Group] = append(inGroup[m.Group], m.User)
	}
	grant := func(user, group, role int64, scope app.GrantScope, object int64) {
		if role == 0 {
			return // the row is there, the role was taken away
		}
		g := app.Grant{Scope: scope, Object: object, Role: d.roles[role]}
		if user != 0 {
			d.grant(user, g)
		}
		if group != 0 {
			g.Group = names[group]
			for _, member := range inGroup[group] {
				d.grant(member, g)
			}
		}
	}
	global, err := collect(ctx, d.from.GlobalRoles)
	if err != nil {
		return err
	}
	for _, r := range global {
		grant(r.User, r.Group, r.Role, app.GrantGlobal, 0)
	}
	typeMembers, err := collect(ctx, d.from.ProductTypeMembers)
	if err != nil {
		return err
	}
	for _, m := range typeMembers {
		grant(m.User, 0, m.Role, app.GrantProductType, m.ProductType)
	}
	typeGroups, err := collect(ctx, d.from.ProductTypeGroups)
	if err != nil {
		return err
	}
	for _, g := range typeGroups {
		grant(0, g.Group, g.Role, app.GrantProductType, g.ProductType)
	}
	productMembers, err := collect(ctx, d.from.ProductMembers)
	if err != nil {
		return err
	}
	for _, m := range productMembers {
		grant(m.User, 0, m.Role, app.GrantProduct, m.Product)
	}
	productGroups, err := collect(ctx, d.from.ProductGroups)
	if err != nil {
		return err
	}
	for _, g := range productGroups {
		grant(0, g.Group, g.Role, app.GrantProduct, g.Product)
	}
	return nil
}

func (d *directory) grant(user int64, g app.Grant) {
	d.Grants = append(d.Grants, app.DirectoryGrant{User: user, Grant: g})
}
