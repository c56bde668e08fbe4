-- A further channel, services (6), for what no server knows: ntfy, Matrix and
-- others. Nothing that is stored changes, only what the checks allow, so that
-- their text is changed in place (https://sqlite.org/lang_altertable.html, "Making
-- Other Kinds Of Table Schema Changes", the second procedure): to copy a million
-- deliveries into a new table would keep the bell from starting.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (channel BETWEEN 0 AND 5)', 'CHECK (channel BETWEEN 0 AND 6)')
    WHERE type = 'table' AND name IN ('lanes', 'deliveries');
UPDATE sqlite_schema SET sql = replace(sql, '''msteams'', ''webhooks'')', '''msteams'', ''webhooks'', ''services'')')
    WHERE type = 'table' AND name = 'destinations';

-- Reads the schema anew in this connection.
PRAGMA writable_schema = RESET;

-- What a channel has of each state is counted in rows that are there from the
-- beginning. The table below comes and goes so that other connections read the
-- schema anew, too.
INSERT INTO delivery_counts (channel, state, n) VALUES (6, 'waiting', 0), (6, 'held', 0), (6, 'sent', 0), (6, 'dead', 0), (6, 'dropped', 0);
CREATE TABLE schema_has_changed (x INTEGER) STRICT;
DROP TABLE schema_has_changed;
