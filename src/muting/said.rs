//! What is said about a mute in its channel, in the transaction that sets, extends or ends it.

use jiff::Timestamp;

use crate::chat::outbox_message::{Delivery, OutboxMessage};
use crate::chat::{Chat, Destination, Message};
use crate::mutes::{Mute, Scope};
use crate::observe::traces;
use crate::outbox::stored;
use crate::recurrence::key::HashedKey;
use crate::report::mute::{Ended, MuteFacts, MuteNotice, Muted};
use crate::store::{AlertTransaction, MessageClass, MuteRow, NewOutboxRow, StoreError};

/// Mutes that end in one transaction. More would make webhooks wait for the writer.
const BATCH_MAX: i64 = 50;
/// What is stored as the person if a command in a terminal ended a mute.
const TERMINAL: &str = "terminal";

/// Who ends a mute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ender<'a> {
    /// Its time has passed.
    Time,
    /// A person, as their platform names them.
    Person(&'a str),
    /// A command in a terminal.
    Terminal,
}

/// Returns a stored mute as `mutes` knows it; `None` if this version doesn't know its scope.
#[must_use]
pub fn mute_of(row: &MuteRow) -> Option<Mute> {
    Some(Mute {
        id: row.id.parse().ok()?,
        channel: row.channel.clone(),
        scope: Scope::of(&row.scope, &row.value)?,
        ends_at: row.ends_at,
    })
}

/// Returns a stored mute for its words.
#[must_use]
pub fn facts_of(row: &MuteRow) -> MuteFacts<'_> {
    let muted = match row.scope.as_str() {
        "bot" => Muted::Bot(&row.value),
        "cause" => Muted::Cause(&row.title),
        "key" => Muted::Same { common: HashedKey::in_common(&row.value), bot: &row.title },
        _ => Muted::Channel,
    };
    MuteFacts { id: &row.id, muted, author: &row.author, reason: row.reason.as_deref(), ends_at: row.ends_at }
}

/// Returns the name of the message that announces a mute.
#[must_use]
pub fn announced(id: &str) -> String {
    format!("mute/{id}")
}

pub(super) async fn announce(
    tx: &mut AlertTransaction,
    mute: &MuteRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    match post(mute, announced(&mute.id), facts_of(mute).announcement()) {
        Some(row) => tx.enqueue(&row, now).await,
        None => Ok(()),
    }
}

pub(super) async fn extend(
    tx: &mut AlertTransaction,
    mute: &MuteRow,
    press: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    edit(tx, mute, facts_of(mute).announcement(), now).await?;
    let id = format!("{}/extended/{press}", announced(&mute.id));
    reply(tx, mute, id, facts_of(mute).extension(), now).await
}

/// Ends a mute, and says so: in the message that announced it, and in its thread. With a channel, only a mute of this
/// channel is ended. Returns the mute; `None` if it isn't active.
///
/// # Errors
/// Returns [`StoreError`] if the query fails.
pub async fn end_in(
    tx: &mut AlertTransaction,
    id: &str,
    channel: Option<&str>,
    by: Ender<'_>,
    now: Timestamp,
) -> Result<Option<MuteRow>, StoreError> {
    let (person, ended) = match by {
        Ender::Time => (None, Ended::InTime),
        Ender::Person(person) => (Some(person), Ended::By(person)),
        Ender::Terminal => (Some(TERMINAL), Ended::InTerminal),
    };
    let Some((mute, kept_back)) = tx.end_mute(id, channel, person, now).await? else { return Ok(None) };
    let facts = facts_of(&mute);
    edit(tx, &mute, facts.after_its_end(ended), now).await?;
    reply(tx, &mute, format!("{}/ended", announced(id)), facts.end(ended, kept_back), now).await?;
    Ok(Some(mute))
}

/// Ends the mutes whose time has passed. Returns `true` if there were any.
///
/// # Errors
/// Returns [`StoreError`] if the query fails.
pub async fn end_due(tx: &mut AlertTransaction, now: Timestamp) -> Result<bool, StoreError> {
    let due = tx.due_mutes(now, BATCH_MAX).await?;
    for id in &due {
        end_in(tx, id, None, Ender::Time, now).await?;
    }
    Ok(!due.is_empty())
}

async fn edit(
    tx: &mut AlertTransaction,
    mute: &MuteRow,
    notice: MuteNotice,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = announced(&mute.id);
    let (Some(new), Some(change)) =
        (post(mute, id.clone(), notice.clone()), row(mute, id.clone(), notice, Delivery::EditOutbox))
    else {
        return Ok(());
    };
    tx.enqueue_edit(&id, &new.body, &change, now).await
}

async fn reply(
    tx: &mut AlertTransaction,
    mute: &MuteRow,
    id: String,
    notice: MuteNotice,
    now: Timestamp,
) -> Result<(), StoreError> {
    match post(mute, id, notice) {
        Some(row) => tx.enqueue_reply(&announced(&mute.id), row, now).await,
        None => Ok(()),
    }
}

fn post(mute: &MuteRow, id: String, notice: MuteNotice) -> Option<NewOutboxRow> {
    row(mute, id, notice, Delivery::Post)
}

/// Returns a message about a mute as a row of the outbox; `None` if its platform is unknown.
fn row(
    mute: &MuteRow,
    id: String,
    notice: MuteNotice,
    delivery: impl FnOnce(Destination) -> Delivery,
) -> Option<NewOutboxRow> {
    let (chat, channel) = mute.channel.split_once(':')?;
    let outgoing = OutboxMessage {
        chat: Chat::from_word(chat)?,
        delivery: delivery(Destination { channel: channel.to_owned(), thread: None }),
        message: Message::Mute(Box::new(notice)),
        asker: None,
        replaces_placeholder: false,
        mention: None,
        fallback_channel: None,
        last_event_at: None,
        trace: traces::here(),
    };
    // Not a headline: one that is refused would be counted as a missed alert.
    let bot = match mute.scope.as_str() {
        "bot" => mute.value.clone(),
        "key" => mute.title.clone(),
        _ => String::new(),
    };
    Some(NewOutboxRow { class: MessageClass::Edit, bot, ..stored(&outgoing, id, None, String::new()) })
}
