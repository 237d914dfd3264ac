//! What is to be said: leased one per lane and in order, and kept until it is said or given up.

use jiff::{SignedDuration, Timestamp};
use sqlx::{FromRow, Row, SqliteConnection};

use super::{Backlog, Store, StoreError, time};

/// A parcel that goes into the outbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewParcel {
    /// Its name, which is the same whenever the same item is answered again.
    pub id: String,
    /// The place where it goes; the parcels of one lane are delivered in order.
    pub lane: String,
    /// The parcel in whose thread it goes.
    pub below: Option<String>,
    /// The parcel whose message it changes.
    pub amends: Option<String>,
    /// Why it stands here and not where it was meant to.
    pub remark: Option<String>,
    /// What it is about, as a bot id; empty if nothing in particular.
    pub subject: String,
    /// What it is, in one word.
    pub kind: &'static str,
    /// What is to be said.
    pub body: String,
}

/// A parcel that is ours to deliver until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LeasedParcel {
    /// Its name.
    pub id: String,
    /// The place where it goes.
    pub lane: String,
    /// What is to be said.
    pub body: String,
    /// How often it was leased, this time included.
    pub attempts: i64,
    /// It may have been sent before: somebody set out to and never said how it went.
    pub in_doubt: bool,
    /// When it was put into the outbox, in milliseconds since 1970.
    pub created_at: i64,
    /// The message in whose thread it is.
    pub thread: Option<String>,
    /// The parcel whose message it changes, where it does that.
    pub amends: Option<String>,
    /// That message.
    pub amended: Option<String>,
    /// Why it stands here and not where it was meant to.
    pub remark: Option<String>,
}

/// What became of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParcelState {
    /// It waits to be delivered.
    Due,
    /// It was delivered.
    Delivered,
    /// Another one took its place.
    Superseded,
    /// It was given up.
    Buried,
}

/// A parcel as a person who looks after the service sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredParcel {
    /// Its name.
    pub id: String,
    /// The place where it goes.
    pub lane: String,
    /// What it is about.
    pub subject: String,
    /// What it is.
    pub kind: String,
    /// What became of it.
    pub state: ParcelState,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// The last failure.
    pub why: Option<String>,
}

