//! Every sentence that is not in the catalogue.

use super::duration::format_duration;
use crate::diagnosis::case_file::{Gap, GapKind, WhyMissing};
use crate::diagnosis::catalogue::CauseId;
use crate::diagnosis::status::{EventCode, IgnoredCode};
use crate::diagnosis::vocabulary::{Actor, Confidence, Outcome};
use crate::diagnosis::{Diagnosis, Evidence};

pub(super) const HOST_QUESTION: &str = "Was the person who scheduled the meeting in the call?";
pub(super) const HOST_QUESTION_READINGS: &str = "If they were there, they used another Zoom account or weren't \
    signed in. If they weren't, there was no host to allow the recording.";

/// Returns who can fix it. It shares a line with the confidence, so it has no full stop.
pub(super) const fn who(actor: Actor) -> &'static str {
    match actor {
        Actor::Host => "The host can fix it",
        Actor::Participant => "Someone in the meeting can fix it",
        Actor::AccountAdmin => "The administrator of the host's account can fix it",
        Actor::Developer => "Your bot developers can fix it",
        Actor::Recall => "Recall.ai has to look at it",
        Actor::Platform => "The problem is on the meeting platform's side",
        Actor::Nobody => "There is nothing to fix",
        Actor::Unknown => "Not clear who can fix it",
    }
}

pub(super) const fn certainty(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Stated => "Confirmed by Recall.ai",
        Confidence::Inferred => "Inferred from the bot's history",
        Confidence::Guess => "Best guess: the bot's history is incomplete",
    }
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Recorded => "Recorded",
        Outcome::PartlyRecorded => "Partly recorded",
        Outcome::Recording => "Recording now",
        Outcome::Processing => "Processing",
        Outcome::Lost => "Recording lost",
        Outcome::NotRecorded => "Not recorded",
        Outcome::Pending => "Not recorded yet",
        Outcome::Unknown => "Unknown",
    }
}

/// Returns what could not be learned, and why, as one sentence.
pub(super) fn gap(gap: &Gap) -> String {
    let what = match gap.kind {
        GapKind::Participants => "I couldn't check who was in the meeting",
        GapKind::ParticipantTimes => "I couldn't check when some people joined and left",
        GapKind::StatusTimes => "I couldn't read some times, so the order of events is partly a guess",
        GapKind::StatusChanges => "I couldn't read some events of this bot",
        GapKind::Recordings => "I couldn't read some of the recordings",
        GapKind::Platform => "I don't know which platform the meeting was on",
        GapKind::Transcript => "I found no transcript, although one was requested",
        GapKind::History => "I know only a part of what happened to this bot",
    };
    match why_missing(gap.kind, &gap.why) {
        Some(why) => format!("{what}, because {why}."),
        None => format!("{what}."),
    }
}

/// Returns the reason, if it says more than that something is missing.
fn why_missing(kind: GapKind, why: &WhyMissing) -> Option<String> {
    let why = match why {
        WhyMissing::NotOffered if kind == GapKind::Participants => {
            "Recall.ai has no participant list for this bot".to_owned()
        }
        WhyMissing::NotOffered => "Recall.ai lists none for this bot".to_owned(),
        WhyMissing::NotGiven => "no participants file was given (use `--participants`)".to_owned(),
        WhyMissing::Empty => "the list is empty".to_owned(),
        WhyMissing::Refused(status) => format!("the download was refused (status {status})"),
        WhyMissing::TimedOut => "Recall.ai didn't respond in time".to_owned(),
        WhyMissing::Failed(Some(status)) => format!("the server failed (status {status})"),
        WhyMissing::Failed(None) => "the server couldn't be reached".to_owned(),
        WhyMissing::TooLarge => "the response was too large".to_owned(),
        WhyMissing::Unreadable if matches!(kind, GapKind::Participants | GapKind::ParticipantTimes) => {
            "I couldn't read the participant list".to_owned()
        }
        WhyMissing::Unreadable => return None,
        WhyMissing::ForeignHost => "the download link points outside the allowed hosts".to_owned(),
        WhyMissing::NotSaid => "Recall.ai doesn't say".to_owned(),
        WhyMissing::NoTimeZone => "the times have no time zone".to_owned(),
        WhyMissing::OneWebhook => "I have only one webhook about it".to_owned(),
        WhyMissing::LateWebhooks => "I have only webhooks, and they start after its first status".to_owned(),
    };
    Some(why)
}

pub(super) fn evidence(evidence: &Evidence<'_>, diagnosis: &Diagnosis<'_>) -> String {
    let what = match &evidence.change.code {
        EventCode::Ready => "created, waiting for its time",
        EventCode::JoiningCall => "joining the meeting",
        EventCode::InWaitingRoom => "in the waiting room",
        EventCode::InCallNotRecording => "in the call, not recording",
        EventCode::PermissionDenied => "the request to record was refused",
        EventCode::PermissionAllowed => "permission to record was granted",
        EventCode::InCallRecording => "recording",
        EventCode::RecordingDone => "the recording was finished",
        EventCode::CallEnded => "the call ended for the bot",
        EventCode::Fatal => "an error stopped the bot",
        EventCode::Done => "the bot shut down",
        EventCode::MediaExpired => "the media was deleted",
        EventCode::Ignored(IgnoredCode::BreakoutRoomEntered) => "moved to a breakout room",
        EventCode::Ignored(IgnoredCode::BreakoutRoomLeft) => "came back from a breakout room",
        EventCode::Ignored(IgnoredCode::BreakoutRoomOpened) => "breakout rooms were opened",
        EventCode::Ignored(IgnoredCode::BreakoutRoomClosed) => "breakout rooms were closed",
        EventCode::Ignored(_) => "doesn't affect the recording",
        EventCode::Unknown(_) => "an unknown status",
    };
    let lasts = matches!(
        evidence.change.code,
        EventCode::InWaitingRoom | EventCode::InCallNotRecording | EventCode::InCallRecording
    );
    let unknown = evidence
        .change
        .sub_code
        .as_ref()
        .is_some_and(|sub_code| diagnosis.unknown_codes.contains(&sub_code.as_str()));
    let mut note = what.to_owned();
    if let Some(lasted) = evidence.lasted.filter(|_| lasts) {
        let length = format_duration(lasted);
        note.push_str(&if evidence.ongoing {
            format!(", {length} so far")
        } else {
            format!(" for {length}")
        });
    }
    if unknown {
        note.push_str(" (unknown reason)");
    }
    note
}

/// Returns a suggestion for a word that names no catalogue entry, if one is similar.
#[must_use]
pub fn did_you_mean(near: &[&CauseId]) -> Option<String> {
    let near: Vec<&str> = near.iter().map(|id| id.as_str()).collect();
    (!near.is_empty()).then(|| format!("Did you mean {}?", near.join(", or ")))
}
