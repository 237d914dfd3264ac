//! How do we say it? From a diagnosis to a chat-neutral document.
//!
//! Pure, and the only place outside the catalogue that holds sentences. Knows no platform: a
//! [`Report`] says what is told, and each chat renders it.

pub mod alert;
pub mod alert_group;
pub mod card;
pub mod fill;
pub mod finding;
pub mod host_page;
pub mod notices;
pub mod people;
mod sentences;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::History;
use crate::diagnosis::catalogue::Cause;
use crate::diagnosis::vocabulary::{Actor, Confidence, Outcome, Platform};
use crate::diagnosis::{Diagnosis, Evidence};

pub use fill::{format_duration, format_utc, plural};
pub use sentences::did_you_mean;

/// What is told about one bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The bot, where it is known.
    pub bot_id: Option<BotId>,
    /// The name that it shows in the meeting.
    pub bot_name: Option<String>,
    /// The platform of the meeting.
    pub platform: Platform,
    /// Stable id of the cause.
    pub cause: String,
    /// What became of the recording.
    pub outcome: Outcome,
    /// The cause in one line that stands alone.
    pub title: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// Who can fix it.
    pub actor: Actor,
    /// What happened and what it means.
    pub why: String,
    /// Sentences for the circumstances of this bot.
    pub notes: Vec<String>,
    /// Those of them that are small print.
    #[serde(default)]
    pub small_notes: Vec<String>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// Those of the steps that the person who asked takes, in order; the others are for the actor.
    /// Empty in reports that were stored before steps said whom they are for.
    #[serde(default)]
    pub reader_steps: Vec<String>,
    /// What can be sent to the host as it is.
    pub host_message: Option<String>,
    /// The page for the host, where people can reach this service.
    #[serde(default)]
    pub host_page: Option<String>,
    /// What happened, oldest first.
    pub evidence: Vec<EvidenceLine>,
    /// What else is so: cause and title.
    pub contributing: Vec<(String, String)>,
    /// What else it may be.
    pub alternatives: Vec<AlternativeLine>,
    /// What to ask a person.
    pub question: Option<Question>,
    /// What could not be learned.
    pub gaps: Vec<String>,
    /// Codes that we do not know.
    pub unknown_codes: Vec<String>,
    /// The bot could still record.
    pub fixable_now: bool,
    /// Whether all of the bot's history is known.
    #[serde(default)]
    pub history: History,
    /// Looking again later may tell something else.
    pub can_change: bool,
    /// Sending a bot again, unchanged, is worth it.
    pub retry_helps: bool,
    /// Further reading.
    pub docs: Vec<String>,
    /// The bot's page in Recall.ai's dashboard.
    pub dashboard_url: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// When.
    pub at: Option<Timestamp>,
    /// The status code, verbatim.
    pub code: String,
    /// The sub code, verbatim.
    pub sub_code: Option<String>,
    /// What that means, in a few words.
    pub note: String,
}

/// Something else that it may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternativeLine {
    /// What would tell, as the rest of a sentence that begins with "if".
    pub condition: String,
    /// The other cause.
    pub cause: String,
    /// Its title.
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
    /// What each answer would mean, for readers who cannot answer.
    pub const READINGS: &'static str = sentences::HOST_QUESTION_READINGS;
}

/// What an entry of the catalogue says, apart from any bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Stable id of the cause.
    pub cause: String,
    /// The cause in one line.
    pub title: String,
    /// What it means.
    pub why: String,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// What can be sent to the host.
    pub host_message: Option<String>,
    /// The page for the host, where people can reach this service.
    #[serde(default)]
    pub host_page: Option<String>,
    /// Further reading.
    pub docs: Vec<String>,
}

impl Explanation {
    /// What this entry says.
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

/// Says what was found out.
#[must_use]
pub fn compose(diagnosis: &Diagnosis<'_>) -> Report {
    let cause = diagnosis.cause;
    let fill = |template| fill::fill(template, diagnosis);
    let small_notes = diagnosis.notes.iter().filter(|note| note.is_small_print);
    // A step that is for another platform is none here.
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
    /// Who can fix it, without a full stop.
    #[must_use]
    pub const fn who(&self) -> &'static str {
        sentences::who(self.actor)
    }

    /// How sure the diagnosis is, and who can fix it.
    #[must_use]
    pub fn basis(&self) -> String {
        format!("{} · {}", sentences::certainty(self.confidence), self.who())
    }

    /// The platform of the meeting, where it is known.
    #[must_use]
    pub fn platform_name(&self) -> Option<&'static str> {
        Some(self.platform).filter(|platform| *platform != Platform::Unknown).map(Platform::label)
    }

    /// The name that the bot shows in the meeting, or what to call it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.bot_name.as_deref().unwrap_or("The bot")
    }

    /// What stands above the steps.
    #[must_use]
    pub const fn what_to_do(&self) -> &'static str {
        if self.fixable_now { "What to do now" } else { "What to do" }
    }

    /// What became of the recording, in a word or two.
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
