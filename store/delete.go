package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"

	"bellhop/app"
)

// deleteChunk is how many alerts one change deletes: taking words out costs
// about as much as putting them in, and nobody should wait behind it for long.
const deleteChunk = 500

// deleteAlerts takes alerts and their words out for good. They must be in no
// list.
func (t *tx) deleteAlerts(ctx context.Context, ids []app.AlertID) error {
	list := jsonIDs(ids)
	if err := t.unlot(ctx, ``); err != nil {
		return err
	}
	if err := t.keepEvents(ctx, list); err != nil {
		return err
	}
	for _, text := range []string{
		`INSERT INTO alert_words (alert_words, rowid, title, description)
			SELECT 'delete', id, title, description FROM alerts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
		`DELETE FROM events WHERE alert > 0 AND alert IN (SELECT value FROM json_each(?))`,
		`DELETE FROM tries WHERE alert IN (SELECT value FROM json_each(?))`,
		`DELETE FROM failures WHERE alert IN (SELECT value FROM json_each(?))`,
		`DELETE FROM snoozes WHERE alert IN (SELECT value FROM json_each(?))`,
		`DELETE FROM toasts WHERE alert IN (SELECT value FROM json_each(?))`,
		`DELETE FROM alerts WHERE id IN (SELECT value FROM json_each(?))`,
	} {
		if _, err := t.exec(ctx, text, list); err != nil {
			return err
		}
	}
	return nil
}

// unsettled is the condition on events e that a delivery of theirs is still to be
// sent.
const unsettled = `EXISTS (SELECT 1 FROM deliveries AS d WHERE d.event = e.id AND d.state IN ('waiting', 'held'))`

// keepEvents parts events that are still to be delivered from alerts that are
// about to be deleted: they keep the alert's words for themselves.
func (t *tx) keepEvents(ctx context.Context, list string) error {
	rows, err := t.query(ctx, `SELECT e.id, e.origin, e.kind, a.title, a.description, a.url, a.icon FROM events AS e JOIN alerts AS a ON a.id = e.alert
		WHERE e.alert > 0 AND e.alert IN (SELECT value FROM json_each(?)) AND e.account NOT IN (SELECT id FROM accounts WHERE leaving = 1) AND `+unsettled, list)
	kept, err := all(rows, err, func(e *app.Event) []any {
		return []any{&e.ID, &e.Origin, &e.Kind, &e.Call.Title, &e.Call.Description, &e.Call.URL, &e.Call.Icon}
	})
	if err != nil {
		return err
	}
	for _, e := range kept {
		call, err := json.Marshal(callOf(e.Kind, e.Call.Title, e.Call.Description, e.Call.URL, e.Call.Icon))
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE events SET alert = 0, call = iif(origin = 'alert', ?, call) WHERE id = ?`, string(call), e.ID); err != nil {
			return err
		}
	}
	return nil
}

// deleteDeliveries deletes settled deliveries, or all, of the events that a
// question names, at most a chunk of them, and returns how many those were.
func (t *tx) deleteDeliveries(ctx context.Context, settled bool, events string, args ...any) (int64, error) {
	if err := t.unlot(ctx, ``); err != nil {
		return 0, err
	}
	which := ""
	if settled {
		which = ` AND state IN ('sent', 'dead', 'dropped')`
	}
	n, err := t.exec(ctx, `DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE event IN (`+events+`)`+which+` LIMIT `+strconv.Itoa(deliveryChunk)+`)`, args...)
	if n > 0 {
		t.hint(app.TopicDeliveries)
	}
	return n, err
}

// jsonIDs returns ids as the JSON array that json_each takes: one parameter for
// any number of ids.
func jsonIDs[T ~int64](ids []T) string {
	out, err := json.Marshal(ids)
	if err != nil || ids == nil {
		return "[]" // integers always marshal
	}
	return string(out)
}

// jsonTexts is jsonIDs for texts.
func jsonTexts(list []string) string {
	out, err := json.Marshal(list)
	if err != nil || list == nil {
		return "[]" // texts always marshal
	}
	return string(out)
}

// eachID calls fn with a column of ids.
func eachID(rows *sql.Rows, err error, fn func(app.AlertID)) error {
	return eachInt(rows, err, fn)
}

// eachInt calls fn with a column of numbers.
func eachInt[T ~int64](rows *sql.Rows, err error, fn func(T)) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id T
		if err := rows.Scan(&id); err != nil {
			return err
		}
		fn(id)
	}
	return rows.Err()
}

// idsOf reads a column of ids.
func idsOf(rows *sql.Rows, err error) ([]app.AlertID, error) {
	var out []app.AlertID
	err = eachID(rows, err, func(id app.AlertID) { out = append(out, id) })
	return out, err
}

// setOf reads a column of ids into a set.
func setOf(rows *sql.Rows, err error) (idSet, error) {
	out := make(idSet)
	err = eachID(rows, err, out.add)
	return out, err
}
