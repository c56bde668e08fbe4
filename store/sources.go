package store

import (
	"context"
	"slices"

	"bellhop/app"
)

// source is one event among those that tell the same fact. It stands for the
// time from what it tells of to its arrival: an alert may have waited on the
// server for hours while nobody was signed in.
type source struct {
	origin   app.Origin
	from, to int64 // milliseconds
}

// telling is the sources that tell one fact; root is the first that came in.
type telling struct {
	root    int64
	sources []source
}

// takes says whether s tells the same fact: it came another way than all others
// (what one way tells twice is two facts), and within [app.SameWindow] of one.
func (g *telling) takes(s source) bool {
	near := false
	for _, have := range g.sources {
		if have.origin == s.origin {
			return false
		}
		near = near || s.from-window <= have.to && have.from-window <= s.to
	}
	return near
}

var window = app.SameWindow.Milliseconds()

// tellings holds what was told of facts lately, by fact, oldest first.
type tellings map[string][]*telling

// join puts an event with a fact among those that told it: it returns the first
// one, or 0 where id is that itself.
func (all tellings) join(fact string, id int64, s source) int64 {
	for _, g := range all[fact] {
		if g.takes(s) {
			g.sources = append(g.sources, s)
			return g.root
		}
	}
	all[fact] = append(all[fact], &telling{root: id, sources: []source{s}})
	return 0
}

// lately reads what was told of some facts of an account between two times. What was
// so before Bellhop looked told nobody and stands for nothing. Where alone says
// which way events come, and none came another way, there is nothing to read.
func (t *tx) lately(ctx context.Context, account app.AccountID, alone app.Origin, facts []string, from, to int64) (tellings, error) {
	out := make(tellings)
	if alone == app.OriginAlert {
		var others bool
		err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM events WHERE account = ? AND origin <> 'alert')`, account).Scan(&others)
		if err != nil || !others {
			return out, err
		}
	}
	slices.Sort(facts)
	rows, err := t.query(ctx, `SELECT id, fact, origin, happened, at, same FROM events
		WHERE account = ? AND fact IN (SELECT value FROM json_each(?)) AND fact <> '' AND happened <= ? AND at >= ? AND history = 0 ORDER BY id`,
		account, jsonTexts(slices.Compact(facts)), to+window, from-window)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	roots := make(map[int64]*telling)
	for rows.Next() {
		var id, same int64
		var fact string
		var s source
		if err := rows.Scan(&id, &fact, &s.origin, &s.from, &s.to, &same); err != nil {
			return nil, err
		}
		g := roots[max(same, 0)]
		if same == 0 || g == nil {
			g = &telling{root: id}
			if same > 0 {
				g.root = same // the first one is gone or too long ago
			}
			out[fact] = append(out[fact], g)
			roots[g.root] = g
		}
		g.sources = append(g.sources, s)
	}
	return out, rows.Err()
}
