package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bellhop/app"
)

// Cursor returns how far a source of events was read, as [Store.RecordEvents]
// was last told: nil where it never was. Names are the source's own; account 0
// is this machine's.
func (s *Store) Cursor(ctx context.Context, account app.AccountID, name string) ([]byte, error) {
	var out []byte
	err := s.look(ctx, "read how far a source was read", func(q querier) error {
		id, err := orLocal(ctx, q, account)
		if err != nil {
			return err
		}
		err = q.row(ctx, `SELECT value FROM cursors WHERE account = ? AND name = ?`, id, name).Scan(&out)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return out, err
}

// putCursors writes cursors by the keys "account/name".
func (t *tx) putCursors(ctx context.Context, cursors map[string][]byte) error {
	for key, value := range cursors {
		number, name, _ := strings.Cut(key, "/")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || name == "" {
			return fmt.Errorf("the cursor %q is not an account, a slash and a name: %w", key, app.ErrInvalid)
		}
		account, err := t.known(ctx, app.AccountID(id))
		if err != nil {
			return err
		}
		if value == nil {
			value = []byte{}
		}
		if _, err := t.exec(ctx, `INSERT OR REPLACE INTO cursors (account, name, value) VALUES (?, ?, ?)`, account, name, value); err != nil {
			return fmt.Errorf("write the cursor %s: %w", key, err)
		}
	}
	return nil
}
