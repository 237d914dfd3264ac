//! The outbox: the messages to send, and all SQL about them.
//!
//! # States
//!
//! | state | means | goes to |
//! |---|---|---|
//! | `due` | may be sent once its time has come and its parent is sent | `leased`, `dead`, `superseded` |
//! | `leased` | a worker is sending it, until `lease_until`; its outcome is unknown until the worker tells it | `sent`, `due` (later), `superseded`, `dead`; after `lease_until` it counts as `due`, in doubt |
//! | `sent` | the platform has it, under `platform_message_id` | (others edit it, or go into its thread) |
//! | `superseded` | another one took its place, or it is not needed any more | – |
//! | `dead` | given up, with the reason; what hangs on it is dead with it | `due`, by [`Store::retry_dead_letter`] or by an edit |
//!
//! Its *parent* is the message in whose thread it goes (`thread_parent`), or which it edits (`edits`).
//!
//! - *Order* is `seq`, a number that the database counts, and never a clock: within a channel by class, then by
//!   `seq`. Messages with one ordering key go strictly one after the other.
//! - *A message waits for nothing that will not come.* Below a parent that is dead, replaced or purged a message is
//!   dead from the beginning, and [`Store::repair_outbox`] finds those that became so.
//! - *A message holds up nothing that does not depend on it*: one that waits for its next attempt is passed over.
//! - *Pace.* A channel, or a platform as a whole, takes no message before a time (`channels.not_before`). It is
//!   stored, so it holds for every worker, after a restart and in every instance.
//! - *Leases.* Whatever ends a lease compares the message's state, attempts and `lease_until` with those of the
//!   lease, and does nothing where somebody else has it by now.
//! - *Clocks.* What was set in the future of a clock that then stepped back is void after [`CLOCK_STEP`].

use jiff::{SignedDuration, Timestamp};

use super::channels::pause;
use super::database::{AdvisoryLock, Transaction};
pub use super::outbox_rows::{
    LeasedOutboxRow, MessageClass, NewOutboxRow, OutboxLease, OutboxRow, OutboxState, Pause, Postponement,
    Retried,
};
use super::{Store, StoreError, params};

/// A time that was set further in our future than clocks may differ means that ours stepped back.
pub(super) const CLOCK_STEP: SignedDuration = SignedDuration::from_secs(10);
/// Leases of one message that may end without a word. After that it is given up: it kills whoever sends it.
const LOST_LEASES_MAX: i64 = 5;
/// Why a message is dead whose parent will never be sent.
const ORPHAN: &str = "the message that it belongs to is gone";

/// Puts a message into the outbox, once. Below a parent that will never be sent it is dead from the beginning.
pub(super) async fn insert(
    transaction: &mut Transaction,
    row: &NewOutboxRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let parent = row.edits.as_deref().or(row.thread_parent.as_deref());
    let dead = match parent {
        Some(parent) => will_never_be_sent(transaction, parent).await?,
        None => false,
    };
    let (state, finished_at, error) =
        if dead { ("dead", Some(now), Some(ORPHAN)) } else { ("due", None, None) };
    let sql =
        "INSERT INTO outbox (id, channel, ordering_key, class, thread_parent, edits, redirect_note, bot,
                                   kind, body, state, created_at, finished_at, last_error)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
    let NewOutboxRow { id, channel, class, thread_parent, edits, redirect_note, bot, kind, body, .. } = row;
    let ordering_key = if row.ordering_key.is_empty() { id } else { &row.ordering_key };
    let values = params![
        id,
        channel,
        ordering_key,
        class.rank(),
        thread_parent,
        edits,
        redirect_note,
        bot,
        *kind,
        body,
        state,
        now,
        finished_at,
        error
    ];
    transaction.execute(sql, values).await?;
    Ok(())
}

async fn will_never_be_sent(transaction: &mut Transaction, id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT state IN ('dead', 'superseded') FROM outbox WHERE id = $1";
    match transaction.fetch_optional(sql, params![id]).await? {
        Some(row) => row.get(0),
        None => Ok(true),
    }
}

