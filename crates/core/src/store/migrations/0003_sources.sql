-- Format 3: what sources know of themselves and of CVEs.

-- Schedule and health. `rhythm` is what the newest document said about how often to come, with when its
-- entries were published; `note` says what a person should know of a run, or why a due one was not made.
ALTER TABLE sources ADD COLUMN first_failure INTEGER;
ALTER TABLE sources ADD COLUMN newest_item INTEGER;
ALTER TABLE sources ADD COLUMN rhythm_min INTEGER;
ALTER TABLE sources ADD COLUMN empty_since INTEGER;
ALTER TABLE sources ADD COLUMN rhythm TEXT;
ALTER TABLE runs ADD COLUMN why TEXT NOT NULL DEFAULT 'schedule';
ALTER TABLE runs ADD COLUMN note TEXT;

-- Enrichment: what sources say of alerts that other sources bring. It is kept here whole, so that an alert
-- that comes later takes it; what is stored already has it in its own row.

-- CISA's catalogue, as model::Kev in JSON.
CREATE TABLE kev (
    cve   TEXT PRIMARY KEY,
    entry TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The KEV fields of the source's own record, of alerts that show the catalogue's instead.
CREATE TABLE kev_own (
    alert INTEGER PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
    entry TEXT NOT NULL
) STRICT;

-- EPSS' scores. The key is the CVE: its year << 32 | its number.
CREATE TABLE epss (
    cve         INTEGER PRIMARY KEY,
    probability REAL    NOT NULL,
    percentile  REAL    NOT NULL,
    day         INTEGER NOT NULL
) STRICT;

-- Which editions of OWASP's lists are collected, and which weakness belongs to which entry.
CREATE TABLE owasp_editions (
    list    TEXT NOT NULL,
    edition TEXT NOT NULL,
    PRIMARY KEY (list, edition)
) STRICT, WITHOUT ROWID;
CREATE TABLE owasp_map (
    cwe     TEXT NOT NULL,
    list    TEXT NOT NULL,
    edition TEXT NOT NULL,
    code    TEXT NOT NULL,
    PRIMARY KEY (cwe, list, edition, code)
) STRICT, WITHOUT ROWID;
