-- What was sent from a lot becomes rows once the storm is over: until then a note
-- about many at once is all that is written of it.

-- A row is deliveries of a lot that were sent and noted together, with what the
-- other side said to all of them. "list" has two numbers for each: its place in the
-- lot, and how long its attempt took.
CREATE TABLE lot_sent (
    id      INTEGER PRIMARY KEY,
    lot     INTEGER NOT NULL REFERENCES lots (id) ON DELETE CASCADE,
    settled INTEGER NOT NULL,
    status  INTEGER NOT NULL,
    answer  TEXT    NOT NULL,
    ref     TEXT    NOT NULL,
    list    BLOB    NOT NULL
) STRICT;

CREATE INDEX lot_sent_by_lot ON lot_sent (lot);

-- How many of a lot these are.
ALTER TABLE lot_states ADD COLUMN sent INTEGER NOT NULL DEFAULT 0 CHECK (sent BETWEEN 0 AND taken - gone);
