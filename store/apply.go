package store

import (
	"context"
	"fmt"

	"bellhop/app"
)

// applyChunk is how many arrivals one change takes in at most. It is large
// enough for the full-text index to be filled by the batch and for an ordinary
// answer to be one change, and small enough that a removal by the user never
// waits long behind it.
const applyChunk = 2000

// triesMax is how often the server is asked to drop an alert before its
// removal counts as failed.
const triesMax = 3

// failedReason is what the user reads on an alert whose removal failed.
const failedReason = "The server was asked three times and still has it."

// Apply carries the pull out. What fits into one change, as every ordinary
// answer does, is one transaction. A larger one is several: each leaves a state
// that the next pull can go on from.
func (p *Pull) Apply(ctx context.Context, how app.Apply) (app.Pulled, error) {
	d, err := p.compare(ctx)
	if err != nil {
		return app.Pulled{}, explain("compare with the answer", err)
	}
	whole := p.complete && !how.AdditionsOnly
	if d.arrived <= applyChunk {
		return p.applyAtOnce(ctx, d, how, whole)
	}
	var out app.Pulled
	err = p.stage.each(ctx, true, func(chunk []app.Remote) error {
		err := p.s.change(ctx, "store new alerts", func(ctx context.Context, t *tx) error {
			return t.arrive(ctx, p.account, chunk, !how.First)
		})
		if err == nil {
			out.New += len(chunk)
			p.s.countPull(p.account)
			p.s.mess()
		}
		return err
	})
	p.diff = nil
	if err != nil {
		return out, err
	}
	// The alerts that just arrived are in the answer and must not count as gone.
	if d, err = p.compare(ctx); err != nil {
		return out, explain("compare with the answer", err)
	}
	rest, err := p.applyAtOnce(ctx, d, how, whole)
	rest.New += out.New
	return rest, err
}

func (p *Pull) applyAtOnce(ctx context.Context, d *diff, how app.Apply, whole bool) (app.Pulled, error) {
	var arrivals []app.Remote
	if d.arrived > 0 {
		err := p.stage.each(ctx, true, func(chunk []app.Remote) error {
			arrivals = append(arrivals, chunk...)
			return nil
		})
		if err != nil {
			return app.Pulled{}, explain("read the staged answer", err)
		}
	}
	var out app.Pulled
	err := p.s.change(ctx, "apply the answer", func(ctx context.Context, t *tx) (err error) {
		out = app.Pulled{New: len(arrivals)}
		if p.s.pullsOf(p.account) != d.pulls {
			return fmt.Errorf("another pull of account %d came between", p.account)
		}
		// What is missing is found before the new ones come in.
		if whole {
			if out.Settled, out.Failed, err = t.settle(ctx, p.account, d.matched); err != nil {
				return err
			}
			if out.Gone, err = t.lose(ctx, p.account, d.matched, how.Why); err != nil {
				return err
			}
		}
		return t.arrive(ctx, p.account, arrivals, !how.First)
	})
	if err == nil {
		p.s.countPull(p.account)
		p.diff = nil
		if len(arrivals) > 0 {
			p.s.mess()
		}
	}
	return out, err
}

// arrive stores new alerts, in their order, with their words and, where events,
// an event each.
func (t *tx) arrive(ctx context.Context, account app.AccountID, alerts []app.Remote, events bool) error {
	ids, err := t.putAlerts(ctx, account, alerts)
	if err != nil || len(ids) == 0 || !events {
		return err
	}
	if err := t.recordArrivals(ctx, account, alerts, ids); err != nil {
		return fmt.Errorf("record events: %w", err)
	}
	return nil
}

