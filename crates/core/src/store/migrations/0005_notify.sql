-- Messages have a form and a time of their own, and say how each attempt went.

ALTER TABLE deliveries ADD COLUMN form TEXT NOT NULL DEFAULT 'alerts';
-- When it is to go out: the end of its grouping or of the quiet hours, or the digest's time. `next_attempt`
-- is that, or later.
ALTER TABLE deliveries ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
-- Which digest it is: `2026-11-23T08:00 Europe/Berlin`. A channel gets each once, whatever a clock does.
ALTER TABLE deliveries ADD COLUMN slot TEXT;
-- What went out, as it was rendered (JSON); forgotten after a while.
ALTER TABLE deliveries ADD COLUMN message TEXT;
-- What the service calls it: what later messages of the same alert hang on.
ALTER TABLE deliveries ADD COLUMN reference TEXT;
-- What a notice speaks of: the name of the channel and what happened to it (JSON).
ALTER TABLE deliveries ADD COLUMN about TEXT;
UPDATE deliveries SET due = created;

-- What tried-again messages were called before.
UPDATE deliveries SET state = 'retrying' WHERE state = 'waiting' AND attempts > 0;

-- What is next on a channel; what alerts still join, and what expires.
DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_waiting ON deliveries (channel, next_attempt) WHERE state IN ('waiting', 'retrying');
CREATE INDEX deliveries_due ON deliveries (channel, form, due) WHERE state IN ('waiting', 'retrying');
CREATE UNIQUE INDEX deliveries_slot ON deliveries (channel, slot) WHERE slot IS NOT NULL;
CREATE INDEX deliveries_slots ON deliveries (due) WHERE slot IS NOT NULL;
-- The folders of the screen, newest first.
CREATE INDEX deliveries_folder ON deliveries (channel, state);
CREATE INDEX deliveries_digests ON deliveries (channel) WHERE form IN ('digest', 'quiet');
CREATE INDEX deliveries_messages ON deliveries (finished) WHERE message IS NOT NULL;

-- The names of the rules that asked for it (JSON), and when it was routed where it counts for their caps
-- (went out at once); else 0.
ALTER TABLE delivery_alerts ADD COLUMN rules TEXT NOT NULL DEFAULT '[]';
ALTER TABLE delivery_alerts ADD COLUMN routed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX delivery_alerts_routed ON delivery_alerts (channel, routed) WHERE routed > 0;
-- What the bell lists.
CREATE INDEX delivery_alerts_at ON delivery_alerts (at, alert, change);

-- Each attempt: when it began, when it ended (empty while it runs), and how.
CREATE TABLE attempts (
    id       INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    channel  TEXT    NOT NULL,
    began    INTEGER NOT NULL,
    ended    INTEGER,
    fault    TEXT
) STRICT;
CREATE INDEX attempts_delivery ON attempts (delivery);
CREATE INDEX attempts_recent ON attempts (channel, ended);
CREATE INDEX attempts_running ON attempts (began) WHERE ended IS NULL;

-- How each channel does.
CREATE TABLE channels (
    channel      TEXT    PRIMARY KEY,
    last_success INTEGER,
    last_failure INTEGER,
    -- Failed attempts since the last success.
    failures     INTEGER NOT NULL DEFAULT 0,
    fault        TEXT,
    -- Since when it is stopped and waits for somebody.
    stopped      INTEGER,
    -- What the others were told when it stopped (a fault's code), until it works again.
    told         TEXT,
    -- What the service asked us to wait for.
    held_until   INTEGER,
    last_test    INTEGER
) STRICT, WITHOUT ROWID;

-- What a source's first collection, a backfill or an import brought is no news: nobody was to be notified of it.
ALTER TABLE alerts ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
-- As far as what is stored already tells: seen, and nobody looked.
UPDATE alerts SET quiet = 1 WHERE unread = 0 AND looked IS NULL;
-- What a rule would have sent is asked of these.
CREATE INDEX alerts_news ON alerts (added) WHERE quiet = 0;
CREATE INDEX changes_news ON changes (at) WHERE quiet = 0;
