package dojo

import (
	"context"
	"iter"
)

// The lists of this file exist in 2.x alone: 3.x has authorised users on
// products and product types instead, and answers [ErrNotOffered]. Members and
// groups are shown as far as the user may see what they are members of; users
// who may see everything get all of them.

// ProductMember gives a user a role on a product.
type ProductMember struct {
	ID      int64 `json:"id"`
	Product int64 `json:"product"`
	User    int64 `json:"user"`
	Role    int64 `json:"role"`
}

// ProductMembers lists the members of products.
func (c *Client) ProductMembers(ctx context.Context) iter.Seq2[ProductMember, error] {
	return list(ctx, c, listing{op: "list the members of products", path: "/api/v2/product_members/", exact: true},
		same(func(m *ProductMember) int64 { return m.ID }))
}

// ProductTypeMember gives a user a role on a product type and its products.
type ProductTypeMember struct {
	ID          int64 `json:"id"`
	ProductType int64 `json:"product_type"`
	User        int64 `json:"user"`
	Role        int64 `json:"role"`
}

// ProductTypeMembers lists the members of product types.
func (c *Client) ProductTypeMembers(ctx context.Context) iter.Seq2[ProductTypeMember, error] {
	return list(ctx, c, listing{op: "list the members of product types", path: "/api/v2/product_type_members/", exact: true},
		same(func(m *ProductTypeMember) int64 { return m.ID }))
}

// ProductGroup gives the members of a group a role on a product.
type ProductGroup struct {
	ID      int64 `json:"id"`
	Product int64 `json:"product"`
	Group   int64 `json:"group"`
	Role    int64 `json:"role"`
}

// ProductGroups lists the groups of products.
func (c *Client) ProductGroups(ctx context.Context) iter.Seq2[ProductGroup, error] {
	return list(ctx, c, listing{op: "list the groups of products", path: "/api/v2/product_groups/", exact: true},
		same(func(g *ProductGroup) int64 { return g.ID }))
}

// ProductTypeGroup gives the members of a group a role on a product type and
// its products.
type ProductTypeGroup struct {
	ID          int64 `json:"id"`
	ProductType int64 `json:"product_type"`
	Group       int64 `json:"group"`
	Role        int64 `json:"role"`
}

// ProductTypeGroups lists the groups of product types.
func (c *Client) ProductTypeGroups(ctx context.Context) iter.Seq2[ProductTypeGroup, error] {
	return list(ctx, c, listing{op: "list the groups of product types", path: "/api/v2/product_type_groups/", exact: true},
		same(func(g *ProductTypeGroup) int64 { return g.ID }))
}

// Group is a group of users.
type Group struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Groups lists the groups. It needs a superuser, or the right to view groups.
func (c *Client) Groups(ctx context.Context) iter.Seq2[Group, error] {
	return list(ctx, c, listing{op: "list the groups", path: "/api/v2/dojo_groups/", exact: true},
		same(func(g *Group) int64 { return g.ID }))
}

// GroupMember puts a user into a group. Role is what the user may do with the
// group, not with what the group may see.
type GroupMember struct {
	ID    int64 `json:"id"`
	Group int64 `json:"group"`
	User  int64 `json:"user"`
	Role  int64 `json:"role"`
}

// GroupMembers lists the members of groups.
func (c *Client) GroupMembers(ctx context.Context) iter.Seq2[GroupMember, error] {
	return list(ctx, c, listing{op: "list the members of groups", path: "/api/v2/dojo_group_members/", exact: true},
		same(func(m *GroupMember) int64 { return m.ID }))
}

// GlobalRole gives a user, or the members of a group, a role on everything.
// One of User and Group is 0, and Role is 0 where the role was taken away.
type GlobalRole struct {
	ID    int64 `json:"id"`
	User  int64 `json:"user"`
	Group int64 `json:"group"`
	Role  int64 `json:"role"`
}

// GlobalRoles lists the global roles; for superusers alone.
func (c *Client) GlobalRoles(ctx context.Context) iter.Seq2[GlobalRole, error] {
	return list(ctx, c, listing{op: "list the global roles", path: "/api/v2/global_roles/", exact: true},
		same(func(r *GlobalRole) int64 { return r.ID }))
}

// Role is a set of rights by the name that DefectDojo gives it: API_Importer,
// Writer, Maintainer, Owner or Reader.
type Role struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Owner bool   `json:"is_owner"`
}

// Roles lists the roles. Every user may; a server that answers
// [ErrNotOffered] is a 3.x.
func (c *Client) Roles(ctx context.Context) iter.Seq2[Role, error] {
	return list(ctx, c, listing{op: "list the roles", path: "/api/v2/roles/", exact: true},
		same(func(r *Role) int64 { return r.ID }))
}
