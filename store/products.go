package store

import (
	"context"
	"database/sql"

	"bellhop/app"
)

// Products returns the products of the account's server, by id.
func (s *Store) Products(ctx context.Context, account app.AccountID) ([]app.Product, error) {
	var out []app.Product
	err := s.look(ctx, "list the products", func(q querier) (err error) {
		out, err = products(ctx, q, account)
		return err
	})
	return out, err
}

func products(ctx context.Context, q querier, account app.AccountID) ([]app.Product, error) {
	rows, err := q.query(ctx, `SELECT id, name, type FROM products WHERE account = ? ORDER BY id`, account)
	return all(rows, err, func(p *app.Product) []any { return []any{&p.ID, &p.Name, &p.TypeID} })
}

// ProductTypes returns the product types of the account's server, by id.
func (s *Store) ProductTypes(ctx context.Context, account app.AccountID) ([]app.ProductType, error) {
	var out []app.ProductType
	err := s.look(ctx, "list the product types", func(q querier) (err error) {
		out, err = productTypes(ctx, q, account)
		return err
	})
	return out, err
}

func productTypes(ctx context.Context, q querier, account app.AccountID) ([]app.ProductType, error) {
	rows, err := q.query(ctx, `SELECT id, name FROM product_types WHERE account = ? ORDER BY id`, account)
	return all(rows, err, func(p *app.ProductType) []any { return []any{&p.ID, &p.Name} })
}

// all reads rows into a list; fields says where the columns of a row go.
func all[T any](rows *sql.Rows, err error, fields func(*T) []any) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		var one T
		if err := rows.Scan(fields(&one)...); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// putProducts writes the products and product types that differ.
func (t *tx) putProducts(ctx context.Context, account app.AccountID, diff directoryDiff) error {
	for _, p := range diff.products.drop {
		if _, err := t.exec(ctx, `DELETE FROM products WHERE account = ? AND id = ?`, account, p.ID); err != nil {
			return err
		}
	}
	for _, p := range diff.products.add {
		if _, err := t.exec(ctx, `INSERT INTO products (account, id, name, type) VALUES (?, ?, ?, ?)`, account, p.ID, p.Name, p.TypeID); err != nil {
			return err
		}
	}
	for _, p := range diff.types.drop {
		if _, err := t.exec(ctx, `DELETE FROM product_types WHERE account = ? AND id = ?`, account, p.ID); err != nil {
			return err
		}
	}
	for _, p := range diff.types.add {
		if _, err := t.exec(ctx, `INSERT INTO product_types (account, id, name) VALUES (?, ?, ?)`, account, p.ID, p.Name); err != nil {
			return err
		}
	}
	return nil
}
