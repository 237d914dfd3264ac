//! Messages that count, and channels that take none.

use jiff::Timestamp;

use super::alert_transaction::{AlertGroupRow, AlertTransaction};
use super::database::Row;
use super::{Backlog, Store, StoreError, params, time};

impl AlertTransaction {
    /// Opens a message that counts; there may be one of that name already.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn open_group(&mut self, group_id: &AlertGroupRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO alert_groups (id, channel, cause, body, single, grouped, resolved, since, last_at, due_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8) ON CONFLICT DO NOTHING";
        let AlertGroupRow { id, channel, cause, body, single, grouped, resolved, since, last_at } = group_id;
        let values = params![id, channel, cause, body, *single, *grouped, *resolved, *since, *last_at];
        self.transaction.execute(sql, values).await?;
        Ok(())
    }

    /// Counts more alerts, and more that recorded after all, in a message. It is written again soon.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn count_in(
        &mut self,
        group_id: &str,
        grouped: i64,
        resolved: i64,
        soon: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE alert_groups SET grouped = grouped + $2, resolved = resolved + $3,
                          last_at = CASE WHEN $2 > 0 THEN $4 ELSE last_at END,
                          due_at = CASE WHEN due_at <= $5 THEN due_at ELSE $5 END WHERE id = $1";
        self.transaction.execute(sql, params![group_id, grouped, resolved, now, soon]).await?;
        Ok(())
    }

    /// The messages that are to be written again.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn due_groups(&mut self, now: Timestamp, limit: i64) -> Result<Vec<AlertGroupRow>, StoreError> {
        let sql =
            "SELECT id, channel, cause, body, single, grouped, resolved, since, last_at FROM alert_groups
                   WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
        let group_id = |row: &Row| {
            Ok(AlertGroupRow {
                id: row.get(0)?,
                channel: row.get(1)?,
                cause: row.get(2)?,
                body: row.get(3)?,
                single: row.get(4)?,
                grouped: row.get(5)?,
                resolved: row.get(6)?,
                since: row.get(7)?,
                last_at: row.get(8)?,
            })
        };
        self.transaction.fetch_all(sql, params![now, limit]).await?.iter().map(group_id).collect()
    }

    /// When a message is to be written again; `None` where it is over.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn group_due(&mut self, group_id: &str, due_at: Option<Timestamp>) -> Result<(), StoreError> {
        let sql = "UPDATE alert_groups SET due_at = $2 WHERE id = $1";
        self.transaction.execute(sql, params![group_id, due_at]).await?;
        Ok(())
    }

    /// Takes bots that are not yet in the list of a group, and marks them as listed.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn take_unlisted(
        &mut self,
        group_id: &str,
        limit: i64,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let sql = "SELECT bot, alerted_at FROM alerts WHERE group_id = $1 AND NOT listed
                   ORDER BY alerted_at, bot LIMIT $2";
        let mut bots = Vec::new();
        for row in self.transaction.fetch_all(sql, params![group_id, limit]).await? {
            let bot: String = row.get(0)?;
            let sql = "UPDATE alerts SET listed = TRUE WHERE group_id = $1 AND bot = $2";
            self.transaction.execute(sql, params![group_id, &bot]).await?;
            bots.push((bot, time(row.get(1)?)));
        }
        Ok(bots)
    }
}

impl Store {
    /// Makes a bot due, if it is known.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn mark_due(&self, bot: &str, now: Timestamp) -> Result<(), StoreError> {
        self.database.execute("UPDATE bots SET due_at = $2 WHERE bot = $1", params![bot, now]).await?;
        Ok(())
    }

    /// Bots that wait to be thought about at this time, and since when.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn watch_backlog(&self, now: Timestamp) -> Result<Backlog, StoreError> {
        let sql = "SELECT COUNT(*), CAST(0 AS BIGINT), MIN(due_at) FROM bots WHERE due_at <= $1";
        Backlog::read(&self.database.fetch_one(sql, params![now]).await?)
    }
}
