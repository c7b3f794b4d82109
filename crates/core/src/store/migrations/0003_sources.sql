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
