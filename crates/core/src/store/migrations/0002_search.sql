-- Queries, triage and keeping. What lists filter and sort by stays in the narrow table `alerts`, which is
-- read whole into the index at a start; every text of an alert is in `contents`. The typed values of
-- `changes` and the facets of alerts are filled in by migrate/search.rs.

DROP VIEW search_source;
DROP TABLE search;

CREATE TABLE contents_new (
    id       INTEGER PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
    title    TEXT NOT NULL,
    url      TEXT,
    products TEXT NOT NULL,
    body     TEXT NOT NULL,
    facts    TEXT NOT NULL
) STRICT;
INSERT INTO contents_new (id, title, url, products, body, facts)
    SELECT a.id, a.title, a.url, c.products, c.body, c.facts FROM alerts a JOIN contents c ON c.id = a.id;
DROP TABLE contents;
ALTER TABLE contents_new RENAME TO contents;

CREATE VIRTUAL TABLE search USING fts5 (
    title, body, products,
    content = 'contents', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO search (search) VALUES ('rebuild');
-- A page of NVD is written in one piece instead of several, and pieces are merged less often: storing takes
-- less, and searching reads a few pieces more until idle time merges them.
INSERT INTO search (search, rank) VALUES ('hashsize', 16777216);
INSERT INTO search (search, rank) VALUES ('automerge', 8);

-- The index in memory counts and orders: these are no longer read.
DROP INDEX alerts_open;
DROP INDEX alerts_new;
DROP INDEX alerts_in_progress;
DROP INDEX alerts_closed;
DROP INDEX alerts_severity;
DROP INDEX alerts_source;
DROP INDEX alerts_added;

ALTER TABLE alerts DROP COLUMN title;
ALTER TABLE alerts DROP COLUMN url;
ALTER TABLE alerts ADD COLUMN epss REAL;
ALTER TABLE alerts ADD COLUMN relevance REAL;
ALTER TABLE alerts ADD COLUMN kev INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN ransomware INTEGER NOT NULL DEFAULT 0;
-- Why it was closed, until when it sleeps, when somebody last looked.
ALTER TABLE alerts ADD COLUMN reason TEXT;
ALTER TABLE alerts ADD COLUMN until INTEGER;
ALTER TABLE alerts ADD COLUMN looked INTEGER;
-- Numbers of `terms`, as LEB128, ascending.
ALTER TABLE alerts ADD COLUMN facets BLOB NOT NULL DEFAULT x'';
CREATE INDEX alerts_until ON alerts (until) WHERE until IS NOT NULL;

-- Values of facets that an alert can have several of (model::Facet), in their normal form.
CREATE TABLE terms (
    -- Never given twice: the index in memory knows terms by it.
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    facet INTEGER NOT NULL,
    value TEXT    NOT NULL,
    UNIQUE (facet, value)
) STRICT;

-- Tags that people gave, as they wrote them; an alert has one spelling of each (`folded`: lower case).
CREATE TABLE tags (
    alert  INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    folded TEXT    NOT NULL,
    tag    TEXT    NOT NULL,
    PRIMARY KEY (alert, folded)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_folded ON tags (folded, tag);

-- The number of a note that was removed is never given again: undo brings the note back under it.
CREATE TABLE notes (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    alert  INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL,
    edited INTEGER,
    text   TEXT    NOT NULL
) STRICT;
CREATE INDEX notes_alert ON notes (alert);

-- What changed, by kind: JSON (model::Happened). The entries are written anew by migrate/search.rs.
DROP INDEX changes_alert;
ALTER TABLE changes RENAME TO changes_old;
CREATE TABLE changes (
    id    INTEGER PRIMARY KEY,
    alert INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    at    INTEGER NOT NULL,
    kind  TEXT    NOT NULL,
    what  TEXT    NOT NULL
) STRICT;
CREATE INDEX changes_alert ON changes (alert);

-- What was done, as JSON (model::Act), to how many alerts; per alert what it had before and after of what
-- the act changed, as JSON.
ALTER TABLE triage ADD COLUMN act TEXT NOT NULL DEFAULT '{}';
ALTER TABLE triage ADD COLUMN alerts INTEGER NOT NULL DEFAULT 0;
UPDATE triage SET
    act = json_object('kind', 'set_state', 'state', state, 'reason', NULL, 'until', NULL),
    alerts = (SELECT count(*) FROM triage_entries e WHERE e.triage = triage.id);
ALTER TABLE triage DROP COLUMN state;

CREATE TABLE triage_entries_new (
    triage INTEGER NOT NULL REFERENCES triage (id) ON DELETE CASCADE,
    alert  INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    before TEXT    NOT NULL,
    after  TEXT    NOT NULL,
    PRIMARY KEY (triage, alert)
) STRICT, WITHOUT ROWID;
INSERT INTO triage_entries_new (triage, alert, before, after)
    SELECT e.triage, e.alert,
           json_object('state', e.before, 'unread', json(iif(e.unread, 'true', 'false'))),
           json_object('state', json_extract(t.act, '$.state'), 'unread', json('false'))
    FROM triage_entries e JOIN triage t ON t.id = e.triage;
DROP TABLE triage_entries;
ALTER TABLE triage_entries_new RENAME TO triage_entries;
CREATE INDEX triage_entries_alert ON triage_entries (alert);

-- What undo takes back when no act is named: every opened alert is an act of reading, and none of these.
CREATE INDEX triage_open ON triage (id)
    WHERE undone IS NULL AND (act <> '{"kind":"set_read","read":true}' OR alerts > 1);

-- What retention removed: it does not come back with the next collection, but where it is exploited now
-- and was not then.
CREATE TABLE tombstones (
    uid       TEXT PRIMARY KEY,
    removed   INTEGER NOT NULL,
    exploited INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Facts about the database itself (store/meta.rs): when it was last optimised, whether it is in use.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- "Tocs": so that a file without its name is known as ours.
PRAGMA application_id = 1416586099;
