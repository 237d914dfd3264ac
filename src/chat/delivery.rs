//! How a message reaches a platform, and why it does not.

use std::time::Duration;

use super::interaction::Requester;
use super::{Destination, Message, MessageId};
use crate::report::card::Above;

/// Who sees a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Everyone in a channel or a thread, where details stand below their verdict.
    Posted,
    /// One person.
    Ephemeral,
}

impl Shown {
    /// What stands above details.
    #[must_use]
    pub const fn above(self) -> Above {
        match self {
            Self::Posted => Above::Verdict,
            Self::Ephemeral => Above::Nothing,
        }
    }
}

/// A message as it goes to a messenger.
#[derive(Debug, Clone, Copy)]
pub struct SendRequest<'a> {
    /// What is said.
    pub message: &'a Message,
    /// Its name in the outbox, by which it can be found again.
    pub idempotency_key: &'a str,
    /// Who asked, with what the platform gave us to answer them.
    pub asker: Option<&'a Requester>,
    /// It takes the place of the sign that an answer is coming, on platforms that show one.
    pub replaces_placeholder: bool,
    /// The message above has no thread yet; this one begins it.
    pub begins_thread: bool,
    /// The message can have no thread, so it shows what else belongs there.
    pub threadless: bool,
    /// Whom to mention, as the platform writes it; from the settings and from nowhere else.
    pub mention: Option<&'a str>,
    /// A line about this channel: why it is here and not where it was meant to be, or what was missed here.
    pub redirect_note: Option<&'a str>,
}

impl<'a> SendRequest<'a> {
    /// A message that nobody asked for and that mentions nobody.
    #[must_use]
    pub const fn plain(message: &'a Message, idempotency_key: &'a str) -> Self {
        Self {
            message,
            idempotency_key,
            asker: None,
            replaces_placeholder: false,
            begins_thread: false,
            threadless: false,
            mention: None,
            redirect_note: None,
        }
    }
}

/// Delivers messages to one platform. Each call is one attempt; the outbox repeats.
#[async_trait::async_trait]
pub trait Messenger: Send + Sync {
    /// Posts a message for everybody there.
    async fn post(&self, to: &Destination, request: &SendRequest<'_>) -> Result<MessageId, DeliveryError>;

    /// The message that carries this mark, if it was posted after all. `None` also where nobody can tell.
    async fn find(
        &self,
        to: &Destination,
        idempotency_key: &str,
        since: jiff::Timestamp,
    ) -> Result<Option<MessageId>, DeliveryError>;

    /// How long the channel takes no further message after one that was just sent there, as far as the platform's
    /// rules and its last answer tell.
    fn pace(&self, _: &Destination) -> Duration {
        Duration::ZERO
    }

    /// Replaces a message that was posted.
    async fn edit(
        &self,
        at: &Destination,
        id: &MessageId,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError>;

    /// Shows a message to one person alone.
    async fn post_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError>;

    /// Replaces the message that only this person sees, and in which they pressed a button.
    async fn edit_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError>;

    /// What the first message of a thread says, if we may read it.
    async fn thread_start(&self, thread: &Destination) -> Result<Option<String>, DeliveryError>;
}

/// A message that did not get through. Its text is for logs; it holds no body, token or link.
///
/// Only a platform's own words are final ([`Self::NotThere`] to [`Self::MessageGone`], [`Self::Refused`]): a page of
/// a proxy on the way, whatever its status, is a failure that is repeated.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The platform asks us to slow down in this channel.
    #[error("the platform asks to wait {0:?}")]
    Busy(Duration),
    /// The platform asks us to slow down everywhere.
    #[error("the platform asks to wait {0:?} in all channels")]
    PlatformBusy(Duration),
    /// Nobody knows whether it arrived: the connection broke, or no answer came in time.
    #[error("no answer that can be relied on: {0}")]
    InDoubt(String),
    /// The platform failed, or was not reached, and did nothing.
    #[error("the platform failed: {0}")]
    Failed(String),
    /// The channel does not take it: the app is not in it, it is gone or archived.
    #[error("it cannot be said there: {0}")]
    NotThere(String),
    /// There can be no thread below that message.
    #[error("there can be no thread: {0}")]
    NoThread(String),
    /// The thread is locked or gone, and its channel is not.
    #[error("the thread takes no message: {0}")]
    ThreadClosed(String),
    /// The message that was to be edited is no longer there, or no longer ours to edit.
    #[error("the message is gone: {0}")]
    MessageGone(String),
    /// The app itself is at fault: its token, its permissions. Somebody who runs it has to act.
    #[error("the app may not do this: {0}")]
    NotAllowed(String),
    /// The platform does not take this message, however often it is sent.
    #[error("the platform refuses the message: {0}")]
    Refused(String),
}

impl DeliveryError {
    /// Its class, for metrics.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Busy(_) => "busy",
            Self::PlatformBusy(_) => "platform_busy",
            Self::InDoubt(_) => "in_doubt",
            Self::Failed(_) => "failed",
            Self::NotThere(_) => "not_there",
            Self::NoThread(_) => "no_thread",
            Self::ThreadClosed(_) => "thread_closed",
            Self::MessageGone(_) => "message_gone",
            Self::NotAllowed(_) => "not_allowed",
            Self::Refused(_) => "refused",
        }
    }

    /// Whose fault it is, for metrics that compare platforms; `None` where it is nobody's, because somebody
    /// archived a channel or deleted a message.
    #[must_use]
    pub const fn error_class(&self) -> Option<&'static str> {
        match self {
            Self::NotAllowed(_) => Some("auth"),
            Self::Busy(_) | Self::PlatformBusy(_) => Some("rate_limited"),
            Self::Refused(_) => Some("client"),
            Self::InDoubt(_) | Self::Failed(_) => Some("server"),
            Self::NotThere(_) | Self::NoThread(_) | Self::ThreadClosed(_) | Self::MessageGone(_) => None,
        }
    }
}
