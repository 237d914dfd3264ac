//! How one bot counts: once, on the day on which it ended, with one outcome.
//!
//! | diagnosis | counts as |
//! |---|---|
//! | recorded, or recorded and deleted since as intended | `recorded` |
//! | partly recorded | `partly_recorded` |
//! | not recorded, or the media failed | `not_recorded` |
//! | not recorded, and the catalogue calls that an ordinary end (alert level `quiet`) | `nothing_to_record` |
//! | its history stops in the middle | `unknown` |
//! | it is still in the meeting, or nothing is known | not at all |
//!
//! A tally depends on the diagnosis alone and not on the settings, so the numbers are those of a recount.

use std::fmt;

use jiff::Timestamp;

use crate::diagnosis::Diagnosis;
use crate::diagnosis::status::EventCode;
use crate::diagnosis::vocabulary::{Actor, AlertLevel, Outcome, vocabulary};

vocabulary! {
    /// As what a bot counts.
    CountedOutcome {
        /// It recorded from start to end.
        Recorded = "recorded",
        /// It recorded a part.
        PartlyRecorded = "partly_recorded",
        /// There is no recording, and there should be one.
        NotRecorded = "not_recorded",
        /// It is not known.
        Unknown = "unknown",
        /// There is no recording, and nothing went wrong: for example, nobody joined.
        NothingToRecord = "nothing_to_record",
    }
}

vocabulary! {
    /// What saved a recording.
    SavedBy {
        /// People were told in time.
        Alert = "alert",
        /// The host was asked again, or the recording was started, from a card.
        Rescue = "rescue",
    }
}

/// How a bot counts. Stored as `outcome/actor/cause/saved by`, without what is empty at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tally {
    /// As what.
    pub outcome: CountedOutcome,
    /// Who can fix it, and the ID of the cause; `None` if nothing was lost.
    pub loss: Option<(Actor, String)>,
    /// What saved the recording, if something did.
    pub saved_by: Option<SavedBy>,
}

impl Tally {
    /// Returns when a bot ended and how it counts; `None` if it doesn't count (yet). `saved_by` is what helped, if the
    /// bot recorded.
    #[must_use]
    pub fn of(diagnosis: &Diagnosis<'_>, saved_by: Option<SavedBy>) -> Option<(Timestamp, Self)> {
        if diagnosis.live {
            return None;
        }
        let is_quiet = diagnosis.cause.alert == AlertLevel::Quiet;
        let facts = &diagnosis.facts;
        let outcome = match diagnosis.outcome {
            Outcome::Recorded | Outcome::Recording | Outcome::Processing => CountedOutcome::Recorded,
            // Weeks later there may be nothing left of a bot but that its media was deleted. It was counted before.
            Outcome::Lost if is_quiet => facts.ended_at.map(|_| CountedOutcome::Recorded)?,
            Outcome::PartlyRecorded => CountedOutcome::PartlyRecorded,
            Outcome::NotRecorded if is_quiet => CountedOutcome::NothingToRecord,
            Outcome::NotRecorded | Outcome::Lost => CountedOutcome::NotRecorded,
            // It may record to this day: nobody says that it stopped, and no alert does.
            Outcome::Unknown if facts.ended_at.is_none() && facts.recorded_from.is_some() => return None,
            Outcome::Unknown if !is_quiet => CountedOutcome::Unknown,
            Outcome::Unknown | Outcome::Pending => return None,
        };
        // What becomes of its media weeks later doesn't move it to another day.
        let is_of_bot = |code: &EventCode| code.is_lifecycle() && *code != EventCode::MediaExpired;
        let of_bot = diagnosis.evidence.iter().rev().filter(|evidence| is_of_bot(&evidence.change.code));
        let last = of_bot.filter_map(|evidence| evidence.change.at).next();
        let at = facts.ended_at.or(last).or(facts.join_at)?.min(diagnosis.case.now);
        let loss = outcome.is_loss().then(|| (diagnosis.actor, diagnosis.cause.id.to_string()));
        let has_recorded = matches!(outcome, CountedOutcome::Recorded | CountedOutcome::PartlyRecorded);
        Some((at, Self { outcome, loss, saved_by: saved_by.filter(|_| has_recorded) }))
    }

    /// Reads the stored form; `None` if it isn't one.
    #[must_use]
    pub fn parse(stored: &str) -> Option<Self> {
        let mut parts = stored.split('/');
        let outcome = CountedOutcome::from_word(parts.next()?)?;
        let (actor, cause) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let saved_by = parts.next().and_then(SavedBy::from_word);
        let loss = (!cause.is_empty())
            .then(|| (Actor::from_word(actor).unwrap_or(Actor::Unknown), cause.to_owned()));
        Some(Self { outcome, loss, saved_by })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outcome.as_str())?;
        match (&self.loss, self.saved_by) {
            (None, None) => Ok(()),
            (None, Some(saved_by)) => write!(f, "///{saved_by}"),
            (Some((actor, cause)), None) => write!(f, "/{actor}/{cause}"),
            (Some((actor, cause)), Some(saved_by)) => write!(f, "/{actor}/{cause}/{saved_by}"),
        }
    }
}

impl CountedOutcome {
    /// Returns `true` if there should be a recording that isn't there, or not all of it.
    #[must_use]
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::PartlyRecorded | Self::NotRecorded | Self::Unknown)
    }
}
