-- Alerts, what analysis and people say of them, where they come from and where they went.
-- Times are milliseconds UTC. Ids of alerts are time-ordered (model::AlertId).

CREATE TABLE alerts (
    id             INTEGER PRIMARY KEY,
    uid            TEXT    NOT NULL UNIQUE,
    source         TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('vulnerability', 'article', 'guidance')),
    title          TEXT    NOT NULL,
    url            TEXT,
    published      INTEGER NOT NULL,
    updated        INTEGER,
    added          INTEGER NOT NULL,
    changed        INTEGER,
    hash           BLOB    NOT NULL,
    severity       INTEGER CHECK (severity BETWEEN 1 AND 3),
    estimated      INTEGER NOT NULL,
    score          REAL,
    score_version  TEXT,
    score_issuer   TEXT,
    exploited      INTEGER NOT NULL,
    relevant       INTEGER NOT NULL,
    category       TEXT,
    state          TEXT    NOT NULL DEFAULT 'new',
    unread         INTEGER NOT NULL
) STRICT;

-- The views of the inbox. Each index holds all that counting and ordering the view needs.
CREATE INDEX alerts_open ON alerts (severity, exploited, kind, score, unread)
    WHERE relevant = 1 AND state NOT IN ('done', 'not_applicable');
CREATE INDEX alerts_new ON alerts (unread) WHERE relevant = 1 AND state = 'new';
CREATE INDEX alerts_in_progress ON alerts (unread) WHERE state IN ('reviewing', 'action_needed');
CREATE INDEX alerts_closed ON alerts (unread) WHERE state IN ('done', 'not_applicable');
CREATE INDEX alerts_severity ON alerts (severity, exploited, kind, score, state, unread);
CREATE INDEX alerts_source ON alerts (source);
CREATE INDEX alerts_added ON alerts (added);

-- What is too large for the rows that lists walk over.
CREATE TABLE contents (
    id       INTEGER PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
    body     TEXT NOT NULL,
    products TEXT NOT NULL,
    facts    TEXT NOT NULL
) STRICT;

CREATE TABLE findings (
    id      INTEGER PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
    finding TEXT NOT NULL
) STRICT;

CREATE VIEW search_source AS
    SELECT a.id AS id, a.title AS title, c.body AS body, c.products AS products
    FROM alerts a JOIN contents c ON c.id = a.id;

CREATE VIRTUAL TABLE search USING fts5 (
    title, body, products,
    content = 'search_source', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

-- Which CVEs an article or a guidance names: it takes their severity.
CREATE TABLE mentions (
    cve   TEXT    NOT NULL,
    alert INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    PRIMARY KEY (cve, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_alert ON mentions (alert);

-- Which watches matched which alerts.
CREATE TABLE watch_hits (
    watch TEXT    NOT NULL,
    alert INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    PRIMARY KEY (watch, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_hits_alert ON watch_hits (alert);

-- Watches whose matches among the stored alerts are complete, as they were when they were counted.
CREATE TABLE watches (
    term       TEXT PRIMARY KEY,
    definition TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
    id     INTEGER PRIMARY KEY,
    alert  INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    before TEXT,
    after  TEXT
) STRICT;
CREATE INDEX changes_alert ON changes (alert);

-- One row an act of triage; its entries hold the state before, which undo brings back.
CREATE TABLE triage (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    undone INTEGER
) STRICT;

CREATE TABLE triage_entries (
    triage INTEGER NOT NULL REFERENCES triage (id) ON DELETE CASCADE,
    alert  INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    before TEXT    NOT NULL,
    unread INTEGER NOT NULL,
    PRIMARY KEY (triage, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX triage_entries_alert ON triage_entries (alert);

CREATE TABLE sources (
    id           TEXT PRIMARY KEY,
    memory       TEXT    NOT NULL DEFAULT 'null',
    last_success INTEGER,
    last_attempt INTEGER,
    next_attempt INTEGER,
    failures     INTEGER NOT NULL DEFAULT 0,
    fault        TEXT,
    first_done   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id        INTEGER PRIMARY KEY,
    source    TEXT    NOT NULL,
    started   INTEGER NOT NULL,
    finished  INTEGER,
    outcome   TEXT    NOT NULL,
    read      INTEGER NOT NULL DEFAULT 0,
    new       INTEGER NOT NULL DEFAULT 0,
    changed   INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    problems  INTEGER NOT NULL DEFAULT 0,
    fault     TEXT,
    details   TEXT    NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX runs_source ON runs (source, id);

CREATE TABLE deliveries (
    id           INTEGER PRIMARY KEY,
    channel      TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_attempt INTEGER,
    finished     INTEGER,
    fault        TEXT
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (channel, next_attempt) WHERE state = 'waiting';
CREATE INDEX deliveries_open ON deliveries (state) WHERE state IN ('sending', 'failed', 'unknown');

-- What a delivery speaks of. One alert's change goes to a channel once, whoever asks for it.
CREATE TABLE delivery_alerts (
    delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    alert    INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    channel  TEXT    NOT NULL,
    change   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (channel, alert, change, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_alerts_delivery ON delivery_alerts (delivery);
CREATE INDEX delivery_alerts_alert ON delivery_alerts (alert);
