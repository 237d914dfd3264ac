//! Which cause is the headline, and which ones only contribute.
//!
//! This is what a table of codes cannot do. The sub code that explains a missing recording is
//! usually not on the last status: `done` is bookkeeping, `call_ended` often carries only the
//! consequence, and the commonest cause of all, a host who was not there or not recognised, has no
//! code and shows in what did *not* happen.

use jiff::SignedDuration;

use super::case_file::{MediaStatus, RecordingStart};
use super::catalogue::{Catalogue, Cause, Role, Stated};
use super::host::HostSeen;
use super::media;
use super::signals::Signal;
use super::status::{EventCode, StatusChange, SubCode};
use super::status_history::{OWN_LIMIT, StatusHistory};

/// A bot that is this late is not coming any more; most appear within seconds of their time.
const JOIN_GRACE: SignedDuration = SignedDuration::from_mins(10);
/// In the call for less than this, nobody can be expected to have answered a request to record.
const TOO_SHORT_FOR_CONSENT: SignedDuration = SignedDuration::from_secs(60);
/// A stop this short before the end is the end, not a pause.
const BRIEF_STOP: SignedDuration = SignedDuration::from_secs(10);

/// Ends that name their cause whatever happened before them: the lobby had the last word.
const LOBBY_ENDS: [&str; 3] = [
    "timeout_exceeded_waiting_room",
    "call_ended_by_platform_waiting_room_timeout",
    "bot_kicked_from_waiting_room",
];
/// The end of a bot that was alone all the time: who is alone records nothing.
const NOBODY_CAME: [&str; 1] = ["timeout_exceeded_noone_joined"];
/// Ends that name the cause only where nothing before them does, in the order of their weight.
const LATE_ENDS: [&str; 3] =
    ["timeout_exceeded_noone_joined", "bot_kicked_from_call", "bot_received_leave_call"];

/// The headline.
pub(super) enum Headline<'a> {
    /// Recall.ai states it: the cause, and the sub code by which.
    Stated(&'a Cause, &'a SubCode),
    /// It follows from the story.
    Follows(Signal),
}

impl<'a> Headline<'a> {
    /// The cause that it names.
    pub(super) fn cause(&self, catalogue: &'a Catalogue) -> &'a Cause {
        match self {
            Self::Stated(cause, _) => cause,
            Self::Follows(signal) => catalogue.by_signal(*signal),
        }
    }
}

/// Finds the headline: the first rule that holds. The order of the rules is the ranking.
pub(super) fn headline<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Headline<'a> {
    let begun = before_the_meeting(history).map(Headline::Follows);
    if let Some(headline) = begun.or_else(|| after_a_start(history, catalogue)) {
        return headline;
    }
    if let Some(headline) = fatal(history, catalogue) {
        return headline;
    }
    if !history.ended && !history.live {
        let signal = if history.timeline.iter().any(|change| change.code.is_lifecycle()) {
            Signal::StuckNoEndStatus
        } else {
            Signal::InsufficientData
        };
        return Headline::Follows(signal);
    }
    if !history.whole {
        return from_a_part(history, catalogue);
    }
    in_the_lobby(history, catalogue)
        .or_else(|| around_permission(history, catalogue))
        .or_else(|| late_end(history, catalogue))
        .unwrap_or_else(|| Headline::Follows(never_recorded(history)))
}

