//! Dead letters: how a message becomes one, with what belongs to it, and how it is sent after all.

use jiff::Timestamp;

use super::{ORPHAN, Retried};
use crate::store::database::{AdvisoryLock, Transaction};
use crate::store::dead_questions::BY_HAND;
use crate::store::{Store, StoreError, params};

/// What [`Store::drop_outbox`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The message and what belongs to it were discarded: this many rows.
    Ended(u64),
    /// It, or something that belongs to it, is being sent just now, so nothing has changed.
    UnderWay,
    /// It was delivered or replaced already.
    Finished,
    /// There is no such message.
    Unknown,
}

/// The ids of what belongs to the message `$1`: what goes into its thread, what edits it, and what belongs to these.
macro_rules! hanging {
    () => {
        "(WITH RECURSIVE hanging(id) AS (
            SELECT id FROM outbox WHERE thread_parent = $1 OR edits = $1
            UNION SELECT o.id FROM outbox o JOIN hanging h ON o.thread_parent = h.id OR o.edits = h.id)
          SELECT id FROM hanging)"
    };
}

impl Store {
    /// Makes a dead letter due again, with the parents that are dead too, and with what died with it.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn retry_dead_letter(&self, id: &str) -> Result<Retried, StoreError> {
        let mut transaction = self.database.begin().await?;
        let retried = make_due_again(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(retried)
    }

    /// Ends a message that is due or was given up, with what belongs to it. One under a lease is being sent, and
    /// is left alone.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; then nothing has changed.
    pub async fn drop_outbox(&self, id: &str, now: Timestamp) -> Result<Dropped, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.lock(AdvisoryLock::OutboxLease).await?;
        let sql = "SELECT state FROM outbox WHERE id = $1";
        let Some(row) = transaction.fetch_optional(sql, params![id]).await? else {
            return Ok(Dropped::Unknown);
        };
        let state: String = row.get(0)?;
        if !["due", "leased", "dead"].contains(&state.as_str()) {
            return Ok(Dropped::Finished);
        }
        let sql = concat!(
            "SELECT id FROM outbox
             WHERE state = 'leased' AND lease_until > $2 AND (id = $1 OR id IN ",
            hanging!(),
            ") LIMIT 1"
        );
        if transaction.fetch_optional(sql, params![id, now]).await?.is_some() {
            return Ok(Dropped::UnderWay);
        }
        let sql = concat!(
            "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, in_doubt = FALSE,
                               last_error = $2, finished_at = $3
             WHERE state IN ('due', 'leased', 'dead') AND (id = $1 OR id IN ",
            hanging!(),
            ")"
        );
        let ended = transaction.execute(sql, params![id, BY_HAND, now]).await?;
        transaction.commit().await?;
        Ok(Dropped::Ended(ended))
    }

    /// Gives up the messages whose parent will never be sent, so that they are seen. How many there were.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn repair_outbox(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE outbox SET state = 'dead', finished_at = $1, last_error = $2
                   WHERE state = 'due' AND (
                     (thread_parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox a
                       WHERE a.id = outbox.thread_parent AND a.state IN ('due', 'leased', 'sent')))
                     OR (edits IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox a
                       WHERE a.id = outbox.edits AND a.state IN ('due', 'leased', 'sent'))))";
        let mut repaired = 0;
        loop {
            // Replies to an orphan are orphans too.
            match self.database.execute(sql, params![now, ORPHAN]).await? {
                0 => return Ok(repaired),
                more => repaired += more,
            }
        }
    }
}

/// Gives a message up, with all that belongs to it and is not sent.
pub(super) async fn give_up(
    transaction: &mut Transaction,
    id: &str,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE outbox SET state = 'dead', lease_until = 0, last_error = $2, finished_at = $3 WHERE id = $1";
    transaction.execute(sql, params![id, error, now]).await?;
    end_what_hangs_on(transaction, id, error, now).await
}

pub(super) async fn end_what_hangs_on(
    transaction: &mut Transaction,
    id: &str,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = concat!(
        "UPDATE outbox SET state = 'dead', last_error = $2, finished_at = $3 WHERE state = 'due' AND id IN ",
        hanging!()
    );
    transaction.execute(sql, params![id, error, now]).await?;
    Ok(())
}

/// Makes a dead message due again: first the parents that are dead, then itself, then what died with it.
pub(super) async fn make_due_again(transaction: &mut Transaction, id: &str) -> Result<Retried, StoreError> {
    let sql = "SELECT state, COALESCE(edits, thread_parent) FROM outbox WHERE id = $1";
    let (mut chain, mut next) = (Vec::new(), Some(id.to_owned()));
    while let Some(id) = next.take() {
        let Some(row) = transaction.fetch_optional(sql, params![&id]).await? else {
            return Ok(if chain.is_empty() { Retried::Unknown } else { Retried::ParentGone });
        };
        let state: String = row.get(0)?;
        match (state.as_str(), chain.is_empty()) {
            ("dead", _) => next = row.get(1)?,
            (_, true) => return Ok(Retried::NotDead),
            ("superseded", false) => return Ok(Retried::ParentGone),
            // A parent that is sent, or on its way.
            (_, false) => break,
        }
        chain.push(id);
    }
    let sql = concat!(
        "UPDATE outbox SET state = 'due', due_at = 0, attempts = 0, lost_leases = 0, lease_until = 0,
                           finished_at = NULL
         WHERE state = 'dead' AND (id = $1 OR id IN ",
        hanging!(),
        ")"
    );
    let mut due = 0;
    // Retrying the highest parent includes everything below it.
    for id in chain.iter().rev() {
        due += transaction.execute(sql, params![id]).await?;
    }
    Ok(Retried::Due(due))
}
