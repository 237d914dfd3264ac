//! Whether the host was in the meeting. There are three answers, and "unknown" is one of them.

use jiff::{SignedDuration, Timestamp};

use super::case_file::{CaseFile, Gap, GapKind, Known, Participant, WhyMissing};

/// A host who leaves this soon after the bot came in cannot be expected to have answered.
const CONSENT_TAKES: SignedDuration = SignedDuration::from_secs(60);

/// What the participants tell about the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostSeen {
    /// Somebody was marked as the host, and stayed.
    Yes,
    /// Somebody was marked as the host, and left before or just after the bot came in.
    LeftEarly,
    /// People were there, and each was marked as not being the host.
    No,
    /// The participants do not tell, or could not be read.
    Unknown,
}

/// What the participants tell, given when the bot came into the call.
///
/// Breakout rooms make people seem to leave, so with them in use nobody is said to have left early.
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

/// Why the participants do not tell whether the host was there.
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
