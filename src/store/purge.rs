//! Purges old rows in slices, so that others can write in between and no statement takes long.

use jiff::{SignedDuration, Timestamp};

use super::{Store, StoreError, mentions, params};

/// Rows per transaction.
const SLICE: usize = 500;
/// Minimum retention of delivery IDs, so that a late duplicate is recognised.
const DELIVERY_IDS_KEPT: SignedDuration = SignedDuration::from_hours(72);
/// A bot with an event within this time is in use, because a call may last that long.
const LIVES_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long daily counts are kept: longer than the longest digest and the time that it is compared with.
const DAILY_COUNTS_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// An outbox message goes after those that refer to it: an edit of a message in a thread is two steps away from
/// the message above.
const ROUNDS_MAX: usize = 4;

/// SQL condition: the bot is in use. Its events, its alerts, and the messages that could still be edited are kept
/// however old they are. `$2` is [`LIVES_FOR`] ago.
macro_rules! lives {
    () => {
        "(bots.due_at IS NOT NULL OR bots.last_event_at >= $2)"
    };
}

/// Age from which rows are purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    /// The configured retention.
    Record,
    /// The retention of delivery IDs.
    DeliveryId,
}

/// A kind of rows to purge.
struct Kind {
    age: Age,
    /// Selects the next rows that are old enough: their key, their time, and whether the row may be deleted. `$1` is
    /// how old, `$2` since when a bot lives, `$3` and `$4` the last row seen, `$5` how many.
    find: &'static str,
    /// Deletes those rows; the last statement counts them.
    delete: &'static [&'static str],
    /// The kind of mentions that these rows have.
    mentions: Option<mentions::Kind>,
}

