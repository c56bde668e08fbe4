package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"bellhop/app"
)

// SyncState returns how the account's synchronisation stands; the phase is
// [app.PhaseNew] where nothing is known yet.
func (s *Store) SyncState(ctx context.Context, id app.AccountID) (app.SyncState, error) {
	out := app.SyncState{Account: id, Phase: app.PhaseNew}
	err := s.look(ctx, "read the sync state", func(q querier) error {
		var since, last, full, next, skew int64
		var problem string
		err := q.row(ctx, `SELECT phase, since, last_sync, last_full, next_sync, failures, problem, skew FROM sync_states WHERE account = ?`, id).
			Scan(&out.Phase, &since, &last, &full, &next, &out.Failures, &problem, &skew)
		if errors.Is(err, sql.ErrNoRows) {
			return s.localState(ctx, q, &out)
		}
		if err != nil {
			return err
		}
		out.Since, out.LastSync, out.LastFull, out.NextSync = fromMillis(since), fromMillis(last), fromMillis(full), fromMillis(next)
		out.Skew = time.Duration(skew) * time.Millisecond
		if problem == "" {
			return nil
		}
		return json.Unmarshal([]byte(problem), &out.Problem)
	})
	return out, err
}

// localState is how this machine's own account stands: there is no server that
// it could be behind.
func (s *Store) localState(ctx context.Context, q querier, out *app.SyncState) error {
	var created int64
	err := q.row(ctx, `SELECT created FROM accounts WHERE id = ? AND url = ?`, out.Account, app.LocalURL).Scan(&created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	out.Phase, out.Since, out.LastSync, out.LastFull = app.PhaseOK, fromMillis(created), s.now(), s.now()
	return err
}

// SetSyncState replaces what is known of the account's synchronisation. The
// error matches [app.ErrNotFound] where there is no such account.
func (s *Store) SetSyncState(ctx context.Context, state app.SyncState) error {
	problem := ""
	if state.Problem != nil {
		raw, err := json.Marshal(state.Problem)
		if err != nil {
			return err
		}
		problem = string(raw)
	}
	return s.change(ctx, "write the sync state", func(ctx context.Context, t *tx) error {
		n, err := t.exec(ctx, `INSERT OR REPLACE INTO sync_states (account, phase, since, last_sync, last_full, next_sync, failures, problem, skew)
			SELECT id, ?, ?, ?, ?, ?, ?, ?, ? FROM accounts WHERE id = ? AND leaving = 0`,
			state.Phase, millis(state.Since), millis(state.LastSync), millis(state.LastFull), millis(state.NextSync),
			state.Failures, problem, state.Skew.Milliseconds(), state.Account)
		if err == nil && n == 0 {
			return app.ErrNotFound
		}
		t.hint(app.TopicState)
		return err
	})
}
