package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"bellhop/app"
)

// deleteChunk is how many alerts one change deletes: taking words out costs
// about as much as putting them in, and nobody should wait behind it for long.
const deleteChunk = 500

// deleteAlerts takes alerts and their words out for good. They must be in no
// list.
func (t *tx) deleteAlerts(ctx context.Context, ids []app.AlertID) error {
	list := jsonIDs(ids)
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
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id app.AlertID
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
