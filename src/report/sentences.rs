//! Every sentence that is not in the catalogue.

use super::fill::format_duration;
use crate::diagnosis::case_file::{Gap, GapKind, WhyMissing};
use crate::diagnosis::catalogue::CauseId;
use crate::diagnosis::status::{EventCode, IgnoredCode};
use crate::diagnosis::vocabulary::{Actor, Confidence, Outcome};
use crate::diagnosis::{Diagnosis, Evidence};

pub(super) const HOST_QUESTION: &str = "Was the person who scheduled the meeting in the call?";

pub(super) const fn who(actor: Actor) -> &'static str {
    match actor {
        Actor::Host => "The host of the meeting can fix this.",
        Actor::Participant => "Somebody in the meeting can fix this.",
        Actor::AccountAdmin => "The administrator of the host's account can fix this.",
        Actor::Developer => "The team that runs the bots can fix this.",
        Actor::Recall => "Recall.ai has to look at this.",
        Actor::Platform => "This is on the meeting platform's side.",
        Actor::Nobody => "There is nothing to fix.",
        Actor::Unknown => "It cannot be told who can fix this.",
    }
}

pub(super) const fn certainty(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Stated => "Recall.ai states this.",
        Confidence::Inferred => "This follows from what happened and what did not.",
        Confidence::Guess => "This is the most likely reading of an incomplete story.",
    }
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Recorded => "Recorded",
        Outcome::PartlyRecorded => "Partly recorded",
        Outcome::Recording => "Recording now",
        Outcome::Processing => "Being made ready",
        Outcome::Lost => "Recorded, then lost",
        Outcome::NotRecorded => "Not recorded",
        Outcome::Pending => "Not recorded so far",
        Outcome::Unknown => "Not known whether it recorded",
    }
}

pub(super) fn gap(gap: &Gap) -> String {
    let what = match gap.kind {
        GapKind::Participants => "We could not check who was in the meeting, or whether the host was",
        GapKind::StatusTimes => "Some times of the history could not be read, so its order is partly a guess",
        GapKind::StatusChanges => "Some entries of the history could not be read",
        GapKind::Recordings => "Some of the recordings could not be read",
        GapKind::Platform => "We could not tell which platform the meeting was on",
        GapKind::Transcript => "A transcript was asked for, and none is listed",
        GapKind::ParticipantTimes => "We could not check when some of the people came and left",
        GapKind::History => "We know only a part of what happened to this bot",
    };
    let why = match &gap.why {
        WhyMissing::NotOffered => "Recall.ai offers nothing to read it from".to_owned(),
        WhyMissing::NotGiven => "it was not handed in".to_owned(),
        WhyMissing::Empty => "the list is empty".to_owned(),
        WhyMissing::Refused(status) => format!("the download was refused with status {status}"),
        WhyMissing::TimedOut => "no answer came in time".to_owned(),
        WhyMissing::Failed(Some(status)) => format!("the server failed with status {status}"),
        WhyMissing::Failed(None) => "the server could not be reached".to_owned(),
        WhyMissing::TooLarge => "the answer was too large".to_owned(),
        WhyMissing::Unreadable => "it was not readable".to_owned(),
        WhyMissing::ForeignHost => "its link leads to a host that downloads are not allowed from".to_owned(),
        WhyMissing::NotSaid => "the data does not say".to_owned(),
        WhyMissing::NoTimeZone => "times in it have no time zone".to_owned(),
        WhyMissing::OneWebhook => "there is only one webhook of this bot".to_owned(),
        WhyMissing::LateWebhooks => {
            "there are only webhooks of this bot, and its first status is not among them".to_owned()
        }
    };
    format!("{what}: {why}.")
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
        EventCode::Ignored(_) => "of no weight for the recording",
        EventCode::Unknown(_) => "a status that is not in our list",
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
        note.push_str(&format!(" for {}", format_duration(lasted)));
        if evidence.ongoing {
            note.push_str(", and still is");
        }
    }
    if unknown {
        note.push_str(" (its reason is not in our list)");
    }
    note
}

/// What somebody may have meant who named no entry of the catalogue, if anything comes near.
#[must_use]
pub fn did_you_mean(near: &[&CauseId]) -> Option<String> {
    let near: Vec<&str> = near.iter().map(|id| id.as_str()).collect();
    (!near.is_empty()).then(|| format!("Did you mean {}?", near.join(", or ")))
}
