//! Rows of the inbox: accepted once, leased while they are worked on, completed together with their answer.

use jiff::{SignedDuration, Timestamp};

use super::outbox::{NewOutboxRow, insert};
use super::{Backlog, Body, Store, StoreError, mentions, params};

/// Whether a delivery was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is committed, and will be answered.
    New,
    /// It came before; the sender repeats itself.
    Duplicate,
    /// A webhook about a bot of a workspace that its sender does not speak for. It is kept, and changes nothing.
    SetAside,
}

/// A leased item, to be answered before the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedItem {
    /// The sender's delivery ID.
    pub delivery_id: String,
    /// Its body.
    pub body: Body,
    /// How often it was leased, this time included.
    pub attempts: i64,
}

impl Store {
    /// Commits what arrived. When this returns, it will be answered, whatever happens to the process.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; it is then to be refused.
    pub async fn accept(
        &self,
        delivery_id: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Accepted, StoreError> {
        let sql = "INSERT INTO inbox (delivery_id, body, state, received_at, due_at)
                   VALUES ($1, $2, 'waiting', $3, $3) ON CONFLICT DO NOTHING";
        let mut transaction = self.database.begin().await?;
        let is_new = transaction.execute(sql, params![delivery_id, body, now]).await? > 0;
        if is_new {
            mentions::insert(&mut transaction, mentions::Kind::Inbox, &[(delivery_id, body)]).await?;
        }
        transaction.commit().await?;
        Ok(if is_new { Accepted::New } else { Accepted::Duplicate })
    }

    /// Leases the item that has waited longest, if one is due. Items that were leased before are worked on one at a
    /// time: one of them may be what ends the process, and must not use up the attempts of the others.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease_item(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<LeasedItem>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "SELECT delivery_id, body, attempts + 1 FROM inbox
                   WHERE state = 'waiting' AND due_at <= $1 AND lease_until <= $1
                     AND (attempts = 0 OR NOT EXISTS (SELECT 1 FROM inbox s
                       WHERE s.state = 'waiting' AND s.attempts > 1 AND s.lease_until > $1))
                   ORDER BY due_at, delivery_id LIMIT 1 FOR UPDATE SKIP LOCKED";
        let Some(row) = transaction.fetch_optional(sql, params![now]).await? else { return Ok(None) };
        let leased = LeasedItem {
            delivery_id: row.get(0)?,
            body: row.get::<String>(1)?.into(),
            attempts: row.get(2)?,
        };
        let sql = "UPDATE inbox SET lease_until = $2, attempts = attempts + 1 WHERE delivery_id = $1";
        transaction.execute(sql, params![&leased.delivery_id, now + length]).await?;
        transaction.commit().await?;
        Ok(Some(leased))
    }

    /// Completes an item and enqueues its answer in one transaction (a transactional outbox). Returns `false` if its
    /// lease ended and another worker has it; then nothing is done.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; then neither is done.
    pub async fn finish(
        &self,
        item: &LeasedItem,
        rows: &[NewOutboxRow],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = "UPDATE inbox SET state = 'done', body = '', lease_until = 0, last_error = $3
                    WHERE delivery_id = $1 AND attempts = $2 AND state = 'waiting'";
        self.end_item(done, item, None, rows, now).await
    }

    /// Makes an item a dead letter and enqueues a notice to its requester. Returns `false` if its lease ended; then
    /// nothing is done.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn dead_letter_item(
        &self,
        item: &LeasedItem,
        error: &str,
        rows: &[NewOutboxRow],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let dead = "UPDATE inbox SET state = 'dead', lease_until = 0, last_error = $3
                    WHERE delivery_id = $1 AND attempts = $2 AND state = 'waiting'";
        self.end_item(dead, item, Some(error), rows, now).await
    }

    async fn end_item(
        &self,
        update: &'static str,
        item: &LeasedItem,
        error: Option<&str>,
        rows: &[NewOutboxRow],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        if transaction.execute(update, params![&item.delivery_id, item.attempts, error]).await? == 0 {
            return Ok(false);
        }
        for outgoing in rows {
            insert(&mut transaction, outgoing, now).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns an item to the queue for a later retry. Returns `false` if its lease ended; then nothing is done.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; the item is retried when its lease ends.
    pub async fn postpone_item(
        &self,
        item: &LeasedItem,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE inbox SET lease_until = 0, due_at = $3, last_error = $4
                   WHERE delivery_id = $1 AND attempts = $2 AND state = 'waiting'";
        let postponed =
            self.database.execute(sql, params![&item.delivery_id, item.attempts, until, error]).await?;
        Ok(postponed > 0)
    }

    /// Returns the backlog.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn inbox_backlog(&self) -> Result<Backlog, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'waiting'),
                          (SELECT COUNT(*) FROM inbox WHERE state = 'dead'),
                          (SELECT MIN(received_at) FROM inbox WHERE state = 'waiting')";
        Backlog::read(&self.database.fetch_one(sql, params![]).await?)
    }
}
