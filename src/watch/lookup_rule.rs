//! When Recall.ai is asked about a bot, and before which others. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::alerts::assess::{Assessment, BotState};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::vocabulary::Outcome;
use crate::store::{LookupPriority, PlannedLookup};

/// Lead time of a lookup before a warning, so that the bot's own settings are known by then.
const LEAD: SignedDuration = SignedDuration::from_secs(15);

/// The lookups of a bot so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LookupsSoFar {
    /// When Recall.ai was last asked, whatever came of it.
    pub(super) asked_at: Option<Timestamp>,
    /// It was asked since the last event.
    pub(super) was_asked: bool,
    /// When it is to be asked again, if that is planned.
    pub(super) planned_at: Option<Timestamp>,
    /// The bot has an alert.
    pub(super) was_alerted: bool,
}

/// Returns when to look up a bot; `None` if a lookup wouldn't help.
///
/// Bots are looked up if they are at risk, failed, or should have left without an event that says so. A bot that
/// records, is joining or has just joined isn't: most of these record.
pub(super) fn planned_lookup(
    diagnosis: &Diagnosis<'_>,
    assessed: &Assessment,
    so_far: LookupsSoFar,
    now: Timestamp,
) -> Option<PlannedLookup> {
    let leaves_at = diagnosis.facts.leaves_at.filter(|_| diagnosis.live);
    if let Some(leaves_at) = leaves_at
        && leaves_at < now
        && so_far.asked_at.is_none_or(|at| at < leaves_at)
    {
        return Some(PlannedLookup { at: now, priority: LookupPriority::Other });
    }
    let (at, priority) = match assessed.state {
        BotState::AtRisk => (now, LookupPriority::AtRisk),
        BotState::Failed if so_far.was_alerted => (now, LookupPriority::Alerted),
        BotState::Failed => (now, LookupPriority::Other),
        BotState::Undecided if diagnosis.live => {
            let recheck_at = assessed.recheck_at?;
            // The warning is sent before the bot leaves; after that it should be gone.
            let is_warning = leaves_at.is_some_and(|leaves_at| recheck_at <= leaves_at);
            let priority = if is_warning { LookupPriority::AtRisk } else { LookupPriority::Other };
            ((recheck_at - LEAD).max(now), priority)
        }
        // The known events allow no conclusion. A bot whose join time hasn't come is not such a case.
        BotState::Undecided if diagnosis.outcome != Outcome::Pending => (now, LookupPriority::Other),
        BotState::Undecided | BotState::Recording | BotState::Ended => return None,
    };
    // Since the last event it was asked: a failure has set a time to ask again, and a success needs none.
    let at = if so_far.was_asked { so_far.planned_at? } else { at };
    Some(PlannedLookup { at, priority })
}
