-- Only types and words that SQLite and PostgreSQL share. Days are counted since 1970-01-01, UTC.

-- How a bot counts in the digest, once it has ended: on which day, and as what. src/digest/tally.rs has the words.
ALTER TABLE bots ADD COLUMN counted_day BIGINT;
ALTER TABLE bots ADD COLUMN counted_as TEXT;
CREATE INDEX bots_by_counted_day ON bots (counted_day, counted_as) WHERE counted_day IS NOT NULL;

-- The same of bots that were deleted since: numbers alone, which name nobody.
CREATE TABLE daily_counts (
    day        BIGINT NOT NULL,
    counted_as TEXT NOT NULL,
    bots       BIGINT NOT NULL,                 -- how many
    PRIMARY KEY (day, counted_as)
);
