//! Deciding what is told: everything that one decision reads and writes, in one transaction.
//!
//! Whoever sits at the desk thinks alone about what lies on it: no other process decides about the same
//! bots, or counts in the same places, before the commit. Nothing here waits for a network.

use jiff::Timestamp;

use super::database::{Row, Transaction, Turn};
use super::outbox::{NewParcel, insert};
use super::{Store, StoreError, params, time};

/// A bot that somebody has to think about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueBot {
    /// The bot.
    pub bot: String,
    /// Its workspace.
    pub workspace: String,
    /// When something was last heard of it, in milliseconds since 1970.
    pub heard_at: i64,
    /// What was told of it.
    pub told: Option<String>,
    /// What Recall.ai said when it was asked.
    pub learned: Option<String>,
    /// When that was.
    pub learned_at: Option<i64>,
    /// When Recall.ai was last asked in vain.
    pub ask_failed_at: Option<i64>,
}

/// What becomes of a bot that was thought about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thought {
    /// When to think about it again without news.
    pub due_at: Option<Timestamp>,
    /// What was told of it by now.
    pub told: Option<String>,
    /// Whether to ask Recall.ai, and when.
    pub ask_at: Option<Timestamp>,
}

/// An alert that stands in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingAlert {
    /// Where.
    pub place: String,
    /// The message that counts it; `None` where it has its own.
    pub storm: Option<String>,
    /// Whether it recorded after all, as far as was told.
    pub good: bool,
    /// Who was mentioned.
    pub mention: Option<String>,
}

/// What was said lately in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaidLately {
    /// Alerts with a message of their own, for one cause.
    pub of_this_cause: u32,
    /// When the first of these was told.
    pub first_of_this_cause: Option<Timestamp>,
    /// New messages of any kind.
    pub messages: u32,
    /// The message that counts this cause.
    pub storm_of_this_cause: Option<String>,
    /// The message that counts all causes.
    pub storm_of_all: Option<String>,
}

/// A message that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StormRow {
    /// Its name, which is also that of its parcel.
    pub id: String,
    /// Where it stands.
    pub place: String,
    /// The cause; `None` for various.
    pub cause: Option<String>,
    /// What it says beside the numbers.
    pub body: String,
    /// Alerts with a message of their own before it.
    pub own: i64,
    /// Alerts that it stands for.
    pub folded: i64,
    /// Those of them that recorded after all.
    pub good: i64,
    /// When it began, in milliseconds since 1970.
    pub since: i64,
    /// When the last one came.
    pub last_at: i64,
}

/// A decision in the making. Dropped without [`Desk::commit`], nothing of it has happened.
pub struct Desk {
    pub(super) transaction: Transaction,
}

impl Store {
    /// Opens the desk.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn desk(&self) -> Result<Desk, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.take(Turn::Desk).await?;
        Ok(Desk { transaction })
    }
}

impl Desk {
    /// Commits the decision.
    ///
    /// # Errors
    /// Where it could not be committed; then nothing of it has happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }

