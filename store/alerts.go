package store

import (
	"context"
	"database/sql"
	"iter"

	"bellhop/app"
)

const (
	pageDefault = 50
	pageMax     = 1000
)

// Alerts returns a page of alerts, newest first.
func (s *Store) Alerts(ctx context.Context, f app.Filter) (app.Page, error) {
	var page app.Page
	limit := f.Limit
	if limit <= 0 {
		limit = pageDefault
	}
	limit = min(limit, pageMax)
	switch f.View {
	case "":
		f.View = app.ViewList
	case app.ViewList, app.ViewHistory, app.ViewEverything:
	default:
		return page, app.Invalid("There is no view "+string(f.View)+".", "The views are: list, history, everything.")
	}
	err := s.look(ctx, "list the alerts", func(q querier) error {
		heads, err := readHeads(ctx, q, f.Account)
		if err != nil {
			return err
		}
		below := f.After
		if below <= 0 {
			below = lastID
		}
		// One more than asked for tells whether there is another page.
		ids, err := pick(ctx, q, f, heads, below, limit+1)
		if err != nil {
			return err
		}
		if len(ids) > limit {
			ids = ids[:limit]
			page.Next = ids[limit-1]
		}
		page.Alerts, err = describe(ctx, q, heads, ids, f.View)
		return err
	})
	return page, err
}

// pick returns the ids that a filter asks for, at most n.
func pick(ctx context.Context, q querier, f app.Filter, heads []head, below app.AlertID, n int) ([]app.AlertID, error) {
	sought := parseSearch(f.Search)
	switch {
	case sought.full == "" && f.Source == "":
		return members(ctx, q, f.View, heads, below, n)
	case sought.full == "":
		return sift(ctx, q, f, heads, sourceWalk{heads, f.Source}, below, n)
	default:
		return find(ctx, q, f, heads, sought, below, n)
	}
}

// Alert returns one alert, wherever it is. The error matches [app.ErrNotFound]
// where there is none.
func (s *Store) Alert(ctx context.Context, id app.AlertID) (app.Alert, error) {
	var out app.Alert
	err := s.look(ctx, "read the alert", func(q querier) error {
		heads, err := readHeads(ctx, q, 0)
		if err != nil {
			return err
		}
		alerts, err := describe(ctx, q, heads, []app.AlertID{id}, app.ViewEverything)
		if err != nil {
			return err
		}
		if len(alerts) == 0 {
			return app.ErrNotFound
		}
		out = alerts[0]
		return nil
	})
	return out, err
}

// Each yields every alert that the filter asks for, newest first; its limit
// bounds their number, 0 = all. Every 500 alerts are a page of their own, so
// that an export holds no write back; alerts that arrive meanwhile are left
// out. An error is the last element.
func (s *Store) Each(ctx context.Context, f app.Filter) iter.Seq2[app.Alert, error] {
	return func(yield func(app.Alert, error) bool) {
		left := f.Limit
		for {
			f.Limit = 500
			if left > 0 {
				f.Limit = min(left, f.Limit)
			}
			page, err := s.Alerts(ctx, f)
			if err != nil {
				yield(app.Alert{}, err)
				return
			}
			for _, a := range page.Alerts {
				if !yield(a, nil) {
					return
				}
			}
			if left > 0 {
				if left -= len(page.Alerts); left == 0 {
					return
				}
			}
			if page.Next == 0 {
				return
			}
			f.After = page.Next
		}
	}
}

// Sources returns the sources of all alerts ever seen of the account (0 = all),
// in alphabetical order.
func (s *Store) Sources(ctx context.Context, account app.AccountID) ([]string, error) {
	var out []string
	err := s.look(ctx, "list the sources", func(q querier) error {
		// Each step seeks the next source in the index instead of reading all.
		rows, err := q.query(ctx, `WITH RECURSIVE
			one (account, source) AS (
				SELECT account, (SELECT min(source) FROM alerts AS a WHERE a.account = heads.account) FROM heads WHERE ?1 IN (0, account)
				UNION ALL
				SELECT account, (SELECT min(source) FROM alerts AS a WHERE a.account = one.account AND a.source > one.source)
				FROM one WHERE source IS NOT NULL
			)
			SELECT DISTINCT source FROM one WHERE source <> '' ORDER BY source`, account)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				return err
			}
			out = append(out, one)
		}
		return rows.Err()
	})
	return out, err
}

// describe reads the alerts with the ids, in their order; ids of no alert, or
// of an account that is not in heads, are left out.
func describe(ctx context.Context, q querier, heads []head, ids []app.AlertID, view app.View) ([]app.Alert, error) {
	looked := make(map[app.AccountID]app.AlertID, len(heads))
	for _, h := range heads {
		looked[h.account] = h.looked
	}
	found, err := readAlerts(q.query(ctx, `SELECT id, account, remote_id, title, description, url, source, icon, created, first_seen
		FROM alerts WHERE id IN (SELECT value FROM json_each(?))`, jsonIDs(ids)))
	if err != nil {
		return nil, err
	}
	byAccount := make(map[app.AccountID]idSet)
	out := make([]app.Alert, 0, len(ids))
	for _, id := range ids {
		a, ok := found[id]
		seen, ours := looked[a.Account]
		if !ok || !ours {
			continue
		}
		a.New = id > seen
		out = append(out, a)
		if byAccount[a.Account] == nil {
			byAccount[a.Account] = make(idSet)
		}
		byAccount[a.Account].add(id)
	}
	where := make(map[app.AlertID]app.Removal)
	if view != app.ViewList {
		for account, set := range byAccount {
			if err := removals(ctx, q, account, set, where); err != nil {
				return nil, err
			}
		}
	}
	failed, err := failuresOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if r, gone := where[out[i].ID]; gone {
			out[i].Removal = &r
			out[i].New = false
		} else if f, ok := failed[out[i].ID]; ok {
			out[i].Failure = &f
		}
	}
	return out, nil
}

func readAlerts(rows *sql.Rows, err error) (map[app.AlertID]app.Alert, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := make(map[app.AlertID]app.Alert)
	for rows.Next() {
		var a app.Alert
		var created, seen int64
		if err := rows.Scan(&a.ID, &a.Account, &a.RemoteID, &a.Title, &a.Description, &a.URL, &a.Source, &a.Icon, &created, &seen); err != nil {
			return nil, err
		}
		a.Created, a.FirstSeen = fromMillis(created), fromMillis(seen)
		out[a.ID] = a
	}
	return out, rows.Err()
}

func failuresOf(ctx context.Context, q querier, ids []app.AlertID) (map[app.AlertID]app.Failure, error) {
	rows, err := q.query(ctx, `SELECT alert, reason, at FROM failures WHERE alert IN (SELECT value FROM json_each(?))`, jsonIDs(ids))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := make(map[app.AlertID]app.Failure)
	for rows.Next() {
		var id app.AlertID
		var f app.Failure
		var at int64
		if err := rows.Scan(&id, &f.Reason, &at); err != nil {
			return nil, err
		}
		f.At = fromMillis(at)
		out[id] = f
	}
	return out, rows.Err()
}