/// Every cause that the story holds beside its headline, in the order of the story.
pub(super) fn contributing<'a>(
    history: &StatusHistory<'a>,
    catalogue: &'a Catalogue,
    headline: &Cause,
) -> Vec<&'a Cause> {
    let mut found: Vec<&Cause> = Vec::new();
    let mut add = |cause: &'a Cause| {
        if cause.id != headline.id && !found.iter().any(|known| known.id == cause.id) {
            found.push(cause);
        }
    };
    for change in history.timeline.iter() {
        let event = match change.code {
            EventCode::PermissionDenied => Stated::PermissionDenied,
            EventCode::Fatal => Stated::Fatal,
            EventCode::CallEnded | EventCode::Done => Stated::CallEnded,
            _ => continue,
        };
        let named =
            change.sub_code.as_ref().and_then(|sub_code| catalogue.by_stated(event, sub_code.as_str()));
        match named {
            Some(cause) => add(cause),
            None if change.code == EventCode::PermissionDenied => {
                add(catalogue.by_signal(Signal::PermissionDeniedUnknown));
            }
            None if change.code == EventCode::Fatal => add(catalogue.by_signal(Signal::FatalUnknown)),
            None => {}
        }
    }
    if history.recorded {
        let (became, also) = media::what_became(history.case, &history.timeline);
        if history.ended && !matches!(became, Signal::Recorded | Signal::RecordedVeryShort) {
            add(catalogue.by_signal(became));
        }
        also.into_iter().for_each(|signal| add(catalogue.by_signal(signal)));
        transcripts(history, catalogue).for_each(add);
    } else if history.case.settings.start == RecordingStart::Manual && history.in_call {
        add(catalogue.by_signal(Signal::ManualStartNeverStarted));
    }
    found
}

/// Whether there was a meeting to be in at all.
fn before_the_meeting(history: &StatusHistory<'_>) -> Option<Signal> {
    if history.recorded {
        return None;
    }
    if history.done_came_alone() {
        return Some(Signal::InsufficientData);
    }
    if !history.timeline.is_unborn() {
        return None;
    }
    let Some(due_at) = history.due_at() else { return Some(Signal::InsufficientData) };
    if history.case.now.duration_since(due_at) <= JOIN_GRACE {
        return Some(Signal::NotJoinedYet);
    }
    // A status that is unknown is a sign of life, which says nothing about where the bot is.
    Some(if history.shows_no_life() { Signal::NeverJoined } else { Signal::InsufficientData })
}

/// What happened once recording had started.
fn after_a_start<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    if !history.recorded {
        return None;
    }
    let follows = |signal| Some(Headline::Follows(signal));
    if history.live && history.state() == Some(&EventCode::InCallRecording) {
        return follows(Signal::RecordingNow);
    }
    if history.timeline.has(&EventCode::Fatal) {
        return follows(Signal::RecordedThenFatal);
    }
    if history.recorded_and_stayed_in_lobby() {
        return follows(if history.live {
            Signal::WaitingRoomNow
        } else {
            Signal::RecordedThenMovedToWaitingRoom
        });
    }
    if history.end_sub_code().is_some_and(|sub_code| sub_code.as_str() == "bot_kicked_from_call") {
        return follows(Signal::RecordedThenRemoved);
    }
    if let Some(own_limit) = end_with(history, catalogue, OWN_LIMIT) {
        return Some(own_limit);
    }
    if history.permission_was_withdrawn() {
        return follows(Signal::RecordedThenPermissionWithdrawn);
    }
    if history.stopped_and_never_resumed(BRIEF_STOP) {
        return follows(Signal::RecordingPausedOrStopped);
    }
    let over = history.ended
        || history.timeline.has(&EventCode::RecordingDone)
        || history.timeline.has(&EventCode::MediaExpired)
        || media::is_settled(history.case);
    over.then(|| Headline::Follows(media::what_became(history.case, &history.timeline).0))
}

/// The error that stopped it.
fn fatal<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    let fatal = deciding_fatal(history, catalogue)?;
    Some(stated_or(catalogue, Stated::Fatal, fatal.sub_code.as_ref(), Signal::FatalUnknown))
}

/// The error that decides: the last one whose code is known, else the last one.
pub(super) fn deciding_fatal<'a>(
    history: &StatusHistory<'a>,
    catalogue: &'a Catalogue,
) -> Option<&'a StatusChange> {
    history.fatal(|sub_code| catalogue.by_stated(Stated::Fatal, sub_code.as_str()).is_some())
}

/// The cause of the error that decides, where its code is known.
pub(super) fn known_fatal<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<&'a Cause> {
    let sub_code = deciding_fatal(history, catalogue)?.sub_code.as_ref()?;
    catalogue.by_stated(Stated::Fatal, sub_code.as_str()).filter(|cause| cause.role == Role::Cause)
}

