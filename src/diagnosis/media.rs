//! What happened to a recording that was started.

use jiff::{SignedDuration, Timestamp};

use super::case_file::{CaseFile, Media, MediaStatus, Recording};
use super::signals::Signal;
use super::status::EventCode;
use super::timeline::Timeline;

/// Hours after the end at which media that is not ready counts as failed. Recall.ai makes it ready within
/// seconds.
const PROCESSING_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Hours after the end at which a transcript that is still being made counts as failed.
const TRANSCRIPT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Seconds below which a recording is reported as very short, because it is rarely what people expect.
const VERY_SHORT: SignedDuration = SignedDuration::from_secs(10);

/// The state of one started recording, including its video (or its audio, if there is no video).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    Processing,
    Failed,
    Deleted,
    /// It is only listed, because the older API reports no state.
    Listed,
}

/// Returns what happened to the recordings: the headline, and the signals that hold beside it.
pub(super) fn what_became(case: &CaseFile, timeline: &Timeline<'_>) -> (Signal, Vec<Signal>) {
    let states: Vec<State> = known(case).map(state).collect();
    let is = |state| states.contains(&state);
    let unfinished = || {
        let last_at = timeline.last_at().unwrap_or(case.now);
        if case.now.duration_since(last_at) < PROCESSING_MAX {
            Signal::RecordingProcessing
        } else {
            Signal::RecordingMediaFailed
        }
    };

    let expired = timeline.has(&EventCode::MediaExpired);
    // A failed recording has no media that could expire.
    let only_failed = is(State::Failed) && states.iter().all(|state| *state == State::Failed);
    let headline = if only_failed {
        Signal::RecordingMediaFailed
    } else if expired || (is(State::Deleted) && !is(State::Fine)) {
        match kept_until(case) {
            Some(until) if case.now < until => Signal::RecordingDeleted,
            None if !expired => Signal::RecordingDeleted,
            _ => Signal::RecordingExpired,
        }
    } else if is(State::Fine) {
        if is_very_short(case, timeline) { Signal::RecordedVeryShort } else { Signal::Recorded }
    } else if is(State::Failed) && !is(State::Processing) {
        Signal::RecordingMediaFailed
    } else if is(State::Processing) {
        unfinished()
    } else if case.has_video_link || timeline.has(&EventCode::Done) || timeline.has(&EventCode::RecordingDone)
    {
        if is_very_short(case, timeline) { Signal::RecordedVeryShort } else { Signal::Recorded }
    } else {
        unfinished()
    };

    let mut also = Vec::new();
    if is(State::Fine) && is(State::Failed) {
        also.push(Signal::RecordingMediaFailed);
    }
    if is(State::Fine) && is(State::Processing) {
        also.push(unfinished());
    }
    also.retain(|signal| *signal != headline);
    (headline, also)
}

/// Returns the recordings that were started. An entry alone proves nothing, because it is made before
/// recording starts.
pub(super) fn started(case: &CaseFile) -> impl Iterator<Item = &Recording> {
    case.recordings.iter().filter(|recording| was_begun(recording))
}

/// Returns the started recordings and those that could not be captured, which failed before a start time was
/// set.
fn known(case: &CaseFile) -> impl Iterator<Item = &Recording> {
    case.recordings.iter().filter(|recording| was_begun(recording) || could_not_be_captured(recording))
}

fn was_begun(recording: &Recording) -> bool {
    recording.started_at.is_some() || is_complete(recording)
}

/// Returns `true` if Recall.ai started to record and received nothing:
/// <https://docs.recall.ai/docs/recording-webhooks>.
pub(super) fn could_not_be_captured(recording: &Recording) -> bool {
    recording.status == MediaStatus::Failed
}

/// Returns the transcripts of the recordings that were started.
pub(super) fn transcripts(case: &CaseFile) -> impl Iterator<Item = &Media> {
    started(case).filter_map(|recording| recording.transcript.as_ref())
}