/// Puts a message into the thread of another one, in whichever channel that one is by now. Where it can have no
/// thread, details become an edit of it, and everything else is not needed: the edited message says it.
pub(super) async fn insert_reply(
    transaction: &mut Transaction,
    parent: &str,
    row: NewOutboxRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT channel, threadless FROM outbox WHERE id = $1";
    let Some(found) = transaction.fetch_optional(sql, params![parent]).await? else {
        return insert(transaction, &NewOutboxRow { thread_parent: Some(parent.to_owned()), ..row }, now)
            .await;
    };
    let (channel, threadless): (String, bool) = (found.get(0)?, found.get(1)?);
    // What is below a headline is none itself.
    let class = if row.class == MessageClass::Headline { MessageClass::Update } else { row.class };
    let row = NewOutboxRow { channel, class, ..row };
    match (threadless, row.class) {
        (false, _) => {
            insert(transaction, &NewOutboxRow { thread_parent: Some(parent.to_owned()), ..row }, now).await
        }
        (true, MessageClass::Details) => {
            let ordering_key = edits_key(parent);
            insert(transaction, &NewOutboxRow { ordering_key, edits: Some(parent.to_owned()), ..row }, now)
                .await
        }
        (true, _) => Ok(()),
    }
}

/// Makes a message say something else. As long as it was certainly not sent, it is changed itself; one that was
/// given up is due again with what is new. After that another message edits it, and at most one of those waits.
///
/// `body` is the whole message as a new one, `edit` the same as an edit of the old one.
pub(super) async fn insert_edit(
    transaction: &mut Transaction,
    id: &str,
    body: &str,
    edit: &NewOutboxRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    // The condition is part of the statement, so that no other process can set out with the old text in between.
    let sql = "UPDATE outbox SET body = $2 WHERE id = $1 AND state = 'due' AND NOT in_doubt";
    if transaction.execute(sql, params![id, body]).await? > 0 {
        return Ok(());
    }
    if let Some(in_doubt) = given_up(transaction, id).await? {
        if !in_doubt {
            transaction.execute("UPDATE outbox SET body = $2 WHERE id = $1", params![id, body]).await?;
        }
        // What hangs on another dead letter is sent with that one.
        if !parent_is_dead(transaction, id).await? {
            make_due_again(transaction, id).await?;
        }
        if !in_doubt {
            return Ok(());
        }
    }
    let sql = "UPDATE outbox SET body = $2 WHERE edits = $1 AND state = 'due' AND NOT in_doubt";
    if transaction.execute(sql, params![id, &edit.body]).await? > 0 {
        return Ok(());
    }
    let sql = "SELECT channel, (SELECT MAX(seq) FROM outbox), edits FROM outbox WHERE id = $1";
    let Some(found) = transaction.fetch_optional(sql, params![id]).await? else {
        return insert(transaction, &edit_of(id, edit, &edit.channel, 0), now).await;
    };
    // What is an edit itself is shown in the message that it edits, and that one is edited as well.
    if found.get::<Option<String>>(2)?.is_some() {
        return Ok(());
    }
    let (channel, seq): (String, i64) = (found.get(0)?, found.get(1)?);
    insert(transaction, &edit_of(id, edit, &channel, seq), now).await
}

/// Whether a dead letter may have been sent; `None` where the message is none.
async fn given_up(transaction: &mut Transaction, id: &str) -> Result<Option<bool>, StoreError> {
    let sql = "SELECT in_doubt FROM outbox WHERE id = $1 AND state = 'dead'";
    transaction.fetch_optional(sql, params![id]).await?.map(|row| row.get(0)).transpose()
}

async fn parent_is_dead(transaction: &mut Transaction, id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM outbox o JOIN outbox a ON a.id = COALESCE(o.edits, o.thread_parent)
               WHERE o.id = $1 AND a.state = 'dead'";
    Ok(transaction.fetch_optional(sql, params![id]).await?.is_some())
}

