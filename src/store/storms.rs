//! Messages that count, and who asks Recall.ai about which bot.

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use super::desk::{Desk, StormRow};
use super::{Store, StoreError, time};

/// A bot that somebody is to ask Recall.ai about.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
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
        sqlx::query(
            "INSERT INTO storms (id, place, cause, body, own, folded, good, since, last_at, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&storm.id)
        .bind(&storm.place)
        .bind(&storm.cause)
        .bind(&storm.body)
        .bind(storm.own)
        .bind(storm.folded)
        .bind(storm.good)
        .bind(storm.since)
        .bind(storm.last_at)
        .execute(&mut *self.transaction)
        .await?;
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
        sqlx::query(
            "UPDATE storms SET folded = folded + $2, good = good + $3,
                    last_at = CASE WHEN $2 > 0 THEN $4 ELSE last_at END,
                    due_at = CASE WHEN due_at <= $5 THEN due_at ELSE $5 END WHERE id = $1",
        )
        .bind(storm)
        .bind(folded)
        .bind(good)
        .bind(now.as_millisecond())
        .bind(soon.as_millisecond())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The messages that are to be written again.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn due_storms(&mut self, now: Timestamp, limit: i64) -> Result<Vec<StormRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, place, cause, body, own, folded, good, since, last_at FROM storms
             WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
        )
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&mut *self.transaction)
        .await?)
    }

    /// When a message is to be written again; `None` where it is over.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn storm_due(&mut self, storm: &str, due_at: Option<Timestamp>) -> Result<(), StoreError> {
        sqlx::query("UPDATE storms SET due_at = $2 WHERE id = $1")
            .bind(storm)
            .bind(due_at.map(Timestamp::as_millisecond))
            .execute(&mut *self.transaction)
            .await?;
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
        let bots: Vec<(String, i64)> = sqlx::query_as(
            "SELECT bot, told_at FROM alerts WHERE storm = $1 AND NOT listed ORDER BY told_at, bot LIMIT $2",
        )
        .bind(storm)
        .bind(limit)
        .fetch_all(&mut *self.transaction)
        .await?;
        for (bot, _) in &bots {
            sqlx::query("UPDATE alerts SET listed = TRUE WHERE storm = $1 AND bot = $2")
                .bind(storm)
                .bind(bot)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(bots.into_iter().map(|(bot, at)| (bot, time(at))).collect())
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
        Ok(sqlx::query_scalar("SELECT why FROM closed_places WHERE place = $1 AND since > $2")
            .bind(place)
            .bind(since.as_millisecond())
            .fetch_optional(&mut *self.transaction)
            .await?)
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
        Ok(sqlx::query_as(
            "UPDATE bots SET ask_until = $2 WHERE bot = (
               SELECT bot FROM bots WHERE ask_at <= $1 AND ask_until <= $1 ORDER BY ask_at LIMIT 1)
             RETURNING bot, asked",
        )
        .bind(now.as_millisecond())
        .bind((now + length).as_millisecond())
        .fetch_optional(&self.writer)
        .await?)
    }

    /// Keeps what Recall.ai said of a bot, and makes the bot due.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn learned(&self, bot: &str, learned: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE bots SET learned = $2, learned_at = $3, due_at = $3, ask_at = NULL, ask_until = 0, asked = 0
             WHERE bot = $1",
        )
        .bind(bot)
        .bind(learned)
        .bind(now.as_millisecond())
        .execute(&self.writer)
        .await?;
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
        sqlx::query(
            "UPDATE bots SET ask_failed_at = $2, due_at = $2, ask_at = $3, ask_until = 0, asked = asked + 1
             WHERE bot = $1",
        )
        .bind(bot)
        .bind(now.as_millisecond())
        .bind(again.map(Timestamp::as_millisecond))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Makes a bot due, if it is known.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn think_again(&self, bot: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE bots SET due_at = $2 WHERE bot = $1")
            .bind(bot)
            .bind(now.as_millisecond())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Writes down that a place takes no messages.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn close_place(&self, place: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO closed_places (place, since, why) VALUES ($1, $2, $3)
             ON CONFLICT (place) DO UPDATE SET since = $2, why = $3",
        )
        .bind(place)
        .bind(now.as_millisecond())
        .bind(why)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Bots that wait to be thought about at this time, and since when.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn watch_backlog(&self, now: Timestamp) -> Result<super::Backlog, StoreError> {
        let (waiting, oldest): (i64, Option<i64>) =
            sqlx::query_as("SELECT COUNT(*), MIN(due_at) FROM bots WHERE due_at <= $1")
                .bind(now.as_millisecond())
                .fetch_one(&self.readers)
                .await?;
        Ok(super::Backlog { waiting, buried: 0, oldest: oldest.map(time) })
    }
}
