-- The first schema. Times are whole milliseconds since 1970 in UTC, 0 for
-- "never". Sets of alerts are stored in blocks of 16384 consecutive ids: see
-- idset.go for the form of the blobs.

-- A row is one user on one DefectDojo server. "family" is what an account is
-- recognised by beside its address and user: a password and a browser session
-- reach the same alerts, a token does not. "leaving" is 1 from the moment the
-- user disconnected it until its last alert is deleted.
CREATE TABLE accounts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    url         TEXT    NOT NULL CHECK (url <> ''),
    username    TEXT    NOT NULL,
    family      TEXT    NOT NULL CHECK (family IN ('browser', 'token')),
    user_id     INTEGER NOT NULL,
    sign_in     TEXT    NOT NULL CHECK (sign_in IN ('password', 'session', 'token')),
    cookie_name TEXT    NOT NULL,
    ca_file     TEXT    NOT NULL,
    client_cert TEXT    NOT NULL,
    client_key  TEXT    NOT NULL,
    proxy       TEXT    NOT NULL,
    insecure    INTEGER NOT NULL CHECK (insecure IN (0, 1)),
    demo        INTEGER NOT NULL CHECK (demo IN (0, 1)),
    server      TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    leaving     INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1)),
    CHECK ((sign_in = 'token') = (family = 'token'))
) STRICT;

CREATE UNIQUE INDEX accounts_once ON accounts (url, username, family) WHERE leaving = 0;

-- A row is what the bell shows of an account without counting: how many alerts
-- are in its list, and the newest alert that the user has looked at.
CREATE TABLE heads (
    account INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    listed  INTEGER NOT NULL DEFAULT 0 CHECK (listed >= 0),
    looked  INTEGER NOT NULL DEFAULT 0 CHECK (looked >= 0)
) STRICT;

-- A row is how the last synchronisation of an account went. "problem" is a
-- JSON object as the user met it, or empty.
CREATE TABLE sync_states (
    account   INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    phase     TEXT    NOT NULL CHECK (phase IN ('new', 'ok', 'offline', 'needs_you')),
    since     INTEGER NOT NULL,
    last_sync INTEGER NOT NULL,
    last_full INTEGER NOT NULL,
    next_sync INTEGER NOT NULL,
    failures  INTEGER NOT NULL CHECK (failures >= 0),
    problem   TEXT    NOT NULL,
    skew      INTEGER NOT NULL
) STRICT;

-- A row is an alert as the server once sent it. Rows are added and, at the end
-- of the history, deleted; they are never changed. Ids ascend in the order of
-- arrival and are never used again. The server may use a remote_id twice.
CREATE TABLE alerts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account     INTEGER NOT NULL REFERENCES accounts (id),
    remote_id   INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    url         TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    icon        TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    first_seen  INTEGER NOT NULL
) STRICT;

CREATE INDEX alerts_by_remote ON alerts (account, remote_id);
-- Pages of one account, and of one source, in the order of the ids.
CREATE INDEX alerts_by_account ON alerts (account);
CREATE INDEX alerts_by_source ON alerts (account, source);

-- The words of the alerts. The text itself stays in alerts; rows are added by
-- the batch, and taken out before their alert is deleted. Results are read by
-- rowid and never ranked, so the sizes of the columns are not kept. The indexes
-- of first letters are for the first two letters that are typed, which fit too
-- many words to collect; they cost half the size and time to fill again.
CREATE VIRTUAL TABLE alert_words USING fts5 (
    title, description,
    content = 'alerts', content_rowid = 'id', columnsize = 0,
    prefix = "1 2",
    tokenize = "unicode61 remove_diacritics 2"
);

-- Small parts of the index are merged in the background: see tidy.go.
INSERT INTO alert_words (alert_words, rank) VALUES ('automerge', 0);

-- A row is 16384 consecutive ids, and which of them are in the account's list.
-- An alert without a bit here has left the list. Empty blocks have no row.
CREATE TABLE list (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    block   INTEGER NOT NULL,
    n       INTEGER NOT NULL CHECK (n BETWEEN 1 AND 16384),
    ids     BLOB    NOT NULL,
    PRIMARY KEY (account, block)
) STRICT, WITHOUT ROWID;

-- A row is a set of alerts that left the list together: because the user asked
-- for it (then it is an intent, with a kind and a state), or because a pull
-- found them gone. "sent" is 1 once the server may have been asked.
CREATE TABLE departures (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    why        TEXT    NOT NULL CHECK (why IN ('me', 'elsewhere', 'expired')),
    at         INTEGER NOT NULL,
    count      INTEGER NOT NULL CHECK (count > 0),
    kind       TEXT    NOT NULL DEFAULT '' CHECK (kind IN ('', 'remove', 'clear')),
    up_to      INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    sent       INTEGER NOT NULL DEFAULT 0 CHECK (sent IN (0, 1)),
    state      TEXT    NOT NULL DEFAULT '' CHECK (state IN ('', 'waiting', 'done', 'undone', 'failed')),
    CHECK ((why = 'me') = (kind <> '')),
    CHECK ((kind = '') = (state = '')),
    CHECK ((kind = 'clear') = (up_to > 0))
) STRICT;

CREATE INDEX departures_waiting ON departures (not_before) WHERE state = 'waiting';

-- A row is one alert that left the list in a small departure.
CREATE TABLE departed (
    account   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    alert     INTEGER NOT NULL,
    departure INTEGER NOT NULL,
    PRIMARY KEY (account, alert)
) STRICT, WITHOUT ROWID;

CREATE INDEX departed_by_departure ON departed (departure);

-- A row is 16384 consecutive ids, and which of them left in a large departure.
CREATE TABLE departed_sets (
    account   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    block     INTEGER NOT NULL,
    departure INTEGER NOT NULL,
    n         INTEGER NOT NULL CHECK (n BETWEEN 1 AND 16384),
    ids       BLOB    NOT NULL,
    PRIMARY KEY (account, block, departure)
) STRICT, WITHOUT ROWID;

-- A row is 16384 consecutive ids, and which of them an intent removed here while
-- the server is not yet known to have dropped them.
CREATE TABLE pending (
    account   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    departure INTEGER NOT NULL,
    block     INTEGER NOT NULL,
    n         INTEGER NOT NULL CHECK (n BETWEEN 1 AND 16384),
    ids       BLOB    NOT NULL,
    PRIMARY KEY (account, departure, block)
) STRICT, WITHOUT ROWID;

-- A row is how often the server was asked to drop a pending alert.
CREATE TABLE tries (
    alert   INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    n       INTEGER NOT NULL CHECK (n > 0)
) STRICT;

-- A row is an alert that is back in the list because the server would not drop
-- it, with the reason that the user reads.
CREATE TABLE failures (
    alert   INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    reason  TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

-- A row is a new fact that has to be routed once. A first pull makes none.
CREATE TABLE events (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    account   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind      TEXT    NOT NULL,
    alert     INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    routed_at INTEGER
) STRICT;

CREATE INDEX events_unrouted ON events (id) WHERE routed_at IS NULL;

-- A row is an alert that asks for attention again at a time the user chose.
CREATE TABLE snoozes (
    alert   INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    until   INTEGER NOT NULL
) STRICT;

-- A row is a desktop notification that may still be on the screen.
CREATE TABLE toasts (
    alert   INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    note    INTEGER NOT NULL
) STRICT;

-- A row is a setting that differs from its default.
CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
