//! Inserts messages: new ones, replies, and edits.

use jiff::Timestamp;

use super::dead::make_due_again;
use super::{MessageClass, NewOutboxRow, ORPHAN};
use crate::store::database::Transaction;
use crate::store::{StoreError, params};

/// Enqueues a message, once. If its parent will never be sent, it is dead from the start.
pub(in crate::store) async fn insert(
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

/// Enqueues a reply to another message, in the channel where that one is by now. If that one can't have a thread,
/// details become an edit of it, and other replies aren't needed.
pub(in crate::store) async fn insert_reply(
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
    // A reply to a headline isn't a headline.
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

/// Changes the text of a message. If it certainly wasn't sent, its body is replaced; a dead one is due again with the
/// new body. Once it may have been sent, an edit is enqueued, and at most one edit waits.
///
/// `body` is the whole message as a new one, `edit` the same as an edit of the old one.
pub(in crate::store) async fn insert_edit(
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
        // A message that belongs to another dead letter is sent with that one.
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
    // An edit is shown in the message that it edits, so that one is edited.
    if found.get::<Option<String>>(2)?.is_some() {
        return Ok(());
    }
    let (channel, seq): (String, i64) = (found.get(0)?, found.get(1)?);
    insert(transaction, &edit_of(id, edit, &channel, seq), now).await
}

/// Returns whether a dead letter may have been sent; `None` if the message isn't one.
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
pub(super) fn edits_key(id: &str) -> String {
    format!("edits of {id}")
}
