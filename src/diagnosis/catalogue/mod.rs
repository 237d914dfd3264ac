//! The causes: what each means, who acts, and what they do.
//!
//! Knows nothing about how a cause is found; see [`super::rank`]. The entries are data in
//! `config/catalogue/`, whose README describes every field.

mod entry;
pub mod example;
mod load;

use std::collections::HashMap;
use std::fmt;

use super::signals::Signal;
use super::template::Template;
use super::vocabulary::{Actor, AlertLevel, Confidence, Outcome, Platform, ResendAdvice, vocabulary};
use example::Example;

pub use load::CatalogueError;

/// Stable name of a cause; it never changes and is never used again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CauseId(String);

impl CauseId {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

vocabulary! {
    /// Where Recall.ai states a sub code.
    Stated {
        /// On a refusal to record.
        PermissionDenied = "recording_permission_denied",
        /// On the end of the call.
        CallEnded = "call_ended",
        /// On the error that stopped the bot.
        Fatal = "fatal",
        /// On a transcript that failed.
        Transcript = "transcript",
    }
}

vocabulary! {
    /// What an entry is for.
    Role {
        /// It can explain a missing recording.
        Cause = "cause",
        /// It tells how a meeting ended or what else is so, only ever beside a cause.
        Consequence = "consequence",
    }
}

/// What claims a cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Claim {
    /// A sub code on a kind of status.
    SubCode {
        /// Where it is stated.
        event: Stated,
        /// The sub code.
        sub_code: String,
    },
    /// A signal.
    Signal(Signal),
    /// A line of the bot's log, which is no status.
    BotLog(String),
    /// An answer of the API, before there is a bot.
    ApiError(String),
}

/// One entry of the catalogue.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Its stable name.
    pub id: CauseId,
    /// The file that it stands in, without ending.
    pub family: &'static str,
    /// What claims it.
    pub when: Vec<Claim>,
    /// What it is for.
    pub role: Role,
    /// The one platform on which it happens.
    pub platform: Option<Platform>,
    /// What became of the recording.
    pub outcome: Outcome,
    /// It can happen while the bot records, so it does not prove by itself that nothing was recorded.
    pub in_call: bool,
    /// Who can fix it.
    pub actor: Actor,
    /// Whether sending another bot helps.
    pub resend: ResendAdvice,
    /// How sure a diagnosis of it is at best.
    pub confidence: Confidence,
    /// Understandable alone, at most 72 characters.
    pub title: String,
    /// What happened and what it means.
    pub why: Template,
    /// What the actor does.
    pub steps: Vec<Step>,
    /// What to do instead while the bot is still there.
    pub steps_now: Vec<Step>,
    /// What can be sent to the host as it is.
    pub host_message: Option<Template>,
    /// The same while the bot is still there.
    pub host_message_now: Option<Template>,
    /// Other wordings for other circumstances; the first that holds is taken.
    pub variants: Vec<Variant>,
    /// What else it may be.
    pub alternatives: Vec<Alternative>,
    /// Sentences for special circumstances.
    pub notes: Vec<Note>,
    /// What to ask a person.
    pub question: Option<HostQuestion>,
    /// Further reading.
    pub docs: Vec<String>,
    /// How loudly it is told.
    pub alert: AlertLevel,
    /// The version that brought it.
    pub added: String,
    /// The version that dropped it.
    pub retired: Option<String>,
    /// Worked examples.
    pub examples: Vec<Example>,
}

impl Cause {
    /// Returns `true` if a person in the meeting, or an administrator, can fix it, so that there is a page for them.
    #[must_use]
    pub fn has_host_page(&self) -> bool {
        self.retired.is_none() && matches!(self.actor, Actor::Host | Actor::Participant | Actor::AccountAdmin)
    }

