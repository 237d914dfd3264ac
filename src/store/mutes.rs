//! Mutes: each is set, extended and ended once, in the transaction that writes what is said about it.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::json;

use super::alert_transaction::AlertTransaction;
use super::database::{Row, rows};
use super::{Store, StoreError, params, time};

/// How the facts start that name the ID of a channel which the settings call by its name. The statements below count
/// its characters.
const CHANNEL_ID: &str = "channel/";

/// A mute as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuteRow {
    /// Its ID.
    pub id: String,
    /// The channel, as the outbox names it.
    pub channel: String,
    /// What kind of thing it covers.
    pub scope: String,
    /// Which one.
    pub value: String,
    /// The title of the cause, if it covers one.
    pub title: String,
    /// The person who set it.
    pub author: String,
    /// Why.
    pub reason: Option<String>,
    /// When it was set.
    pub created_at: Timestamp,
    /// When it ends, or when it ended.
    pub ends_at: Timestamp,
}

/// What came of setting a mute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetMute {
    /// It is new.
    New(MuteRow),
    /// One of the same scope lasts until this end now.
    Extended(MuteRow),
    /// One of the same scope lasts as long or longer.
    Already(MuteRow),
    /// This delivery has set it before.
    Repeated(MuteRow),
}

fn read(row: &Row) -> Result<MuteRow, StoreError> {
    Ok(MuteRow {
        id: row.get(0)?,
        channel: row.get(1)?,
        scope: row.get(2)?,
        value: row.get(3)?,
        title: row.get(4)?,
        author: row.get(5)?,
        reason: row.get(6)?,
        created_at: time(row.get(7)?),
        ends_at: time(row.get(8)?),
    })
}

impl AlertTransaction {
    /// Sets a mute. If one of the same scope is active in the channel, that one is extended, or stays as it is.
    /// `press` is the delivery that asked for it.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn set_mute(
        &mut self,
        new: &MuteRow,
        press: &str,
        now: Timestamp,
    ) -> Result<SetMute, StoreError> {
        let sql =
            "SELECT id, channel, scope, value, title, author, reason, created_at, ends_at, press FROM mutes
                   WHERE channel = $1 AND NOT is_over AND ends_at > $4 AND scope = $2 AND value = $3
                   ORDER BY ends_at DESC LIMIT 1";
        let found =
            self.transaction.fetch_optional(sql, params![&new.channel, &new.scope, &new.value, now]).await?;
        if let Some(row) = found {
            let (active, last_press) = (read(&row)?, row.get::<String>(9)?);
            if last_press == press {
                return Ok(SetMute::Repeated(active));
            }
            if active.ends_at >= new.ends_at {
                return Ok(SetMute::Already(active));
            }
            let sql = "UPDATE mutes SET ends_at = $2, author = $3, reason = $4, press = $5 WHERE id = $1";
            let values = params![&active.id, new.ends_at, &new.author, &new.reason, press];
            self.transaction.execute(sql, values).await?;
            return Ok(SetMute::Extended(MuteRow {
                ends_at: new.ends_at,
                author: new.author.clone(),
                reason: new.reason.clone(),
                ..active
            }));
        }
        let sql =
            "INSERT INTO mutes (id, channel, scope, value, title, author, reason, press, created_at, ends_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
        let MuteRow { id, channel, scope, value, title, author, reason, created_at, ends_at } = new;
        let values = params![id, channel, scope, value, title, author, reason, press, *created_at, *ends_at];
        // It may have been ended since this delivery set it.
        let is_new = self.transaction.execute(sql, values).await? > 0;
        Ok(if is_new { SetMute::New(new.clone()) } else { SetMute::Repeated(new.clone()) })
    }

    /// Ends an active mute, in this channel if one is given. Returns it, and how many alerts it keeps back; `None` if
    /// there is no such mute.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn end_mute(
        &mut self,
        id: &str,
        channel: Option<&str>,
        ended_by: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<(MuteRow, i64)>, StoreError> {
        let sql = "SELECT id, channel, scope, value, title, author, reason, created_at, ends_at FROM mutes
                   WHERE id = $1 AND NOT is_over";
        let Some(row) = self.transaction.fetch_optional(sql, params![id]).await? else { return Ok(None) };
        let mute = read(&row)?;
        if channel.is_some_and(|channel| channel != mute.channel) {
            return Ok(None);
        }
        let ends_at = mute.ends_at.min(now);
        let sql = "UPDATE mutes SET is_over = TRUE, ends_at = $2, ended_by = $3 WHERE id = $1";
        self.transaction.execute(sql, params![id, ends_at, ended_by]).await?;
        // A bot that can still be saved is evaluated once more. Those that have ended have no due time.
        let sql = "UPDATE bots SET due_at = $2
                   WHERE due_at > $2 AND bot IN (SELECT bot FROM alerts WHERE muted_by = $1)";
        self.transaction.execute(sql, params![id, now]).await?;
        let sql = "SELECT COUNT(*) FROM alerts WHERE muted_by = $1";
        let kept_back = self.transaction.fetch_optional(sql, params![id]).await?;
        let kept_back = kept_back.map(|row| row.get(0)).transpose()?.unwrap_or_default();
        Ok(Some((MuteRow { ends_at, ..mute }, kept_back)))
    }

    /// The IDs of the mutes whose time has passed and that are not over yet.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn due_mutes(&mut self, now: Timestamp, limit: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM mutes WHERE NOT is_over AND ends_at <= $1 ORDER BY ends_at, id LIMIT $2";
        self.transaction.fetch_all(sql, params![now, limit]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// The active mutes of these channels.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn active_mutes(
        &mut self,
        channels: impl IntoIterator<Item = &str>,
        now: Timestamp,
    ) -> Result<Vec<MuteRow>, StoreError> {
        let channels = rows(channels.into_iter().map(|channel| json!({ "channel": channel })))?;
        let sql =
            "SELECT m.id, m.channel, m.scope, m.value, m.title, m.author, m.reason, m.created_at, m.ends_at
                   FROM json_each($1) AS n JOIN mutes m ON m.channel = n.value ->> 'channel'
                   WHERE NOT m.is_over AND m.ends_at > $2 ORDER BY m.ends_at, m.id";
        self.transaction.fetch_all(sql, params![&channels, now]).await?.iter().map(read).collect()
    }

    /// The IDs of the channels that the settings call by their names, as far as a message was sent there.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn channel_ids(&mut self) -> Result<HashMap<String, String>, StoreError> {
        let sql = "SELECT substr(name, 9), value FROM service_state WHERE substr(name, 1, 8) = 'channel/'";
        let found = self.transaction.fetch_all(sql, params![]).await?;
        found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

