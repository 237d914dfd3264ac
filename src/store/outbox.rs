//! What is to be said: leased one per lane and in order, and kept until it is said or given up.

use jiff::{SignedDuration, Timestamp};

use super::database::{Row, Transaction, Turn};
use super::{Backlog, Store, StoreError, params, time};

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    transaction: &mut Transaction,
    parcel: &NewParcel,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox
                 (id, lane, below, amends, remark, subject, kind, body, state, created_at, due_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'due', $9, $9) ON CONFLICT DO NOTHING";
    let NewParcel { id, lane, below, amends, remark, subject, kind, body } = parcel;
    let values = params![id, lane, below, amends, remark, subject, *kind, body, now];
    transaction.execute(sql, values).await?;
    Ok(())
}

impl Store {
    /// Leases the oldest parcel that may be delivered now: the first of its lane, while no other of the lane is
    /// under way, and not before the one in whose thread it goes. It is in doubt from here on, until somebody
    /// says how it went.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn lease_parcel(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<LeasedParcel>, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.take(Turn::Lanes).await?;
        let sql = "SELECT p.id, p.lane, p.body, p.attempts + 1, p.in_doubt, p.created_at, p.below, p.amends,
                          p.remark
                   FROM outbox p
                   WHERE p.state = 'due' AND p.due_at <= $1 AND p.lease_until <= $1
                     AND (p.below IS NULL OR EXISTS (SELECT 1 FROM outbox above
                       WHERE above.id = p.below AND above.state = 'delivered'))
                     AND (p.amends IS NULL OR EXISTS (SELECT 1 FROM outbox amended
                       WHERE amended.id = p.amends AND amended.state = 'delivered'))
                     AND NOT EXISTS (SELECT 1 FROM outbox q WHERE q.lane = p.lane AND q.state = 'due'
                       AND (q.created_at < p.created_at OR (q.created_at = p.created_at AND q.id < p.id)
                         OR q.lease_until > $1))
                   ORDER BY p.created_at, p.id LIMIT 1 FOR UPDATE SKIP LOCKED";
        let Some(row) = transaction.fetch_optional(sql, params![now]).await? else { return Ok(None) };
        let (below, amends): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
        let amended = standing(&mut transaction, amends.as_deref()).await?;
        let below = below.or_else(|| amended.as_ref().and_then(|amended| amended.below.clone()));
        let above = standing(&mut transaction, below.as_deref()).await?;
        let own_remark: Option<String> = row.get(8)?;
        let of_others = [&amended, &above].into_iter().flatten().find_map(|other| other.remark.clone());
        let leased = LeasedParcel {
            id: row.get(0)?,
            lane: row.get(1)?,
            body: row.get(2)?,
            attempts: row.get(3)?,
            in_doubt: row.get(4)?,
            created_at: row.get(5)?,
            thread: above.and_then(|above| above.message),
            amends,
            amended: amended.and_then(|amended| amended.message),
            remark: own_remark.or(of_others),
        };
        let sql =
            "UPDATE outbox SET lease_until = $2, attempts = attempts + 1, in_doubt = TRUE WHERE id = $1";
        transaction.execute(sql, params![&leased.id, now + length]).await?;
        transaction.commit().await?;
        Ok(Some(leased))
    }

    /// Records that a parcel was delivered, and as which message.
    ///
    /// # Errors
    /// Where it could not be committed; the parcel stays in doubt and is looked up before it is repeated.
    pub async fn delivered(&self, id: &str, message: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'delivered', body = '', in_doubt = FALSE, why = NULL,
                          message = $2, settled_at = $3 WHERE id = $1";
        self.database.execute(sql, params![id, message, now]).await?;
        Ok(())
    }

    /// Gives a parcel back, to be tried again later. Whose lease ended meanwhile and was given to somebody else
    /// gives nothing back: the lane is theirs. `attempt` is [`LeasedParcel::attempts`].
    ///
    /// # Errors
    /// Where the database does not do it; the parcel comes back when its lease ends.
    pub async fn postpone_parcel(
        &self,
        id: &str,
        attempt: i64,
        until: Timestamp,
        in_doubt: bool,
        why: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET lease_until = 0, due_at = $3, in_doubt = $4, why = $5
                   WHERE id = $1 AND attempts = $2";
        self.database.execute(sql, params![id, attempt, until, in_doubt, why]).await?;
        Ok(())
    }

    /// Gives a parcel up, and those that were to go into its thread, and keeps them to be looked at.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn bury_parcel(&self, id: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'buried', lease_until = 0, why = $2, settled_at = $3
                   WHERE id = $1 OR ((below = $1 OR amends = $1) AND state = 'due')";
        self.database.execute(sql, params![id, why, now]).await?;
        Ok(())
    }

    /// The bodies of a parcel and of those that were to go into its thread, in order.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn with_its_thread(&self, id: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT id, body FROM outbox WHERE (id = $1 OR below = $1) AND state = 'due'
                   ORDER BY created_at, id";
        let rows = self.database.fetch_all(sql, params![id]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
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
        let mut transaction = self.database.begin().await?;
        let sql = "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, why = $2,
                          settled_at = $3 WHERE id = $1";
        for id in ids {
            transaction.execute(sql, params![id, why, now]).await?;
        }
        for parcel in parcels {
            insert(&mut transaction, parcel, now).await?;
        }
        transaction.commit().await
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
        let mut transaction = self.database.begin().await?;
        redirect(&mut transaction, id, lane, remark, now).await?;
        transaction.commit().await
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
        let mut transaction = self.database.begin().await?;
        redirect(&mut transaction, id, lane, remark, now).await?;
        let sql =
            "UPDATE outbox SET state = 'due', body = $2, message = NULL, settled_at = NULL WHERE id = $1";
        transaction.execute(sql, params![id, body]).await?;
        let sql = "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, settled_at = $2
                   WHERE id = $1";
        transaction.execute(sql, params![instead_of, now]).await?;
        transaction.commit().await
    }

    /// The bot that a message of ours is about, if it is a verdict.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn verdict_at(&self, lane: &str, message: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT subject FROM outbox WHERE lane = $1 AND message = $2 AND kind = 'verdict'";
        let row = self.database.fetch_optional(sql, params![lane, message]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// What waits to be delivered.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn outbox_backlog(&self) -> Result<Backlog, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'due'),
                          (SELECT COUNT(*) FROM outbox WHERE state = 'buried'),
                          (SELECT MIN(created_at) FROM outbox WHERE state = 'due')";
        Backlog::read(&self.database.fetch_one(sql, params![]).await?)
    }

    /// What waits or was given up, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn undelivered(&self, limit: i64) -> Result<Vec<StoredParcel>, StoreError> {
        let sql = "SELECT id, lane, subject, kind, state, created_at, attempts, why FROM outbox
                   WHERE state IN ('due', 'buried') ORDER BY created_at, id LIMIT $1";
        self.database.fetch_all(sql, params![limit]).await?.iter().map(stored).collect()
    }

    /// One parcel, whatever became of it, with what it says.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn parcel(&self, id: &str) -> Result<Option<(StoredParcel, String)>, StoreError> {
        let sql = "SELECT id, lane, subject, kind, state, created_at, attempts, why, body FROM outbox
                   WHERE id = $1";
        let row = self.database.fetch_optional(sql, params![id]).await?;
        row.map(|row| Ok((stored(&row)?, row.get(8)?))).transpose()
    }

    /// Makes a buried parcel due again, with those that go into its thread. Says whether there was one.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn revive(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET state = 'due', due_at = $2, attempts = 0, lease_until = 0,
                          settled_at = NULL
                   WHERE (id = $1 OR below = $1 OR amends = $1) AND state = 'buried'";
        Ok(self.database.execute(sql, params![id, now]).await? > 0)
    }
}