    /// Whether this entry can only be explained, and never found in a bot's history.
    #[must_use]
    pub fn is_outside_history(&self) -> bool {
        self.when.iter().all(|claim| matches!(claim, Claim::BotLog(_) | Claim::ApiError(_)))
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub text: Template,
    /// The person who asked does it, so it is shown even if the host is sent the rest.
    pub is_for_reader: bool,
    /// The actor does it, so a page for the host has it. What is neither is for the team that runs the bots.
    pub is_for_actor: bool,
}

/// What is different where a signal holds.
#[derive(Debug, Clone)]
pub struct Variant {
    /// The signal.
    pub when: Signal,
    /// Who acts then.
    pub actor: Actor,
    /// Its title then, where it is another.
    pub title: Option<String>,
    /// What it means then.
    pub why: Template,
    /// What the actor does then, where it is something else.
    pub steps: Vec<Step>,
}

/// Something else that it may be.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// What would tell, as the rest of a sentence that begins with "if".
    pub condition: String,
    /// The other cause.
    pub cause: CauseId,
    /// Offered only where this signal holds.
    pub when: Option<Signal>,
}

/// A sentence for a special circumstance.
#[derive(Debug, Clone)]
pub struct Note {
    /// The circumstance.
    pub when: Signal,
    /// The sentence.
    pub text: Template,
    /// It explains nothing by itself, so it stands below the timeline.
    pub is_small_print: bool,
}

/// The question whether the host was in the call, and where its answers lead.
#[derive(Debug, Clone)]
pub struct HostQuestion {
    /// The cause if the host was there.
    pub yes: CauseId,
    /// The cause if not.
    pub no: CauseId,
}

/// All causes.
#[derive(Debug)]
pub struct Catalogue {
    causes: Vec<Cause>,
    notes: Vec<Note>,
    by_id: HashMap<String, usize>,
    by_stated: [HashMap<String, usize>; Stated::ALL.len()],
    by_sub_code: HashMap<String, usize>,
    by_signal: Vec<usize>,
}

impl Catalogue {
    /// The catalogue that this program carries.
    ///
    /// # Errors
    /// Never for a program that passed its tests; the first fault of the entries otherwise.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::load(load::EMBEDDED)
    }

    /// Every entry, family by family.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter()
    }

    /// The sentences that go with any cause.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter()
    }

    /// The entry of this name.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Cause> {
        self.by_id.get(id).map(|&index| &self.causes[index])
    }

    /// The entry that a person means by this word, who may write spaces, hyphens and capitals.
    ///
    /// # Errors
    /// The ids that resemble it, best first, at most three, where there is none.
    pub fn find(&self, word: &str) -> Result<&Cause, Vec<&CauseId>> {
        let id = as_id(word);
        self.by_id(&id).ok_or_else(|| self.near(&id))
    }

    /// The entry that a signal claims. Loading has made sure that there is one for every signal
    /// that may be a headline.
    pub(super) fn by_signal(&self, signal: Signal) -> &Cause {
        &self.causes[self.by_signal[signal as usize]]
    }

    /// The entry that a sub code claims on this kind of status.
    ///
    /// Recall.ai moves sub codes between kinds of status (`meeting_not_started` went from `fatal` to
    /// `call_ended`), so a code that is known of one kind means the same on another. A transcript is no status of the bot:
    /// the same word means something else there.
    #[must_use]
    pub fn by_stated(&self, event: Stated, sub_code: &str) -> Option<&Cause> {
        let elsewhere = || self.by_sub_code.get(sub_code).filter(|_| event != Stated::Transcript);
        let index = self.by_stated[event as usize].get(sub_code).or_else(elsewhere)?;
        Some(&self.causes[*index])
    }

    /// Whether any entry claims this sub code.
    #[must_use]
    pub fn knows_sub_code(&self, sub_code: &str) -> bool {
        self.by_sub_code.contains_key(sub_code)
            || self.by_stated[Stated::Transcript as usize].contains_key(sub_code)
    }

    fn near(&self, word: &str) -> Vec<&CauseId> {
        let mut scored: Vec<(f64, &CauseId)> = self
            .causes
            .iter()
            .map(|cause| {
                let id = cause.id.as_str();
                let contained = word.len() >= 3 && id.contains(word);
                (strsim::jaro_winkler(word, id) + if contained { 1.0 } else { 0.0 }, &cause.id)
            })
            .filter(|(score, _)| *score > 0.8)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        scored.into_iter().take(3).map(|(_, id)| id).collect()
    }
}

fn as_id(word: &str) -> String {
    word.trim().to_lowercase().replace([' ', '-'], "_")
}
