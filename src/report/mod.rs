//! Turns a diagnosis into a chat-neutral document.
//!
//! This module is pure, and the only place outside the catalogue that holds sentences. It does not depend on
//! a platform: a [`Report`] has the content, and each chat renders it.

pub mod agents;
pub mod alert;
pub mod alert_group;
pub mod card;
pub mod digest;
mod duration;
pub mod fill;
pub mod finding;
pub mod home;
pub mod host_page;
pub mod language;
pub mod mute;
pub mod notices;
pub mod people;
pub mod recurrence;
pub mod rescue;
mod sentences;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::History;
use crate::diagnosis::catalogue::Cause;
use crate::diagnosis::vocabulary::{Actor, Confidence, Outcome, Platform};
use crate::diagnosis::{Diagnosis, Evidence};

pub use duration::format_duration;
pub use fill::{format_utc, plural};
use language::Language;
use mute::Taken;
use rescue::RescueCard;
pub use sentences::did_you_mean;

/// The content of an answer about one bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The bot's ID, if known.
    pub bot_id: Option<BotId>,
    /// The name that it shows in the meeting.
    pub bot_name: Option<String>,
    /// The platform of the meeting.
    pub platform: Platform,
    /// The stable ID of the cause.
    pub cause: String,
    /// What happened to the recording.
    pub outcome: Outcome,
    /// The title of the cause, understandable alone.
    pub title: String,
    /// How sure the diagnosis is.
    pub confidence: Confidence,
    /// Who can fix it.
    pub actor: Actor,
    /// What happened and what it means.
    pub why: String,
    /// Sentences for the circumstances of this bot.
    pub notes: Vec<String>,
    /// The notes among them that are small print.
    #[serde(default)]
    pub small_notes: Vec<String>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// The steps for the requester, in order; the other steps are for the actor. Empty in reports that were
    /// stored before steps had an addressee.
    #[serde(default)]
    pub reader_steps: Vec<String>,
    /// A message that can be sent to the host unchanged.
    pub host_message: Option<String>,
    /// The language that was chosen for the message for the host; without a choice, it is in English.
    #[serde(default)]
    pub host_language: Option<Language>,
    /// The languages other than English in which there is a message for the host.
    #[serde(default)]
    pub translations: Vec<Language>,
    /// The page for the host, where people can reach this service.
    #[serde(default)]
    pub host_page: Option<String>,
    /// What happened, oldest first.
    pub evidence: Vec<EvidenceLine>,
    /// Other causes and circumstances: cause and title.
    pub contributing: Vec<(String, String)>,
    /// Other causes that are possible.
    pub alternatives: Vec<AlternativeLine>,
    /// The question for a person, if there is one.
    pub question: Option<Question>,
    /// Asking again while the meeting runs, if anything is to be said of it.
    #[serde(default)]
    pub rescue: Option<RescueCard>,
    /// How often it failed lately for the same customer, host or meeting link; `None` if this is the first time, or
    /// that isn't known.
    #[serde(default)]
    pub recurrence: Option<recurrence::Recurrence>,
    /// Who takes care of the bot, on the card of an alert.
    #[serde(default)]
    pub taken: Option<Taken>,
    /// What could not be learned.
    pub gaps: Vec<String>,
    /// The unknown codes, verbatim.
    pub unknown_codes: Vec<String>,
    /// `true` if the bot could still record.
    pub fixable_now: bool,
    /// How much of the bot's history is known.
    #[serde(default)]
    pub history: History,
    /// `true` if a later diagnosis may differ.
    pub can_change: bool,
    /// `true` if sending a bot again, unchanged, is worthwhile.
    pub retry_helps: bool,
    /// Further reading.
    pub docs: Vec<String>,
    /// The bot's page in Recall.ai's dashboard.
    pub dashboard_url: Option<String>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// The time at which it happened.
    pub at: Option<Timestamp>,
    /// The status code, verbatim.
    pub code: String,
    /// The sub code, verbatim.
    pub sub_code: Option<String>,
    /// Its meaning in a few words.
    pub note: String,
}

/// Another cause that is possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternativeLine {
    /// The condition for it, as the rest of a sentence that starts with "if".
    pub condition: String,
    /// The ID of the other cause.
    pub cause: String,
    /// The title of the other cause.
    pub title: String,
}

/// A question that only a person can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its stable name.
    pub id: String,
    /// The question.
    pub text: String,
    /// The cause if the answer is yes.
    pub yes: String,
    /// The cause if the answer is no.
    pub no: String,
}

impl Question {
    /// What each answer would mean, for requesters who can't answer.
    pub const READINGS: &'static str = sentences::HOST_QUESTION_READINGS;
}

/// The text of a catalogue entry, without a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The stable ID of the cause.
    pub cause: String,
    /// The title of the cause.
    pub title: String,
    /// What the cause means.
    pub why: String,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// A message that can be sent to the host.
    pub host_message: Option<String>,
    /// The page for the host, where people can reach this service.
    #[serde(default)]
    pub host_page: Option<String>,
    /// Further reading.
    pub docs: Vec<String>,
}

