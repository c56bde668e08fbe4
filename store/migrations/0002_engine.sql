-- The notification engine: where events come from, who can be told, what each
-- of them wants, and what was decided. Times are as in the first schema. A
-- person, a product or a destination that is "none" is NULL where it refers to
-- a row here, and 0 where it is a number of the server's.

-- A row is a new fact that has to be routed once. "key" makes recording it
-- idempotent within its account and origin; an event of an alert has the alert
-- for that. "at" is when it came in, "happened" the time it tells of itself,
-- which is earlier for an alert that waited on the server. "fact" is what it is
-- about, empty where that cannot be told; "same" is the event that told the same
-- fact first. "call" is a JSON object, empty where the alert has it all; one
-- that is still to be delivered when its alert is deleted takes its words along.
-- "history" is 1 for what was so before Bellhop looked.
CREATE TABLE events_next (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    account   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    origin    TEXT    NOT NULL CHECK (origin IN ('alert', 'webhook', 'derived', 'local')),
    key       TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    happened  INTEGER NOT NULL,
    fact      TEXT    NOT NULL,
    alert     INTEGER NOT NULL CHECK (alert >= 0),
    call      TEXT    NOT NULL,
    history   INTEGER NOT NULL CHECK (history IN (0, 1)),
    same      INTEGER NOT NULL CHECK (same >= 0),
    routed_at INTEGER,
    CHECK ((origin = 'alert') = (key = '')),
    CHECK (origin = 'alert' OR call <> ''),
    CHECK (alert > 0 OR call <> ''),
    CHECK (happened <= at),
    CHECK (history = 0 OR routed_at IS NOT NULL)
) STRICT;

INSERT INTO sqlite_sequence (name, seq) SELECT 'events_next', seq FROM sqlite_sequence WHERE name = 'events';
INSERT INTO events_next (id, account, origin, key, kind, at, happened, fact, alert, call, history, same, routed_at)
    SELECT id, account, 'alert', '', kind, at, at, '', alert, '', 0, 0, routed_at FROM events;
DROP TABLE events;
ALTER TABLE events_next RENAME TO events;

CREATE INDEX events_unrouted ON events (id) WHERE routed_at IS NULL;
CREATE UNIQUE INDEX events_once ON events (account, origin, key) WHERE origin <> 'alert';
CREATE UNIQUE INDEX events_by_alert ON events (alert) WHERE alert > 0;
CREATE INDEX events_by_fact ON events (account, fact) WHERE fact <> '';
CREATE INDEX events_same ON events (same) WHERE same > 0;

-- A row is what was decided about an event: whom it is told through which channel,
-- and why. The form of the list is in decisionlist.go.
CREATE TABLE decisions (
    event INTEGER PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
    list  BLOB    NOT NULL CHECK (length(list) > 0)
) STRICT;

