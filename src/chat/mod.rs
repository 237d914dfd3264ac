//! The only module that knows chat platforms.
//!
//! It sees a [`Report`] and never a diagnosis, so that a further platform is one folder.

pub mod action;
pub mod console;
pub mod question;

use crate::report::{Explanation, Report};
use action::Action;

/// A channel, or a thread in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The channel, as its platform names it.
    pub channel: String,
    /// The message that the thread hangs on.
    pub thread: Option<MessageId>,
}

/// A message that was posted, as its platform names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId(pub String);

/// What is said. Each platform renders it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The verdict in one line.
    Verdict(Box<Report>),
    /// The whole report, with what can be done about it.
    Details {
        /// The report.
        report: Box<Report>,
        /// Who answered the question in it, where somebody did.
        answered_by: Option<String>,
    },
    /// An entry of the catalogue.
    Explanation(Explanation),
    /// The text for the host, alone.
    HostMessage(String),
    /// A few plain words.
    Notice(String),
}

impl Message {
    /// The buttons below it.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        match self {
            Self::Details { report, .. } => Action::for_report(report),
            Self::Verdict(_) | Self::Explanation(_) | Self::HostMessage(_) | Self::Notice(_) => Vec::new(),
        }
    }
}

/// A message that did not get through.
#[derive(Debug, thiserror::Error)]
#[error("the message could not be delivered")]
pub struct DeliveryError(#[from] std::io::Error);

/// Delivers messages to one platform.
#[async_trait::async_trait]
pub trait Messenger: Send + Sync {
    /// Posts a message for everybody there.
    async fn post(&self, to: &Destination, message: &Message) -> Result<MessageId, DeliveryError>;

    /// Replaces a message that was posted.
    async fn edit(&self, at: &Destination, id: &MessageId, message: &Message) -> Result<(), DeliveryError>;

    /// Shows a message to the person who asked, alone.
    async fn tell(&self, to: &Destination, message: &Message) -> Result<(), DeliveryError>;
}
