//! The order of an answer: sections with their headings and buttons. Each platform draws them, and decides nothing.
//!
//! Nothing is said twice. A question stands where its buttons are, and while it is open nothing is shown that depends
//! on its answer. Of the steps, those that the message for the host contains are left out below it.

mod order;
mod timeline;

use super::host_page;
use crate::diagnosis::bot_id::BotId;

pub use timeline::{Timeline, TimelineLine};

/// The heading of the message for the host.
pub const SEND_TO_HOST: &str = "Send this to the host";
/// The heading of the same where it is about no bot.
pub const TEMPLATE_FOR_HOST: &str = "Template for the host";
/// What the link to the bot's page says.
pub const OPEN_IN_RECALL: &str = "Open in Recall.ai";

/// Where a platform can put buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonPlace {
    /// Below any section, so a question stands early, right above its buttons.
    AnySection,
    /// Below everything, so a question comes last.
    End,
    /// Nowhere. The question comes last, for how it is answered to be written below it, and the message for the host
    /// is shown, since nothing else leads to it.
    Nowhere,
}

/// How a card is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Where buttons can be.
    pub buttons: ButtonPlace,
    /// What the reader has seen above it.
    pub above: Above,
}

/// What stands above a card, and is not said again in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// Nothing, so the card begins with the verdict.
    Nothing,
    /// The verdict.
    Verdict,
    /// An alert about the same bot.
    Alert,
}

/// An answer, in the order in which it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card<'a> {
    /// The bot that its buttons are about.
    pub bot: Option<BotId>,
    /// What it consists of.
    pub sections: Vec<Section<'a>>,
}

/// A part of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<'a> {
    /// The first line of a card that stands alone.
    Headline {
        /// What became of the recording, in a word or two; `None` where the card is about no bot.
        outcome: Option<&'static str>,
        /// The cause in one line.
        title: &'a str,
    },
    /// Which bot it is. Small print.
    Bot {
        /// The name that it shows in the meeting.
        name: &'a str,
        /// The platform of the meeting, where it is known.
        platform: Option<&'static str>,
        /// Its ID, where it is known.
        id: Option<BotId>,
    },
    /// The id of a catalogue entry. Small print, in code style.
    Entry(&'a str),
    /// What happened and what it means, a paragraph each.
    Why(Vec<&'a str>),
    /// How sure it is, and who can fix it. Small print.
    Basis(String),
    /// What only a person can answer.
    Question(QuestionSection<'a>),
    /// What can be sent to the host as it is.
    HostMessage {
        /// What stands above it.
        heading: &'static str,
        /// The message.
        text: &'a str,
        /// What the reader does after sending it.
        then: Vec<&'a str>,
    },
    /// What to do, in order.
    Steps {
        /// What stands above them.
        heading: &'static str,
        /// The steps.
        steps: Vec<&'a str>,
    },
    /// What it could be instead.
    Alternatives {
        /// What stands above them.
        heading: &'static str,
        /// A sentence for each.
        lines: Vec<String>,
    },
    /// What happened, oldest first.
    Timeline(Timeline<'a>),
    /// What else is so, what could not be learned, and codes that are unknown. Small print.
    SmallPrint(Vec<String>),
    /// The page for the host, further reading, and the bot's page in Recall.ai's dashboard where no button leads to it.
    /// Small print.
    Links(Vec<Link<'a>>),
    /// The buttons below everything.
    Buttons(Vec<Button<'a>>),
}

/// An address that a card leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// What it says, where its address does not.
    pub label: Option<&'static str>,
    /// The address.
    pub url: &'a str,
}

impl<'a> Link<'a> {
    fn bare(url: &'a String) -> Self {
        Self { label: None, url }
    }

    fn host_page(url: &'a String) -> Self {
        Self { label: Some(host_page::LABEL), url }
    }
}

/// A question with its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionSection<'a> {
    /// The question.
    pub text: &'a str,
    /// The buttons right below it; none where they stand at the end, or nowhere.
    pub answers: Vec<Button<'a>>,
    /// What each answer would mean, for those who do not answer. Small print.
    pub readings: &'static str,
}

/// What can be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button<'a> {
    /// "The host was there."
    HostWasThere,
    /// "The host was not there."
    HostWasNotThere,
    /// "Ask Recall.ai again."
    Recheck,
    /// "Give me the text for the host."
    HostMessage,
    /// A link to the bot's page in Recall.ai's dashboard.
    Dashboard(&'a str),
}

impl Button<'_> {
    /// What stands on it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::HostWasThere => "Yes, they were there",
            Self::HostWasNotThere => "No, they weren't",
            Self::Recheck => "Check again",
            Self::HostMessage => "Message for the host",
            Self::Dashboard(_) => OPEN_IN_RECALL,
        }
    }
}
