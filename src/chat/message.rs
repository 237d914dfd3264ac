//! The content of messages, the same on every platform.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::MessageId;
use crate::diagnosis::bot_id::BotId;
use crate::report::alert::Alert;
use crate::report::alert_group::{AlertGroup, GroupedBot};
use crate::report::card::{Button, Card, Layout};
use crate::report::digest::Digest;
use crate::report::language::Language;
use crate::report::mute::{Listing, MuteForm, MuteNotice};
use crate::report::recurrence::EarlierAlert;
use crate::report::rescue::Preview;
use crate::report::{Explanation, Report};

/// The content of a message. Each platform renders it in its own way.
///
/// The outbox stores it in this form, so that a message that could not be delivered to one channel can go to
/// another. Fields may be added with a default and never change their meaning.
///
/// `Debug` prints its kind and not its content, which may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The verdict in one line.
    Verdict(Box<Report>),
    /// The whole report, with its actions.
    Details {
        /// The report.
        report: Box<Report>,
        /// A note about this message.
        note: Option<CardNote>,
    },
    /// A catalogue entry.
    Explanation(Explanation),
    /// The message for the host alone.
    HostMessage(HostMessage),
    /// What is sent into a meeting if the person decides so.
    Preview {
        /// What is sent.
        preview: Box<Preview>,
        /// The card from which it was opened; `None` if only this person sees it.
        card: Option<MessageId>,
    },
    /// A few plain words.
    Notice(String),
    /// An alert about one bot.
    Alert(Box<Alert>),
    /// Many bots that failed at once, counted in one message.
    AlertGroup(Box<AlertGroup>),
    /// A list of the bots of an alert group.
    Bots(Vec<GroupedBot>),
    /// What is said about a mute.
    Mute(Box<MuteNotice>),
    /// The form in which alerts are muted, on platforms where it is a message.
    MuteForm(Box<MuteForm>),
    /// A list for one person.
    Listing(Box<Listing>),
    /// What happened to the bots of some days, in numbers.
    Digest(Box<Digest>),
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.kind())
    }
}

/// The message for the host, and its languages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredHostMessage")]
pub struct HostMessage {
    /// The text, to be sent unchanged.
    pub text: String,
    /// The bot that it is about, for the buttons.
    pub bot: Option<BotId>,
    /// The other languages in which it is there.
    pub other_languages: Vec<Language>,
}

/// What may be stored of it: versions before translations stored the text alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredHostMessage {
    Text(String),
    WithLanguages {
        text: String,
        #[serde(default)]
        bot: Option<BotId>,
        #[serde(default)]
        other_languages: Vec<Language>,
    },
}

impl From<StoredHostMessage> for HostMessage {
    fn from(stored: StoredHostMessage) -> Self {
        match stored {
            StoredHostMessage::Text(text) => text.into(),
            StoredHostMessage::WithLanguages { text, bot, other_languages } => {
                Self { text, bot, other_languages }
            }
        }
    }
}

impl From<String> for HostMessage {
    /// A text that is there in one language.
    fn from(text: String) -> Self {
        Self { text, bot: None, other_languages: Vec::new() }
    }
}

impl HostMessage {
    /// Returns the message of a report, if it has one.
    #[must_use]
    pub fn of(report: &Report) -> Option<Self> {
        let is_there =
            |language: &Language| *language == Language::En || report.translations.contains(language);
        let is_another = |language: &Language| *language != report.host_language.unwrap_or_default();
        let languages = Language::ALL.iter().copied();
        Some(Self {
            text: report.host_message.clone()?,
            bot: report.bot_id,
            other_languages: languages
                .filter(|language| is_there(language) && is_another(language))
                .collect(),
        })
    }

    /// Returns a button for each other language.
    #[must_use]
    pub fn buttons(&self) -> Vec<Button<'static>> {
        self.other_languages.iter().copied().map(Button::Language).collect()
    }
}

/// A note about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardNote {
    /// This user answered the question in it.
    AnsweredBy(String),
    /// Only the requester sees it, because the app cannot post where they asked.
    NotInChannel,
}

impl Alert {
    /// Returns the details of this message, as a message of their own.
    #[must_use]
    pub fn details(&self) -> Message {
        Message::Details { report: Box::new(self.report.clone()), note: None }
    }
}

impl Message {
    /// Returns `true` if it is an alert about one bot or many.
    #[must_use]
    pub const fn is_alert(&self) -> bool {
        matches!(self, Self::Alert(_) | Self::AlertGroup(_))
    }

    /// Returns its content in sections, if it is longer than a line or two.
    #[must_use]
    pub fn card(&self, layout: Layout) -> Option<Card<'_>> {
        match self {
            Self::Details { report, .. } => Some(Card::of(report, layout)),
            Self::Explanation(entry) => Some(Card::explaining(entry)),
            Self::Preview { preview, card } => {
                Some(Card::previewing(preview, card.as_ref().map(|card| card.0.as_str())))
            }
            _ => None,
        }
    }

    /// Returns the earlier alerts that it links to.
    pub fn earlier_alerts(&mut self) -> &mut [EarlierAlert] {
        let report = match self {
            Self::Verdict(report) | Self::Details { report, .. } => report,
            Self::Alert(alert) => &mut alert.report,
            _ => return &mut [],
        };
        report.recurrence.as_mut().map_or(&mut [], |recurrence| &mut recurrence.earlier)
    }

    /// Returns its kind in one word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Verdict(_) => "verdict",
            Self::Details { .. } => "details",
            Self::Explanation(_) => "explanation",
            Self::HostMessage(_) => "host_message",
            Self::Preview { .. } => "preview",
            Self::Notice(_) => "notice",
            Self::Alert(_) => "alert",
            Self::AlertGroup(_) => "alert_group",
            Self::Bots(_) => "bots",
            Self::Mute(_) => "mute",
            Self::MuteForm(_) => "mute_form",
            Self::Listing(_) => "listing",
            Self::Digest(_) => "digest",
        }
    }

    /// Returns the report in it, if there is one.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Verdict(report) | Self::Details { report, .. } => Some(report),
            Self::Alert(alert) => Some(&alert.report),
            _ => None,
        }
    }

    /// Returns its content in one line, as the title of a thread.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        match self {
            Self::AlertGroup(group) => Some(group.title()),
            Self::Mute(notice) => Some(notice.text.clone()),
            Self::Digest(digest) => Some(digest.title()),
            _ => self.report().map(|report| report.title.clone()),
        }
    }
}
