//! Questions that were given up, for the operator.

use jiff::Timestamp;

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

/// Recorded with what is dropped.
pub(super) const BY_HAND: &str = "dropped by hand";

impl Store {
    /// Questions that were given up, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
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

    /// Discards a question that was given up. Returns `true` if there was one.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn drop_question(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE inbox SET state = 'done', body = '', last_error = $2
                   WHERE delivery_id = $1 AND state = 'dead'";
        Ok(self.database.execute(sql, params![id, BY_HAND]).await? > 0)
    }
}
