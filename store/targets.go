package store

import (
	"context"
	"fmt"

	"bellhop/app"
)

// Targets returns alerts that the server is to be asked to drop now, oldest
// first: the time for undo is over, the answer of this pull still has them,
// and they were not [Pull.Posted] in this pull. From here on their removal
// cannot be undone. Ask again until it returns none.
func (p *Pull) Targets(ctx context.Context, limit int) ([]app.Target, error) {
	d, err := p.compare(ctx)
	if err != nil {
		return nil, explain("compare with the answer", err)
	}
	var out []app.Target
	err = p.s.change(ctx, "find what to remove on the server", func(ctx context.Context, t *tx) error {
		out = nil
		due, err := idsOf(t.query(ctx, `SELECT id FROM departures WHERE account = ?2 AND kind <> '' AND `+over+`
			AND id IN (SELECT departure FROM pending WHERE account = ?2) ORDER BY id`, millis(t.now), p.account))
		if err != nil {
			return err
		}
		for _, intent := range due {
			if len(out) >= limit {
				return nil
			}
			pending, err := readSet(t.query(ctx, `SELECT block, ids FROM pending WHERE account = ? AND departure = ?`, p.account, intent))
			if err != nil {
				return err
			}
			ids := pending.and(d.matched).minus(p.posted).first(limit - len(out))
			if len(ids) == 0 {
				continue
			}
			targets, err := targetsOf(ctx, t, ids)
			if err != nil {
				return err
			}
			out = append(out, targets...)
			if _, err := t.exec(ctx, `UPDATE departures SET sent = 1 WHERE id = ? AND sent = 0`, intent); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func targetsOf(ctx context.Context, q querier, ids []app.AlertID) ([]app.Target, error) {
	rows, err := q.query(ctx, `SELECT id, remote_id FROM alerts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, jsonIDs(ids))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []app.Target
	for rows.Next() {
		var one app.Target
		if err := rows.Scan(&one.Alert, &one.RemoteID); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// Posted counts a try for alerts that the server was asked to drop. Call it
// once the request has left, whatever came of it.
func (p *Pull) Posted(ctx context.Context, ids []app.AlertID) error {
	err := p.s.change(ctx, "count a try", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO tries (alert, account, n) SELECT value, ?, 1 FROM json_each(?) WHERE true
			ON CONFLICT (alert) DO UPDATE SET n = n + 1`, p.account, jsonIDs(ids))
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	})
	if err == nil {
		p.posted.union(newIDSet(ids...))
	}
	return err
}
