//! The alert transaction: the unit of work in which alert decisions are committed.
//!
//! An advisory lock serialises it across instances, so no other process can evaluate the same bots or count in the
//! same channels until commit. Nothing here waits for a network. What it reads is in `alert_load.rs`, what it writes
//! in `alert_write.rs`, and what it does with groups in `alert_groups.rs`.

use jiff::Timestamp;

use super::database::{AdvisoryLock, Transaction};
use super::outbox::{self, NewOutboxRow};
use super::{Store, StoreError};

/// An open alert transaction. If it is dropped without [`AlertTransaction::commit`], it is rolled back.
pub struct AlertTransaction {
    pub(super) transaction: Transaction,
}

impl Store {
    /// Starts an alert transaction.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
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
    /// Returns [`StoreError`] if the query fails; then nothing of it has happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }

    /// Enqueues a message, once.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn enqueue(&mut self, row: &NewOutboxRow, now: Timestamp) -> Result<(), StoreError> {
        outbox::insert(&mut self.transaction, row, now).await
    }

    /// Enqueues a reply to another message, in the channel where that one is by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn enqueue_reply(
        &mut self,
        parent: &str,
        row: NewOutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        outbox::insert_reply(&mut self.transaction, parent, row, now).await
    }

    /// Enqueues an edit: `body` is the whole message as a new one, `edit` the same as an edit of the old one.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
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
