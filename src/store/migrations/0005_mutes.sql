-- What is muted in which channel. A mute is over at ends_at, or when a person ended it; then ends_at is that moment.
CREATE TABLE mutes (
    id          TEXT PRIMARY KEY,
    channel     TEXT NOT NULL,
    scope       TEXT NOT NULL,                  -- bot, cause, key, channel
    value       TEXT NOT NULL,                  -- which of these
    title       TEXT NOT NULL,                  -- of the cause; of a key, the bot by which a person named it
    author      TEXT NOT NULL,
    reason      TEXT,
    press       TEXT NOT NULL,                  -- the delivery that last set its end
    created_at  BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL,
    is_over     BOOLEAN NOT NULL DEFAULT FALSE,
    ended_by    TEXT                            -- the person; none: it is active, or its time passed
);
CREATE INDEX mutes_active ON mutes (channel, ends_at) WHERE NOT is_over;
CREATE INDEX mutes_due ON mutes (ends_at, id) WHERE NOT is_over;
CREATE INDEX mutes_by_end ON mutes (ends_at, id);
CREATE INDEX mutes_by_value ON mutes (value);
CREATE INDEX mutes_by_title ON mutes (title) WHERE scope = 'key';

-- Who takes care of a bot.
CREATE TABLE acknowledgements (
    bot         TEXT PRIMARY KEY,
    user_id     TEXT,                           -- none: the last one gave it back
    at          BIGINT NOT NULL
);
CREATE INDEX acknowledgements_by_time ON acknowledgements (at, bot);

ALTER TABLE alerts ADD COLUMN muted_by TEXT;    -- the mute that keeps it back; none: it was sent
CREATE INDEX alerts_by_mute ON alerts (muted_by) WHERE muted_by IS NOT NULL;
CREATE INDEX alerts_by_time ON alerts (channel, alerted_at);
