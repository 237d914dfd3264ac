//! What is to be said: leased one per ordering key and in order, and kept until it is said or given up.

use jiff::{SignedDuration, Timestamp};

use super::database::{AdvisoryLock, Row, Transaction};
use super::{Backlog, Store, StoreError, params, time};

/// A outbox message that goes into the outbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOutboxRow {
    /// Its name, which is the same whenever the same item is answered again.
    pub id: String,
    /// The place where it goes; the rows of one ordering key are delivered in order.
    pub ordering_key: String,
    /// The outbox message in whose thread it goes.
    pub thread_parent: Option<String>,
    /// The outbox message whose message it changes.
    pub edits: Option<String>,
    /// Why it stands here and not where it was meant to.
    pub redirect_note: Option<String>,
    /// What it is about, as a bot id; empty if nothing in particular.
    pub bot: String,
    /// What it is, in one word.
    pub kind: &'static str,
    /// What is to be said.
    pub body: String,
}

/// A outbox message that is ours to deliver until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedOutboxRow {
    /// Its name.
    pub id: String,
    /// The place where it goes.
    pub ordering_key: String,
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
    /// The outbox message whose message it changes, where it does that.
    pub edits: Option<String>,
    /// That message.
    pub amended: Option<String>,
    /// Why it stands here and not where it was meant to.
    pub redirect_note: Option<String>,
}

/// What became of an outbox message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// It waits to be delivered.
    Due,
    /// It was delivered.
    Delivered,
    /// Another one took its place.
    Superseded,
    /// It was given up.
    Dead,
}

/// A outbox message as a user_id who looks after the service sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its name.
    pub id: String,
    /// The place where it goes.
    pub ordering_key: String,
    /// What it is about.
    pub bot: String,
    /// What it is.
    pub kind: String,
    /// What became of it.
    pub state: OutboxState,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// The last failure.
    pub last_error: Option<String>,
}

/// Puts an outbox message into the outbox, once.
pub(super) async fn insert(
    transaction: &mut Transaction,
    outgoing: &NewOutboxRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox
                 (id, ordering_key, thread_parent, edits, redirect_note, bot, kind, body, state, created_at, due_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'due', $9, $9) ON CONFLICT DO NOTHING";
    let NewOutboxRow { id, ordering_key, thread_parent, edits, redirect_note, bot, kind, body } = outgoing;
    let values = params![id, ordering_key, thread_parent, edits, redirect_note, bot, *kind, body, now];
    transaction.execute(sql, values).await?;
    Ok(())
}