-- A row is how far a source of events has been read. It is written with the
-- events, so that none is lost or told twice.
CREATE TABLE cursors (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL CHECK (name <> ''),
    value   BLOB    NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- A row is when the people of an account and what they may see were last
-- learned, and in which way its server decides that. "complete" is 0 where
-- only the signed-in person could be learned. "version" counts.
CREATE TABLE directories (
    account  INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    model    TEXT    NOT NULL CHECK (model IN ('2.x', '3.x')),
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    at       INTEGER NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- A row is somebody who can be told something. "me" is 1 for the one who signed
-- in; her remote_id is 0 until the server told it. Who left the server stays,
-- not active, for the sake of what was decided.
CREATE TABLE people (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    remote_id  INTEGER NOT NULL CHECK (remote_id >= 0),
    username   TEXT    NOT NULL,
    first_name TEXT    NOT NULL,
    last_name  TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    slack      TEXT    NOT NULL,
    active     INTEGER NOT NULL CHECK (active IN (0, 1)),
    superuser  INTEGER NOT NULL CHECK (superuser IN (0, 1)),
    staff      INTEGER NOT NULL CHECK (staff IN (0, 1)),
    me         INTEGER NOT NULL CHECK (me IN (0, 1)),
    CHECK (me = 1 OR remote_id > 0)
) STRICT;

CREATE UNIQUE INDEX people_by_remote ON people (account, remote_id);
CREATE UNIQUE INDEX people_me ON people (account) WHERE me = 1;
-- Not unique: a server may give the name of somebody who left to somebody else.
CREATE INDEX people_by_name ON people (account, username);

INSERT INTO people (account, remote_id, username, first_name, last_name, email, slack, active, superuser, staff, me)
    SELECT id, max(user_id, 0), username, '', '', '', '', 1, 0, 0, 1 FROM accounts WHERE leaving = 0;

-- A row is one way by which a person may see something: "object" is the server's
-- id of a product or a product type, 0 for a global role; "role" is empty where
-- the server has none; "through" is the group it came by, empty for none.
CREATE TABLE grants (
    person  INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    scope   TEXT    NOT NULL CHECK (scope IN ('global', 'product_type', 'product')),
    object  INTEGER NOT NULL CHECK ((scope = 'global') = (object = 0)),
    role    TEXT    NOT NULL,
    through TEXT    NOT NULL,
    PRIMARY KEY (person, scope, object, role, through)
) STRICT, WITHOUT ROWID;

-- A row is a product type of a server, by the server's id.
CREATE TABLE product_types (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id      INTEGER NOT NULL CHECK (id > 0),
    name    TEXT    NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- A row is a product of a server, by the server's id.
CREATE TABLE products (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id      INTEGER NOT NULL CHECK (id > 0),
    name    TEXT    NOT NULL,
    type    INTEGER NOT NULL CHECK (type >= 0),
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- A row is one line of notification settings: Bellhop's own or, apart from
-- them, what the server has. "channels" has a byte for each of DefectDojo's 18
-- settings, in the order of its page, and in it a bit for each channel. "extra"
-- is a JSON object of what DefectDojo does not know, or empty. "version" counts
-- the changes to the row, so that a change that has not seen the last one is
-- refused.
CREATE TABLE preferences (
    id       INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    owner    TEXT    NOT NULL CHECK (owner IN ('local', 'server')),
    scope    TEXT    NOT NULL CHECK (scope IN ('system', 'template', 'personal', 'product')),
    person   INTEGER REFERENCES people (id) ON DELETE CASCADE,
    product  INTEGER NOT NULL CHECK (product >= 0),
    channels BLOB    NOT NULL CHECK (length(channels) = 18),
    extra    TEXT    NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    CHECK ((scope IN ('personal', 'product')) = (person IS NOT NULL)),
    CHECK ((scope = 'product') = (product > 0)),
    CHECK (owner = 'local' OR extra = '')
) STRICT;

CREATE UNIQUE INDEX preferences_once ON preferences (account, owner, scope, ifnull(person, 0), product);
CREATE INDEX preferences_by_person ON preferences (person) WHERE person IS NOT NULL;

-- A row is a change to a line of Bellhop's own settings. "before" and "after"
-- are JSON objects, empty where there was no line. It outlives the person.
CREATE TABLE preference_changes (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    who     TEXT    NOT NULL CHECK (who <> ''),
    scope   TEXT    NOT NULL CHECK (scope IN ('system', 'template', 'personal', 'product')),
    person  INTEGER NOT NULL,
    product INTEGER NOT NULL,
    before  TEXT    NOT NULL,
    after   TEXT    NOT NULL,
    CHECK (before <> '' OR after <> '')
) STRICT;

CREATE INDEX preference_changes_by_account ON preference_changes (account);

-- A row is a place to which a channel delivers. What is secret about it is in
-- the keyring. "person" owns it, NULL = shared; "product" narrows it, 0 = all.
CREATE TABLE destinations (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    channel TEXT    NOT NULL CHECK (channel IN ('mail', 'slack', 'msteams', 'webhooks')),
    name    TEXT    NOT NULL CHECK (name <> ''),
    person  INTEGER REFERENCES people (id) ON DELETE CASCADE,
    product INTEGER NOT NULL CHECK (product >= 0),
    address TEXT    NOT NULL,
    off     INTEGER NOT NULL CHECK (off IN (0, 1))
) STRICT;

CREATE INDEX destinations_by_account ON destinations (account);
CREATE INDEX destinations_by_person ON destinations (person) WHERE person IS NOT NULL;

-- The removals that may still be undone, however many there were before.
CREATE INDEX departures_undoable ON departures (not_before) WHERE kind <> '';
