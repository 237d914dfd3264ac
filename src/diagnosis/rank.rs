//! Decides which cause is the headline, and which ones only contribute.
//!
//! A table of codes cannot do this. The sub code that explains a missing recording is usually not on the last
//! status: `done` is bookkeeping, and `call_ended` often carries only the consequence. The commonest cause of
//! all, a host who was absent or not recognised, has no code: it shows in what did *not* happen.

use jiff::SignedDuration;

use super::case_file::{MediaStatus, RecordingStart};
use super::catalogue::{Catalogue, Cause, Role, Stated};
use super::host::HostSeen;
use super::media;
use super::signals::Signal;
use super::status::{EventCode, StatusChange, SubCode};
use super::status_history::{OWN_LIMIT, StatusHistory};

/// Minutes after the join time at which a bot counts as never joined; most appear within seconds.
const JOIN_GRACE: SignedDuration = SignedDuration::from_mins(10);
/// Seconds in the call below which the host had no time to answer a request to record.
const TOO_SHORT_FOR_CONSENT: SignedDuration = SignedDuration::from_secs(60);
/// Seconds before the end within which a stop counts as the end and not as a pause.
const BRIEF_STOP: SignedDuration = SignedDuration::from_secs(10);

/// Ends that name their cause whatever happened before them, because the bot ended in the lobby.
const LOBBY_ENDS: [&str; 3] = [
    "timeout_exceeded_waiting_room",
    "call_ended_by_platform_waiting_room_timeout",
    "bot_kicked_from_waiting_room",
];
/// The end of a bot that was alone all the time, and so recorded nothing.
const NOBODY_CAME: [&str; 1] = ["timeout_exceeded_noone_joined"];
/// Ends that name the cause only if nothing before them does, most important first.
const LATE_ENDS: [&str; 3] =
    ["timeout_exceeded_noone_joined", "bot_kicked_from_call", "bot_received_leave_call"];

/// The headline.
pub(super) enum Headline<'a> {
    /// Recall.ai states it: the cause, and the sub code that states it.
    Stated(&'a Cause, &'a SubCode),
    /// It follows from the history.
    Follows(Signal),
}

impl<'a> Headline<'a> {
    /// Returns the cause that the headline names.
    pub(super) fn cause(&self, catalogue: &'a Catalogue) -> &'a Cause {
        match self {
            Self::Stated(cause, _) => cause,
            Self::Follows(signal) => catalogue.by_signal(*signal),
        }
    }
}

/// Returns the headline by the first rule that applies. The order of the rules is the ranking.
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

/// Returns every other cause in the history, in the order of the history.
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

/// Returns a signal if there was no meeting to be in yet, or no sign of the bot.
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
    // An unknown status is a sign of life that leaves open where the bot is.
    Some(if history.shows_no_life() { Signal::NeverJoined } else { Signal::InsufficientData })
}

/// Returns the headline for a bot whose recording had started.
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
    if over {
        return follows(media::what_became(history.case, &history.timeline).0);
    }
    // Its last status says nothing of the recording, such as one that comes twice.
    if history.live { follows(Signal::RecordingNow) } else { None }
}

/// Returns the headline for the error that stopped the bot.
fn fatal<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    let fatal = deciding_fatal(history, catalogue)?;
    Some(stated_or(catalogue, Stated::Fatal, fatal.sub_code.as_ref(), Signal::FatalUnknown))
}

/// Returns the error that decides: the last one with a known code, else the last one.
pub(super) fn deciding_fatal<'a>(
    history: &StatusHistory<'a>,
    catalogue: &'a Catalogue,
) -> Option<&'a StatusChange> {
    history.fatal(|sub_code| catalogue.by_stated(Stated::Fatal, sub_code.as_str()).is_some())
}

/// Returns the cause of the error that decides, if its code is known.
pub(super) fn known_fatal<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<&'a Cause> {
    let sub_code = deciding_fatal(history, catalogue)?.sub_code.as_ref()?;
    catalogue.by_stated(Stated::Fatal, sub_code.as_str()).filter(|cause| cause.role == Role::Cause)
}

/// Returns `true` if an error or a refusal decides, and a recording may have started before it. This is unknown if the
/// history is partial and such an error or refusal can occur while the bot records.
pub(super) fn may_have_recorded_before(history: &StatusHistory<'_>, catalogue: &Catalogue) -> bool {
    if history.whole {
        return false;
    }
    let can_occur_then = |cause: Option<&Cause>| cause.is_none_or(|cause| cause.in_call);
    if history.timeline.has(&EventCode::Fatal) {
        return can_occur_then(known_fatal(history, catalogue));
    }
    let refusal = history.standing_denial().map(|denial| {
        let sub_code = denial.sub_code.as_ref()?;
        catalogue.by_stated(Stated::PermissionDenied, sub_code.as_str())
    });
    refusal.is_some_and(can_occur_then)
}

/// Returns the headline for a partial history. Anything missing from it may have happened all the same. The
/// rules that rest on absence do not apply: never in the call, never asked, never recorded, no host.
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
    // These ends occur only for bots in an empty meeting, or bots that were never admitted.
    let nobody_let_it_in = LOBBY_ENDS.iter().filter(|_| !history.in_call);
    NOBODY_CAME
        .iter()
        .chain(nobody_let_it_in)
        .find_map(|code| end_with(history, catalogue, code))
        .unwrap_or(Headline::Follows(Signal::InsufficientData))
}

/// Returns the headline for joining and the lobby, from where recording is impossible.
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
    // A refusal while it waited is more specific than the end of the meeting.
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

/// Returns the headline for Zoom's consent, and for recording that waits for a command.
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

/// Returns the headline for an end that matters only if nothing earlier explains it.
fn late_end<'a>(history: &StatusHistory<'a>, catalogue: &'a Catalogue) -> Option<Headline<'a>> {
    LATE_ENDS.iter().find_map(|code| end_with(history, catalogue, code))
}

/// Returns the signal for a bot in the call to the end without an event about permission, or that ended
/// before it.
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
        // If no consent is needed, recording starts by itself. On Zoom the entry exists even for a bot that
        // was never allowed to record.
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

/// Returns the transcript's headline if the recording is fine and its transcript is not.
pub(super) fn transcript_headline<'a>(
    history: &StatusHistory<'a>,
    catalogue: &'a Catalogue,
) -> Option<Headline<'a>> {
    let failed = media::failed_transcript(history.case, &history.timeline)?;
    Some(stated_or(catalogue, Stated::Transcript, failed.sub_code.as_ref(), Signal::TranscriptFailed))
}

/// Returns the cause that an end of the call names by itself, if it names one.
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

/// Returns the cause that a sub code names here, or a signal if it names none that could explain.
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
