//! Messages that count, and who asks Recall.ai about which bot.

use jiff::{SignedDuration, Timestamp};

use super::database::Row;
use super::desk::{Desk, StormRow};
use super::{Backlog, Store, StoreError, params, time};

/// A bot that somebody is to ask Recall.ai about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The bot.
    pub bot: String,
    /// How often it was asked about in vain since the last news.
    pub asked: i64,
}

impl Desk {
    /// Opens a message that counts; there may be one of that name already.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn open_storm(&mut self, storm: &StormRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO storms (id, place, cause, body, own, folded, good, since, last_at, due_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8) ON CONFLICT DO NOTHING";
        let StormRow { id, place, cause, body, own, folded, good, since, last_at } = storm;
        let values = params![id, place, cause, body, *own, *folded, *good, *since, *last_at];
        self.transaction.execute(sql, values).await?;
        Ok(())
    }

    /// Counts more alerts, and more that recorded after all, in a message. It is written again soon.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn count_in(
        &mut self,
        storm: &str,
        folded: i64,
        good: i64,
        soon: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE storms SET folded = folded + $2, good = good + $3,
                          last_at = CASE WHEN $2 > 0 THEN $4 ELSE last_at END,
                          due_at = CASE WHEN due_at <= $5 THEN due_at ELSE $5 END WHERE id = $1";
        self.transaction.execute(sql, params![storm, folded, good, now, soon]).await?;
        Ok(())
    }

    /// The messages that are to be written again.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn due_storms(&mut self, now: Timestamp, limit: i64) -> Result<Vec<StormRow>, StoreError> {
        let sql = "SELECT id, place, cause, body, own, folded, good, since, last_at FROM storms
                   WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
        let storm = |row: &Row| {
            Ok(StormRow {
                id: row.get(0)?,
                place: row.get(1)?,
                cause: row.get(2)?,
                body: row.get(3)?,
                own: row.get(4)?,
                folded: row.get(5)?,
                good: row.get(6)?,
                since: row.get(7)?,
                last_at: row.get(8)?,
            })
        };
        self.transaction.fetch_all(sql, params![now, limit]).await?.iter().map(storm).collect()
    }

    /// When a message is to be written again; `None` where it is over.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn storm_due(&mut self, storm: &str, due_at: Option<Timestamp>) -> Result<(), StoreError> {
        let sql = "UPDATE storms SET due_at = $2 WHERE id = $1";
        self.transaction.execute(sql, params![storm, due_at]).await?;
        Ok(())
    }

    /// Takes bots that are not yet in the list of a storm, and counts them as listed.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn take_unlisted(
        &mut self,
        storm: &str,
        limit: i64,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let sql = "SELECT bot, told_at FROM alerts WHERE storm = $1 AND NOT listed
                   ORDER BY told_at, bot LIMIT $2";
        let mut bots = Vec::new();
        for row in self.transaction.fetch_all(sql, params![storm, limit]).await? {
            let bot: String = row.get(0)?;
            let sql = "UPDATE alerts SET listed = TRUE WHERE storm = $1 AND bot = $2";
            self.transaction.execute(sql, params![storm, &bot]).await?;
            bots.push((bot, time(row.get(1)?)));
        }
        Ok(bots)
    }

    /// Why a place takes no messages, if it took none since a moment.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn closed_since(
        &mut self,
        place: &str,
        since: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT why FROM closed_places WHERE place = $1 AND since > $2";
        let row = self.transaction.fetch_optional(sql, params![place, since]).await?;
        row.map(|row| row.get(0)).transpose()
    }
}

impl Store {
    /// Leases the bot that Recall.ai is to be asked about first.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn lease_lookup(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<Lookup>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "SELECT bot, asked FROM bots WHERE ask_at <= $1 AND ask_until <= $1
                   ORDER BY ask_at LIMIT 1 FOR UPDATE SKIP LOCKED";
        let Some(row) = transaction.fetch_optional(sql, params![now]).await? else { return Ok(None) };
        let lookup = Lookup { bot: row.get(0)?, asked: row.get(1)? };
        let sql = "UPDATE bots SET ask_until = $2 WHERE bot = $1";
        transaction.execute(sql, params![&lookup.bot, now + length]).await?;
        transaction.commit().await?;
        Ok(Some(lookup))
    }

    /// Keeps what Recall.ai said of a bot, and makes the bot due.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn learned(&self, bot: &str, learned: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE bots SET learned = $2, learned_at = $3, due_at = $3, ask_at = NULL, ask_until = 0,
                          asked = 0 WHERE bot = $1";
        self.database.execute(sql, params![bot, learned, now]).await?;
        Ok(())
    }

    /// Writes down that Recall.ai was asked in vain, when to ask again if at all, and makes the bot due.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn not_learned(
        &self,
        bot: &str,
        again: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE bots SET ask_failed_at = $2, due_at = $2, ask_at = $3, ask_until = 0,
                          asked = asked + 1 WHERE bot = $1";
        self.database.execute(sql, params![bot, now, again]).await?;
        Ok(())
    }

    /// Makes a bot due, if it is known.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn think_again(&self, bot: &str, now: Timestamp) -> Result<(), StoreError> {
        self.database.execute("UPDATE bots SET due_at = $2 WHERE bot = $1", params![bot, now]).await?;
        Ok(())
    }

    /// Writes down that a place takes no messages.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn close_place(&self, place: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO closed_places (place, since, why) VALUES ($1, $2, $3)
                   ON CONFLICT (place) DO UPDATE SET since = $2, why = $3";
        self.database.execute(sql, params![place, now, why]).await?;
        Ok(())
    }

    /// Places that took no messages since a moment, when each was last found so, and why.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn closed_places(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(String, Timestamp, String)>, StoreError> {
        let sql = "SELECT place, since, why FROM closed_places WHERE since > $1 ORDER BY place";
        let rows = self.database.fetch_all(sql, params![since]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, time(row.get(1)?), row.get(2)?))).collect()
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
