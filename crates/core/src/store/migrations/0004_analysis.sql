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