impl Store {
    /// Leases the oldest outbox message that may be delivered now: the first of its ordering key, while no other of the ordering key is
    /// under way, and not before the one in whose thread it goes. It is in doubt from here on, until somebody
    /// says how it went.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn lease_outbox(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<LeasedOutboxRow>, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.lock(AdvisoryLock::OutboxLease).await?;
        let sql = "SELECT p.id, p.ordering_key, p.body, p.attempts + 1, p.in_doubt, p.created_at, p.thread_parent, p.edits,
                          p.redirect_note
                   FROM outbox p
                   WHERE p.state = 'due' AND p.due_at <= $1 AND p.lease_until <= $1
                     AND (p.thread_parent IS NULL OR EXISTS (SELECT 1 FROM outbox above
                       WHERE above.id = p.thread_parent AND above.state = 'delivered'))
                     AND (p.edits IS NULL OR EXISTS (SELECT 1 FROM outbox amended
                       WHERE amended.id = p.edits AND amended.state = 'delivered'))
                     AND NOT EXISTS (SELECT 1 FROM outbox q WHERE q.ordering_key = p.ordering_key AND q.state = 'due'
                       AND (q.created_at < p.created_at OR (q.created_at = p.created_at AND q.id < p.id)
                         OR q.lease_until > $1))
                   ORDER BY p.created_at, p.id LIMIT 1 FOR UPDATE SKIP LOCKED";
        let Some(row) = transaction.fetch_optional(sql, params![now]).await? else { return Ok(None) };
        let (thread_parent, edits): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
        let amended = delivered_row(&mut transaction, edits.as_deref()).await?;
        let thread_parent =
            thread_parent.or_else(|| amended.as_ref().and_then(|amended| amended.thread_parent.clone()));
        let above = delivered_row(&mut transaction, thread_parent.as_deref()).await?;
        let own_remark: Option<String> = row.get(8)?;
        let of_others =
            [&amended, &above].into_iter().flatten().find_map(|other| other.redirect_note.clone());
        let leased = LeasedOutboxRow {
            id: row.get(0)?,
            ordering_key: row.get(1)?,
            body: row.get(2)?,
            attempts: row.get(3)?,
            in_doubt: row.get(4)?,
            created_at: row.get(5)?,
            thread: above.and_then(|above| above.message),
            edits,
            amended: amended.and_then(|amended| amended.message),
            redirect_note: own_remark.or(of_others),
        };
        let sql =
            "UPDATE outbox SET lease_until = $2, attempts = attempts + 1, in_doubt = TRUE WHERE id = $1";
        transaction.execute(sql, params![&leased.id, now + length]).await?;
        transaction.commit().await?;
        Ok(Some(leased))
    }

    /// Records that an outbox message was delivered, and as which message.
    ///
    /// # Errors
    /// Where it could not be committed; the outbox message stays in doubt and is looked up before it is repeated.
    pub async fn delivered(&self, id: &str, message: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'delivered', body = '', in_doubt = FALSE, last_error = NULL,
                          platform_message_id = $2, finished_at = $3 WHERE id = $1";
        self.database.execute(sql, params![id, message, now]).await?;
        Ok(())
    }

    /// Gives an outbox message back, to be tried again later. Whose lease ended meanwhile and was given to somebody else
    /// gives nothing back: the ordering key is theirs. `attempt` is [`LeasedOutboxRow::attempts`].
    ///
    /// # Errors
    /// Where the database does not do it; the outbox message comes back when its lease ends.
    pub async fn postpone_outbox(
        &self,
        id: &str,
        attempt: i64,
        until: Timestamp,
        in_doubt: bool,
        why: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET lease_until = 0, due_at = $3, in_doubt = $4, last_error = $5
                   WHERE id = $1 AND attempts = $2";
        self.database.execute(sql, params![id, attempt, until, in_doubt, why]).await?;
        Ok(())
    }

    /// Gives an outbox message up, and those that were to go into its thread, and keeps them to be looked at.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn dead_letter_outbox(&self, id: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'dead', lease_until = 0, last_error = $2, finished_at = $3
                   WHERE id = $1 OR ((thread_parent = $1 OR edits = $1) AND state = 'due')";
        self.database.execute(sql, params![id, why, now]).await?;
        Ok(())
    }

    /// The bodies of an outbox message and of those that were to go into its thread, in order.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn with_its_thread(&self, id: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT id, body FROM outbox WHERE (id = $1 OR thread_parent = $1) AND state = 'due'
                   ORDER BY created_at, id";
        let rows = self.database.fetch_all(sql, params![id]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Puts other rows in the place of some, in one commit.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn supersede(
        &self,
        ids: &[String],
        rows: &[NewOutboxRow],
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, last_error = $2,
                          finished_at = $3 WHERE id = $1";
        for id in ids {
            transaction.execute(sql, params![id, why, now]).await?;
        }
        for outgoing in rows {
            insert(&mut transaction, outgoing, now).await?;
        }
        transaction.commit().await
    }

    /// Sends an outbox message to another ordering key, with all that belongs to its message, and says there why.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn redirect(
        &self,
        id: &str,
        ordering_key: &str,
        redirect_note: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        redirect(&mut transaction, id, ordering_key, redirect_note, now).await?;
        transaction.commit().await
    }

    /// Says an outbox message that was delivered once more, as a new message: on another ordering key, with what a later
    /// outbox message wanted to make of it. That outbox message is done with.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn restart(
        &self,
        id: &str,
        fallback_for: &str,
        ordering_key: &str,
        body: &str,
        redirect_note: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        redirect(&mut transaction, id, ordering_key, redirect_note, now).await?;
        let sql = "UPDATE outbox SET state = 'due', body = $2, platform_message_id = NULL, finished_at = NULL WHERE id = $1";
        transaction.execute(sql, params![id, body]).await?;
        let sql = "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, finished_at = $2
                   WHERE id = $1";
        transaction.execute(sql, params![fallback_for, now]).await?;
        transaction.commit().await
    }

    /// The bot that a message of ours is about, if it is a verdict.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn verdict_at(&self, ordering_key: &str, message: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT bot FROM outbox WHERE ordering_key = $1 AND platform_message_id = $2 AND kind = 'verdict'";
        let row = self.database.fetch_optional(sql, params![ordering_key, message]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// What waits to be delivered.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn outbox_backlog(&self) -> Result<Backlog, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'due'),
                          (SELECT COUNT(*) FROM outbox WHERE state = 'dead'),
                          (SELECT MIN(created_at) FROM outbox WHERE state = 'due')";
        Backlog::read(&self.database.fetch_one(sql, params![]).await?)
    }

    /// What waits or was given up, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn undelivered(&self, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT id, ordering_key, bot, kind, state, created_at, attempts, last_error FROM outbox
                   WHERE state IN ('due', 'dead') ORDER BY created_at, id LIMIT $1";
        self.database.fetch_all(sql, params![limit]).await?.iter().map(stored).collect()
    }

    /// One outbox message, whatever became of it, with what it says.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn outbox_row(&self, id: &str) -> Result<Option<(OutboxRow, String)>, StoreError> {
        let sql =
            "SELECT id, ordering_key, bot, kind, state, created_at, attempts, last_error, body FROM outbox
                   WHERE id = $1";
        let row = self.database.fetch_optional(sql, params![id]).await?;
        row.map(|row| Ok((stored(&row)?, row.get(8)?))).transpose()
    }

    /// Makes a dead outbox message due again, with those that go into its thread. Says whether there was one.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn retry_dead_letter(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET state = 'due', due_at = $2, attempts = 0, lease_until = 0,
                          finished_at = NULL
                   WHERE (id = $1 OR thread_parent = $1 OR edits = $1) AND state = 'dead'";
        Ok(self.database.execute(sql, params![id, now]).await? > 0)
    }
}

