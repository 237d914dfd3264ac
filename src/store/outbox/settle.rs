//! Records the result of an attempt: sent, retried later, or given up.

use jiff::Timestamp;

use super::dead::give_up;
use super::{LeasedOutboxRow, MessageClass, OutboxLease, Pause, Postponement};
use crate::store::channels::pause;
use crate::store::{Store, StoreError, params};

impl Store {
    /// Records that a message was sent, with the platform's message ID. Returns `false` if another worker holds the
    /// lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; the message stays in doubt and is looked for before it is sent again.
    pub async fn sent(
        &self,
        leased: &LeasedOutboxRow,
        platform_message_id: Option<&str>,
        pauses: &[Pause],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "UPDATE outbox SET state = 'sent', body = '', in_doubt = FALSE, last_error = NULL,
                          platform_message_id = $4, finished_at = $5
                   WHERE id = $1 AND attempts = $2 AND lease_until = $3 AND state = 'leased'";
        let OutboxLease { id, attempts, until } = &leased.lease;
        let sent =
            transaction.execute(sql, params![id, *attempts, *until, platform_message_id, now]).await? > 0;
        if sent && leased.class == MessageClass::Headline {
            let sql = "UPDATE channels SET refused_since = NULL, reason = NULL
                       WHERE channel = $1 AND refused_since IS NOT NULL";
            transaction.execute(sql, params![&leased.channel]).await?;
        }
        pause(&mut transaction, pauses, now).await?;
        transaction.commit().await?;
        Ok(sent)
    }

    /// Returns a message to the queue for a later retry. Returns `false` if another worker holds the lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; the message is retried when its lease ends, in doubt.
    pub async fn postpone_outbox(
        &self,
        lease: &OutboxLease,
        postponement: &Postponement,
        pauses: &[Pause],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql =
            "UPDATE outbox SET state = 'due', lease_until = 0, due_at = $4, attempted_at = $5, in_doubt = $6,
                          last_error = $7
                   WHERE id = $1 AND attempts = $2 AND lease_until = $3 AND state = 'leased'";
        let OutboxLease { id, attempts, until } = lease;
        let Postponement { until: due_at, in_doubt, error } = postponement;
        let values = params![id, *attempts, *until, *due_at, now, *in_doubt, error];
        let postponed = transaction.execute(sql, values).await? > 0;
        pause(&mut transaction, pauses, now).await?;
        transaction.commit().await?;
        Ok(postponed)
    }

    /// Makes a message and everything that belongs to it dead letters. Returns `false` if another worker holds the
    /// lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn dead_letter_outbox(
        &self,
        lease: &OutboxLease,
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mut transaction) = self.begin_under(lease).await? else { return Ok(false) };
        give_up(&mut transaction, &lease.id, error, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
