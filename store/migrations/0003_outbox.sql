-- The outbox: what is to be delivered, what was, and how that went. Times are as
-- in the first schema, durations are microseconds.

-- A row is a queue: deliveries of one lane leave in their order. Until
-- "not_before" nothing of it leaves at all, because its other side is away.
CREATE TABLE lanes (
    id         INTEGER PRIMARY KEY,
    key        TEXT    NOT NULL UNIQUE CHECK (key <> ''),
    channel    INTEGER NOT NULL CHECK (channel BETWEEN 0 AND 5),
    not_before INTEGER NOT NULL CHECK (not_before >= 0)
) STRICT;

-- A row is one message on its way: an event for one person (0 = the shared
-- places) through a channel to a destination (0 = the one the channel has for
-- her). "storm" is what may become one message in a storm. "due" is when it may
-- leave; "leased" is 1 while it is being sent. "attempts" counts since it was
-- last sent again by hand ("resent", 0 = never), "tries" from the first. The
-- columns from "begun" to "answer" are the last attempt; earlier ones are in the
-- table below. "digest" is the delivery in whose message this one went, empty
-- for its own.
CREATE TABLE deliveries (
    id          TEXT    PRIMARY KEY CHECK (length(id) = 26),
    event       INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    person      INTEGER NOT NULL CHECK (person >= 0),
    channel     INTEGER NOT NULL CHECK (channel BETWEEN 0 AND 5),
    destination INTEGER NOT NULL CHECK (destination >= 0),
    lane        INTEGER NOT NULL REFERENCES lanes (id),
    storm       TEXT    NOT NULL,
    -- A list of more than two would be built anew for each row that is added.
    state       TEXT    NOT NULL CHECK (state = 'waiting' OR state = 'sent' OR state = 'held' OR state = 'dead' OR state = 'dropped'),
    leased      INTEGER NOT NULL DEFAULT 0 CHECK (leased IN (0, 1)),
    due         INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    resent      INTEGER NOT NULL DEFAULT 0,
    settled     INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    tries       INTEGER NOT NULL DEFAULT 0 CHECK (tries >= attempts),
    begun       INTEGER NOT NULL DEFAULT 0,
    took        INTEGER NOT NULL DEFAULT 0 CHECK (took >= 0),
    status      INTEGER NOT NULL DEFAULT 0,
    code        TEXT    NOT NULL DEFAULT '',
    answer      TEXT    NOT NULL DEFAULT '',
    next        TEXT    NOT NULL DEFAULT '',
    ref         TEXT    NOT NULL DEFAULT '',
    digest      TEXT    NOT NULL DEFAULT '',
    CHECK (leased = 0 OR attempts > 0 AND state IN ('waiting', 'held')),
    CHECK ((state IN ('waiting', 'held')) = (settled = 0))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX deliveries_once ON deliveries (event, person, channel, destination);
-- What may be claimed, lane by lane, in the order in which it leaves.
CREATE INDEX deliveries_open ON deliveries (lane, due) WHERE state IN ('waiting', 'held') AND leased = 0;
CREATE INDEX deliveries_leased ON deliveries (lane) WHERE leased = 1;
-- What a lane has sent lately, which counts against its limits.
CREATE INDEX deliveries_sent ON deliveries (lane, settled) WHERE state = 'sent';
-- What few deliveries come to, and people look for.
CREATE INDEX deliveries_odd ON deliveries (state) WHERE state <> 'waiting' AND state <> 'sent';

-- A row is an attempt to deliver that was not the last one. One that was cut
-- off took 0.
CREATE TABLE attempts (
    delivery TEXT    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    n        INTEGER NOT NULL CHECK (n > 0),
    begun    INTEGER NOT NULL,
    took     INTEGER NOT NULL,
    status   INTEGER NOT NULL,
    code     TEXT    NOT NULL,
    answer   TEXT    NOT NULL,
    PRIMARY KEY (delivery, n)
) STRICT, WITHOUT ROWID;

-- A row is deliveries of an event for very many people that are not yet in the
-- table above, but for the first "done" of them. The form of the list is in packs.go.
CREATE TABLE packs (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    done  INTEGER NOT NULL CHECK (done >= 0),
    list  BLOB    NOT NULL
) STRICT;

CREATE INDEX packs_by_event ON packs (event);

-- A row is how many deliveries a channel has in a state, so that nobody counts.
CREATE TABLE delivery_counts (
    channel INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    n       INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (channel, state)
) STRICT, WITHOUT ROWID;

INSERT INTO delivery_counts (channel, state, n)
    SELECT c.column1, s.column1, 0 FROM (VALUES (0), (1), (2), (3), (4), (5)) AS c,
        (VALUES ('waiting'), ('held'), ('sent'), ('dead'), ('dropped')) AS s;

CREATE TRIGGER deliveries_more AFTER INSERT ON deliveries BEGIN
    UPDATE delivery_counts SET n = n + 1 WHERE channel = new.channel AND state = new.state;
END;
CREATE TRIGGER deliveries_fewer AFTER DELETE ON deliveries BEGIN
    UPDATE delivery_counts SET n = n - 1 WHERE channel = old.channel AND state = old.state;
END;
CREATE TRIGGER deliveries_moved AFTER UPDATE OF state ON deliveries WHEN new.state <> old.state BEGIN
    UPDATE delivery_counts SET n = n - 1 WHERE channel = old.channel AND state = old.state;
    UPDATE delivery_counts SET n = n + 1 WHERE channel = new.channel AND state = new.state;
END;

-- What is known of a destination beside its place: what its channel wants to know,
-- as a JSON object of texts, and whether it works. "warned" is when its owner was
-- told that it will be switched off.
ALTER TABLE destinations ADD COLUMN config TEXT NOT NULL DEFAULT '{}';
ALTER TABLE destinations ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
    CHECK (state IN ('active', 'active_tmp', 'inactive_tmp', 'inactive_permanent'));
ALTER TABLE destinations ADD COLUMN first_error INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN last_error INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN note TEXT NOT NULL DEFAULT '';
