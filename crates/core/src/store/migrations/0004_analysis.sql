-- Format 4: analysis.

-- Learning: what people said of alerts, by words (`said`: 1 relevant, 0 not) or by closing them (`closed`: the
-- state). An alert has one label: what was said, else what closing says. `learnt` keeps what was made of
-- them (store/labels.rs).
CREATE TABLE labels (
    alert     INTEGER PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
    said      INTEGER CHECK (said IN (0, 1)),
    said_at   INTEGER,
    closed    TEXT CHECK (closed IN ('done', 'not_applicable')),
    closed_at INTEGER,
    CHECK (said IS NOT NULL OR closed IS NOT NULL)
) STRICT;
CREATE TABLE learnt (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