/// The message that edits another one. Its id holds the highest number so far, which no earlier edit can have had.
fn edit_of(id: &str, edit: &NewOutboxRow, channel: &str, seq: i64) -> NewOutboxRow {
    NewOutboxRow {
        id: format!("{id}/edit/{seq}"),
        channel: channel.to_owned(),
        ordering_key: edits_key(id),
        edits: Some(id.to_owned()),
        ..edit.clone()
    }
}

/// Edits of one message go in order: the last one has to win.
fn edits_key(id: &str) -> String {
    format!("edits of {id}")
}

impl Store {
    /// Leases the next message: of the channels that take one now, the first by class and number whose parent is
    /// sent, whose time has come, and before which none of its ordering key waits. One message of a channel is
    /// under way at a time.
    ///
    /// A message that ended too many leases without a word is dead instead.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn lease_outbox(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<LeasedOutboxRow>, StoreError> {
        loop {
            let mut transaction = self.database.begin().await?;
            transaction.lock(AdvisoryLock::OutboxLease).await?;
            let (until, never) = (now + length, now + length + CLOCK_STEP);
            let values = params![now, until, now + CLOCK_STEP, never];
            let Some(row) = transaction.fetch_optional(LEASE_NEXT, values).await? else { return Ok(None) };
            let lost_leases: i64 = row.get(9)?;
            let lease = OutboxLease { id: row.get(0)?, attempts: row.get(3)?, until: until.as_millisecond() };
            if lost_leases > LOST_LEASES_MAX {
                let error =
                    format!("given up after {LOST_LEASES_MAX} attempts during which the service died");
                bury(&mut transaction, &lease.id, &error, now).await?;
                transaction.commit().await?;
                tracing::error!(outbox.id = lease.id, error, "A message was given up.");
                continue;
            }
            let mut leased = LeasedOutboxRow {
                lease,
                channel: row.get(1)?,
                body: row.get(2)?,
                in_doubt: row.get(4)?,
                created_at: row.get(5)?,
                thread_parent: row.get(6)?,
                edits: row.get(7)?,
                redirect_note: row.get(8)?,
                ordering_key: row.get(10)?,
                thread: None,
                edited: None,
                threadless: false,
                class: MessageClass::of_rank(row.get(11)?),
                missed: 0,
            };
            complete(&mut transaction, &mut leased).await?;
            transaction.commit().await?;
            return Ok(Some(leased));
        }
    }

    /// Records that a message was sent, and as which message. False where the lease is somebody else's by now.
    ///
    /// # Errors
    /// Where it could not be committed; the message stays in doubt and is looked for before it is sent again.
    pub async fn sent(
        &self,
        leased: &LeasedOutboxRow,
        platform_message_id: Option<&str>,
        pauses: &[Pause],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "UPDATE outbox SET state = 'sent', body = '', in_doubt = FALSE, last_error = NULL,
                          platform_message_id = $4, finished_at = $5
                   WHERE id = $1 AND attempts = $2 AND lease_until = $3 AND state = 'leased'";
        let OutboxLease { id, attempts, until } = &leased.lease;
        let sent =
            transaction.execute(sql, params![id, *attempts, *until, platform_message_id, now]).await? > 0;
        if sent && leased.class == MessageClass::Headline {
            let sql = "UPDATE channels SET refused_since = NULL, reason = NULL
                       WHERE channel = $1 AND refused_since IS NOT NULL";
            transaction.execute(sql, params![&leased.channel]).await?;
        }
        pause(&mut transaction, pauses, now).await?;
        transaction.commit().await?;
        Ok(sent)
    }

    /// Gives a message back, to be tried again later. False where the lease is somebody else's by now.
    ///
    /// # Errors
    /// Where the database does not do it; the message comes back when its lease ends, in doubt.
    pub async fn postpone_outbox(
        &self,
        lease: &OutboxLease,
        postponement: &Postponement,
        pauses: &[Pause],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql =
            "UPDATE outbox SET state = 'due', lease_until = 0, due_at = $4, attempted_at = $5, in_doubt = $6,
                          last_error = $7
                   WHERE id = $1 AND attempts = $2 AND lease_until = $3 AND state = 'leased'";
        let OutboxLease { id, attempts, until } = lease;
        let Postponement { until: due_at, in_doubt, error } = postponement;
        let values = params![id, *attempts, *until, *due_at, now, *in_doubt, error];
        let postponed = transaction.execute(sql, values).await? > 0;
        pause(&mut transaction, pauses, now).await?;
        transaction.commit().await?;
        Ok(postponed)
    }

    /// Gives a message up, with everything that hangs on it, and keeps them to be looked at. False where the lease
    /// is somebody else's by now.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn dead_letter_outbox(
        &self,
        lease: &OutboxLease,
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ours = still_ours(&mut transaction, lease).await?;
        if ours {
            bury(&mut transaction, &lease.id, error, now).await?;
        }
        transaction.commit().await?;
        Ok(ours)
    }

    /// A message that is under way, and those that wait to go into its thread, in order: their ids and bodies.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn with_its_thread(&self, id: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT id, body FROM outbox
                   WHERE (id = $1 AND state = 'leased') OR (thread_parent = $1 AND state = 'due') ORDER BY seq";
        let rows = self.database.fetch_all(sql, params![id]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Puts other messages in the place of a leased one and of some that wait for it, in one commit. False where the
    /// lease is somebody else's by now.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn supersede(
        &self,
        lease: &OutboxLease,
        ids: &[String],
        rows: &[NewOutboxRow],
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ours = still_ours(&mut transaction, lease).await?;
        if ours {
            // Those that wait come first, or they would be given up with what they hang on.
            for id in ids.iter().filter(|id| **id != lease.id).chain([&lease.id]) {
                finish(&mut transaction, id, error, now).await?;
            }
            for row in rows {
                insert(&mut transaction, row, now).await?;
            }
        }
        transaction.commit().await?;
        Ok(ours)
    }

    /// Sends a leased message to another channel, with all that hangs on it, and says there why. False where the
    /// lease is somebody else's by now.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn redirect(&self, lease: &OutboxLease, channel: &str, note: &str) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ours = still_ours(&mut transaction, lease).await?;
        if ours {
            send_elsewhere(&mut transaction, &lease.id, channel, Some(note)).await?;
        }
        transaction.commit().await?;
        Ok(ours)
    }

    /// Sends a message that is sent already once more, as a new one: in another channel, and with what the leased
    /// message wanted to make of it. The leased message is done with. One that is in a thread follows its parent, and
    /// is given up where that one stayed. False where the lease is somebody else's by now.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn restart(
        &self,
        leased: &LeasedOutboxRow,
        sent: &str,
        channel: &str,
        body: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ours = still_ours(&mut transaction, &leased.lease).await?;
        if ours {
            let sql =
                "SELECT a.channel FROM outbox o JOIN outbox a ON a.id = o.thread_parent WHERE o.id = $1";
            let parent = transaction.fetch_optional(sql, params![sent]).await?;
            let parent: Option<String> = parent.map(|row| row.get(0)).transpose()?;
            if parent.as_ref() == Some(&leased.channel) {
                bury(&mut transaction, &leased.lease.id, note, now).await?;
            } else {
                finish(&mut transaction, &leased.lease.id, note, now).await?;
                let note = parent.is_none().then_some(note);
                let channel = parent.as_deref().unwrap_or(channel);
                send_elsewhere(&mut transaction, sent, channel, note).await?;
                let sql = "UPDATE outbox SET body = $2, platform_message_id = NULL, finished_at = NULL,
                                  threadless = FALSE WHERE id = $1";
                transaction.execute(sql, params![sent, body]).await?;
            }
        }
        transaction.commit().await?;
        Ok(ours)
    }

    /// Writes down that a message can have no thread. The leased one, which was to go there, becomes an edit of it
    /// if it holds details; anything else for that thread is not needed. False where the lease is somebody else's
    /// by now.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn without_thread(
        &self,
        leased: &LeasedOutboxRow,
        parent: &str,
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ours = still_ours(&mut transaction, &leased.lease).await?;
        if ours {
            let sql = "UPDATE outbox SET threadless = TRUE WHERE id = $1";
            transaction.execute(sql, params![parent]).await?;
            let sql = "SELECT id FROM outbox
                       WHERE thread_parent = $1 AND state IN ('due', 'leased') AND kind <> 'details'";
            for row in transaction.fetch_all(sql, params![parent]).await? {
                finish(&mut transaction, &row.get::<String>(0)?, error, now).await?;
            }
            let sql = "UPDATE outbox SET state = 'due', due_at = 0, lease_until = 0, in_doubt = FALSE,
                              edits = thread_parent, ordering_key = $3, thread_parent = NULL, last_error = $2
                       WHERE thread_parent = $1 AND state IN ('due', 'leased')";
            transaction.execute(sql, params![parent, error, &edits_key(parent)]).await?;
            // A group says where its bots are listed, so it is written again.
            let sql = "UPDATE alert_groups SET due_at = $2 WHERE id = $1";
            transaction.execute(sql, params![parent, now]).await?;
        }
        transaction.commit().await?;
        Ok(ours)
    }

    /// Ends everything that was to go into the thread of a message, the leased one first. False where the lease is
    /// somebody else's by now.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn end_thread(
        &self,
        lease: &OutboxLease,
        parent: &str,
        error: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let ours = still_ours(&mut transaction, lease).await?;
        if ours {
            let sql = "SELECT id FROM outbox WHERE thread_parent = $1 AND state IN ('due', 'leased')";
            for row in transaction.fetch_all(sql, params![parent]).await? {
                bury(&mut transaction, &row.get::<String>(0)?, error, now).await?;
            }
            bury(&mut transaction, &lease.id, error, now).await?;
        }
        transaction.commit().await?;
        Ok(ours)
    }

    /// Makes a dead letter due again, with the parents that are dead as well, and with what died with it.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn retry_dead_letter(&self, id: &str) -> Result<Retried, StoreError> {
        let mut transaction = self.database.begin().await?;
        let retried = make_due_again(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(retried)
    }

    /// Gives up the messages whose parent will never be sent, so that they are seen. How many there were.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn repair_outbox(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE outbox SET state = 'dead', finished_at = $1, last_error = $2
                   WHERE state = 'due' AND (
                     (thread_parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox a
                       WHERE a.id = outbox.thread_parent AND a.state IN ('due', 'leased', 'sent')))
                     OR (edits IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox a
                       WHERE a.id = outbox.edits AND a.state IN ('due', 'leased', 'sent'))))";
        let mut repaired = 0;
        loop {
            // What hangs on an orphan is one itself by now.
            match self.database.execute(sql, params![now, ORPHAN]).await? {
                0 => return Ok(repaired),
                more => repaired += more,
            }
        }
    }
}

