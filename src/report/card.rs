//! The order of an answer: sections with their headings and buttons. Each platform only draws them.
//!
//! No fact is shown twice. A question is next to its buttons. While it is open, nothing that depends on its
//! answer is shown. Steps that the message for the host contains are left out below it.

mod order;
mod timeline;

use super::alert::BodyLine;
use super::host_page;
use super::language::Language;
use super::mute;
use super::rescue::{self, RescueButton};
use crate::diagnosis::bot_id::BotId;

pub use timeline::{Timeline, TimelineLine};

/// The heading of the message for the host.
pub const SEND_TO_HOST: &str = "Send this to the host";
/// The heading of the message for the host in an explanation, which is about no bot.
pub const TEMPLATE_FOR_HOST: &str = "Template for the host";
/// The label of the link to the bot's page.
pub const OPEN_IN_RECALL: &str = "Open in Recall.ai";

/// The positions at which a platform can show buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonPlace {
    /// Below any section, so that a question comes early, right above its buttons.
    AnySection,
    /// Below all sections, so that a question comes last.
    End,
    /// Nowhere. The question comes last, because the way to answer it is written below it. The message for
    /// the host is shown, because no button leads to it.
    Nowhere,
}

/// The layout of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The position of the buttons.
    pub buttons: ButtonPlace,
    /// What is shown above the card.
    pub above: Above,
}

/// The message above a card, whose content the card does not repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// Nothing, so that the card starts with the verdict.
    Nothing,
    /// The verdict.
    Verdict,
    /// An alert about the same bot.
    Alert,
}

/// An answer, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card<'a> {
    /// The bot for its buttons.
    pub bot: Option<BotId>,
    /// The sections in order.
    pub sections: Vec<Section<'a>>,
}

/// A part of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<'a> {
    /// The first line of a card without a message above it.
    Headline {
        /// What happened to the recording, in a word or two; `None` if the card is about no bot.
        outcome: Option<&'static str>,
        /// The title of the cause.
        title: &'a str,
    },
    /// What identifies the bot. Small print.
    Bot {
        /// The name that it shows in the meeting.
        name: &'a str,
        /// The platform of the meeting, if known.
        platform: Option<&'static str>,
        /// The bot's ID, if known.
        id: Option<BotId>,
    },
    /// The ID of a catalogue entry. Small print, in code style.
    Entry(&'a str),
    /// How often it failed lately for the same customer, host or meeting link, and links to the earlier alerts.
    Recurrence(Vec<BodyLine>),
    /// What happened and what it means, one paragraph each.
    Why(Vec<&'a str>),
    /// How sure the diagnosis is, and who can fix it. Small print.
    Basis(String),
    /// Asking again while the meeting runs: what was done, or why nothing can be done.
    Rescue {
        /// One sentence or more for each attempt, and for what is possible now.
        lines: &'a [BodyLine],
        /// The buttons right below it; empty if they are at the end, or nowhere.
        buttons: Vec<Button<'a>>,
    },
    /// A question that only a person can answer.
    Question(QuestionSection<'a>),
    /// A message that can be sent to the host unchanged.
    HostMessage {
        /// The heading above the message.
        heading: &'static str,
        /// The message.
        text: &'a str,
        /// The steps for the requester after sending it.
        then: Vec<&'a str>,
    },
    /// A text that can be sent to Recall.ai unchanged.
    VendorReport {
        /// The heading above the text.
        heading: &'static str,
        /// The text.
        text: &'a str,
    },
    /// What to do, in order.
    Steps {
        /// The heading above the steps.
        heading: &'static str,
        /// The steps.
        steps: Vec<&'a str>,
    },
    /// Other causes that are possible.
    Alternatives {
        /// The heading above the lines.
        heading: &'static str,
        /// One sentence for each alternative.
        lines: Vec<String>,
    },
    /// What happened, oldest first.
    Timeline(Timeline<'a>),
    /// Other circumstances, what could not be learned, and unknown codes. Small print.
    SmallPrint(Vec<String>),
    /// The page for the host, further reading, and the bot's page in Recall.ai's dashboard if no button leads to it.
    /// Small print.
    Links(Vec<Link<'a>>),
    /// The buttons below all sections.
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
    /// The buttons right below it; empty if they are at the end, or nowhere.
    pub answers: Vec<Button<'a>>,
    /// What each answer would mean, for requesters who can't answer. Small print.
    pub readings: &'static str,
}

/// A button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button<'a> {
    /// Answers that the host was there.
    HostWasThere,
    /// Answers that the host was not there.
    HostWasNotThere,
    /// Requests the bot from Recall.ai again.
    Recheck,
    /// Asks about the bot of a link, below which its outcome is shown.
    Why,
    /// Requests the message for the host.
    HostMessage,
    /// Requests the message for the host, which the card shows in one language, with its other languages.
    OtherLanguages,
    /// Requests the message for the host in this language.
    Language(Language),
    /// Requests a preview of what would be sent into the meeting.
    Rescue(RescueButton),
    /// Decides that what a preview shows is sent.
    Send {
        /// The label.
        label: &'static str,
        /// The digest of the preview.
        digest: &'a str,
        /// The card from which it was opened.
        card: Option<&'a str>,
    },
    /// Decides that nothing is sent.
    Cancel,
    /// Opens the form in which alerts are muted.
    Mute,
    /// Says that the person takes care of the bot.
    Take,
    /// The same once somebody does.
    TakeOver,
    /// Opens the bot's page in Recall.ai's dashboard.
    Dashboard(&'a str),
}

impl Button<'_> {
    /// Returns the label of the button.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::HostWasThere => "Yes, they were there",
            Self::HostWasNotThere => "No, they weren't",
            Self::Recheck => "Check again",
            Self::Why => "Why?",
            Self::HostMessage => "Message for the host",
            Self::OtherLanguages => "Message in another language",
            Self::Language(language) => language.own_name(),
            Self::Rescue(button) => button.label(),
            Self::Send { label, .. } => label,
            Self::Cancel => rescue::CANCEL,
            Self::Mute => mute::MUTE,
            Self::Take => mute::TAKE,
            Self::TakeOver => mute::TAKE_OVER,
            Self::Dashboard(_) => OPEN_IN_RECALL,
        }
    }
}