impl Store {
    /// Returns the active mutes of these channels, those that end first at the beginning. With `None`, those of all
    /// channels.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn mutes_in(
        &self,
        channels: Option<&[String]>,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<MuteRow>, StoreError> {
        let found = match channels {
            Some(channels) => {
                let channels = rows(channels.iter().map(|channel| json!({ "channel": channel })))?;
                let sql = "SELECT m.id, m.channel, m.scope, m.value, m.title, m.author, m.reason, m.created_at, m.ends_at
                           FROM json_each($1) AS n JOIN mutes m ON m.channel = n.value ->> 'channel'
                           WHERE NOT m.is_over AND m.ends_at > $2 ORDER BY m.ends_at, m.id LIMIT $3";
                self.database.fetch_all(sql, params![&channels, now, limit]).await?
            }
            None => {
                let sql =
                    "SELECT id, channel, scope, value, title, author, reason, created_at, ends_at FROM mutes
                           WHERE NOT is_over AND ends_at > $1 ORDER BY ends_at, id LIMIT $2";
                self.database.fetch_all(sql, params![now, limit]).await?
            }
        };
        found.iter().map(read).collect()
    }

    /// Returns the channel of a mute that isn't over.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn channel_of_mute(&self, id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT channel FROM mutes WHERE id = $1 AND NOT is_over";
        let row = self.database.fetch_optional(sql, params![id]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Returns the names by which alerts may know this channel: its ID, and each name in the settings that was found
    /// to be its own.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn names_of_channel(&self, channel: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT substr(name, 9) FROM service_state
                   WHERE substr(name, 1, 8) = 'channel/' AND value = $1 ORDER BY name";
        let found = self.database.fetch_all(sql, params![channel]).await?;
        let names: Vec<String> = found.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        Ok(std::iter::once(channel.to_owned()).chain(names).collect())
    }

    /// Returns the ID of a channel that the settings call by this name; `None` if no message was sent there yet.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn id_of_channel(&self, channel: &str) -> Result<Option<String>, StoreError> {
        self.fact(&format!("{CHANNEL_ID}{channel}")).await
    }

    /// Stores the ID of a channel that the settings call by its name.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn remember_channel_id(&self, channel: &str, id: &str) -> Result<(), StoreError> {
        let name = format!("{CHANNEL_ID}{channel}");
        let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2 WHERE service_state.value <> $2";
        self.database.execute(sql, params![&name, id]).await?;
        Ok(())
    }

    /// Stores that a person takes care of a bot, or gives it back if they did. `at` is when they pressed: a press
    /// that is older than the last one changes nothing, and neither does a second one of the same person until
    /// `settled`. Returns `false` if the bot isn't known.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn take(
        &self,
        bot: &str,
        user_id: &str,
        at: Timestamp,
        settled: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "UPDATE bots SET due_at = $2 WHERE bot = $1";
        if transaction.execute(sql, params![bot, now]).await? == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO acknowledgements (bot, user_id, at) VALUES ($1, $2, $3)
                   ON CONFLICT (bot) DO UPDATE
                   SET user_id = CASE WHEN COALESCE(acknowledgements.user_id, '') = $2 THEN NULL ELSE $2 END, at = $3
                   WHERE acknowledgements.at < $3
                     AND NOT (COALESCE(acknowledgements.user_id, '') = $2 AND acknowledgements.at > $4)";
        transaction.execute(sql, params![bot, user_id, at, settled]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns the last alert that was sent about a bot, as it is stored.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn last_alert_of(&self, bot: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT last_alert FROM bots WHERE bot = $1";
        let row = self.database.fetch_optional(sql, params![bot]).await?;
        Ok(row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten())
    }
}