impl Explanation {
    /// Returns the text of this entry.
    #[must_use]
    pub fn of(cause: &Cause) -> Self {
        Self {
            cause: cause.id.to_string(),
            title: cause.title.clone(),
            why: fill::in_general(&cause.why),
            steps: cause.steps.iter().map(|step| fill::in_general(&step.text)).collect(),
            host_message: cause.host_message.as_ref().map(fill::in_general),
            host_page: None,
            docs: cause.docs.clone(),
        }
    }
}

/// Composes the report of a diagnosis.
#[must_use]
pub fn compose(diagnosis: &Diagnosis<'_>) -> Report {
    let cause = diagnosis.cause;
    let fill = |template| fill::fill(template, diagnosis, Language::En);
    let small_notes = diagnosis.notes.iter().filter(|note| note.is_small_print);
    // A step for another platform becomes empty.
    let steps = diagnosis.steps.iter().map(|step| (step.is_for_reader, fill(&step.text)));
    let steps: Vec<(bool, String)> = steps.filter(|(_, text)| !text.is_empty()).collect();
    let reader_steps = steps.iter().filter(|(is_for_reader, _)| *is_for_reader);
    Report {
        bot_id: diagnosis.case.bot_id,
        bot_name: diagnosis.case.bot_name.clone(),
        platform: diagnosis.platform,
        cause: cause.id.to_string(),
        outcome: diagnosis.outcome,
        title: diagnosis.title.to_owned(),
        confidence: diagnosis.confidence,
        actor: diagnosis.actor,
        why: fill(diagnosis.why),
        notes: diagnosis.notes.iter().map(|note| fill(&note.text)).collect(),
        small_notes: small_notes.map(|note| fill(&note.text)).collect(),
        reader_steps: reader_steps.map(|(_, text)| text.clone()).collect(),
        steps: steps.into_iter().map(|(_, text)| text).collect(),
        host_message: diagnosis.host_message.map(fill),
        host_language: None,
        translations: Vec::new(),
        host_page: None,
        evidence: diagnosis.evidence.iter().map(|evidence| line(evidence, diagnosis)).collect(),
        contributing: diagnosis
            .contributing
            .iter()
            .map(|cause| (cause.id.to_string(), diagnosis.title_of(cause).to_owned()))
            .collect(),
        alternatives: diagnosis
            .alternatives
            .iter()
            .map(|(alternative, cause)| AlternativeLine {
                condition: alternative.condition.clone(),
                cause: cause.id.to_string(),
                title: cause.title.clone(),
            })
            .collect(),
        question: diagnosis.question.map(|(yes, no)| Question {
            id: "host_was_present".to_owned(),
            text: sentences::HOST_QUESTION.to_owned(),
            yes: yes.id.to_string(),
            no: no.id.to_string(),
        }),
        rescue: None,
        recurrence: None,
        taken: None,
        gaps: diagnosis.gaps.iter().map(sentences::gap).collect(),
        unknown_codes: diagnosis.unknown_codes.iter().map(ToString::to_string).collect(),
        fixable_now: diagnosis.fixable_now,
        history: diagnosis.case.history,
        can_change: diagnosis.live || matches!(diagnosis.outcome, Outcome::Pending | Outcome::Processing),
        retry_helps: diagnosis.retry_helps,
        docs: cause.docs.clone(),
        dashboard_url: diagnosis.case.dashboard_url.clone(),
    }
}

impl Report {
    /// Returns who can fix it, without a full stop.
    #[must_use]
    pub const fn who(&self) -> &'static str {
        sentences::who(self.actor)
    }

    /// Returns how sure the diagnosis is, and who can fix it.
    #[must_use]
    pub fn basis(&self) -> String {
        format!("{} · {}", sentences::certainty(self.confidence), self.who())
    }

    /// Returns the platform of the meeting, if known.
    #[must_use]
    pub fn platform_name(&self) -> Option<&'static str> {
        Some(self.platform).filter(|platform| *platform != Platform::Unknown).map(Platform::label)
    }

    /// Returns the name that the bot shows in the meeting, or a substitute.
    #[must_use]
    pub fn name(&self) -> &str {
        self.bot_name.as_deref().unwrap_or("The bot")
    }

    /// Returns the heading above the steps.
    #[must_use]
    pub const fn what_to_do(&self) -> &'static str {
        if self.fixable_now { "What to do now" } else { "What to do" }
    }

    /// Returns what happened to the recording, in a word or two.
    #[must_use]
    pub fn outcome_words(&self) -> &'static str {
        sentences::outcome(self.outcome)
    }
}

fn line(evidence: &Evidence<'_>, diagnosis: &Diagnosis<'_>) -> EvidenceLine {
    EvidenceLine {
        at: evidence.change.at,
        code: evidence.change.code.as_str().to_owned(),
        sub_code: evidence.change.sub_code.as_ref().map(ToString::to_string),
        note: sentences::evidence(evidence, diagnosis),
    }
}
