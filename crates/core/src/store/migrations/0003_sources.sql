-- NVD: which of two records with one lastModified is the later one; reading all years.

-- When its source made the answer that an alert is stored from.
ALTER TABLE alerts ADD COLUMN as_of INTEGER;

-- The reading of all years of a source: what was asked for, how far it is, where it goes on (JSON).
CREATE TABLE backfills (
    source  TEXT PRIMARY KEY,
    state   TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    started INTEGER NOT NULL,
    total   INTEGER,
    done    INTEGER NOT NULL DEFAULT 0,
    at      INTEGER NOT NULL,
    cursor  TEXT    NOT NULL DEFAULT 'null',
    fault   TEXT
) STRICT, WITHOUT ROWID;