/// Returns the first transcript that failed, else one that has been in the making too long.
pub(super) fn failed_transcript<'a>(case: &'a CaseFile, timeline: &Timeline<'_>) -> Option<&'a Media> {
    let mut failed = transcripts(case).filter(|transcript| transcript.status == MediaStatus::Failed);
    failed.next().or_else(|| overdue_transcript(case, timeline))
}

/// Returns `true` if the transcript reported as failed has only been in the making too long.
pub(super) fn failed_transcript_is_overdue(case: &CaseFile, timeline: &Timeline<'_>) -> bool {
    failed_transcript(case, timeline).is_some_and(|transcript| transcript.status != MediaStatus::Failed)
}

/// Returns the first transcript that has been in the making so long that it counts as failed.
pub(super) fn overdue_transcript<'a>(case: &'a CaseFile, timeline: &Timeline<'_>) -> Option<&'a Media> {
    let ended_at = timeline.ended_at().or_else(|| timeline.last_at())?;
    let is_overdue = case.now.duration_since(ended_at) >= TRANSCRIPT_MAX;
    transcripts(case).find(|transcript| is_overdue && transcript.status == MediaStatus::Processing)
}

/// Returns `true` if a recording and its media are done, which proves that it was started.
pub(super) fn is_complete(recording: &Recording) -> bool {
    let media_done = [&recording.video, &recording.audio]
        .into_iter()
        .flatten()
        .any(|media| media.status == MediaStatus::Done);
    recording.status == MediaStatus::Done && media_done
}

/// Returns `true` if every started recording has ended, so that the bot has finished recording.
pub(super) fn is_settled(case: &CaseFile) -> bool {
    let mut begun = started(case).peekable();
    let any = begun.peek().is_some();
    any && begun.all(|recording| matches!(state(recording), State::Fine | State::Failed | State::Deleted))
}

/// Returns when the media is deleted: from the recording, else from the bot, else from its retention.
pub(super) fn kept_until(case: &CaseFile) -> Option<Timestamp> {
    let by_recording = started(case).filter_map(|recording| recording.expires_at).max();
    let by_retention = || {
        let completed_at = started(case).filter_map(|recording| recording.completed_at).max()?;
        completed_at.checked_add(case.settings.retention?).ok()
    };
    by_recording.or(case.media_kept_until).or_else(by_retention)
}

/// Returns the first start and the last end of what was recorded, as far as they are known.
pub(super) fn recorded_span(
    case: &CaseFile,
    timeline: &Timeline<'_>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    // If both times are equal, the start is unknown: it was only set when the recording ended.
    let is_told = |recording: &&Recording| recording.started_at != recording.completed_at;
    let by_status = timeline.first(&EventCode::InCallRecording).and_then(|change| change.at);
    let from =
        started(case).filter(is_told).filter_map(|recording| recording.started_at).chain(by_status).min();
    let to = started(case).filter_map(|recording| recording.completed_at).max().or_else(|| {
        let place = timeline.last_place(&EventCode::InCallRecording)?;
        timeline.at(place).at?.checked_add(timeline.lasted(place, None)?).ok()
    });
    (from, to)
}

fn state(recording: &Recording) -> State {
    let main = recording.video.as_ref().or(recording.audio.as_ref()).map(|media| media.status);
    match (recording.status, main) {
        (MediaStatus::Deleted, _)
        | (MediaStatus::Done | MediaStatus::Unknown, Some(MediaStatus::Deleted)) => State::Deleted,
        (MediaStatus::Failed, _) | (_, Some(MediaStatus::Failed)) => State::Failed,
        (MediaStatus::Processing | MediaStatus::Paused, _)
        | (_, Some(MediaStatus::Processing | MediaStatus::Paused)) => State::Processing,
        (MediaStatus::Done, _) | (MediaStatus::Unknown, Some(MediaStatus::Done)) => State::Fine,
        (MediaStatus::Unknown, _) => State::Listed,
    }
}

fn is_very_short(case: &CaseFile, timeline: &Timeline<'_>) -> bool {
    if started(case).count() > 1 {
        return false;
    }
    match recorded_span(case, timeline) {
        (Some(from), Some(to)) => (SignedDuration::ZERO..VERY_SHORT).contains(&to.duration_since(from)),
        _ => false,
    }
}
