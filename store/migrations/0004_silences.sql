-- A row is a silence: it holds messages about what it matches until its end.
-- "person" is whom it is for, NULL = everybody and the shared places. "what" is a
-- JSON object of what it matches and on which channels. "until" is its end, also
-- where somebody ended it before; then "let_go" is 1 until what it held has been
-- let go. Times are as in the first schema.
CREATE TABLE silences (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    person  INTEGER REFERENCES people (id) ON DELETE CASCADE,
    what    TEXT    NOT NULL CHECK (what <> ''),
    created INTEGER NOT NULL,
    until   INTEGER NOT NULL CHECK (until >= created),
    who     TEXT    NOT NULL,
    note    TEXT    NOT NULL,
    let_go  INTEGER NOT NULL DEFAULT 0 CHECK (let_go IN (0, 1))
) STRICT;

CREATE INDEX silences_by_account ON silences (account, until);
CREATE INDEX silences_by_person ON silences (person) WHERE person IS NOT NULL;
CREATE INDEX silences_to_let_go ON silences (account) WHERE let_go = 1;
