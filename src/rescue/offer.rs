//! What can be done about a bot now.

use jiff::{SignedDuration, Timestamp};

use super::attempt::{Attempt, By};
use super::{ATTEMPTS_MAX, BETWEEN_ATTEMPTS, Mode, Plan};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::catalogue::Rescue;
use crate::diagnosis::status::EventCode;
use crate::diagnosis::vocabulary::{Outcome, Platform};

/// A refusal older than this is not answered by the service itself any more. A person knows about it by then.
const AUTOMATIC_WITHIN: SignedDuration = SignedDuration::from_secs(120);

/// What can be done about a bot now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Nothing, and there is nothing to say about it.
    Nothing,
    /// This, at once.
    Now {
        /// What is done.
        plan: Plan,
        /// A setting has to be changed first.
        after_change: bool,
    },
    /// An attempt is under way.
    Underway,
    /// Another attempt, but not before this time.
    NotBefore(Timestamp),
    /// Nothing, for this reason.
    No(Reason),
}

/// A reason why nothing can be sent into a meeting although the bot is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// In the waiting room there is no chat and no request.
    WaitingRoom,
    /// The host's device can't grant permission.
    CannotGrant,
    /// An administrator has blocked the app.
    Blocked,
    /// The platform asks no host for permission.
    OtherPlatform,
    /// The workspace's bots have no such step.
    NoSuchStep,
    /// All attempts are used.
    Used,
}

/// What is known about a bot beside its diagnosis.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What the settings allow.
    pub mode: Mode,
    /// The attempts so far, oldest first.
    pub attempts: &'a [Attempt],
    /// `false` if Recall.ai said that bots of this workspace can't ask again.
    pub can_ask: bool,
}

impl Known<'_> {
    /// Nothing may be done.
    pub const OFF: Known<'static> = Known { mode: Mode::Off, attempts: &[], can_ask: true };
}

/// Returns what can be done about a bot now.
#[must_use]
pub fn offer(diagnosis: &Diagnosis<'_>, known: Known<'_>) -> Offer {
    if known.mode == Mode::Off || !diagnosis.fixable_now || diagnosis.outcome == Outcome::Recording {
        return Offer::Nothing;
    }
    let plan = match plan(diagnosis, known) {
        Ok(Some(plan)) => plan,
        Ok(None) => return Offer::Nothing,
        Err(reason) => return Offer::No(reason),
    };
    let now = diagnosis.case.now;
    let tries: Vec<&Attempt> = known.attempts.iter().filter(|attempt| attempt.counts()).collect();
    if tries.iter().any(|attempt| !attempt.is_over) {
        return Offer::Underway;
    }
    if tries.len() >= ATTEMPTS_MAX {
        return Offer::No(Reason::Used);
    }
    // A time ahead of ours was written by a clock that has since been set back.
    let next_at = tries.last().and_then(|last| last.at.checked_add(BETWEEN_ATTEMPTS).ok());
    match next_at.filter(|at| *at > now && at.duration_since(now) <= BETWEEN_ATTEMPTS) {
        Some(at) => Offer::NotBefore(at),
        None => plan,
    }
}

/// Returns what could be done if nothing had been tried yet.
fn plan(diagnosis: &Diagnosis<'_>, known: Known<'_>) -> Result<Option<Offer>, Reason> {
    let Some(rescue) = diagnosis.cause.rescue else { return Ok(None) };
    let after_change = match rescue {
        Rescue::Start => return Ok(Some(Offer::Now { plan: Plan::Start, after_change: false })),
        Rescue::WaitingRoom => return Err(Reason::WaitingRoom),
        Rescue::CannotGrant => return Err(Reason::CannotGrant),
        Rescue::Blocked => return Err(Reason::Blocked),
        Rescue::NoStep => {
            let is_other = !matches!(diagnosis.platform, Platform::Zoom | Platform::Unknown);
            return if is_other { Err(Reason::OtherPlatform) } else { Ok(None) };
        }
        Rescue::Ask => false,
        Rescue::AfterChange => true,
    };
    if diagnosis.platform != Platform::Zoom || diagnosis.case.is_stream {
        return Err(Reason::OtherPlatform);
    }
    if !known.can_ask {
        return Err(Reason::NoSuchStep);
    }
    Ok(Some(Offer::Now { plan: Plan::Ask, after_change }))
}

/// Returns `true` if the service itself makes an attempt now: once for a bot, right after the host declined or did not
/// answer.
#[must_use]
pub fn is_automatic(diagnosis: &Diagnosis<'_>, known: Known<'_>) -> bool {
    let now = diagnosis.case.now;
    let refused_at = diagnosis
        .evidence
        .iter()
        .filter(|evidence| evidence.change.code == EventCode::PermissionDenied)
        .filter_map(|evidence| evidence.change.at)
        .max();
    let is_recent = refused_at.is_some_and(|at| now.duration_since(at) <= AUTOMATIC_WITHIN);
    let has_left = diagnosis.facts.leaves_at.is_some_and(|leaves_at| leaves_at <= now);
    known.mode == Mode::Automatic
        && is_recent
        && !has_left
        && !known.attempts.iter().any(|attempt| attempt.by == By::Service)
        && offer(diagnosis, known) == Offer::Now { plan: Plan::Ask, after_change: false }
}
