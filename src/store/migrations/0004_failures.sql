-- Only types and words that SQLite and PostgreSQL share. Times are milliseconds since 1970, UTC.

-- Bots whose recording failed: one row for each, removed if it turns out that it didn't.
CREATE TABLE failures (
    bot            TEXT PRIMARY KEY,
    recurrence_key TEXT,                        -- whose failure it is: a kind, `:` and an HMAC; none: not known
    cause          TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    actor          TEXT NOT NULL,               -- who can fix it
    sub_code       TEXT,
    at             BIGINT NOT NULL              -- when it happened
);
CREATE INDEX failures_by_key ON failures (recurrence_key, at, cause, bot);
CREATE INDEX failures_by_time ON failures (at, bot);

-- As Recall.ai's last response shows it: the metadata of webhooks comes first.
ALTER TABLE bots ADD COLUMN recurrence_key TEXT;