/// Takes the next message in one statement, so that nobody can change it in between. The parameters: now, the end of
/// the lease, and two times that nothing true can be after: of what was set, and of the end of a lease.
///
/// Of those that were under way when a process died, one is under way at a time: it may be the one that kills it, and
/// must not take the others along.
///
/// The channels are found one after the other by the index of what is open, so their number counts and not that of
/// the messages.
const LEASE_NEXT: &str = "
    UPDATE outbox SET state = 'leased', lease_until = $2, attempted_at = $1, attempts = attempts + 1,
      in_doubt = (in_doubt OR state = 'leased'),
      lost_leases = lost_leases + CASE WHEN state = 'leased' THEN 1 ELSE 0 END
    WHERE seq = (
      WITH RECURSIVE open_channels(channel) AS (
        SELECT MIN(channel) FROM outbox WHERE state IN ('due', 'leased')
        UNION ALL
        SELECT (SELECT MIN(o.channel) FROM outbox o
                WHERE o.state IN ('due', 'leased') AND o.channel > open_channels.channel)
        FROM open_channels WHERE open_channels.channel IS NOT NULL
      )
      SELECT p.seq FROM open_channels c JOIN outbox p ON p.seq = (
        SELECT q.seq FROM outbox q
        WHERE q.channel = c.channel AND q.state IN ('due', 'leased')
          AND (q.state = 'leased' OR q.due_at <= $1 OR q.attempted_at > $3)
          AND (q.thread_parent IS NULL OR EXISTS (
            SELECT 1 FROM outbox a WHERE a.id = q.thread_parent AND a.state = 'sent'))
          AND (q.edits IS NULL OR EXISTS (
            SELECT 1 FROM outbox a WHERE a.id = q.edits AND a.state = 'sent'))
          AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.ordering_key = q.ordering_key AND b.seq < q.seq
            AND b.state IN ('due', 'leased'))
          AND ((q.state = 'due' AND q.lost_leases = 0) OR NOT EXISTS (SELECT 1 FROM outbox s
            WHERE s.state = 'leased' AND s.lost_leases > 0 AND s.lease_until > $1 AND s.lease_until <= $4))
        ORDER BY q.class, q.seq LIMIT 1)
      WHERE NOT EXISTS (SELECT 1 FROM outbox l WHERE l.channel = c.channel AND l.state IN ('due', 'leased')
          AND l.state = 'leased' AND l.lease_until > $1 AND l.lease_until <= $4)
        AND NOT EXISTS (SELECT 1 FROM channels w
          WHERE w.not_before > $1 AND w.set_at <= $3 AND (w.channel = c.channel
            OR (w.channel NOT LIKE '%:%' AND c.channel LIKE w.channel || ':%')))
      ORDER BY p.class, p.seq LIMIT 1)
      AND state IN ('due', 'leased')
    RETURNING id, channel, body, attempts, in_doubt, created_at, thread_parent, edits, redirect_note, lost_leases,
      ordering_key, class";

