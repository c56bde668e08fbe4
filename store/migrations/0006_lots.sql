-- Deliveries that are decided together for one lane wait together. As rows they
-- would be written three times each: when they are decided, when they are claimed
-- and when it is known how that ended; in a lot only the last of these makes rows.

-- A row is deliveries that wait on one lane, in the order in which they leave. The
-- form of the list is in lots.go.
CREATE TABLE lots (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    list BLOB NOT NULL
) STRICT;

-- A row is how far a lot of "n" deliveries has come: the first "taken" of them were
-- claimed, "gone" of them are rows of the table deliveries; where all are, the lot
-- is deleted. What was claimed and is no row is being sent, or was cut off. "due"
-- and "head" are when the next one may leave and its id. "claims" has two numbers
-- for each claim: up to where it went, and when it was.
CREATE TABLE lot_states (
    lot     INTEGER PRIMARY KEY REFERENCES lots (id) ON DELETE CASCADE,
    lane    INTEGER NOT NULL REFERENCES lanes (id),
    channel INTEGER NOT NULL,
    n       INTEGER NOT NULL CHECK (n > 0),
    taken   INTEGER NOT NULL DEFAULT 0 CHECK (taken BETWEEN 0 AND n),
    gone    INTEGER NOT NULL DEFAULT 0 CHECK (gone BETWEEN 0 AND taken),
    due     INTEGER NOT NULL,
    head    TEXT    NOT NULL,
    claims  BLOB    NOT NULL DEFAULT X''
) STRICT;

CREATE INDEX lot_states_open ON lot_states (lane, due, head) WHERE taken < n;

-- What becomes a row only once it was sent is counted by who adds it, all of a
-- claim at once.
DROP TRIGGER deliveries_more;
CREATE TRIGGER deliveries_more AFTER INSERT ON deliveries WHEN new.state <> 'sent' OR new.tries = 0 BEGIN
    UPDATE delivery_counts SET n = n + 1 WHERE channel = new.channel AND state = new.state;
END;