async fn redirect(
    transaction: &mut Transaction,
    id: &str,
    lane: &str,
    remark: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET lane = $2, remark = $3, due_at = $4, lease_until = 0, attempts = 0,
                      in_doubt = FALSE, why = $3 WHERE id = $1";
    transaction.execute(sql, params![id, lane, remark, now]).await?;
    let sql = "UPDATE outbox SET lane = $2 WHERE (below = $1 OR amends = $1) AND state = 'due'";
    transaction.execute(sql, params![id, lane]).await?;
    Ok(())
}

/// A parcel that was delivered, as far as others refer to it.
struct Standing {
    message: Option<String>,
    below: Option<String>,
    remark: Option<String>,
}

async fn standing(transaction: &mut Transaction, id: Option<&str>) -> Result<Option<Standing>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    let sql = "SELECT message, below, remark FROM outbox WHERE id = $1";
    let row = transaction.fetch_optional(sql, params![id]).await?;
    row.map(|row| Ok(Standing { message: row.get(0)?, below: row.get(1)?, remark: row.get(2)? })).transpose()
}

fn stored(row: &Row) -> Result<StoredParcel, StoreError> {
    let state: String = row.get(4)?;
    Ok(StoredParcel {
        id: row.get(0)?,
        lane: row.get(1)?,
        subject: row.get(2)?,
        kind: row.get(3)?,
        state: match state.as_str() {
            "delivered" => ParcelState::Delivered,
            "superseded" => ParcelState::Superseded,
            "buried" => ParcelState::Buried,
            _ => ParcelState::Due,
        },
        created_at: time(row.get(5)?),
        attempts: row.get(6)?,
        why: row.get(7)?,
    })
}