/// In this order: what refers to a bot goes after it.
const KINDS: &[Kind] = &[
    Kind {
        age: Age::DeliveryId,
        find: "SELECT delivery_id, received_at, state <> 'waiting' FROM inbox
               WHERE (received_at, delivery_id) > ($3, $4) AND received_at < $1
               ORDER BY received_at, delivery_id LIMIT $5 FOR UPDATE SKIP LOCKED",
        delete: &["DELETE FROM inbox WHERE delivery_id IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: Some(mentions::Kind::Inbox),
    },
    Kind {
        age: Age::Record,
        find: "SELECT delivery_id, at, TRUE FROM audit
               WHERE (at, delivery_id) > ($3, $4) AND at < $1
               ORDER BY at, delivery_id LIMIT $5 FOR UPDATE SKIP LOCKED",
        delete: &["DELETE FROM audit WHERE delivery_id IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: Some(mentions::Kind::Audit),
    },
    Kind {
        age: Age::DeliveryId,
        find: "SELECT id, received_at, TRUE FROM webhooks
               WHERE (received_at, id) > ($3, $4) AND received_at < $1
               ORDER BY received_at, id LIMIT $5 FOR UPDATE SKIP LOCKED",
        delete: &["DELETE FROM webhooks WHERE id IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: Some(mentions::Kind::Webhooks),
    },
    Kind {
        age: Age::Record,
        find: "SELECT id, received_at, TRUE FROM webhooks
               WHERE body IS NOT NULL AND (received_at, id) > ($3, $4) AND received_at < $1
               ORDER BY received_at, id LIMIT $5 FOR UPDATE SKIP LOCKED",
        delete: &["UPDATE webhooks SET body = NULL WHERE id IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: Some(mentions::Kind::Webhooks),
    },
    Kind {
        age: Age::Record,
        find: concat!(
            "SELECT bot, last_event_at, NOT ",
            lives!(),
            " FROM bots WHERE (last_event_at, bot) > ($3, $4) AND last_event_at < $1
              ORDER BY last_event_at, bot LIMIT $5 FOR UPDATE SKIP LOCKED"
        ),
        delete: &[
            // In the same transaction, so that each bot is counted exactly once. In one order, so that two instances
            // don't wait for each other.
            "INSERT INTO daily_counts (day, counted_as, bots)
             SELECT b.counted_day, b.counted_as, COUNT(*)
             FROM json_each($1) AS n JOIN bots b ON b.bot = n.value ->> 0 WHERE b.counted_day IS NOT NULL
             GROUP BY b.counted_day, b.counted_as ORDER BY b.counted_day, b.counted_as
             ON CONFLICT (day, counted_as) DO UPDATE SET bots = daily_counts.bots + excluded.bots",
            "DELETE FROM events WHERE bot IN (SELECT value ->> 0 FROM json_each($1))",
            "DELETE FROM alerts WHERE bot IN (SELECT value ->> 0 FROM json_each($1))",
            "DELETE FROM failures WHERE bot IN (SELECT value ->> 0 FROM json_each($1))",
            "DELETE FROM bots WHERE bot IN (SELECT value ->> 0 FROM json_each($1))",
        ],
        mentions: None,
    },
    Kind {
        age: Age::Record,
        find: concat!(
            "SELECT bot, at, NOT EXISTS (SELECT 1 FROM bots WHERE bots.bot = failures.bot AND ",
            lives!(),
            ") FROM failures WHERE (at, bot) > ($3, $4) AND at < $1
              ORDER BY at, bot LIMIT $5 FOR UPDATE SKIP LOCKED"
        ),
        delete: &["DELETE FROM failures WHERE bot IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: None,
    },
    Kind {
        age: Age::Record,
        find: concat!(
            "SELECT bot, answered_at,
               NOT EXISTS (SELECT 1 FROM bots WHERE bots.bot = host_answers.bot AND ",
            lives!(),
            ") FROM host_answers WHERE (answered_at, bot) > ($3, $4) AND answered_at < $1
              ORDER BY answered_at, bot LIMIT $5 FOR UPDATE SKIP LOCKED"
        ),
        delete: &["DELETE FROM host_answers WHERE bot IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: None,
    },
    Kind {
        age: Age::Record,
        find: concat!(
            "SELECT bot, at,
               NOT EXISTS (SELECT 1 FROM bots WHERE bots.bot = acknowledgements.bot AND ",
            lives!(),
            ") FROM acknowledgements WHERE (at, bot) > ($3, $4) AND at < $1
              ORDER BY at, bot LIMIT $5 FOR UPDATE SKIP LOCKED"
        ),
        delete: &["DELETE FROM acknowledgements WHERE bot IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: None,
    },
    Kind {
        age: Age::Record,
        find: "SELECT id, ends_at, is_over FROM mutes WHERE (ends_at, id) > ($3, $4) AND ends_at < $1
               ORDER BY ends_at, id LIMIT $5 FOR UPDATE SKIP LOCKED",
        delete: &["DELETE FROM mutes WHERE id IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: None,
    },
    Kind {
        age: Age::Record,
        find: "SELECT press, created_at, finished_at IS NOT NULL FROM rescues
               WHERE (created_at, press) > ($3, $4) AND created_at < $1
               ORDER BY created_at, press LIMIT $5 FOR UPDATE SKIP LOCKED",
        delete: &["DELETE FROM rescues WHERE press IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: None,
    },
    Kind {
        age: Age::Record,
        find: "SELECT id, last_at, due_at IS NULL AND last_at < $2
                 AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.group_id = alert_groups.id)
               FROM alert_groups WHERE (last_at, id) > ($3, $4) AND last_at < $1
               ORDER BY last_at, id LIMIT $5 FOR UPDATE SKIP LOCKED",
        delete: &["DELETE FROM alert_groups WHERE id IN (SELECT value ->> 0 FROM json_each($1))"],
        mentions: None,
    },
];

/// Finished messages. A message that another one edits or replies to is found by its ID, so it is deleted later.
const OUTBOX: Kind = Kind {
    age: Age::Record,
    find: concat!(
        "SELECT id, finished_at, state IN ('sent', 'superseded', 'dead')
           AND NOT EXISTS (SELECT 1 FROM outbox other WHERE other.thread_parent = outbox.id)
           AND NOT EXISTS (SELECT 1 FROM outbox other WHERE other.edits = outbox.id)
           AND NOT EXISTS (SELECT 1 FROM alert_groups WHERE alert_groups.id = outbox.id)
           AND NOT EXISTS (SELECT 1 FROM mutes WHERE mutes.id = substr(outbox.id, 6) AND NOT mutes.is_over)
           AND NOT EXISTS (SELECT 1 FROM bots WHERE bots.bot = outbox.bot AND ",
        lives!(),
        ") FROM outbox WHERE (finished_at, id) > ($3, $4) AND finished_at < $1
          ORDER BY finished_at, id LIMIT $5 FOR UPDATE SKIP LOCKED"
    ),
    delete: &["DELETE FROM outbox WHERE id IN (SELECT value ->> 0 FROM json_each($1))"],
    mentions: None,
};

impl Store {
    /// Deletes finished rows older than `kept`, and returns their number. Rows in use are kept even if `kept` is
    /// zero: waiting questions and messages, and bots that are due or had an event within a day, with their alerts.
    /// Delivery IDs are kept for at least three days.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails. Rows deleted by then stay deleted.
    pub async fn purge(&self, now: Timestamp, kept: SignedDuration) -> Result<u64, StoreError> {
        let mut purged = 0;
        for kind in KINDS {
            purged += self.purge_kind(kind, now, kept).await?;
        }
        for _ in 0..ROUNDS_MAX {
            match self.purge_kind(&OUTBOX, now, kept).await? {
                0 => break,
                some => purged += some,
            }
        }
        // They name nobody, and each day has a handful of rows.
        let first_kept = (now - DAILY_COUNTS_KEPT).as_second().div_euclid(24 * 60 * 60);
        self.database.execute("DELETE FROM daily_counts WHERE day < $1", params![first_kept]).await?;
        // A pause that is still in force is obeyed however long ago it was asked for.
        let sql = "DELETE FROM channels WHERE set_at < $1 AND not_before < $2
                   AND (refused_at IS NULL OR refused_at < $1)";
        Ok(purged + self.database.execute(sql, params![now - kept, now]).await?)
    }

    async fn purge_kind(&self, kind: &Kind, now: Timestamp, kept: SignedDuration) -> Result<u64, StoreError> {
        let before = now
            - match kind.age {
                Age::Record => kept,
                Age::DeliveryId => kept.max(DELIVERY_IDS_KEPT),
            };
        let (mut purged, mut last) = (0, (i64::MIN, String::new()));
        loop {
            let mut transaction = self.database.begin().await?;
            let values = params![before, now - LIVES_FOR, last.0, &last.1, SLICE];
            let rows = transaction.fetch_all(kind.find, values).await?;
            let mut old: Vec<String> = Vec::with_capacity(rows.len());
            for row in &rows {
                last = (row.get(1)?, row.get(0)?);
                if row.get(2)? {
                    old.push(last.1.clone());
                }
            }
            let keys: Vec<_> = old.iter().map(|key| (key,)).collect();
            for (position, sql) in kind.delete.iter().enumerate() {
                let deleted = transaction.execute_each(sql, &keys).await?;
                purged += if position + 1 == kind.delete.len() { deleted } else { 0 };
            }
            if let Some(mentions) = kind.mentions {
                mentions::delete(&mut transaction, mentions, &old).await?;
            }
            transaction.commit().await?;
            if rows.len() < SLICE {
                return Ok(purged);
            }
        }
    }
}
