//! Redirects a message that can't be sent as intended: to another channel, or in another form.

use jiff::Timestamp;

use super::dead::{end_what_hangs_on, give_up};
use super::insert::{edits_key, insert};
use super::{LeasedOutboxRow, NewOutboxRow, ORPHAN, OutboxLease};
use crate::store::database::Transaction;
use crate::store::{Store, StoreError, params};

impl Store {
    /// Returns a leased message and those that wait for its thread, in order: their IDs and bodies.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn with_its_thread(&self, id: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT id, body FROM outbox
                   WHERE (id = $1 AND state = 'leased') OR (thread_parent = $1 AND state = 'due') ORDER BY seq";
        let rows = self.database.fetch_all(sql, params![id]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Replaces a leased message, and some that wait for it, by others in one transaction. Returns `false` if another
    /// worker holds the lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn supersede(
        &self,
        lease: &OutboxLease,
        ids: &[String],
        rows: &[NewOutboxRow],
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mut transaction) = self.begin_under(lease).await? else { return Ok(false) };
        // Waiting ones come first, or they would be given up with their parent.
        for id in ids.iter().filter(|id| **id != lease.id).chain([&lease.id]) {
            finish(&mut transaction, id, error, now).await?;
        }
        for row in rows {
            insert(&mut transaction, row, now).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Takes back a leased alert and those that wait for it, and stores which mute keeps it back: the bot, the channel
    /// that it was meant for, and the mute. Nothing of it was sent, so its ID is free for the alert that is sent when
    /// the mute ends. Returns `false` if another worker holds the lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn take_back(
        &self,
        lease: &OutboxLease,
        ids: &[String],
        (bot, channel, mute): (&str, &str, &str),
    ) -> Result<bool, StoreError> {
        let Some(mut transaction) = self.begin_under(lease).await? else { return Ok(false) };
        let ids: Vec<_> = ids.iter().map(|id| (id,)).collect();
        let sql = "DELETE FROM outbox WHERE id IN (SELECT value ->> 0 FROM json_each($1))";
        transaction.execute_each(sql, &ids).await?;
        let sql = "UPDATE alerts SET muted_by = $3 WHERE bot = $1 AND channel = $2";
        transaction.execute(sql, params![bot, channel, mute]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Redirects a leased message to another channel with all that belongs to it, and with a note why. Returns
    /// `false` if another worker holds the lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn redirect(&self, lease: &OutboxLease, channel: &str, note: &str) -> Result<bool, StoreError> {
        let Some(mut transaction) = self.begin_under(lease).await? else { return Ok(false) };
        send_elsewhere(&mut transaction, &lease.id, channel, Some(note)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Sends a message again as a new one: in another channel, and with the text of the leased edit, which is
    /// completed. A message in a thread follows its parent, and is given up if that one stayed. Returns `false` if
    /// another worker holds the lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn restart(
        &self,
        leased: &LeasedOutboxRow,
        sent: &str,
        channel: &str,
        body: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mut transaction) = self.begin_under(&leased.lease).await? else { return Ok(false) };
        let sql = "SELECT a.channel FROM outbox o JOIN outbox a ON a.id = o.thread_parent WHERE o.id = $1";
        let parent = transaction.fetch_optional(sql, params![sent]).await?;
        let parent: Option<String> = parent.map(|row| row.get(0)).transpose()?;
        if parent.as_ref() == Some(&leased.channel) {
            give_up(&mut transaction, &leased.lease.id, note, now).await?;
        } else {
            finish(&mut transaction, &leased.lease.id, note, now).await?;
            let note = parent.is_none().then_some(note);
            let channel = parent.as_deref().unwrap_or(channel);
            send_elsewhere(&mut transaction, sent, channel, note).await?;
            let sql = "UPDATE outbox SET body = $2, platform_message_id = NULL, finished_at = NULL,
                              threadless = FALSE WHERE id = $1";
            transaction.execute(sql, params![sent, body]).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Stores that a message can't have a thread. The leased one, which was to go there, becomes an edit of it if it
    /// holds details; anything else for that thread is not needed. Returns `false` if another worker holds the lease
    /// by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn without_thread(
        &self,
        leased: &LeasedOutboxRow,
        parent: &str,
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mut transaction) = self.begin_under(&leased.lease).await? else { return Ok(false) };
        let sql = "UPDATE outbox SET threadless = TRUE WHERE id = $1";
        transaction.execute(sql, params![parent]).await?;
        let sql = "SELECT id FROM outbox
                   WHERE thread_parent = $1 AND state IN ('due', 'leased') AND kind <> 'details'";
        for row in transaction.fetch_all(sql, params![parent]).await? {
            finish(&mut transaction, &row.get::<String>(0)?, error, now).await?;
        }
        let sql = "UPDATE outbox SET state = 'due', due_at = 0, lease_until = 0, in_doubt = FALSE,
                          edits = thread_parent, ordering_key = $3, thread_parent = NULL, last_error = $2
                   WHERE thread_parent = $1 AND state IN ('due', 'leased')";
        transaction.execute(sql, params![parent, error, &edits_key(parent)]).await?;
        // A group names the place of its list, so it is edited.
        let sql = "UPDATE alert_groups SET due_at = $2 WHERE id = $1";
        transaction.execute(sql, params![parent, now]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Gives up everything that was to go into a message's thread, the leased one included. Returns `false` if
    /// another worker holds the lease by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn end_thread(
        &self,
        lease: &OutboxLease,
        parent: &str,
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mut transaction) = self.begin_under(lease).await? else { return Ok(false) };
        let sql = "SELECT id FROM outbox WHERE thread_parent = $1 AND state IN ('due', 'leased')";
        for row in transaction.fetch_all(sql, params![parent]).await? {
            give_up(&mut transaction, &row.get::<String>(0)?, error, now).await?;
        }
        give_up(&mut transaction, &lease.id, error, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Supersedes a message, and gives up what belongs to it.
async fn finish(
    transaction: &mut Transaction,
    id: &str,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, last_error = $2,
                      finished_at = $3 WHERE id = $1";
    transaction.execute(sql, params![id, error, now]).await?;
    end_what_hangs_on(transaction, id, ORPHAN, now).await
}

/// Makes a message due in another channel, with everything unsent that belongs to it.
async fn send_elsewhere(
    transaction: &mut Transaction,
    id: &str,
    channel: &str,
    note: Option<&str>,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE outbox SET state = 'due', channel = $2, redirect_note = $3, due_at = 0, lease_until = 0,
                      attempts = 0, in_doubt = FALSE, last_error = $3 WHERE id = $1";
    transaction.execute(sql, params![id, channel, note]).await?;
    let sql = "UPDATE outbox SET channel = $2 WHERE (thread_parent = $1 OR edits = $1) AND state = 'due'";
    transaction.execute(sql, params![id, channel]).await?;
    Ok(())
}
