//! Leases the next message.

use jiff::{SignedDuration, Timestamp};

use super::dead::give_up;
use super::{CLOCK_STEP, LeasedOutboxRow, MessageClass, OutboxLease};
use crate::store::database::{AdvisoryLock, Transaction};
use crate::store::{Store, StoreError, params};

/// Leases that may end without a result before a message is given up, because sending it ends the process.
const LOST_LEASES_MAX: i64 = 5;

impl Store {
    /// Starts a transaction under a lease; returns `None` if another worker holds it by now.
    pub(super) async fn begin_under(&self, lease: &OutboxLease) -> Result<Option<Transaction>, StoreError> {
        let mut transaction = self.database.begin().await?;
        // An update that changes nothing locks the row.
        let sql = "UPDATE outbox SET lease_until = lease_until
                   WHERE id = $1 AND attempts = $2 AND lease_until = $3 AND state = 'leased'";
        let OutboxLease { id, attempts, until } = lease;
        let ours = transaction.execute(sql, params![id, *attempts, *until]).await? > 0;
        Ok(ours.then_some(transaction))
    }

    /// Leases the next message: of the channels that accept one now, the first by class and number whose parent is
    /// sent, that is due, and that is the first of its ordering key. One message per channel is being sent at a time.
    ///
    /// A message with too many leases without a result becomes dead instead.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease_outbox(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<LeasedOutboxRow>, StoreError> {
        loop {
            let mut transaction = self.database.begin().await?;
            transaction.lock(AdvisoryLock::OutboxLease).await?;
            let (until, never) = (now + length, now + length + CLOCK_STEP);
            let values = params![now, until, now + CLOCK_STEP, never];
            let Some(row) = transaction.fetch_optional(LEASE_NEXT, values).await? else { return Ok(None) };
            let lost_leases: i64 = row.get(9)?;
            let lease = OutboxLease { id: row.get(0)?, attempts: row.get(3)?, until: until.as_millisecond() };
            if lost_leases > LOST_LEASES_MAX {
                let error =
                    format!("given up after {LOST_LEASES_MAX} attempts during which the service died");
                give_up(&mut transaction, &lease.id, &error, now).await?;
                transaction.commit().await?;
                tracing::error!(outbox.id = lease.id, error, "Message given up.");
                continue;
            }
            let mut leased = LeasedOutboxRow {
                lease,
                channel: row.get(1)?,
                body: row.get::<String>(2)?.into(),
                in_doubt: row.get(4)?,
                created_at: row.get(5)?,
                thread_parent: row.get(6)?,
                edits: row.get(7)?,
                redirect_note: row.get(8)?,
                ordering_key: row.get(10)?,
                thread: None,
                edited: None,
                threadless: false,
                class: MessageClass::of_rank(row.get(11)?),
                missed: 0,
            };
            complete(&mut transaction, &mut leased).await?;
            transaction.commit().await?;
            return Ok(Some(leased));
        }
    }
}

/// Leases the next message in one statement, so that no process can change it in between. The parameters: now, the
/// end of the lease, and the latest plausible times of a due time and of a lease's end.
///
/// Of the messages in progress when a process died, one is sent at a time: one of them may be what ended it, and must
/// not use up the attempts of the others.
///
/// The channels are found one after the other by the index of what is open, so their number counts and not that of
/// the messages.
const LEASE_NEXT: &str = "
    UPDATE outbox SET state = 'leased', lease_until = $2, attempted_at = $1, attempts = attempts + 1,
      in_doubt = (in_doubt OR state = 'leased'),
      lost_leases = lost_leases + CASE WHEN state = 'leased' THEN 1 ELSE 0 END
    WHERE seq = (
      WITH RECURSIVE open_channels(channel) AS (
        SELECT MIN(channel) FROM outbox WHERE state IN ('due', 'leased')
        UNION ALL
        SELECT (SELECT MIN(o.channel) FROM outbox o
                WHERE o.state IN ('due', 'leased') AND o.channel > open_channels.channel)
        FROM open_channels WHERE open_channels.channel IS NOT NULL
      )
      SELECT p.seq FROM open_channels c JOIN outbox p ON p.seq = (
        SELECT q.seq FROM outbox q
        WHERE q.channel = c.channel AND q.state IN ('due', 'leased')
          AND (q.state = 'leased' OR q.due_at <= $1 OR q.attempted_at > $3)
          AND (q.thread_parent IS NULL OR EXISTS (
            SELECT 1 FROM outbox a WHERE a.id = q.thread_parent AND a.state = 'sent'))
          AND (q.edits IS NULL OR EXISTS (
            SELECT 1 FROM outbox a WHERE a.id = q.edits AND a.state = 'sent'))
          AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.ordering_key = q.ordering_key AND b.seq < q.seq
            AND b.state IN ('due', 'leased'))
          AND ((q.state = 'due' AND q.lost_leases = 0) OR NOT EXISTS (SELECT 1 FROM outbox s
            WHERE s.state = 'leased' AND s.lost_leases > 0 AND s.lease_until > $1 AND s.lease_until <= $4))
        ORDER BY q.class, q.seq LIMIT 1)
      WHERE NOT EXISTS (SELECT 1 FROM outbox l WHERE l.channel = c.channel AND l.state IN ('due', 'leased')
          AND l.state = 'leased' AND l.lease_until > $1 AND l.lease_until <= $4)
        AND NOT EXISTS (SELECT 1 FROM channels w
          WHERE w.not_before > $1 AND w.set_at <= $3 AND (w.channel = c.channel
            OR (w.channel NOT LIKE '%:%' AND c.channel LIKE w.channel || ':%')))
      ORDER BY p.class, p.seq LIMIT 1)
      AND state IN ('due', 'leased')
    RETURNING id, channel, body, attempts, in_doubt, created_at, thread_parent, edits, redirect_note, lost_leases,
      ordering_key, class";

/// Looks up what a message needs to know of others: the ids of those that it refers to, and what its channel
/// missed.
async fn complete(transaction: &mut Transaction, leased: &mut LeasedOutboxRow) -> Result<(), StoreError> {
    let sql =
        "SELECT platform_message_id, thread_parent, redirect_note, threadless FROM outbox WHERE id = $1";
    let mut thread_parent = leased.thread_parent.clone();
    if let Some(edits) = &leased.edits
        && let Some(row) = transaction.fetch_optional(sql, params![edits]).await?
    {
        leased.edited = row.get(0)?;
        thread_parent = thread_parent.or(row.get(1)?);
        leased.redirect_note = leased.redirect_note.take().or(row.get(2)?);
        leased.threadless = row.get(3)?;
    }
    if let Some(parent) = thread_parent
        && let Some(row) = transaction.fetch_optional(sql, params![&parent]).await?
    {
        leased.thread = row.get(0)?;
        leased.redirect_note = leased.redirect_note.take().or(row.get(2)?);
    }
    if leased.class == MessageClass::Headline {
        let sql = "SELECT COUNT(*) FROM outbox o JOIN channels c ON c.channel = o.channel
                   WHERE c.channel = $1 AND c.refused_since IS NOT NULL AND o.state = 'dead'
                     AND o.class = 0 AND o.finished_at >= c.refused_since";
        let row = transaction.fetch_optional(sql, params![&leased.channel]).await?;
        leased.missed = row.map(|row| row.get(0)).transpose()?.unwrap_or_default();
    }
    Ok(())
}
