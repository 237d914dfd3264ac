//! The alert transaction: everything that one decision reads and writes, in one transaction.
//!
//! It holds an advisory lock: no other process decides about the same bots, or counts in the same channels,
//! before the commit. Nothing here waits for a network. What it reads is in `alert_load.rs`, what it writes in
//! `alert_write.rs`, and what it does with groups in `alert_groups.rs`.

use jiff::Timestamp;

use super::database::{AdvisoryLock, Transaction};
use super::outbox::{NewOutboxRow, insert};
use super::{Store, StoreError, params};

/// A decision in the making. Dropped without [`AlertTransaction::commit`], nothing of it has happened.
pub struct AlertTransaction {
    pub(super) transaction: Transaction,
}

impl Store {
    /// Begins an alert transaction.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn begin_alerts(&self) -> Result<AlertTransaction, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.lock(AdvisoryLock::AlertTransaction).await?;
        Ok(AlertTransaction { transaction })
    }
}

impl AlertTransaction {
    /// Commits the decision.
    ///
    /// # Errors
    /// Where it could not be committed; then nothing of it has happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }

    /// Puts an outbox message into the outbox, once.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn enqueue(&mut self, outgoing: &NewOutboxRow, now: Timestamp) -> Result<(), StoreError> {
        insert(&mut self.transaction, outgoing, now).await
    }

    /// Puts an outbox message into the outbox that goes into the thread of another one, wherever that one goes by now.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn enqueue_reply(
        &mut self,
        above: &str,
        outgoing: NewOutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "SELECT ordering_key FROM outbox WHERE id = $1";
        // Long past, and forgotten.
        let Some(row) = self.transaction.fetch_optional(sql, params![above]).await? else { return Ok(()) };
        let outgoing =
            NewOutboxRow { ordering_key: row.get(0)?, thread_parent: Some(above.to_owned()), ..outgoing };
        insert(&mut self.transaction, &outgoing, now).await
    }

    /// Makes the message of an outbox message say something else. As long as it was certainly not sent, the outbox message itself
    /// is changed; after that another outbox message edits it, and at most one of those waits.
    ///
    /// `new` is what is to be said as a new message, `changed` the same as a change of an old one. The id of
    /// `changed` names this change and no other: one whose name is in the outbox already is taken for the same.
    /// It begins with `{id}+`, which stands before what goes into the thread: messages of one time are delivered
    /// in the order of their names.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn enqueue_edit(
        &mut self,
        id: &str,
        new: &str,
        changed: &NewOutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // In doubt is what is under way or may have arrived. The condition is part of the statement, so that
        // another process cannot set out with the old text in between.
        let sql = "UPDATE outbox SET body = $2
                   WHERE id = $1 AND (state = 'dead' OR (state = 'due' AND NOT in_doubt))";
        if self.transaction.execute(sql, params![id, new]).await? > 0 {
            return Ok(());
        }
        let sql = "UPDATE outbox SET body = $2 WHERE edits = $1 AND state = 'due' AND NOT in_doubt";
        if self.transaction.execute(sql, params![id, &changed.body]).await? > 0 {
            return Ok(());
        }
        // Long past, and forgotten.
        let sql = "SELECT ordering_key FROM outbox WHERE id = $1";
        let Some(row) = self.transaction.fetch_optional(sql, params![id]).await? else { return Ok(()) };
        let ordering_key: String = row.get(0)?;
        let outgoing = NewOutboxRow { ordering_key, edits: Some(id.to_owned()), ..changed.clone() };
        insert(&mut self.transaction, &outgoing, now).await
    }
}
