//! The host's attendance in the meeting. "Unknown" is one of its values.

use jiff::{SignedDuration, Timestamp};

use super::case_file::{CaseFile, Gap, GapKind, Known, Participant, WhyMissing};

/// Seconds after the bot's entry within which a host who leaves had no time to answer a request to record.
const CONSENT_TAKES: SignedDuration = SignedDuration::from_secs(60);

/// What the participants show about the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostSeen {
    /// A participant was marked as the host, and stayed.
    Yes,
    /// A participant was marked as the host, and left before or just after the bot joined.
    LeftEarly,
    /// There were participants, and each was marked as not being the host.
    No,
    /// The participants leave it open, or could not be read.
    Unknown,
}

/// Returns what the participants show about the host, given the time at which the bot entered the call.
///
/// Breakout rooms make people seem to leave, so [`HostSeen::LeftEarly`] is never returned if they were used.
pub(super) fn host_seen(case: &CaseFile, entered_at: Option<Timestamp>, breakout_rooms: bool) -> HostSeen {
    let Some(people) = case.participants.learned() else { return HostSeen::Unknown };
    let mut hosts = people.iter().filter(|person| person.is_host == Some(true)).peekable();
    if hosts.peek().is_some() {
        let left_early = |host: &Participant| match (host.left_at, entered_at) {
            (Some(left_at), Some(entered_at)) => left_at <= entered_at + CONSENT_TAKES,
            _ => false,
        };
        return if !breakout_rooms && hosts.all(left_early) { HostSeen::LeftEarly } else { HostSeen::Yes };
    }
    if !people.is_empty() && people.iter().all(|person| person.is_host == Some(false)) {
        HostSeen::No
    } else {
        HostSeen::Unknown
    }
}

/// Returns the reason why the participants do not show the host's attendance.
pub(super) fn host_gap(case: &CaseFile) -> Option<Gap> {
    let why = match &case.participants {
        Known::Missing(why) => why.clone(),
        Known::Value(people) if people.is_empty() => WhyMissing::Empty,
        Known::Value(people) => {
            let told = people.iter().any(|person| person.is_host == Some(true))
                || people.iter().all(|person| person.is_host == Some(false));
            if told {
                return None;
            }
            WhyMissing::NotSaid
        }
    };
    Some(Gap { kind: GapKind::Participants, why })
}
