-- Only types and words that SQLite and PostgreSQL share. Times are milliseconds since 1970, UTC.

-- What people and Recall.ai sent us, until it is answered.
CREATE TABLE inbox (
    delivery_id TEXT PRIMARY KEY,           -- the sender's own, so that a repetition is recognised
    body        TEXT NOT NULL,              -- emptied once it is answered: it may hold a link that expires
    state       TEXT NOT NULL,              -- waiting, done, buried
    received_at BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0,
    why         TEXT                        -- of a buried item
);
CREATE INDEX inbox_by_state ON inbox (state, due_at);

-- What is to be said, until it is said.
CREATE TABLE outbox (
    id          TEXT PRIMARY KEY,           -- derived from the item that it answers, so it exists once
    lane        TEXT NOT NULL,              -- one place; parcels of a lane are delivered in order
    below       TEXT,                       -- the parcel in whose thread this one goes
    subject     TEXT NOT NULL,              -- what it is about: a bot, or nothing
    kind        TEXT NOT NULL,              -- verdict, details, notice and so on
    body        TEXT NOT NULL,              -- emptied once it is delivered
    state       TEXT NOT NULL,              -- due, delivered, superseded, buried
    created_at  BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0,
    in_doubt    BOOLEAN NOT NULL DEFAULT FALSE,  -- sent, perhaps; nobody knows
    message     TEXT,                       -- the platform's name of the message
    settled_at  BIGINT,
    why         TEXT                        -- the last failure
);
CREATE INDEX outbox_by_state ON outbox (state, created_at, id);
CREATE INDEX outbox_by_lane ON outbox (lane, state, created_at, id);
CREATE INDEX outbox_by_below ON outbox (below);
CREATE INDEX outbox_by_message ON outbox (lane, message);

-- What a person answered about a bot.
CREATE TABLE answers (
    bot              TEXT PRIMARY KEY,
    host_was_present BOOLEAN NOT NULL,
    person           TEXT NOT NULL,
    answered_at      BIGINT NOT NULL
);

-- Who asked and pressed what.
CREATE TABLE audit (
    delivery_id TEXT PRIMARY KEY,
    at          BIGINT NOT NULL,
    chat        TEXT NOT NULL,
    person      TEXT NOT NULL,
    channel     TEXT NOT NULL,
    wish        TEXT NOT NULL,
    allowed     BOOLEAN NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
