package store

import (
	"context"
	"database/sql"

	"bellhop/app"
)

// removals adds to out how each of ids left the account's list; those still in
// the list are left out.
func removals(ctx context.Context, q querier, account app.AccountID, ids idSet, out map[app.AlertID]app.Removal) error {
	among, _, err := listedAmong(ctx, q, account, ids)
	if err != nil {
		return err
	}
	gone := ids.minus(among)
	if gone.len() == 0 {
		return nil
	}
	members, err := departuresOf(ctx, q, account, gone)
	if err != nil {
		return err
	}
	numbers := make([]int64, 0, len(members))
	for n := range members {
		numbers = append(numbers, n)
	}
	rows, err := q.query(ctx, `SELECT id, why, at FROM departures WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(numbers))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var n, at int64
		var r app.Removal
		if err := rows.Scan(&n, &r.Why, &at); err != nil {
			return err
		}
		r.At = fromMillis(at)
		for id := range members[n].desc() {
			out[id] = r
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	waiting, err := readSet(q.query(ctx, `SELECT block, ids FROM pending WHERE account = ? AND departure IN (SELECT value FROM json_each(?))
		AND block IN (SELECT value FROM json_each(?))`, account, jsonIDs(numbers), jsonIDs(gone.blocks())))
	if err != nil {
		return err
	}
	for id := range gone.and(waiting).desc() {
		r := out[id]
		r.Pending = true
		out[id] = r
	}
	return nil
}

// departuresOf returns, by departure, which of ids left in it.
func departuresOf(ctx context.Context, q querier, account app.AccountID, ids idSet) (map[int64]idSet, error) {
	out := make(map[int64]idSet)
	rows, err := q.query(ctx, `SELECT alert, departure FROM departed WHERE account = ? AND alert IN (SELECT value FROM json_each(?))`,
		account, jsonIDs(ids.ids()))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id app.AlertID
		var n int64
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		if out[n] == nil {
			out[n] = make(idSet)
		}
		out[n].add(id)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return out, largeDeparturesOf(ctx, q, account, ids, out)
}

func largeDeparturesOf(ctx context.Context, q querier, account app.AccountID, ids idSet, out map[int64]idSet) error {
	rows, err := q.query(ctx, `SELECT block, departure, ids FROM departed_sets WHERE account = ? AND block IN (SELECT value FROM json_each(?))`,
		account, jsonIDs(ids.blocks()))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number, n int64
		var raw sql.RawBytes
		if err := rows.Scan(&number, &n, &raw); err != nil {
			return err
		}
		b, err := decodeBlock(raw)
		if err != nil {
			return err
		}
		if some := ids.and(idSet{number: b}); len(some) > 0 {
			if out[n] == nil {
				out[n] = make(idSet)
			}
			out[n].union(some)
		}
	}
	return rows.Err()
}
