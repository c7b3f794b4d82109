-- Format 4: what analysis says of alerts.

-- Watches and mutes.

-- Whether a mute silences it.
ALTER TABLE alerts ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;

-- Which mutes matched which alerts.
CREATE TABLE mute_hits (
    mute  TEXT    NOT NULL,
    alert INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    PRIMARY KEY (mute, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX mute_hits_alert ON mute_hits (alert);

-- Mutes whose matches among the stored alerts are complete, as they were when they were counted.
CREATE TABLE mutes (
    term       TEXT PRIMARY KEY,
    definition TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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
