package store

import (
	"context"
	"database/sql"
	"math"

	"bellhop/app"
)

// readSet reads rows of (block, ids) into one set.
func readSet(rows *sql.Rows, err error) (idSet, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := make(idSet)
	for rows.Next() {
		var n int64
		var raw sql.RawBytes
		if err := rows.Scan(&n, &raw); err != nil {
			return nil, err
		}
		b, err := decodeBlock(raw)
		if err != nil {
			return nil, err
		}
		out.union(idSet{n: b})
	}
	return out, rows.Err()
}

// listed returns the ids in an account's list, up to and with upTo.
func listed(ctx context.Context, q querier, account app.AccountID, upTo app.AlertID) (idSet, error) {
	set, err := readSet(q.query(ctx, `SELECT block, ids FROM list WHERE account = ? AND block <= ?`, account, blockOf(upTo)))
	if err != nil {
		return nil, err
	}
	if last := blockOf(upTo); set[last] != nil {
		cut := set.and(blockUpTo(upTo))[last]
		if delete(set, last); cut != nil {
			set[last] = cut
		}
	}
	return set, nil
}

// lastID is above every id.
const lastID app.AlertID = math.MaxInt64

// listedAmong returns which of ids are in an account's list, and the whole
// blocks that they lie in.
func listedAmong(ctx context.Context, q querier, account app.AccountID, ids idSet) (among, blocks idSet, err error) {
	blocks, err = readSet(q.query(ctx, `SELECT block, ids FROM list WHERE account = ? AND block IN (SELECT value FROM json_each(?))`,
		account, jsonIDs(ids.blocks())))
	if err != nil {
		return nil, nil, err
	}
	return ids.and(blocks), blocks, nil
}

// pendingOf returns the ids that an account's intents removed and the server
// may still have.
func pendingOf(ctx context.Context, q querier, account app.AccountID) (idSet, error) {
	return readSet(q.query(ctx, `SELECT block, ids FROM pending WHERE account = ?`, account))
}

// enlist puts ids into an account's list and its counter. None of them may be
// there already.
func (t *tx) enlist(ctx context.Context, account app.AccountID, ids idSet) error {
	_, blocks, err := listedAmong(ctx, t, account, ids)
	if err != nil {
		return err
	}
	for _, n := range ids.blocks() {
		one := idSet{n: new(block)}
		if have := blocks[n]; have != nil {
			one.union(idSet{n: have})
		}
		one.union(idSet{n: ids[n]})
		if err := t.putListBlock(ctx, account, n, one[n]); err != nil {
			return err
		}
	}
	return t.count(ctx, account, ids.len())
}

// delist takes ids out of an account's list and its counter. All of them must
// be there.
func (t *tx) delist(ctx context.Context, account app.AccountID, ids idSet) error {
	_, blocks, err := listedAmong(ctx, t, account, ids)
	if err != nil {
		return err
	}
	rest := blocks.minus(ids)
	for _, n := range ids.blocks() {
		if rest[n] == nil {
			_, err = t.exec(ctx, `DELETE FROM list WHERE account = ? AND block = ?`, account, n)
		} else {
			err = t.putListBlock(ctx, account, n, rest[n])
		}
		if err != nil {
			return err
		}
	}
	return t.count(ctx, account, -ids.len())
}

func (t *tx) putListBlock(ctx context.Context, account app.AccountID, n int64, b *block) error {
	_, err := t.exec(ctx, `INSERT OR REPLACE INTO list (account, block, n, ids) VALUES (?, ?, ?, ?)`, account, n, b.len(), b.encode())
	return err
}

func (t *tx) count(ctx context.Context, account app.AccountID, by int) error {
	_, err := t.exec(ctx, `UPDATE heads SET listed = listed + ? WHERE account = ?`, by, account)
	return err
}

// smallDeparture is the size up to which a departure is kept alert by alert; a
// larger one is kept by the block. Its count tells which of the two it is.
const smallDeparture = 256

// depart writes down that ids left an account's list in a departure of n.
func (t *tx) depart(ctx context.Context, account app.AccountID, departure int64, n int, ids idSet) error {
	if n <= smallDeparture {
		_, err := t.exec(ctx, `INSERT INTO departed (account, alert, departure) SELECT ?, value, ? FROM json_each(?)`,
			account, departure, jsonIDs(ids.ids()))
		return err
	}
	for _, number := range ids.blocks() {
		if _, err := t.exec(ctx, `INSERT INTO departed_sets (account, block, departure, n, ids) VALUES (?, ?, ?, ?, ?)`,
			account, number, departure, ids[number].len(), ids[number].encode()); err != nil {
			return err
		}
	}
	return nil
}

// undepart is the reverse of depart, for some of the ids of the departure.
func (t *tx) undepart(ctx context.Context, account app.AccountID, departure int64, ids idSet) error {
	var n int
	if err := t.row(ctx, `SELECT count FROM departures WHERE id = ?`, departure).Scan(&n); err != nil {
		return err
	}
	if n <= smallDeparture {
		_, err := t.exec(ctx, `DELETE FROM departed WHERE account = ? AND departure = ? AND alert IN (SELECT value FROM json_each(?))`,
			account, departure, jsonIDs(ids.ids()))
		return err
	}
	have, err := readSet(t.query(ctx, `SELECT block, ids FROM departed_sets WHERE account = ? AND block IN (SELECT value FROM json_each(?)) AND departure = ?`,
		account, jsonIDs(ids.blocks()), departure))
	if err != nil {
		return err
	}
	rest := have.minus(ids)
	for number := range have {
		if rest[number] == nil {
			_, err = t.exec(ctx, `DELETE FROM departed_sets WHERE account = ? AND block = ? AND departure = ?`, account, number, departure)
		} else {
			_, err = t.exec(ctx, `UPDATE departed_sets SET n = ?, ids = ? WHERE account = ? AND block = ? AND departure = ?`,
				rest[number].len(), rest[number].encode(), account, number, departure)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forget takes ids out of a small table that seldom has any of them: "tries"
// or "failures". It asks the table, not every id.
func (t *tx) forget(ctx context.Context, table string, account app.AccountID, ids idSet) error {
	have, err := setOf(t.query(ctx, `SELECT alert FROM `+table+` WHERE account = ?`, account))
	if err != nil {
		return err
	}
	for id := range have.and(ids).desc() {
		if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE alert = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

// unpend takes ids out of the pending ones of a departure, and their tries. It
// returns how many remain pending in it.
func (t *tx) unpend(ctx context.Context, account app.AccountID, departure int64, ids idSet) (int, error) {
	have, err := readSet(t.query(ctx, `SELECT block, ids FROM pending WHERE account = ? AND departure = ?`, account, departure))
	if err != nil {
		return 0, err
	}
	rest := have.minus(ids)
	for n, b := range have {
		switch r := rest[n]; {
		case r == nil:
			_, err = t.exec(ctx, `DELETE FROM pending WHERE account = ? AND departure = ? AND block = ?`, account, departure, n)
		case *r != *b:
			_, err = t.exec(ctx, `UPDATE pending SET n = ?, ids = ? WHERE account = ? AND departure = ? AND block = ?`,
				r.len(), r.encode(), account, departure, n)
		}
		if err != nil {
			return 0, err
		}
	}
	return rest.len(), t.forget(ctx, "tries", account, ids)
}
