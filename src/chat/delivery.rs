//! The delivery of messages to a platform, and its errors.

use std::collections::BTreeSet;
use std::time::Duration;

use super::form::{Form, FormId, OpenedBy};
use super::interaction::Requester;
use super::surface::Unfurl;
use super::{Destination, Message, MessageId};
use crate::report::card::Above;
use crate::report::home::Home;

/// The people who see a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// All in a channel or a thread, where details are below their verdict.
    Posted,
    /// One person.
    Ephemeral,
}

impl Shown {
    /// Returns what is shown above details.
    #[must_use]
    pub const fn above(self) -> Above {
        match self {
            Self::Posted => Above::Verdict,
            Self::Ephemeral => Above::Nothing,
        }
    }
}

/// A message for a messenger.
#[derive(Debug, Clone, Copy)]
pub struct SendRequest<'a> {
    /// The content of the message.
    pub message: &'a Message,
    /// The outbox ID of the message, by which it can be found again.
    pub idempotency_key: &'a str,
    /// The requester, with the reply handle of the platform.
    pub asker: Option<&'a Requester>,
    /// `true` if it replaces the placeholder for a coming answer, on platforms that have one.
    pub replaces_placeholder: bool,
    /// `true` if the message above has no thread yet, so that this one starts it.
    pub begins_thread: bool,
    /// `true` if the message can have no thread, so that it shows what would be in the thread.
    pub threadless: bool,
    /// The mention, as the platform writes it. It only ever comes from the settings.
    pub mention: Option<&'a str>,
    /// A line about this channel: why the message is here instead of its intended channel, or what was missed
    /// here.
    pub redirect_note: Option<&'a str>,
}

impl<'a> SendRequest<'a> {
    /// Creates a request without a requester and without a mention.
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

/// Delivers messages to one platform. Each call is one attempt; the outbox retries.
#[async_trait::async_trait]
pub trait Messenger: Send + Sync {
    /// Posts a message that all in the channel or thread see.
    async fn post(&self, to: &Destination, request: &SendRequest<'_>) -> Result<MessageId, DeliveryError>;

    /// Returns the message that carries this mark, if it was posted after all. `None` also if this cannot be
    /// determined.
    async fn find(
        &self,
        to: &Destination,
        idempotency_key: &str,
        since: jiff::Timestamp,
    ) -> Result<Option<MessageId>, DeliveryError>;

    /// Returns how long the channel accepts no further message after one that was just sent, according to the
    /// platform's rules and its last response.
    fn pace(&self, _: &Destination) -> Duration {
        Duration::ZERO
    }

    /// Replaces a posted message.
    async fn edit(
        &self,
        at: &Destination,
        id: &MessageId,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError>;

    /// Shows a message to one person only.
    async fn post_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError>;

    /// Replaces the message that only this person sees, and in which they selected a button.
    async fn edit_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError>;

    /// Opens a form for one person. `None` if the platform has no forms, so that a message takes its place.
    ///
    /// # Errors
    /// Returns [`DeliveryError`] if it wasn't opened, as when the time for it is over.
    async fn open_form(&self, _: OpenedBy<'_>, _: Form<'_>) -> Result<Option<FormId>, DeliveryError> {
        Ok(None)
    }

    /// Changes what an open form shows.
    ///
    /// # Errors
    /// Returns [`DeliveryError`] if it wasn't changed, as when the person has closed it.
    async fn fill_form(&self, _: &FormId, _: OpenedBy<'_>, _: Form<'_>) -> Result<(), DeliveryError> {
        Ok(())
    }

    /// Returns `true` if the person is in one of these user groups or roles at the moment.
    ///
    /// # Errors
    /// Returns [`DeliveryError`] if the platform doesn't say.
    async fn is_in_group(
        &self,
        requester: &Requester,
        groups: &BTreeSet<String>,
    ) -> Result<bool, DeliveryError> {
        Ok(requester.roles.iter().any(|role| groups.contains(role)))
    }

    /// Returns the address at which people open a posted message; `None` if the platform has none, or hasn't said yet
    /// what belongs in it.
    async fn permalink(&self, _channel: &str, _message: &MessageId) -> Option<String> {
        None
    }

    /// Shows the outcome of bots below a message with links to them. A second call replaces what the first one showed.
    ///
    /// # Errors
    /// Returns [`DeliveryError`] if it isn't shown.
    async fn unfurl(&self, _: &Destination, _: &MessageId, _: &[Unfurl]) -> Result<(), DeliveryError> {
        Ok(())
    }

    /// Publishes a person's home.
    ///
    /// # Errors
    /// Returns [`DeliveryError`] if it isn't published.
    async fn publish_home(&self, _person: &str, _: &Home) -> Result<(), DeliveryError> {
        Ok(())
    }

    /// Returns the channels that a person is in, of those that the app can see. `None` if the platform doesn't say.
    ///
    /// # Errors
    /// Returns [`DeliveryError`] if the platform fails.
    async fn channels_of(&self, _person: &str) -> Result<Option<BTreeSet<String>>, DeliveryError> {
        Ok(None)
    }

    /// Returns the text of a thread's first message, if the app may read it.
    async fn thread_start(&self, thread: &Destination) -> Result<Option<String>, DeliveryError>;
}

/// The error for a message that was not delivered. Its text is for logs and contains no body, token or link.
///
/// Only a platform's own response is final ([`Self::NotThere`] to [`Self::MessageGone`], [`Self::Refused`]).
/// A page of a proxy in between, whatever its status, is a failure that is retried.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The platform asks to send less in this channel.
    #[error("the platform asks to wait {0:?}")]
    Busy(Duration),
    /// The platform asks to send less in all channels.
    #[error("the platform asks to wait {0:?} in all channels")]
    PlatformBusy(Duration),
    /// The outcome is unknown, because the connection broke or no response came in time.
    #[error("no answer that can be relied on: {0}")]
    InDoubt(String),
    /// The platform failed, or was not reached, and did nothing.
    #[error("the platform failed: {0}")]
    Failed(String),
    /// The channel refuses the message, because the app has not joined it, or it is deleted or archived.
    #[error("it cannot be said there: {0}")]
    NotThere(String),
    /// No thread is possible below that message.
    #[error("there can be no thread: {0}")]
    NoThread(String),
    /// The thread is locked or deleted, and its channel is not.
    #[error("the thread takes no message: {0}")]
    ThreadClosed(String),
    /// The message to edit no longer exists, or is no longer ours to edit.
    #[error("the message is gone: {0}")]
    MessageGone(String),
    /// The app's token or permissions are at fault. The operator has to act.
    #[error("the app may not do this: {0}")]
    NotAllowed(String),
    /// The platform refuses this message, however often it is sent.
    #[error("the platform refuses the message: {0}")]
    Refused(String),
}

impl DeliveryError {
    /// Returns the class of the error, for metrics.
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

    /// Returns the side at fault, for metrics that compare platforms. `None` if neither is, because a person
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
