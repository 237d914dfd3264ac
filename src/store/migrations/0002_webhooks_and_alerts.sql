-- Only types and words that SQLite and PostgreSQL share. Times are milliseconds since 1970, UTC.

-- Deliveries of Recall.ai, so that a duplicate is recognised.
CREATE TABLE webhooks (
    id          TEXT PRIMARY KEY,               -- the sender's own
    workspace   TEXT NOT NULL,
    event       TEXT NOT NULL,
    body        TEXT,                           -- only of what could not be parsed, and of what was set aside
    received_at BIGINT NOT NULL
);
CREATE INDEX webhooks_by_time ON webhooks (received_at, id);
CREATE INDEX webhooks_by_workspace ON webhooks (workspace, received_at);
CREATE INDEX webhooks_with_body ON webhooks (received_at, id) WHERE body IS NOT NULL;

-- What happened to bots. The same thing, reported twice in whichever way, is one row.
CREATE TABLE events (
    bot         TEXT NOT NULL,
    name        TEXT NOT NULL,                  -- what happened and when
    body        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (bot, name)
);

-- The bots: what is known and was sent about each, and when to evaluate it again.
CREATE TABLE bots (
    bot                TEXT PRIMARY KEY,
    workspace          TEXT NOT NULL,           -- whose bot it is
    workspace_proven   BOOLEAN NOT NULL DEFAULT FALSE,  -- Recall.ai said so; else whoever told of it first
    last_event_at      BIGINT NOT NULL,
    due_at             BIGINT,                  -- when to evaluate it; none: not before the next event
    last_alert         TEXT,                    -- what was last sent about it
    api_response       TEXT,                    -- what Recall.ai last said of it
    fetched_at         BIGINT,
    lookup_at          BIGINT,                  -- when to ask Recall.ai; none: no need to
    lookup_priority    BIGINT NOT NULL DEFAULT 2,   -- 0 at risk, 1 failed and alerted, 2 other
    lookup_lease_until BIGINT NOT NULL DEFAULT 0,   -- also of one that is postponed
    lookup_failures    BIGINT NOT NULL DEFAULT 0,   -- since the last event
    lookup_failed_at   BIGINT
);
CREATE INDEX bots_by_due ON bots (due_at);
CREATE INDEX bots_by_lookup ON bots (lookup_priority, lookup_at, bot) WHERE lookup_at IS NOT NULL;
CREATE INDEX bots_by_lookup_lease ON bots (lookup_lease_until) WHERE lookup_lease_until > 0;
CREATE INDEX bots_by_last_event ON bots (last_event_at, bot);

-- Alerts: one row for each bot and channel, whatever happens.
CREATE TABLE alerts (
    bot         TEXT NOT NULL,
    channel     TEXT NOT NULL,
    cause       TEXT NOT NULL,                  -- of the first alert
    group_id    TEXT,                           -- the alert group that counts it; none: it has its own message
    alerted_at  BIGINT NOT NULL,
    resolved    BOOLEAN NOT NULL DEFAULT FALSE, -- it recorded after all
    listed      BOOLEAN NOT NULL DEFAULT FALSE, -- it is in the list of its group
    mention     TEXT,
    PRIMARY KEY (bot, channel)
);
CREATE INDEX alerts_by_channel ON alerts (channel, group_id, alerted_at);
CREATE INDEX alerts_by_group ON alerts (group_id, listed);

-- Messages that count many alerts.
CREATE TABLE alert_groups (
    id          TEXT PRIMARY KEY,
    channel     TEXT NOT NULL,
    cause       TEXT,                           -- none: various
    body        TEXT NOT NULL,                  -- what it says beside the numbers
    single      BIGINT NOT NULL,                -- alerts with a message of their own before it
    grouped     BIGINT NOT NULL,
    resolved    BIGINT NOT NULL,
    since       BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    due_at      BIGINT                          -- when to update it; none: it is closed
);
CREATE INDEX alert_groups_by_channel ON alert_groups (channel, last_at);
CREATE INDEX alert_groups_by_due ON alert_groups (due_at);
CREATE INDEX alert_groups_by_time ON alert_groups (last_at, id);

-- Single values about the service itself: where a list is read on, who holds the leader lease,
-- when a workspace may be asked again.
CREATE TABLE service_state (
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL
);
