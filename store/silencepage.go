package store

import (
	"context"

	"bellhop/app"
)

// SilencePage returns a page of silences, the newest first, and the id to ask for
// as After for the next page, 0 where this one is the last.
func (s *Store) SilencePage(ctx context.Context, f app.SilenceFilter) (list []app.Silence, next app.SilenceID, err error) {
	if f.Limit <= 0 {
		f.Limit = pageDefault
	}
	f.Limit = min(f.Limit, pageMax)
	if f.After <= 0 {
		f.After = app.SilenceID(lastID)
	}
	// Those in force are found by their ends, those that ended by their ids.
	which := `until > ?2 ORDER BY +id DESC`
	if f.Ended {
		which = `+until <= ?2 ORDER BY id DESC`
	}
	err = s.look(ctx, "list the silences", func(q querier) error {
		var err error
		list, err = silences(q.query(ctx, `SELECT `+silenceColumns+` FROM silences WHERE ?1 IN (0, account) AND id < ?3
			AND account IN (SELECT id FROM accounts WHERE leaving = 0) AND `+which+` LIMIT ?4`,
			f.Account, millis(s.now()), f.After, f.Limit+1))
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = list[f.Limit-1].ID
	}
	return list, next, nil
}

// SilenceCounts returns how many silences of an account (0 = of all) are in force
// and how many have ended and are not forgotten yet.
func (s *Store) SilenceCounts(ctx context.Context, account app.AccountID) (inForce, ended int, err error) {
	err = s.look(ctx, "count the silences", func(q querier) error {
		return q.row(ctx, `SELECT count(*) FILTER (WHERE until > ?2), count(*) FILTER (WHERE until <= ?2) FROM silences
			WHERE ?1 IN (0, account) AND account IN (SELECT id FROM accounts WHERE leaving = 0)`, account, millis(s.now())).Scan(&inForce, &ended)
	})
	return inForce, ended, err
}
