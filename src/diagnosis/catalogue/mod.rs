//! The causes: what each one means, who can fix it, and the steps to do so.
//!
//! This module does not depend on how a cause is found; see `rank.rs`. The entries are data in
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

/// The stable name of a cause. It never changes and is never reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CauseId(String);

impl CauseId {
    /// Returns the name.
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
    /// The kind of status, or file, that carries a sub code.
    Stated {
        /// A refusal to record.
        PermissionDenied = "recording_permission_denied",
        /// The end of the call.
        CallEnded = "call_ended",
        /// The error that stopped the bot.
        Fatal = "fatal",
        /// A transcript that failed.
        Transcript = "transcript",
    }
}

vocabulary! {
    /// What an entry is for.
    Role {
        /// It can explain a missing recording.
        Cause = "cause",
        /// It describes how a meeting ended, or another circumstance, and only ever accompanies a cause.
        Consequence = "consequence",
    }
}

vocabulary! {
    /// What helps while the bot is still in the meeting.
    Rescue {
        /// The host is asked again.
        Ask = "ask",
        /// The host is asked again, after a setting was changed.
        AfterChange = "after_change",
        /// The bot is told to start recording.
        Start = "start",
        /// Nothing: the bot is in the waiting room, where it has no chat.
        WaitingRoom = "waiting_room",
        /// Nothing: the host's device can't grant permission.
        CannotGrant = "cannot_grant",
        /// Nothing: an administrator has blocked the app.
        Blocked = "blocked",
        /// Nothing: the platform asks no host.
        NoStep = "no_step",
    }
}

/// The code or signal by which an entry is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Claim {
    /// A sub code on a kind of status.
    SubCode {
        /// The kind of status that carries it.
        event: Stated,
        /// The sub code.
        sub_code: String,
    },
    /// A signal.
    Signal(Signal),
    /// A line of the bot's log, which is not a status.
    BotLog(String),
    /// An API response to a request that created no bot.
    ApiError(String),
}

/// One entry of the catalogue.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The stable name.
    pub id: CauseId,
    /// The name of its file, without the ending.
    pub family: &'static str,
    /// The claims by which the entry is found.
    pub when: Vec<Claim>,
    /// Cause or consequence.
    pub role: Role,
    /// The one platform on which it happens, if there is only one.
    pub platform: Option<Platform>,
    /// What happened to the recording.
    pub outcome: Outcome,
    /// `true` if it can happen while the bot records, so that it does not prove by itself that nothing was
    /// recorded.
    pub in_call: bool,
    /// Who can fix it.
    pub actor: Actor,
    /// Advice on sending another bot.
    pub resend: ResendAdvice,
    /// The highest confidence that a diagnosis of it can have.
    pub confidence: Confidence,
    /// The title, at most 72 characters and understandable alone.
    pub title: String,
    /// What happened and what it means.
    pub why: Template,
    /// What the actor does.
    pub steps: Vec<Step>,
    /// What to do instead while the bot is still in the meeting or its lobby.
    pub steps_now: Vec<Step>,
    /// A message that can be sent to the host unchanged.
    pub host_message: Option<Template>,
    /// The message for the host while the bot is still in the meeting or its lobby.
    pub host_message_now: Option<Template>,
    /// What helps while the bot is still in the meeting, if anything is known about that.
    pub rescue: Option<Rescue>,
    /// The message that the host gets in the meeting before being asked again.
    pub meeting_message: Option<Template>,
    /// Other wordings for other circumstances. The first one whose signal holds is used.
    pub variants: Vec<Variant>,
    /// Other causes that are possible.
    pub alternatives: Vec<Alternative>,
    /// Sentences for special circumstances.
    pub notes: Vec<Note>,
    /// The question for a person, if there is one.
    pub question: Option<HostQuestion>,
    /// Further reading.
    pub docs: Vec<String>,
    /// The urgency of its alert.
    pub alert: AlertLevel,
    /// The version that added it.
    pub added: String,
    /// The version that retired it.
    pub retired: Option<String>,
    /// Worked examples.
    pub examples: Vec<Example>,
}