/// Looks up what a message needs to know of others: the ids of those that it refers to, and what its channel
/// missed.
async fn complete(transaction: &mut Transaction, leased: &mut LeasedOutboxRow) -> Result<(), StoreError> {
    let sql =
        "SELECT platform_message_id, thread_parent, redirect_note, threadless FROM outbox WHERE id = $1";
    let mut thread_parent = leased.thread_parent.clone();
    if let Some(edits) = &leased.edits
        && let Some(row) = transaction.fetch_optional(sql, params![edits]).await?
    {
        leased.edited = row.get(0)?;
        thread_parent = thread_parent.or(row.get(1)?);
        leased.redirect_note = leased.redirect_note.take().or(row.get(2)?);
        leased.threadless = row.get(3)?;
    }
    if let Some(parent) = thread_parent
        && let Some(row) = transaction.fetch_optional(sql, params![&parent]).await?
    {
        leased.thread = row.get(0)?;
        leased.redirect_note = leased.redirect_note.take().or(row.get(2)?);
    }
    if leased.class == MessageClass::Headline {
        let sql = "SELECT COUNT(*) FROM outbox o JOIN channels c ON c.channel = o.channel
                   WHERE c.channel = $1 AND c.refused_since IS NOT NULL AND o.state = 'dead'
                     AND o.class = 0 AND o.finished_at >= c.refused_since";
        let row = transaction.fetch_optional(sql, params![&leased.channel]).await?;
        leased.missed = row.map(|row| row.get(0)).transpose()?.unwrap_or_default();
    }
    Ok(())
}

