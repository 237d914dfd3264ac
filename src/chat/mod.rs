//! The only module that knows chat platforms.
//!
//! It sees a [`Report`] and never a diagnosis, so that a further platform is one folder.

pub mod action;
pub mod console;
pub mod discord;
pub mod interaction;
pub mod outbox_message;
pub mod question;
pub mod slack;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::report::alert::Alert;
use crate::report::alert_group::{AlertGroup, GroupedBot};
use crate::report::card::{Card, Layout};
use crate::report::{Explanation, Report};
use interaction::{Interaction, Requester};

/// A chat platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chat {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
    /// The terminal.
    Console,
}

impl Chat {
    /// Its one spelling in logs, metrics and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Console => "console",
        }
    }

    /// The platform that is spelled like this, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Slack, Self::Discord, Self::Console].into_iter().find(|chat| chat.as_str() == word)
    }

    /// Which way to ask works inside threads, where the command does not.
    #[must_use]
    pub const fn how_to_ask_in_threads(self) -> &'static str {
        match self {
            Self::Slack => {
                "Slack has no commands inside threads: mention me there with the id, \
                 or use \"Why no recording?\" from the menu of a message."
            }
            Self::Discord | Self::Console => "",
        }
    }
}

/// The messengers of the platforms that are on.
pub type Messengers = HashMap<Chat, Arc<dyn Messenger>>;

/// A channel, or a thread in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The channel, as its platform names it.
    pub channel: String,
    /// The message that the thread hangs on.
    pub thread: Option<MessageId>,
}

/// A message that was posted, as its platform names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageId(pub String);

/// What is said. Each platform renders it in its own way.
///
/// It is kept in the outbox in this form, so that what could not be delivered in one place can be
/// delivered in another. Fields may be added with a default and never change their meaning.
///
/// Its `Debug` says what it is and not what it says, which may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The verdict in one line.
    Verdict(Box<Report>),
    /// The whole report, with what can be done about it.
    Details {
        /// The report.
        report: Box<Report>,
        /// What else is to be known about this message.
        note: Option<CardNote>,
    },
    /// An entry of the catalogue.
    Explanation(Explanation),
    /// The text for the host, alone.
    HostMessage(String),
    /// A few plain words.
    Notice(String),
    /// What is told of one bot without anybody having asked.
    Alert(Box<Alert>),
    /// Many bots that failed at once, counted in one message.
    AlertGroup(Box<AlertGroup>),
    /// Bots that a message about many stands for.
    Bots(Vec<GroupedBot>),
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.kind())
    }
}

/// What is said of a message itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardNote {
    /// This person answered the question in it.
    AnsweredBy(String),
    /// Only the asker sees it, since the app cannot post where they asked.
    NotInChannel,
}

impl Alert {
    /// Its details, as a message of their own.
    #[must_use]
    pub fn details(&self) -> Message {
        Message::Details { report: Box::new(self.report.clone()), note: None }
    }
}

impl Message {
    /// What it shows in sections, if it is more than a line or two.
    #[must_use]
    pub fn card(&self, layout: Layout) -> Option<Card<'_>> {
        match self {
            Self::Details { report, .. } => Some(Card::of(report, layout)),
            Self::Explanation(entry) => Some(Card::explaining(entry)),
            _ => None,
        }
    }

    /// What it is, in one word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Verdict(_) => "verdict",
            Self::Details { .. } => "details",
            Self::Explanation(_) => "explanation",
            Self::HostMessage(_) => "host_message",
            Self::Notice(_) => "notice",
            Self::Alert(_) => "alert",
            Self::AlertGroup(_) => "alert_group",
            Self::Bots(_) => "bots",
        }
    }

    /// The report in it, if there is one.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Verdict(report) | Self::Details { report, .. } => Some(report),
            Self::Alert(alert) => Some(&alert.report),
            _ => None,
        }
    }

    /// What it says in one line, where it stands for a thread.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        match self {
            Self::AlertGroup(group) => Some(group.title()),
            _ => self.report().map(|report| report.title.clone()),
        }
    }
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

/// What a person did could not be kept, and is not to be acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("what arrived could not be kept")]
pub struct NotStored;

/// Where the platforms hand in what people do.
#[async_trait::async_trait]
pub trait InteractionSink: Send + Sync {
    /// Keeps it. When this returns, it may be acknowledged.
    async fn receive(&self, interaction: Interaction) -> Result<(), NotStored>;
}
