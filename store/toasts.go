package store

import (
	"context"

	"bellhop/app"
)

// PutToast remembers which desktop notification shows an alert, so that it can
// be withdrawn after a restart. The error matches [app.ErrNotFound] where there
// is no such alert.
func (s *Store) PutToast(ctx context.Context, alert app.AlertID, note uint32) error {
	return s.change(ctx, "remember the notification", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `INSERT OR REPLACE INTO toasts (alert, account, note)
			SELECT a.id, a.account, ? FROM alerts AS a JOIN accounts AS c ON c.id = a.account AND c.leaving = 0 WHERE a.id = ?`, note, alert)
		if err == nil && n == 0 {
			return app.ErrNotFound
		}
		return err
	})
}

// ToastNotes returns the notifications that may still be on the screen.
func (s *Store) ToastNotes(ctx context.Context) (map[app.AlertID]uint32, error) {
	out := make(map[app.AlertID]uint32)
	err := s.look(ctx, "list the notifications", func(q querier) error {
		rows, err := q.query(ctx, `SELECT alert, note FROM toasts`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var alert app.AlertID
			var note uint32
			if err := rows.Scan(&alert, &note); err != nil {
				return err
			}
			out[alert] = note
		}
		return rows.Err()
	})
	return out, err
}

// DropToast forgets the notification of an alert.
func (s *Store) DropToast(ctx context.Context, alert app.AlertID) error {
	return s.change(ctx, "forget the notification", func(ctx context.Context, t *tx) error {
		_, err := t.exec(ctx, `DELETE FROM toasts WHERE alert = ?`, alert)
		return err
	})
}
