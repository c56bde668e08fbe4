package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"bellhop/app"
)

// directoryDiff is how a directory and the store differ. It is worked out
// before the change, by merging sorted lists: what is stored is never in the
// memory at once, and the writer is busy only with what differs.
type directoryDiff struct {
	version     int64 // of the directory it was compared with
	wasComplete bool

	me       int64 // the server's id of who signed in; 0 = the directory does not say
	people   listDiff[app.Person]
	gone     []app.PersonID // to become inactive
	grants   listDiff[app.DirectoryGrant]
	products listDiff[app.Product]
	types    listDiff[app.ProductType]
}

// listDiff is what is to be dropped from a table, and then added. A row that
// changed is in both.
type listDiff[T any] struct{ drop, add []T }

func (d listDiff[T]) empty() bool { return len(d.drop)+len(d.add) == 0 }

func (d directoryDiff) empty() bool {
	return d.people.empty() && len(d.gone) == 0 && d.grants.empty() && d.products.empty() && d.types.empty()
}

func compareDirectory(ctx context.Context, q querier, account app.AccountID, d app.Directory) (out directoryDiff, err error) {
	before, version, err := readDirectory(ctx, q, account)
	if err != nil {
		return out, err
	}
	out.version, out.wasComplete = version, before.Complete
	if err := out.comparePeople(ctx, q, account, d.People); err != nil {
		return out, fmt.Errorf("people: %w", err)
	}
	rows, err := q.query(ctx, `SELECT p.remote_id, g.scope, g.object, g.role, g.through FROM people AS p CROSS JOIN grants AS g ON g.person = p.id
		WHERE p.account = ? AND p.remote_id > 0 ORDER BY p.remote_id, g.scope, g.object, g.role, g.through`, account)
	out.grants, err = compare(rows, err, d.Grants, byUser, sameGrant, func(g *app.DirectoryGrant) []any {
		return []any{&g.User, &g.Scope, &g.Object, &g.Role, &g.Group}
	})
	if err != nil {
		return out, fmt.Errorf("grants: %w", err)
	}
	out.grants.add = ofPeople(out.grants.add, d.People)
	rows, err = q.query(ctx, `SELECT id, name, type FROM products WHERE account = ? ORDER BY id`, account)
	out.products, err = compare(rows, err, d.Products, func(a, b app.Product) int { return cmp.Compare(a.ID, b.ID) },
		func(a, b app.Product) bool { return a == b }, func(p *app.Product) []any { return []any{&p.ID, &p.Name, &p.TypeID} })
	if err != nil {
		return out, fmt.Errorf("products: %w", err)
	}
	rows, err = q.query(ctx, `SELECT id, name FROM product_types WHERE account = ? ORDER BY id`, account)
	out.types, err = compare(rows, err, d.ProductTypes, func(a, b app.ProductType) int { return cmp.Compare(a.ID, b.ID) },
		func(a, b app.ProductType) bool { return a == b }, func(p *app.ProductType) []any { return []any{&p.ID, &p.Name} })
	if err != nil {
		return out, fmt.Errorf("product types: %w", err)
	}
	return out, nil
}

func byUser(a, b app.DirectoryGrant) int {
	return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Object, b.Object),
		cmp.Compare(a.Role, b.Role), cmp.Compare(a.Group, b.Group))
}

// ofPeople leaves out grants for somebody who is not among people.
func ofPeople(grants []app.DirectoryGrant, people []app.Person) []app.DirectoryGrant {
	people = ascending(people, byRemote)
	nobodys := func(g app.DirectoryGrant) bool {
		_, known := slices.BinarySearchFunc(people, g.User, func(p app.Person, id int64) int { return cmp.Compare(p.RemoteID, id) })
		return !known
	}
	if !slices.ContainsFunc(grants, nobodys) {
		return grants
	}
	return slices.DeleteFunc(slices.Clone(grants), nobodys)
}

func byRemote(a, b app.Person) int { return cmp.Compare(a.RemoteID, b.RemoteID) }

// sameGrant is true: a grant is its key.
func sameGrant(_, _ app.DirectoryGrant) bool { return true }

// comparePeople fills people and gone. Who signed in and has no server's id yet
// is not among the stored ones: see [tx.nameMe].
func (d *directoryDiff) comparePeople(ctx context.Context, q querier, account app.AccountID, list []app.Person) error {
	for _, p := range list {
		if p.RemoteID <= 0 {
			return fmt.Errorf("%q has no id: %w", p.Username, app.ErrInvalid)
		}
		if p.Me {
			d.me = p.RemoteID
		}
	}
	rows, err := q.query(ctx, `SELECT `+personColumns+` FROM people WHERE account = ? AND remote_id > 0 ORDER BY remote_id`, account)
	d.people, err = compare(rows, err, list, byRemote,
		func(have, want app.Person) bool {
			want.ID, want.Account = have.ID, have.Account
			if d.me == 0 {
				want.Me = have.Me
			}
			return have == want
		},
		personFields)
	if err != nil {
		return err
	}
	// Those who changed are in both lists, in the same order.
	i := 0
	for _, p := range d.people.drop {
		for i < len(d.people.add) && d.people.add[i].RemoteID < p.RemoteID {
			i++
		}
		changed := i < len(d.people.add) && d.people.add[i].RemoteID == p.RemoteID
		if !changed && p.Active && (!p.Me || d.me != 0) {
			d.gone = append(d.gone, p.ID)
		}
	}
	d.people.drop = nil
	return nil
}

// compare merges stored rows, which come sorted by key, with a list. Of several
// in the list with one key the last counts.
func compare[T any](rows *sql.Rows, err error, list []T, key func(a, b T) int, same func(have, want T) bool, fields func(*T) []any) (out listDiff[T], _ error) {
	if err != nil {
		return out, err
	}
	defer func() { _ = rows.Close() }()
	list = ascending(list, key)
	i := 0
	for rows.Next() {
		var have T
		if err := rows.Scan(fields(&have)...); err != nil {
			return out, err
		}
		for ; i < len(list) && key(list[i], have) < 0; i++ {
			out.add = append(out.add, list[i])
		}
		if i == len(list) || key(list[i], have) != 0 {
			out.drop = append(out.drop, have)
			continue
		}
		if !same(have, list[i]) {
			out.drop, out.add = append(out.drop, have), append(out.add, list[i])
		}
		i++
	}
	if len(out.add) == 0 {
		out.add = list[i:] // a first directory is not copied
	} else {
		out.add = append(out.add, list[i:]...)
	}
	return out, rows.Err()
}

// ascending returns list sorted, and each key once. A server answers in the
// order of ids, so that mostly the list is returned as it is.
func ascending[T any](list []T, key func(a, b T) int) []T {
	for i := 1; i < len(list); i++ {
		if key(list[i-1], list[i]) < 0 {
			continue
		}
		list = slices.Clone(list)
		slices.SortStableFunc(list, key)
		slices.Reverse(list) // the last of each key comes first and stays
		list = slices.CompactFunc(list, func(a, b T) bool { return key(a, b) == 0 })
		slices.Reverse(list)
		return list
	}
	return list
}
