//! Forgetting one bot, in slices: the writer is free between two of them, and each row is found by an index.

use super::mentions::{self, Kind};
use super::{Store, StoreError, params};

/// Rows in one transaction.
const SLICE: usize = 500;

/// Rows about the bot `$1` alone: their name, and the statement that deletes at most `$2` of them. The bot goes
/// first, so that it isn't evaluated from the rest.
const ABOUT_A_BOT: &[(&str, &str)] = &[
    ("what is known of it", "DELETE FROM bots WHERE bot IN (SELECT bot FROM bots WHERE bot = $1 LIMIT $2)"),
    (
        "alerts",
        "DELETE FROM alerts
         WHERE bot = $1 AND channel IN (SELECT channel FROM alerts WHERE bot = $1 ORDER BY channel LIMIT $2)",
    ),
    (
        "events",
        "DELETE FROM events
         WHERE bot = $1 AND name IN (SELECT name FROM events WHERE bot = $1 ORDER BY name LIMIT $2)",
    ),
    ("failures", "DELETE FROM failures WHERE bot IN (SELECT bot FROM failures WHERE bot = $1 LIMIT $2)"),
    (
        "answers about its host",
        "DELETE FROM host_answers WHERE bot IN (SELECT bot FROM host_answers WHERE bot = $1 LIMIT $2)",
    ),
    (
        "attempts to ask again",
        "DELETE FROM rescues WHERE press IN (SELECT press FROM rescues WHERE bot = $1 LIMIT $2)",
    ),
    (
        "mutes",
        "DELETE FROM mutes WHERE id IN (SELECT id FROM mutes WHERE value = $1 AND scope = 'bot' OR title = $1 AND scope = 'key' LIMIT $2)",
    ),
    (
        "notes who takes care of it",
        "DELETE FROM acknowledgements WHERE bot IN (SELECT bot FROM acknowledgements WHERE bot = $1 LIMIT $2)",
    ),
    ("messages", "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE bot = $1 LIMIT $2)"),
];

/// Rows whose texts name the bot: what they are called, of which kind they are, and how they are deleted. Of a
/// question that was answered nothing is left but the id of its delivery, by which a repetition is recognised.
const NAMING_A_BOT: &[(&str, Kind, &str)] = &[
    (
        "questions",
        Kind::Inbox,
        "DELETE FROM inbox WHERE body <> '' AND delivery_id IN (SELECT value ->> 0 FROM json_each($1))",
    ),
    (
        "entries of the audit",
        Kind::Audit,
        "DELETE FROM audit WHERE delivery_id IN (SELECT value ->> 0 FROM json_each($1))",
    ),
    (
        "webhooks that could not be read",
        Kind::Webhooks,
        "DELETE FROM webhooks WHERE id IN (SELECT value ->> 0 FROM json_each($1))",
    ),
];

impl Store {
    /// Deletes everything stored about a bot; messages in chats stay. Returns the number of rows of each kind. In a
    /// file nothing of the bot's ID is left; a server clears deleted rows with its next `VACUUM`.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails. Rows deleted by then stay deleted, and the command has to be
    /// repeated.
    pub async fn forget(&self, bot: &str) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut forgotten = Vec::new();
        for &(what, sql) in ABOUT_A_BOT {
            let mut many = 0;
            loop {
                let deleted = self.database.execute(sql, params![bot, SLICE]).await?;
                many += deleted;
                if deleted < SLICE as u64 {
                    break;
                }
            }
            forgotten.push((what, many));
        }
        forgotten.push(("messages that name it", self.forget_dead_letters(bot).await?));
        for &(what, kind, delete) in NAMING_A_BOT {
            forgotten.push((what, self.forget_mentions(bot, kind, delete).await?));
        }
        self.database.scrub(bot).await?;
        Ok(forgotten)
    }

    async fn forget_mentions(&self, bot: &str, kind: Kind, delete: &'static str) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let mut transaction = self.database.begin().await?;
            let sql = "SELECT row_id FROM mentions WHERE bot = $1 AND kind = $2 ORDER BY row_id LIMIT $3";
            let rows = transaction.fetch_all(sql, params![bot, kind.as_str(), SLICE]).await?;
            let named: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
            let rows: Vec<_> = named.iter().map(|id| (id,)).collect();
            forgotten += transaction.execute_each(delete, &rows).await?;
            mentions::delete(&mut transaction, kind, &named).await?;
            transaction.commit().await?;
            if named.len() < SLICE {
                return Ok(forgotten);
            }
        }
    }

    /// The list of an alert group names many bots. It is emptied once it is sent, so only one that was given up
    /// still names them, and of these there are few.
    async fn forget_dead_letters(&self, bot: &str) -> Result<u64, StoreError> {
        let (mut forgotten, mut last) = (0, (i64::MIN, String::new()));
        loop {
            let mut transaction = self.database.begin().await?;
            let sql = "SELECT id, finished_at, body LIKE '%' || $1 || '%' FROM outbox
                       WHERE state = 'dead' AND (finished_at, id) > ($2, $3) ORDER BY finished_at, id LIMIT $4";
            let rows = transaction.fetch_all(sql, params![bot, last.0, &last.1, SLICE]).await?;
            let mut naming = Vec::new();
            for row in &rows {
                last = (row.get(1)?, row.get(0)?);
                if row.get(2)? {
                    naming.push(last.1.clone());
                }
            }
            let naming: Vec<_> = naming.iter().map(|id| (id,)).collect();
            let sql = "DELETE FROM outbox WHERE id IN (SELECT value ->> 0 FROM json_each($1))";
            forgotten += transaction.execute_each(sql, &naming).await?;
            transaction.commit().await?;
            if rows.len() < SLICE {
                return Ok(forgotten);
            }
        }
    }
}