    /// The bots that are due, those first that have waited longest.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn due_bots(&mut self, now: Timestamp, limit: i64) -> Result<Vec<DueBot>, StoreError> {
        let sql = "SELECT bot, workspace, heard_at, told, learned, learned_at, ask_failed_at FROM bots
                   WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED";
        let due = |row: &Row| {
            Ok(DueBot {
                bot: row.get(0)?,
                workspace: row.get(1)?,
                heard_at: row.get(2)?,
                told: row.get(3)?,
                learned: row.get(4)?,
                learned_at: row.get(5)?,
                ask_failed_at: row.get(6)?,
            })
        };
        self.transaction.fetch_all(sql, params![now, limit]).await?.iter().map(due).collect()
    }

    /// What happened to a bot, in any order.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn events(&mut self, bot: &str) -> Result<Vec<String>, StoreError> {
        let rows = self.transaction.fetch_all("SELECT body FROM events WHERE bot = $1", params![bot]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// What was answered about the host of a bot, and by whom.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn answer_about(&mut self, bot: &str) -> Result<Option<(bool, String)>, StoreError> {
        let sql = "SELECT host_was_present, person FROM answers WHERE bot = $1";
        let row = self.transaction.fetch_optional(sql, params![bot]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// Puts a bot away.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn put_away(&mut self, bot: &str, thought: &Thought) -> Result<(), StoreError> {
        let sql = "UPDATE bots SET due_at = $2, told = $3,
                          ask_at = CASE WHEN $4 IS NULL OR ask_at <= $4 THEN ask_at ELSE $4 END
                   WHERE bot = $1";
        let Thought { due_at, told, ask_at } = thought;
        self.transaction.execute(sql, params![bot, *due_at, told, *ask_at]).await?;
        Ok(())
    }

    /// Where a bot was told of.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn alerts_of(&mut self, bot: &str) -> Result<Vec<StandingAlert>, StoreError> {
        let sql = "SELECT place, storm, good, mention FROM alerts WHERE bot = $1 ORDER BY place";
        let alert = |row: &Row| {
            let (place, storm) = (row.get(0)?, row.get(1)?);
            Ok(StandingAlert { place, storm, good: row.get(2)?, mention: row.get(3)? })
        };
        self.transaction.fetch_all(sql, params![bot]).await?.iter().map(alert).collect()
    }

    /// What was said in a place since a moment.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn said_lately(
        &mut self,
        place: &str,
        cause: &str,
        since: Timestamp,
    ) -> Result<SaidLately, StoreError> {
        let sql = "SELECT cause, COUNT(*), MIN(told_at) FROM alerts
                   WHERE place = $1 AND storm IS NULL AND told_at > $2 GROUP BY cause";
        let mut said = SaidLately::default();
        for row in self.transaction.fetch_all(sql, params![place, since]).await? {
            let (named, count): (String, i64) = (row.get(0)?, row.get(1)?);
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            said.messages = said.messages.saturating_add(count);
            if named == cause {
                said.of_this_cause = count;
                said.first_of_this_cause = Some(time(row.get(2)?));
            }
        }
        let sql = "SELECT id, cause, since FROM storms WHERE place = $1 AND last_at > $2";
        for row in self.transaction.fetch_all(sql, params![place, since]).await? {
            let (id, counts): (String, Option<String>) = (row.get(0)?, row.get(1)?);
            if row.get::<i64>(2)? > since.as_millisecond() {
                said.messages = said.messages.saturating_add(1);
            }
            match counts {
                None => said.storm_of_all = Some(id),
                Some(counted) if counted == cause => said.storm_of_this_cause = Some(id),
                Some(_) => {}
            }
        }
        Ok(said)
    }

    /// Writes down that a bot is told of in a place; false where it already was.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn tell(
        &mut self,
        bot: &str,
        place: &str,
        cause: &str,
        storm: Option<&str>,
        mention: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO alerts (bot, place, cause, storm, mention, told_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        Ok(self.transaction.execute(sql, params![bot, place, cause, storm, mention, now]).await? == 1)
    }

    /// Writes down whether a bot that was told of has recorded after all.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn is_good(&mut self, bot: &str, alert: &StandingAlert, good: bool) -> Result<(), StoreError> {
        let sql = "UPDATE alerts SET good = $3 WHERE bot = $1 AND place = $2";
        self.transaction.execute(sql, params![bot, &alert.place, good]).await?;
        Ok(())
    }

    /// Puts a parcel into the outbox, once.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn post(&mut self, parcel: &NewParcel, now: Timestamp) -> Result<(), StoreError> {
        insert(&mut self.transaction, parcel, now).await
    }

    /// Puts a parcel into the outbox that goes into the thread of another one, wherever that one goes by now.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn post_below(
        &mut self,
        above: &str,
        parcel: NewParcel,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "SELECT lane FROM outbox WHERE id = $1";
        // Long past, and forgotten.
        let Some(row) = self.transaction.fetch_optional(sql, params![above]).await? else { return Ok(()) };
        let parcel = NewParcel { lane: row.get(0)?, below: Some(above.to_owned()), ..parcel };
        insert(&mut self.transaction, &parcel, now).await
    }

    /// Makes the message of a parcel say something else. As long as it was certainly not sent, the parcel itself
    /// is changed; after that another parcel amends it, and at most one of those waits.
    ///
    /// `new` is what is to be said as a new message, `changed` the same as a change of an old one.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn amend(
        &mut self,
        id: &str,
        new: &str,
        changed: &NewParcel,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // In doubt is what is under way or may have arrived. The condition is part of the statement, so that
        // another process cannot set out with the old text in between.
        let sql = "UPDATE outbox SET body = $2
                   WHERE id = $1 AND (state = 'buried' OR (state = 'due' AND NOT in_doubt))";
        if self.transaction.execute(sql, params![id, new]).await? > 0 {
            return Ok(());
        }
        let sql = "UPDATE outbox SET body = $2 WHERE amends = $1 AND state = 'due' AND NOT in_doubt";
        if self.transaction.execute(sql, params![id, &changed.body]).await? > 0 {
            return Ok(());
        }
        // Long past, and forgotten.
        let sql = "SELECT lane FROM outbox WHERE id = $1";
        let Some(row) = self.transaction.fetch_optional(sql, params![id]).await? else { return Ok(()) };
        let lane: String = row.get(0)?;
        let sql = "SELECT COUNT(*) FROM outbox WHERE amends = $1";
        let so_far = self.transaction.fetch_optional(sql, params![id]).await?;
        let so_far: i64 = so_far.map(|row| row.get(0)).transpose()?.unwrap_or_default();
        let parcel = NewParcel {
            // Before what goes into its thread: those of one time are delivered in the order of their names.
            id: format!("{id}+{so_far:04}"),
            lane,
            amends: Some(id.to_owned()),
            ..changed.clone()
        };
        insert(&mut self.transaction, &parcel, now).await
    }
}
