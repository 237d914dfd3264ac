//! The alert transaction: everything that one decision reads and writes, in one transaction.
//!
//! It holds an advisory lock: no other process decides about the same bots, or counts in the same channels,
//! before the commit. Nothing here waits for a network. What it reads is in `alert_load.rs`, what it writes in
//! `alert_write.rs`, and what it does with groups in `alert_groups.rs`.

use jiff::Timestamp;

use super::database::{AdvisoryLock, Transaction};
use super::outbox::{self, NewOutboxRow};
use super::{Store, StoreError};

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

    /// Puts a message into the outbox, once.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn enqueue(&mut self, row: &NewOutboxRow, now: Timestamp) -> Result<(), StoreError> {
        outbox::insert(&mut self.transaction, row, now).await
    }

    /// Puts a message into the thread of another one, in whichever channel that one is by now.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn enqueue_reply(
        &mut self,
        parent: &str,
        row: NewOutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        outbox::insert_reply(&mut self.transaction, parent, row, now).await
    }

    /// Makes a message say something else: `body` is the whole message as a new one, `edit` the same as an edit of
    /// the old one.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn enqueue_edit(
        &mut self,
        id: &str,
        body: &str,
        edit: &NewOutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        outbox::insert_edit(&mut self.transaction, id, body, edit, now).await
    }
}