impl Cause {
    /// Returns `true` if a person in the meeting, or an administrator, can fix it, so that there is a page for them.
    #[must_use]
    pub fn has_host_page(&self) -> bool {
        self.retired.is_none() && self.actor.is_at_the_meeting()
    }

    /// Returns `true` if this entry can only be looked up and never found in a bot's history.
    #[must_use]
    pub fn is_outside_history(&self) -> bool {
        self.when.iter().all(|claim| matches!(claim, Claim::BotLog(_) | Claim::ApiError(_)))
    }
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The text of the instruction.
    pub text: Template,
    /// `true` if the requester follows it, so that it is shown even if the host is sent the rest.
    pub is_for_reader: bool,
    /// The actor does it, so a page for the host has it. What is neither is for the team that runs the bots.
    pub is_for_actor: bool,
}

/// The changes to an entry if a signal holds.
#[derive(Debug, Clone)]
pub struct Variant {
    /// The signal.
    pub when: Signal,
    /// The actor if the signal holds.
    pub actor: Actor,
    /// The title if the signal holds and changes it.
    pub title: Option<String>,
    /// The explanation if the signal holds.
    pub why: Template,
    /// The steps if the signal holds and changes them.
    pub steps: Vec<Step>,
}

/// Another cause that is possible.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// The condition for the other cause, as the rest of a sentence that starts with "if".
    pub condition: String,
    /// The other cause.
    pub cause: CauseId,
    /// The signal that has to hold for this alternative, if there is one.
    pub when: Option<Signal>,
}

/// A sentence for a special circumstance.
#[derive(Debug, Clone)]
pub struct Note {
    /// The circumstance.
    pub when: Signal,
    /// The sentence.
    pub text: Template,
    /// `true` if it explains nothing by itself, so that it is shown below the timeline.
    pub is_small_print: bool,
}

/// The question if the host was in the call, with the causes that its answers lead to.
#[derive(Debug, Clone)]
pub struct HostQuestion {
    /// The cause if the host was in the call.
    pub yes: CauseId,
    /// The cause if the host was not.
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
    /// Returns the catalogue that is embedded in this program.
    ///
    /// # Errors
    /// Returns the first [`CatalogueError`] of the entries. A program that passed its tests never does.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::load(load::EMBEDDED)
    }

    /// Returns every entry, family by family.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter()
    }

    /// Returns the sentences that can accompany any cause.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter()
    }

    /// Returns the entry with this ID.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Cause> {
        self.by_id.get(id).map(|&index| &self.causes[index])
    }

    /// Returns the entry that a word means. Spaces, hyphens and capitals are accepted.
    ///
    /// # Errors
    /// Returns the IDs most similar to the word, best first and at most three, if no entry matches.
    pub fn find(&self, word: &str) -> Result<&Cause, Vec<&CauseId>> {
        let id = as_id(word);
        self.by_id(&id).ok_or_else(|| self.near(&id))
    }

    /// Returns the entry that a signal claims. Loading has checked that every signal that may be a headline
    /// has one.
    pub(super) fn by_signal(&self, signal: Signal) -> &Cause {
        &self.causes[self.by_signal[signal as usize]]
    }

    /// Returns the entry that a sub code claims on this kind of status.
    ///
    /// Recall.ai moves sub codes between kinds of status (`meeting_not_started` went from `fatal` to
    /// `call_ended`). A code that is known on one kind therefore means the same on another. A transcript is
    /// an exception, because it is not a status of the bot: there the same word means something else.
    #[must_use]
    pub fn by_stated(&self, event: Stated, sub_code: &str) -> Option<&Cause> {
        let elsewhere = || self.by_sub_code.get(sub_code).filter(|_| event != Stated::Transcript);
        let index = self.by_stated[event as usize].get(sub_code).or_else(elsewhere)?;
        Some(&self.causes[*index])
    }

    /// Returns `true` if any entry claims this sub code.
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