/// Whether a lease still holds; then the row is locked until the transaction ends.
async fn still_ours(transaction: &mut Transaction, lease: &OutboxLease) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET lease_until = lease_until
               WHERE id = $1 AND attempts = $2 AND lease_until = $3 AND state = 'leased'";
    let OutboxLease { id, attempts, until } = lease;
    Ok(transaction.execute(sql, params![id, *attempts, *until]).await? > 0)
}

/// Gives a message up, with all that hangs on it and is not sent.
async fn bury(
    transaction: &mut Transaction,
    id: &str,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE outbox SET state = 'dead', lease_until = 0, last_error = $2, finished_at = $3 WHERE id = $1";
    transaction.execute(sql, params![id, error, now]).await?;
    end_what_hangs_on(transaction, id, error, now).await
}

/// Ends a message that another one replaces, and gives up what hangs on it.
async fn finish(
    transaction: &mut Transaction,
    id: &str,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 'superseded', body = '', lease_until = 0, last_error = $2,
                      finished_at = $3 WHERE id = $1";
    transaction.execute(sql, params![id, error, now]).await?;
    end_what_hangs_on(transaction, id, ORPHAN, now).await
}

async fn end_what_hangs_on(
    transaction: &mut Transaction,
    id: &str,
    error: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 'dead', last_error = $2, finished_at = $3
               WHERE state = 'due' AND id IN (
                 WITH RECURSIVE hanging(id) AS (
                   SELECT id FROM outbox WHERE thread_parent = $1 OR edits = $1
                   UNION SELECT o.id FROM outbox o JOIN hanging h ON o.thread_parent = h.id OR o.edits = h.id)
                 SELECT id FROM hanging)";
    transaction.execute(sql, params![id, error, now]).await?;
    Ok(())
}

