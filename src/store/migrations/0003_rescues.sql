-- Attempts to get a recording while the meeting runs. src/rescue/attempt.rs has the table of their steps.
CREATE TABLE rescues (
    press       TEXT PRIMARY KEY,               -- the delivery that decided it, or automatic/<bot>
    bot         TEXT NOT NULL,
    number      BIGINT,                         -- which attempt of the bot it is; none: nothing was sent, so it doesn't count
    workspace   TEXT NOT NULL,
    plan        TEXT NOT NULL,                  -- ask, start
    digest      TEXT NOT NULL,                  -- of what was shown before
    text        TEXT,                           -- the message to the host
    user_id     TEXT,                           -- who decided it; none: the service
    body        TEXT NOT NULL,                  -- who pressed where; emptied once it is over
    card        TEXT,                           -- where the card is that says what comes of it
    shown       TEXT,                           -- what that card last said
    heard_until BIGINT NOT NULL,                -- the bot's last status then, by Recall.ai's clock
    created_at  BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    leases      BIGINT NOT NULL DEFAULT 0,
    not_begun   TEXT,                           -- why it ended before its first step
    message     TEXT,                           -- what came of the message
    request     TEXT,                           -- what came of the request, or of the start
    finished_at BIGINT
);
CREATE UNIQUE INDEX rescues_by_number ON rescues (bot, number);
CREATE INDEX rescues_open ON rescues (created_at, press) WHERE finished_at IS NULL;
CREATE INDEX rescues_by_time ON rescues (created_at, press);