/// Puts a parcel into the outbox, once.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    parcel: &NewParcel,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outbox (id, lane, below, amends, remark, subject, kind, body, state, created_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'due', $9, $9) ON CONFLICT DO NOTHING",
    )
    .bind(&parcel.id)
    .bind(&parcel.lane)
    .bind(&parcel.below)
    .bind(&parcel.amends)
    .bind(&parcel.remark)
    .bind(&parcel.subject)
    .bind(parcel.kind)
    .bind(&parcel.body)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// Leases the oldest parcel that may be delivered now: the first of its lane, and not before the
    /// one in whose thread it goes. It is in doubt from here on, until somebody says how it went.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn lease_parcel(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<LeasedParcel>, StoreError> {
        let mut transaction = self.writer.begin().await?;
        let leased: Option<LeasedParcel> = sqlx::query_as(
            "SELECT p.id, p.lane, p.body, p.attempts + 1 AS attempts, p.in_doubt, p.created_at,
                    p.amends, amended.message AS amended, above.message AS thread,
                    COALESCE(p.remark, amended.remark, above.remark) AS remark
             FROM outbox p LEFT JOIN outbox amended ON amended.id = p.amends
               LEFT JOIN outbox above ON above.id = COALESCE(p.below, amended.below)
             WHERE p.state = 'due' AND p.due_at <= $1 AND p.lease_until <= $1
               AND (p.below IS NULL OR above.state = 'delivered')
               AND (p.amends IS NULL OR amended.state = 'delivered')
               AND NOT EXISTS (SELECT 1 FROM outbox q WHERE q.lane = p.lane AND q.state = 'due'
                 AND (q.created_at < p.created_at OR (q.created_at = p.created_at AND q.id < p.id)))
             ORDER BY p.created_at, p.id LIMIT 1",
        )
        .bind(now.as_millisecond())
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(parcel) = &leased {
            sqlx::query(
                "UPDATE outbox SET lease_until = $2, attempts = attempts + 1, in_doubt = TRUE WHERE id = $1",
            )
            .bind(&parcel.id)
            .bind((now + length).as_millisecond())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(leased)
    }

    /// Records that a parcel was delivered, and as which message.
    ///
    /// # Errors
    /// Where it could not be committed; the parcel stays in doubt and is looked up before it is repeated.
    pub async fn delivered(&self, id: &str, message: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET state = 'delivered', body = '', in_doubt = FALSE, why = NULL, message = $2,
                    settled_at = $3 WHERE id = $1",
        )
        .bind(id)
        .bind(message)
        .bind(now.as_millisecond())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Gives a parcel back, to be tried again later.
    ///
    /// # Errors
    /// Where the database does not do it; the parcel comes back when its lease ends.
    pub async fn postpone_parcel(
        &self,
        id: &str,
        until: Timestamp,
        in_doubt: bool,
        why: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET lease_until = 0, due_at = $2, in_doubt = $3, why = $4 WHERE id = $1")
            .bind(id)
            .bind(until.as_millisecond())
            .bind(in_doubt)
            .bind(why)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Gives a parcel up, and those that were to go into its thread, and keeps them to be looked at.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn bury_parcel(&self, id: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET state = 'buried', lease_until = 0, why = $2, settled_at = $3
             WHERE id = $1 OR ((below = $1 OR amends = $1) AND state = 'due')",
        )
        .bind(id)
        .bind(why)
        .bind(now.as_millisecond())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The bodies of a parcel and of those that were to go into its thread, in order.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn with_its_thread(&self, id: &str) -> Result<Vec<(String, String)>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, body FROM outbox WHERE (id = $1 OR below = $1) AND state = 'due' ORDER BY created_at, id",
        )
        .bind(id)
        .fetch_all(&self.readers)
        .await?)
    }

    /// Puts other parcels in the place of some, in one commit.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn supersede(
        &self,
        ids: &[String],
        parcels: &[NewParcel],
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        for id in ids {
            sqlx::query(
                "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, why = $2, settled_at = $3
                 WHERE id = $1",
            )
            .bind(id)
            .bind(why)
            .bind(now.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        }
        for parcel in parcels {
            insert(&mut transaction, parcel, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Sends a parcel to another lane, with all that belongs to its message, and says there why.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn redirect(
        &self,
        id: &str,
        lane: &str,
        remark: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query(
            "UPDATE outbox SET lane = $2, remark = $3, due_at = $4, lease_until = 0, attempts = 0,
                    in_doubt = FALSE, why = $3 WHERE id = $1",
        )
        .bind(id)
        .bind(lane)
        .bind(remark)
        .bind(now.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE outbox SET lane = $2 WHERE (below = $1 OR amends = $1) AND state = 'due'")
            .bind(id)
            .bind(lane)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Says a parcel that was delivered once more, as a new message: on another lane, with what a later
    /// parcel wanted to make of it. That parcel is done with.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn restart(
        &self,
        id: &str,
        instead_of: &str,
        lane: &str,
        body: &str,
        remark: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.redirect(id, lane, remark, now).await?;
        let mut transaction = self.writer.begin().await?;
        sqlx::query(
            "UPDATE outbox SET state = 'due', body = $2, message = NULL, settled_at = NULL WHERE id = $1",
        )
        .bind(id)
        .bind(body)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, settled_at = $2 WHERE id = $1",
        )
        .bind(instead_of)
        .bind(now.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// The bot that a message of ours is about, if it is a verdict.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn verdict_at(&self, lane: &str, message: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT subject FROM outbox WHERE lane = $1 AND message = $2 AND kind = 'verdict'",
        )
        .bind(lane)
        .bind(message)
        .fetch_optional(&self.readers)
        .await?)
    }

    /// What waits to be delivered.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn outbox_backlog(&self) -> Result<Backlog, StoreError> {
        let (waiting, buried, oldest): (i64, i64, Option<i64>) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'due'),
                    (SELECT COUNT(*) FROM outbox WHERE state = 'buried'),
                    (SELECT MIN(created_at) FROM outbox WHERE state = 'due')",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(Backlog { waiting, buried, oldest: oldest.map(time) })
    }

    /// What waits or was given up, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn undelivered(&self, limit: i64) -> Result<Vec<StoredParcel>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, lane, subject, kind, state, created_at, attempts, why FROM outbox
             WHERE state IN ('due', 'buried') ORDER BY created_at, id LIMIT $1",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(stored).collect()
    }

    /// One parcel, whatever became of it, with what it says.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn parcel(&self, id: &str) -> Result<Option<(StoredParcel, String)>, StoreError> {
        let row = sqlx::query(
            "SELECT id, lane, subject, kind, state, created_at, attempts, why, body FROM outbox WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| Ok((stored(&row)?, row.try_get("body")?))).transpose()
    }

    /// Makes a buried parcel due again, with those that go into its thread. Says whether there was one.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn revive(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let revived = sqlx::query(
            "UPDATE outbox SET state = 'due', due_at = $2, attempts = 0, lease_until = 0, settled_at = NULL
             WHERE (id = $1 OR below = $1 OR amends = $1) AND state = 'buried'",
        )
        .bind(id)
        .bind(now.as_millisecond())
        .execute(&self.writer)
        .await?;
        Ok(revived.rows_affected() > 0)
    }
}

fn stored(row: &sqlx::sqlite::SqliteRow) -> Result<StoredParcel, StoreError> {
    let state: String = row.try_get("state")?;
    Ok(StoredParcel {
        id: row.try_get("id")?,
        lane: row.try_get("lane")?,
        subject: row.try_get("subject")?,
        kind: row.try_get("kind")?,
        state: match state.as_str() {
            "delivered" => ParcelState::Delivered,
            "superseded" => ParcelState::Superseded,
            "buried" => ParcelState::Buried,
            _ => ParcelState::Due,
        },
        created_at: time(row.try_get("created_at")?),
        attempts: row.try_get("attempts")?,
        why: row.try_get("why")?,
    })
}