/// Makes a message due in another channel, with all that hangs on it and is not sent.
async fn send_elsewhere(
    transaction: &mut Transaction,
    id: &str,
    channel: &str,
    note: Option<&str>,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE outbox SET state = 'due', channel = $2, redirect_note = $3, due_at = 0, lease_until = 0,
                      attempts = 0, in_doubt = FALSE, last_error = $3 WHERE id = $1";
    transaction.execute(sql, params![id, channel, note]).await?;
    let sql = "UPDATE outbox SET channel = $2 WHERE (thread_parent = $1 OR edits = $1) AND state = 'due'";
    transaction.execute(sql, params![id, channel]).await?;
    Ok(())
}

/// Makes a dead message due again: first the parents that are dead, then itself, then what died with it.
async fn make_due_again(transaction: &mut Transaction, id: &str) -> Result<Retried, StoreError> {
    let sql = "SELECT state, COALESCE(edits, thread_parent) FROM outbox WHERE id = $1";
    let (mut chain, mut next) = (Vec::new(), Some(id.to_owned()));
    while let Some(id) = next.take() {
        let Some(row) = transaction.fetch_optional(sql, params![&id]).await? else {
            return Ok(if chain.is_empty() { Retried::Unknown } else { Retried::ParentGone });
        };
        let state: String = row.get(0)?;
        match (state.as_str(), chain.is_empty()) {
            ("dead", _) => next = row.get(1)?,
            (_, true) => return Ok(Retried::NotDead),
            ("superseded", false) => return Ok(Retried::ParentGone),
            // A parent that is sent, or on its way.
            (_, false) => break,
        }
        chain.push(id);
    }
    let sql = "UPDATE outbox SET state = 'due', due_at = 0, attempts = 0, lost_leases = 0, lease_until = 0,
                      finished_at = NULL
               WHERE state = 'dead' AND (id = $1 OR id IN (
                 WITH RECURSIVE hanging(id) AS (
                   SELECT id FROM outbox WHERE thread_parent = $1 OR edits = $1
                   UNION SELECT o.id FROM outbox o JOIN hanging h ON o.thread_parent = h.id OR o.edits = h.id)
                 SELECT id FROM hanging))";
    let mut due = 0;
    // The highest parent takes everything below it along.
    for id in chain.iter().rev() {
        due += transaction.execute(sql, params![id]).await?;
    }
    Ok(Retried::Due(due))
}
