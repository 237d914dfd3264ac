//! What was given up, for whoever looks after the service: questions, and messages that are to end.

use jiff::Timestamp;
use serde_json::json;

use super::database::{AdvisoryLock, rows};
use super::{Store, StoreError, params, time};

/// A question that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadQuestion {
    /// The platform's id of its delivery.
    pub id: String,
    /// When it came in.
    pub received_at: Timestamp,
    /// How often answering it was tried.
    pub attempts: i64,
    /// Why it was given up.
    pub last_error: Option<String>,
}

/// What [`Store::drop_outbox`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The message and what hangs on it have ended: so many rows.
    Ended(u64),
    /// It, or something that hangs on it, is being sent just now, so nothing has changed.
    UnderWay,
    /// It was delivered or replaced already.
    Finished,
    /// There is no such message.
    Unknown,
}

/// Recorded with what is dropped.
const BY_HAND: &str = "dropped by hand";

impl Store {
    /// Questions that were given up, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn dead_questions(&self, limit: i64) -> Result<Vec<DeadQuestion>, StoreError> {
        let sql = "SELECT delivery_id, received_at, attempts, last_error FROM inbox WHERE state = 'dead'
                   ORDER BY received_at, delivery_id LIMIT $1";
        let rows = self.database.fetch_all(sql, params![limit]).await?;
        let questions = rows.iter().map(|row| {
            Ok(DeadQuestion {
                id: row.get(0)?,
                received_at: time(row.get(1)?),
                attempts: row.get(2)?,
                last_error: row.get(3)?,
            })
        });
        questions.collect()
    }

    /// Ends a message that is due or was given up, with what hangs on it. One under a lease is being sent, and
    /// is left alone.
    ///
    /// # Errors
    /// Where it could not be committed; then nothing has changed.
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
        // A message, what goes into its thread, what edits it, and what hangs on these.
        let sql = "WITH RECURSIVE family (id) AS (
                     SELECT id FROM outbox WHERE id = $1
                     UNION SELECT child.id FROM outbox child
                       JOIN family ON child.thread_parent = family.id OR child.edits = family.id)
                   SELECT id, state = 'leased' AND lease_until > $2 FROM outbox
                   WHERE id IN (SELECT id FROM family)";
        let mut family: Vec<String> = Vec::new();
        for row in transaction.fetch_all(sql, params![id, now]).await? {
            if row.get(1)? {
                return Ok(Dropped::UnderWay);
            }
            family.push(row.get(0)?);
        }
        let sql = "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, in_doubt = FALSE,
                                     last_error = $2, finished_at = $3
                   WHERE id IN (SELECT value ->> 'id' FROM json_each($1)) AND state IN ('due', 'leased', 'dead')";
        let family = rows(family.iter().map(|id| json!({ "id": id })))?;
        let ended = transaction.execute(sql, params![&family, BY_HAND, now]).await?;
        transaction.commit().await?;
        Ok(Dropped::Ended(ended))
    }

    /// Ends a question that was given up. Says whether there was one.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn drop_question(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE inbox SET state = 'done', body = '', last_error = $2
                   WHERE delivery_id = $1 AND state = 'dead'";
        Ok(self.database.execute(sql, params![id, BY_HAND]).await? > 0)
    }
}