// putAlerts stores alerts in their order, with their words, in the account's
// list, and returns their ids.
func (t *tx) putAlerts(ctx context.Context, account app.AccountID, alerts []app.Remote) ([]app.AlertID, error) {
	if len(alerts) == 0 {
		return nil, nil
	}
	var active bool
	if err := t.row(ctx, `SELECT EXISTS (SELECT 1 FROM heads WHERE account = ?)`, account).Scan(&active); err != nil {
		return nil, err
	}
	if !active {
		return nil, app.ErrNotFound
	}
	now := millis(t.now)
	ids := make([]app.AlertID, len(alerts))
	for i, a := range alerts {
		id, err := t.insert(ctx, `INSERT INTO alerts (account, remote_id, fingerprint, title, description, url, source, icon, created, first_seen)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			account, a.ID, a.Fingerprint(), a.Title, a.Description, a.URL, a.Source, a.Icon, millis(a.Created), now)
		if err != nil {
			return nil, fmt.Errorf("insert: %w", err)
		}
		ids[i] = app.AlertID(id)
	}
	if _, err := t.exec(ctx, `INSERT INTO alert_words (rowid, title, description)
		SELECT id, title, description FROM alerts WHERE id BETWEEN ? AND ? ORDER BY id`, ids[0], ids[len(ids)-1]); err != nil {
		return nil, fmt.Errorf("insert the words: %w", err)
	}
	t.hint(app.TopicAlerts)
	return ids, t.enlist(ctx, account, newIDSet(ids...))
}

// lose moves what is in the list but not in the answer to the history.
func (t *tx) lose(ctx context.Context, account app.AccountID, matched idSet, why app.Why) (int, error) {
	list, err := listed(ctx, t, account, lastID)
	if err != nil {
		return 0, err
	}
	gone := list.minus(matched)
	n := gone.len()
	if n == 0 {
		return 0, nil
	}
	if why == "" {
		why = app.WhyElsewhere
	}
	departure, err := t.insert(ctx, `INSERT INTO departures (account, why, at, count) VALUES (?, ?, ?, ?)`, account, why, millis(t.now), n)
	if err != nil {
		return 0, err
	}
	if err := t.delist(ctx, account, gone); err != nil {
		return 0, err
	}
	if err := t.forget(ctx, "failures", account, gone); err != nil {
		return 0, err
	}
	t.hint(app.TopicAlerts)
	return n, t.depart(ctx, account, departure, n, gone)
}

// settle ends what is pending: an alert that the answer no longer has is done;
// one that it still has after the last try is back in the list.
func (t *tx) settle(ctx context.Context, account app.AccountID, matched idSet) (settled, failed int, err error) {
	pending, err := pendingOf(ctx, t, account)
	if err != nil || len(pending) == 0 {
		return 0, 0, err
	}
	tried, err := idsOf(t.query(ctx, `SELECT alert FROM tries WHERE account = ? AND n >= ?`, account, triesMax))
	if err != nil {
		return 0, 0, err
	}
	done := pending.minus(matched)
	given := newIDSet(tried...).and(pending).and(matched)
	if len(done) == 0 && len(given) == 0 {
		return 0, 0, nil
	}
	intents, err := idsOf(t.query(ctx, `SELECT DISTINCT departure FROM pending WHERE account = ?`, account))
	if err != nil {
		return 0, 0, err
	}
	for _, intent := range intents {
		if err := t.settleIntent(ctx, account, int64(intent), done, given); err != nil {
			return 0, 0, err
		}
	}
	t.hint(app.TopicIntents, app.TopicAlerts)
	return done.len(), given.len(), nil
}

func (t *tx) settleIntent(ctx context.Context, account app.AccountID, intent int64, done, given idSet) error {
	mine, err := readSet(t.query(ctx, `SELECT block, ids FROM pending WHERE account = ? AND departure = ?`, account, intent))
	if err != nil {
		return err
	}
	left, err := t.unpend(ctx, account, intent, mine.and(done))
	if err != nil {
		return err
	}
	if back := mine.and(given); len(back) > 0 {
		if err := t.relist(ctx, account, intent, back); err != nil {
			return err
		}
		left -= back.len()
		if _, err := t.exec(ctx, `INSERT OR REPLACE INTO failures (alert, account, reason, at) SELECT value, ?, ?, ? FROM json_each(?)`,
			account, failedReason, millis(t.now), jsonIDs(back.ids())); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE departures SET state = 'failed' WHERE id = ?`, intent); err != nil {
			return err
		}
	}
	if left == 0 {
		_, err = t.exec(ctx, `UPDATE departures SET state = 'done' WHERE id = ? AND state = 'waiting'`, intent)
	}
	return err
}