/// Whether an error stopped it of which nobody knows whether it came before or after a recording began: the story is
/// known in part, and such an error can come in the call.
pub(super) fn may_have_recorded_before_fatal(history: &StatusHistory<'_>, catalogue: &Catalogue) -> bool {
    !history.whole
        && history.timeline.has(&EventCode::Fatal)
        && known_fatal(history, catalogue).is_none_or(|cause| cause.in_call)
}

/// What follows where only a part of the story is known. What is not in it may have happened all the same, so the rules
/// that rest on absence do not apply: never in the call, never asked, never recorded, no host.
fn from_a_part<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Headline<'a> {
    if let Some(denial) = history.standing_denial() {
        let unknown = Signal::PermissionDeniedUnknown;
        return stated_or(catalogue, Stated::PermissionDenied, denial.sub_code.as_ref(), unknown);
    }
    if history.live {
        return Headline::Follows(match history.state() {
            Some(EventCode::JoiningCall) => Signal::JoiningNow,
            Some(EventCode::InWaitingRoom) => Signal::WaitingRoomNow,
            Some(EventCode::PermissionAllowed) => Signal::AllowedStartingNow,
            _ if history.in_call => Signal::InCallNotRecordingNow,
            _ => Signal::InsufficientData,
        });
    }
    // These ends are told of bots alone that nobody came to, or that nobody let in.
    let nobody_let_it_in = LOBBY_ENDS.iter().filter(|_| !history.in_call);
    NOBODY_CAME
        .iter()
        .chain(nobody_let_it_in)
        .find_map(|code| end_with(history, catalogue, code))
        .unwrap_or(Headline::Follows(Signal::InsufficientData))
}

/// Joining and the lobby: nobody could have recorded from there.
fn in_the_lobby<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    if history.live {
        return match history.state() {
            Some(EventCode::JoiningCall) => Some(Headline::Follows(Signal::JoiningNow)),
            Some(EventCode::InWaitingRoom) => Some(Headline::Follows(Signal::WaitingRoomNow)),
            _ => None,
        };
    }
    if let Some(stated) = LOBBY_ENDS.iter().find_map(|code| end_with(history, catalogue, code)) {
        return Some(stated);
    }
    if history.stayed_in_lobby() {
        return Some(Headline::Follows(Signal::MovedBackToWaitingRoom));
    }
    let sub_code = history.end_sub_code();
    let ends_late = sub_code.is_some_and(|sub_code| LATE_ENDS.contains(&sub_code.as_str()));
    // A refusal that came while it waited says more than that the meeting ended.
    let names_a_cause = end_cause(history, catalogue);
    if history.timeline.has(&EventCode::InWaitingRoom)
        && !history.in_call
        && !history.was_refused()
        && !ends_late
        && names_a_cause.is_none()
    {
        return Some(Headline::Follows(Signal::MeetingEndedBeforeAdmission));
    }
    names_a_cause.filter(|_| !ends_late)
}

/// Zoom's consent, and recording that waits for a command.
fn around_permission<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    let follows = |signal| Some(Headline::Follows(signal));
    if let Some(denial) = history.standing_denial() {
        let unknown = Signal::PermissionDeniedUnknown;
        return Some(stated_or(catalogue, Stated::PermissionDenied, denial.sub_code.as_ref(), unknown));
    }
    if history.denial_is_missing() {
        return follows(Signal::PermissionDeniedUnknown);
    }
    if history.timeline.has(&EventCode::PermissionAllowed) {
        return follows(if history.captured_nothing() {
            Signal::RecordingMediaFailed
        } else if history.live {
            Signal::AllowedStartingNow
        } else {
            Signal::AllowedButNeverStarted
        });
    }
    if history.in_call && history.case.settings.start == RecordingStart::Manual {
        return follows(Signal::ManualStartNeverStarted);
    }
    if history.live && history.in_call && history.asks_for_consent() {
        return follows(Signal::InCallWaitingForPermission);
    }
    if history.live && history.in_call {
        return follows(Signal::InCallNotRecordingNow);
    }
    None
}

