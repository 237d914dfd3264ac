-- Only types and words that SQLite and PostgreSQL share. Times are milliseconds since 1970, UTC.

-- Interactions from people, until they are answered.
CREATE TABLE inbox (
    delivery_id TEXT PRIMARY KEY,           -- the dedup key: the sender's own id of the delivery
    body        TEXT NOT NULL,              -- emptied once it is answered: it may hold a link that expires
    state       TEXT NOT NULL,              -- waiting, done, dead
    received_at BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0,
    last_error  TEXT
);
CREATE INDEX inbox_by_state ON inbox (state, due_at);
CREATE INDEX inbox_by_time ON inbox (received_at, delivery_id);

-- Messages to send, until they are sent. src/store/outbox.rs has the table of their states.
CREATE TABLE outbox (
    seq           AUTO_NUMBER,              -- the order, which no clock can change
    id            TEXT NOT NULL UNIQUE,     -- derived from what it answers or tells of, so it exists once
    channel       TEXT NOT NULL,            -- where it goes: a channel, or one person in it; one message at a time
    ordering_key  TEXT NOT NULL,            -- messages with the same key are sent in order
    class         BIGINT NOT NULL,          -- the lower ones of a channel go first
    thread_parent TEXT,                     -- the outbox message in whose thread it goes
    edits         TEXT,                     -- the outbox message that this one edits
    threadless    BOOLEAN NOT NULL DEFAULT FALSE,  -- it can have no thread, so what belongs there is shown in it
    bot           TEXT NOT NULL,            -- the bot that it is about, or nothing
    kind          TEXT NOT NULL,            -- verdict, details, notice and so on
    body          TEXT NOT NULL,            -- emptied once it is sent
    state         TEXT NOT NULL,            -- due, leased, sent, superseded, dead
    created_at    BIGINT NOT NULL,
    due_at        BIGINT NOT NULL DEFAULT 0,     -- 0: at once, whatever the clock says
    attempted_at  BIGINT NOT NULL DEFAULT 0,
    lease_until   BIGINT NOT NULL DEFAULT 0,
    attempts      BIGINT NOT NULL DEFAULT 0,
    lost_leases   BIGINT NOT NULL DEFAULT 0,     -- leases that ended without a word: the process was killed
    in_doubt      BOOLEAN NOT NULL DEFAULT FALSE,  -- sent, perhaps; the outcome is unknown
    redirect_note TEXT,                     -- why it is in another channel than the one it was meant for
    platform_message_id TEXT,
    finished_at   BIGINT,
    last_error    TEXT
);
CREATE INDEX outbox_open ON outbox (channel, class, seq) WHERE state IN ('due', 'leased');
CREATE INDEX outbox_open_by_ordering_key ON outbox (ordering_key, seq) WHERE state IN ('due', 'leased');
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'leased';
CREATE INDEX outbox_by_state ON outbox (state, finished_at, id);
CREATE INDEX outbox_by_thread_parent ON outbox (thread_parent);
CREATE INDEX outbox_by_edits ON outbox (edits);
CREATE INDEX outbox_by_platform_message ON outbox (channel, platform_message_id);
CREATE INDEX outbox_by_bot ON outbox (bot);
CREATE INDEX outbox_by_end ON outbox (finished_at, id);

-- What is known of a channel: until when it takes no message, and since when it refuses them.
CREATE TABLE channels (
    channel       TEXT PRIMARY KEY,         -- or the name of a platform, for all of its channels
    not_before    BIGINT NOT NULL DEFAULT 0,
    set_at        BIGINT NOT NULL DEFAULT 0,     -- when not_before was set, so that a clock that steps back is noticed
    refused_since BIGINT,
    refused_at    BIGINT,                   -- the last refusal
    reason        TEXT
);
CREATE INDEX channels_by_not_before ON channels (not_before);

-- What people answered about the host of a bot.
CREATE TABLE host_answers (
    bot              TEXT PRIMARY KEY,
    host_was_present BOOLEAN NOT NULL,
    user_id          TEXT NOT NULL,
    answered_at      BIGINT NOT NULL
);
CREATE INDEX host_answers_by_time ON host_answers (answered_at, bot);

-- Who asked and pressed what.
CREATE TABLE audit (
    delivery_id TEXT PRIMARY KEY,
    at          BIGINT NOT NULL,
    chat        TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    channel     TEXT NOT NULL,
    action      TEXT NOT NULL,
    allowed     BOOLEAN NOT NULL
);
CREATE INDEX audit_by_time ON audit (at, delivery_id);

-- The bots that texts name, so that what names a bot is found when it is to be forgotten.
CREATE TABLE mentions (
    bot     TEXT NOT NULL,
    kind    TEXT NOT NULL,                  -- the table: inbox, audit, webhooks
    row_id  TEXT NOT NULL,                  -- its primary key
    PRIMARY KEY (bot, kind, row_id)
);
CREATE INDEX mentions_by_row ON mentions (kind, row_id);
