//! Assesses one bot: the state from which the policy decides whether to send an alert.

use jiff::{SignedDuration, Timestamp};

use super::Policy;
use crate::diagnosis::Diagnosis;
use crate::diagnosis::case_file::RecordingStart;
use crate::diagnosis::status::EventCode;
use crate::diagnosis::vocabulary::{AlertLevel, Confidence, Outcome};

/// How long after a bot should have given up we look whether it did.
const AFTER_GIVING_UP: SignedDuration = SignedDuration::from_secs(90);
/// Recordings are made ready within this time; what is not by then, failed.
const MADE_READY_WITHIN: SignedDuration = SignedDuration::from_mins(61);
/// A bot without a timer of its own is looked at again after this time.
const SILENT_FOR: SignedDuration = SignedDuration::from_mins(36);
/// How often a bot is rechecked that should have left, if no event says that it did.
const RECHECK_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotState {
    /// No alert, and the outcome is open.
    Undecided,
    /// It records, or has recorded.
    Recording,
    /// The recording can still be saved, so people should act now.
    AtRisk,
    /// It failed in a way that deserves an alert.
    Failed,
    /// It ended in a way that needs no alert.
    Ended,
}

/// How things stand, since when, and when to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    /// How things stand.
    pub state: BotState,
    /// When that came about, as far as it is known.
    pub since: Option<Timestamp>,
    /// `true` if Recall.ai states the cause, so that a lookup wouldn't change it.
    pub stated: bool,
    /// Time alone may change this; then look again at this time.
    pub recheck_at: Option<Timestamp>,
}

impl Policy {
    /// How things stand with a bot.
    #[must_use]
    pub fn assess(&self, diagnosis: &Diagnosis<'_>) -> Assessment {
        let loud = diagnosis.cause.alert >= self.min_level;
        let assessed = |state, since, recheck_at| Assessment {
            state,
            since,
            stated: diagnosis.confidence == Confidence::Stated,
            recheck_at,
        };
        if diagnosis.live {
            return match diagnosis.outcome {
                Outcome::Recording => assessed(BotState::Recording, None, None),
                _ => self.assess_live(diagnosis, loud),
            };
        }
        let last = diagnosis.evidence.iter().rev().find_map(|evidence| evidence.change.at);
        // To a bot that never set out nothing happened but that its time passed.
        let since = diagnosis.facts.ended_at.or(last).or(diagnosis.facts.join_at);
        let quiet = diagnosis.cause.alert == AlertLevel::Quiet;
        let state = match diagnosis.outcome {
            // Whatever the threshold, these are no failures.
            Outcome::Recorded | Outcome::Recording | Outcome::Processing if quiet => BotState::Recording,
            // Not in the meeting yet, or nothing is known at all.
            Outcome::Pending | Outcome::Unknown if quiet => BotState::Undecided,
            // It recorded, and its time was up.
            Outcome::Lost if quiet => BotState::Ended,
            _ if loud => BotState::Failed,
            _ => BotState::Ended,
        };
        let ready = last.filter(|_| diagnosis.outcome == Outcome::Processing);
        assessed(state, since, ready.and_then(|last| last.checked_add(MADE_READY_WITHIN).ok()))
    }

    fn assess_live(&self, diagnosis: &Diagnosis<'_>, loud: bool) -> Assessment {
        let mut states = diagnosis.evidence.iter().filter(|evidence| evidence.change.code.is_lifecycle());
        let state = states.next_back().map(|evidence| evidence.change);
        let since = state.and_then(|change| change.at);
        let after = |from: Option<Timestamp>, length| from.and_then(|from| from.checked_add(length).ok());
        let now = diagnosis.case.now;
        let gone = after(diagnosis.facts.leaves_at, AFTER_GIVING_UP).or_else(|| after(since, SILENT_FOR));
        // It should have left and no event says so: recheck until it counts as lost.
        let gone = gone.filter(|gone| *gone > now).or_else(|| after(Some(now), RECHECK_EVERY));
        let assessed = |state, recheck_at| Assessment {
            state,
            since,
            stated: diagnosis.confidence == Confidence::Stated,
            recheck_at,
        };
        // Recording on command: not recording yet is intended.
        let on_command = diagnosis.case.settings.start == RecordingStart::Manual;
        let patience = match state.map(|change| &change.code) {
            Some(EventCode::PermissionDenied) => SignedDuration::ZERO,
            Some(EventCode::InWaitingRoom) => self.waiting,
            Some(EventCode::InCallNotRecording | EventCode::PermissionAllowed) if !on_command => self.waiting,
            _ => return assessed(BotState::Undecided, gone),
        };
        if !loud {
            return assessed(BotState::Undecided, gone);
        }
        // It is still there, and what it recorded is lost, or has no transcript: nothing in the meeting helps.
        if !diagnosis.fixable_now {
            let failed = matches!(diagnosis.outcome, Outcome::Lost | Outcome::Recorded);
            return assessed(if failed { BotState::Failed } else { BotState::Undecided }, gone);
        }
        match after(since, patience) {
            Some(worth_telling) if now < worth_telling => assessed(BotState::Undecided, Some(worth_telling)),
            _ => assessed(BotState::AtRisk, gone),
        }
    }
}