/// An end that explains only what nothing earlier explains.
fn late_end<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    LATE_ENDS.iter().find_map(|code| end_with(history, catalogue, code))
}

/// In the call to the end without a word about permission, or ended before it was in.
fn never_recorded(history: &StatusHistory<'_>) -> Signal {
    if !history.ended {
        return Signal::InsufficientData;
    }
    if !history.in_call {
        return Signal::CallEndedUnknown;
    }
    let was_short = history.in_call_for().is_some_and(|length| length < TOO_SHORT_FOR_CONSENT);
    if was_short && !history.ended_by_own_timer() {
        return Signal::MeetingEndedBeforeRecording;
    }
    if !history.asks_for_consent() {
        // Where nobody is asked, recording begins by itself; on Zoom the entry is there for a bot that was never allowed.
        if history.captured_nothing() {
            return Signal::RecordingMediaFailed;
        }
        return Signal::NeverStartedRecording;
    }
    match (history.host, history.case.host_was_present) {
        (HostSeen::Yes, _) => Signal::HostPresentNeverAsked,
        (HostSeen::LeftEarly, _) => Signal::HostLeftBeforeConsent,
        (HostSeen::No | HostSeen::Unknown, Some(true)) => Signal::HostSignedIntoOtherAccount,
        (HostSeen::No | HostSeen::Unknown, Some(false)) => Signal::HostNotPresent,
        (HostSeen::No, None) => Signal::NoRecognisedHost,
        (HostSeen::Unknown, None) => Signal::NeverAskedHostUnknown,
    }
}

fn transcripts<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> impl Iterator<Item = &'a Cause> {
    let failed = transcript_headline(history, catalogue).map(|headline| headline.cause(catalogue));
    let in_the_making =
        media::transcripts(history.case).any(|transcript| transcript.status == MediaStatus::Processing);
    let is_overdue = media::overdue_transcript(history.case, &history.timeline).is_some();
    let processing =
        (in_the_making && !is_overdue).then(|| catalogue.by_signal(Signal::TranscriptProcessing));
    let none = media::transcripts(history.case).next().is_none();
    let not_requested = (none && history.case.settings.transcript_requested == Some(false))
        .then(|| catalogue.by_signal(Signal::TranscriptNotRequested));
    failed.into_iter().chain(processing).chain(not_requested)
}

/// Where the recording is fine and its transcript is not, the transcript is what is asked about.
pub(super) fn transcript_headline<'a>(
    history: &StatusHistory<'a>,
    catalogue: &'a Catalogue,
) -> Option<Headline<'a>> {
    let failed = media::failed_transcript(history.case, &history.timeline)?;
    Some(stated_or(catalogue, Stated::Transcript, failed.sub_code.as_ref(), Signal::TranscriptFailed))
}

/// The cause that an end of the call names by itself, if it names one.
fn end_cause<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    let sub_code = history.end_sub_code()?;
    let cause = catalogue.by_stated(Stated::CallEnded, sub_code.as_str())?;
    (cause.role == Role::Cause).then_some(Headline::Stated(cause, sub_code))
}

fn end_with<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue, code: &str) -> Option<Headline<'a>> {
    let change = history.timeline.iter().find(|change| {
        matches!(change.code, EventCode::CallEnded | EventCode::Done) && change.has_sub_code(code)
    })?;
    let sub_code = change.sub_code.as_ref()?;
    Some(Headline::Stated(catalogue.by_stated(Stated::CallEnded, code)?, sub_code))
}

/// The cause that a sub code names here, or a signal where it names none that could explain.
fn stated_or<'a>(
    catalogue: &'a Catalogue,
    event: Stated,
    sub_code: Option<&'a SubCode>,
    otherwise: Signal,
) -> Headline<'a> {
    sub_code
        .and_then(|sub_code| Some((catalogue.by_stated(event, sub_code.as_str())?, sub_code)))
        .filter(|(cause, _)| cause.role == Role::Cause)
        .map_or(Headline::Follows(otherwise), |(cause, sub_code)| Headline::Stated(cause, sub_code))
}
