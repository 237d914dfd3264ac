//! Rows of the outbox.

use jiff::Timestamp;

use crate::store::database::Row;
use crate::store::{Body, StoreError, time};

/// Priority within a channel, which accepts one message at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageClass {
    /// Answers, and the first message about a bot or a group.
    #[default]
    Headline,
    /// Edits of these.
    Edit,
    /// The details of an alert.
    Details,
    /// Updates in its thread, and bot lists.
    Update,
}

impl MessageClass {
    /// As it is stored: the lower goes first.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Headline => 0,
            Self::Edit => 1,
            Self::Details => 2,
            Self::Update => 3,
        }
    }

    /// From the number in the database.
    pub(super) const fn of_rank(rank: i64) -> Self {
        match rank {
            0 => Self::Headline,
            1 => Self::Edit,
            2 => Self::Details,
            _ => Self::Update,
        }
    }
}

/// An outbox message that is new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOutboxRow {
    /// Its id, which is the same whenever the same interaction is answered again.
    pub id: String,
    /// Its channel: `<platform>:<channel>`, or `<platform>:<channel>:<user>` for one person there.
    pub channel: String,
    /// Messages with the same key are sent in order; empty for a message that nothing has to wait for.
    pub ordering_key: String,
    /// Its priority within the channel.
    pub class: MessageClass,
    /// The outbox message in whose thread it goes.
    pub thread_parent: Option<String>,
    /// The outbox message that it edits.
    pub edits: Option<String>,
    /// Why it is in another channel than the one that it was meant for.
    pub redirect_note: Option<String>,
    /// The bot that it is about; empty if none in particular.
    pub bot: String,
    /// Its kind, in one word.
    pub kind: &'static str,
    /// The message.
    pub body: Body,
}

/// The right to send one message until a time. A worker with an expired or another lease changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxLease {
    /// The id of the message.
    pub id: String,
    /// How often it was leased, this time included.
    pub attempts: i64,
    /// Until when, in milliseconds since 1970.
    pub until: i64,
}

/// A leased outbox message, to be sent before the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedOutboxRow {
    /// The right to send it.
    pub lease: OutboxLease,
    /// Its channel.
    pub channel: String,
    /// Messages with this key are sent in order.
    pub ordering_key: String,
    /// The message.
    pub body: Body,
    /// It may have been sent before: an attempt was made, and its outcome is unknown.
    pub in_doubt: bool,
    /// When it was put into the outbox, in milliseconds since 1970.
    pub created_at: i64,
    /// The outbox message in whose thread it goes, if it is none of its edits.
    pub thread_parent: Option<String>,
    /// The platform's id of the message in whose thread it is.
    pub thread: Option<String>,
    /// The outbox message that it edits.
    pub edits: Option<String>,
    /// The platform's id of that message.
    pub edited: Option<String>,
    /// That message can have no thread, so what belongs there is shown in it.
    pub threadless: bool,
    /// Why it is in another channel than the one that it was meant for.
    pub redirect_note: Option<String>,
    /// Its priority within the channel.
    pub class: MessageClass,
    /// Headlines that this channel refused since it last accepted one; 0 if this isn't the next headline.
    pub missed: i64,
}

impl LeasedOutboxRow {
    /// The id of the message.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.lease.id
    }
}

/// State of an outbox message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// It waits to be sent.
    Due,
    /// It is being sent.
    Leased,
    /// The platform has it.
    Sent,
    /// Another one took its place.
    Superseded,
    /// It was given up.
    Dead,
}

impl OutboxState {
    /// From the word in the database.
    fn from_word(word: &str) -> Self {
        match word {
            "leased" => Self::Leased,
            "sent" => Self::Sent,
            "superseded" => Self::Superseded,
            "dead" => Self::Dead,
            _ => Self::Due,
        }
    }
}

/// An outbox message as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id.
    pub id: String,
    /// Its channel.
    pub channel: String,
    /// The bot that it is about, or nothing.
    pub bot: String,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: OutboxState,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// The last failure.
    pub last_error: Option<String>,
}

impl OutboxRow {
    /// From the columns id, channel, bot, kind, state, `created_at`, attempts and `last_error`.
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let state: String = row.get(4)?;
        Ok(Self {
            id: row.get(0)?,
            channel: row.get(1)?,
            bot: row.get(2)?,
            kind: row.get(3)?,
            state: OutboxState::from_word(&state),
            created_at: time(row.get(5)?),
            attempts: row.get(6)?,
            last_error: row.get(7)?,
        })
    }
}

/// The result of a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postponement {
    /// The message is tried again at this time.
    pub until: Timestamp,
    /// It may have been sent.
    pub in_doubt: bool,
    /// Why it failed.
    pub error: String,
}

/// How long nothing is sent, as a platform asked for it or as its pace demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// A channel, or the name of a platform for all of its channels.
    pub of: String,
    /// Until when.
    pub until: Timestamp,
}

/// The result of retrying a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// So many messages are due again: this one, what it belongs to, and what belongs to it.
    Due(u64),
    /// No message has this id.
    Unknown,
    /// It is not dead.
    NotDead,
    /// The message that it edits, or in whose thread it goes, was replaced or deleted: there is nothing to hang it on.
    ParentGone,
}