async fn redirect(
    transaction: &mut Transaction,
    id: &str,
    ordering_key: &str,
    redirect_note: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE outbox SET ordering_key = $2, redirect_note = $3, due_at = $4, lease_until = 0, attempts = 0,
                      in_doubt = FALSE, last_error = $3 WHERE id = $1";
    transaction.execute(sql, params![id, ordering_key, redirect_note, now]).await?;
    let sql =
        "UPDATE outbox SET ordering_key = $2 WHERE (thread_parent = $1 OR edits = $1) AND state = 'due'";
    transaction.execute(sql, params![id, ordering_key]).await?;
    Ok(())
}

/// A outbox message that was delivered, as far as others refer to it.
struct DeliveredRow {
    message: Option<String>,
    thread_parent: Option<String>,
    redirect_note: Option<String>,
}

async fn delivered_row(
    transaction: &mut Transaction,
    id: Option<&str>,
) -> Result<Option<DeliveredRow>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    let sql = "SELECT platform_message_id, thread_parent, redirect_note FROM outbox WHERE id = $1";
    let row = transaction.fetch_optional(sql, params![id]).await?;
    row.map(|row| {
        Ok(DeliveredRow { message: row.get(0)?, thread_parent: row.get(1)?, redirect_note: row.get(2)? })
    })
    .transpose()
}

fn stored(row: &Row) -> Result<OutboxRow, StoreError> {
    let state: String = row.get(4)?;
    Ok(OutboxRow {
        id: row.get(0)?,
        ordering_key: row.get(1)?,
        bot: row.get(2)?,
        kind: row.get(3)?,
        state: match state.as_str() {
            "delivered" => OutboxState::Delivered,
            "superseded" => OutboxState::Superseded,
            "dead" => OutboxState::Dead,
            _ => OutboxState::Due,
        },
        created_at: time(row.get(5)?),
        attempts: row.get(6)?,
        last_error: row.get(7)?,
    })
}
