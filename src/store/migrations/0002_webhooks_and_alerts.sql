-- Only types and words that SQLite and PostgreSQL share. Times are milliseconds since 1970, UTC.

ALTER TABLE outbox ADD COLUMN amends TEXT;      -- the parcel whose message this one changes
ALTER TABLE outbox ADD COLUMN remark TEXT;      -- why it stands here and not where it was meant to
CREATE INDEX outbox_by_amends ON outbox (amends);

-- Deliveries of Recall.ai, so that a repetition is recognised.
CREATE TABLE webhooks (
    id          TEXT PRIMARY KEY,               -- the sender's own
    workspace   TEXT NOT NULL,
    event       TEXT NOT NULL,
    body        TEXT,                           -- only of what we could not read
    received_at BIGINT NOT NULL
);
CREATE INDEX webhooks_by_time ON webhooks (received_at);

-- What happened to bots. The same thing told twice, in whichever way, is one row.
CREATE TABLE events (
    bot         TEXT NOT NULL,
    name        TEXT NOT NULL,                  -- what, why and when
    body        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (bot, name)
);

-- The bots that were heard of: what is known and was told of each, and when to look at it again.
CREATE TABLE bots (
    bot         TEXT PRIMARY KEY,
    workspace   TEXT NOT NULL,
    heard_at    BIGINT NOT NULL,                -- the last news
    due_at      BIGINT,                         -- when to think about it; none: not before there is news
    told        TEXT,                           -- what was told of it
    learned     TEXT,                           -- what Recall.ai said when it was asked
    learned_at  BIGINT,
    ask_at      BIGINT,                         -- when to ask Recall.ai; none: no need to
    ask_until   BIGINT NOT NULL DEFAULT 0,      -- somebody asks until then
    asked       BIGINT NOT NULL DEFAULT 0,      -- how often in vain since the last news
    ask_failed_at BIGINT
);
CREATE INDEX bots_by_due ON bots (due_at);
CREATE INDEX bots_by_ask ON bots (ask_at);
CREATE INDEX bots_by_news ON bots (heard_at);

-- What was told: one row for each bot and place, whatever happens.
CREATE TABLE alerts (
    bot         TEXT NOT NULL,
    place       TEXT NOT NULL,
    cause       TEXT NOT NULL,                  -- when it was first told
    storm       TEXT,                           -- the message that counts it; none: it has its own
    told_at     BIGINT NOT NULL,
    good        BOOLEAN NOT NULL DEFAULT FALSE, -- it recorded after all
    listed      BOOLEAN NOT NULL DEFAULT FALSE, -- it is in the list of its storm
    mention     TEXT,
    PRIMARY KEY (bot, place)
);
CREATE INDEX alerts_by_place ON alerts (place, storm, told_at);
CREATE INDEX alerts_by_storm ON alerts (storm, listed);

-- Messages that count.
CREATE TABLE storms (
    id          TEXT PRIMARY KEY,
    place       TEXT NOT NULL,
    cause       TEXT,                           -- none: various
    body        TEXT NOT NULL,                  -- what it says beside the numbers
    own         BIGINT NOT NULL,                -- alerts with a message of their own before it
    folded      BIGINT NOT NULL,
    good        BIGINT NOT NULL,
    since       BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    due_at      BIGINT                          -- when to write it again; none: it is over
);
CREATE INDEX storms_by_place ON storms (place, last_at);
CREATE INDEX storms_by_due ON storms (due_at);

-- Places that took no message lately, and why.
CREATE TABLE closed_places (
    place       TEXT PRIMARY KEY,
    since       BIGINT NOT NULL,
    why         TEXT NOT NULL
);

-- Single facts about the service itself: when a list was last read, since when nothing has come.
CREATE TABLE facts (
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL
);
