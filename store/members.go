package store

import (
	"context"
	"database/sql"
	"slices"

	"bellhop/app"
)

// members returns the newest n ids of a view below an id, newest first, over
// the accounts in heads.
func members(ctx context.Context, q querier, view app.View, heads []head, below app.AlertID, n int) ([]app.AlertID, error) {
	var out []app.AlertID
	for _, h := range heads {
		var ids []app.AlertID
		var err error
		switch view {
		case app.ViewHistory:
			ids, err = historyBelow(ctx, q, h.account, below, n)
		case app.ViewEverything:
			ids, err = idsOf(q.query(ctx, `SELECT id FROM alerts WHERE account = ? AND id < ? ORDER BY id DESC LIMIT ?`, h.account, below, n))
		case app.ViewList:
			ids, err = listBelow(ctx, q, h.account, below, n)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	if len(heads) > 1 {
		slices.SortFunc(out, newestFirst)
	}
	return out[:min(n, len(out))], nil
}

func newestFirst(a, b app.AlertID) int { return int(min(max(b-a, -1), 1)) }

// listBelow returns the newest n ids of an account's list below an id.
func listBelow(ctx context.Context, q querier, account app.AccountID, below app.AlertID, n int) ([]app.AlertID, error) {
	return newestIn(q.query(ctx, `SELECT block, ids FROM list WHERE account = ? AND block <= ? ORDER BY block DESC`, account, blockOf(below-1)))(below, n)
}

// historyBelow returns the newest n ids of what left an account's list, below
// an id: the small departures and the large ones, merged.
func historyBelow(ctx context.Context, q querier, account app.AccountID, below app.AlertID, n int) ([]app.AlertID, error) {
	out, err := idsOf(q.query(ctx, `SELECT alert FROM departed WHERE account = ? AND alert < ? ORDER BY alert DESC LIMIT ?`, account, below, n))
	if err != nil {
		return nil, err
	}
	sets, err := newestIn(q.query(ctx, `SELECT block, ids FROM departed_sets WHERE account = ? AND block <= ? ORDER BY block DESC`, account, blockOf(below-1)))(below, n)
	if err != nil {
		return nil, err
	}
	out = append(out, sets...)
	slices.SortFunc(out, newestFirst)
	return out[:min(n, len(out))], nil
}

// newestIn reads rows of (block, ids), highest block first, until the newest n
// ids below an id are known. Several rows may have the same block.
func newestIn(rows *sql.Rows, err error) func(below app.AlertID, n int) ([]app.AlertID, error) {
	return func(below app.AlertID, n int) ([]app.AlertID, error) {
		if err != nil {
			return nil, err
		}
		defer func() { _ = rows.Close() }()
		var out []app.AlertID
		current := make(idSet)
		flush := func() {
			for id := range current.desc() {
				if len(out) == n {
					return
				}
				if id < below {
					out = append(out, id)
				}
			}
			clear(current)
		}
		for rows.Next() {
			var number int64
			var raw sql.RawBytes
			if err := rows.Scan(&number, &raw); err != nil {
				return nil, err
			}
			if current[number] == nil {
				if flush(); len(out) == n {
					return out, nil
				}
			}
			b, err := decodeBlock(raw)
			if err != nil {
				return nil, err
			}
			current.union(idSet{number: b})
		}
		flush()
		return out, rows.Err()
	}
}
