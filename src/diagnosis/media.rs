//! What became of a recording that was started.

use jiff::{SignedDuration, Timestamp};

use super::case_file::{CaseFile, Media, MediaStatus, Recording};
use super::signals::Signal;
use super::status::EventCode;
use super::timeline::Timeline;

/// Recall.ai makes media ready within seconds of the end; what is not ready after this long failed.
const PROCESSING_MAX: SignedDuration = SignedDuration::from_hours(1);
/// What is still said to be in the making this long after the end is not coming any more.
const TRANSCRIPT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// A recording shorter than this is told as such: it is rarely what people mean by one.
const VERY_SHORT: SignedDuration = SignedDuration::from_secs(10);

/// State of one started recording, its video (or audio, where there is no video) taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    Processing,
    Failed,
    Deleted,
    /// Only listed: the older API tells no state.
    Listed,
}

/// What became of the recordings: the headline, and what else is so.
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
    // What failed was not there to expire.
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

/// The recordings that were really begun: an entry alone is made before recording starts.
pub(super) fn started(case: &CaseFile) -> impl Iterator<Item = &Recording> {
    case.recordings.iter().filter(|recording| was_begun(recording))
}

/// The same, and those that could not be captured: they failed before anybody wrote down when they began.
fn known(case: &CaseFile) -> impl Iterator<Item = &Recording> {
    case.recordings.iter().filter(|recording| was_begun(recording) || could_not_be_captured(recording))
}

fn was_begun(recording: &Recording) -> bool {
    recording.started_at.is_some() || is_complete(recording)
}

/// Whether Recall.ai began to record and got nothing: <https://docs.recall.ai/docs/recording-webhooks>.
pub(super) fn could_not_be_captured(recording: &Recording) -> bool {
    recording.status == MediaStatus::Failed
}

/// The transcripts of the recordings that were really begun.
pub(super) fn transcripts(case: &CaseFile) -> impl Iterator<Item = &Media> {
    started(case).filter_map(|recording| recording.transcript.as_ref())
}

/// The first transcript that failed, or else one that must have, because it is in the making for too long.
pub(super) fn failed_transcript<'a>(case: &'a CaseFile, timeline: &Timeline<'_>) -> Option<&'a Media> {
    let mut failed = transcripts(case).filter(|transcript| transcript.status == MediaStatus::Failed);
    failed.next().or_else(|| overdue_transcript(case, timeline))
}

/// Whether the transcript that is told as failed is only said to be in the making.
pub(super) fn failed_transcript_is_overdue(case: &CaseFile, timeline: &Timeline<'_>) -> bool {
    failed_transcript(case, timeline).is_some_and(|transcript| transcript.status != MediaStatus::Failed)
}

/// The first transcript that is in the making for so long that it is not coming any more.
pub(super) fn overdue_transcript<'a>(case: &'a CaseFile, timeline: &Timeline<'_>) -> Option<&'a Media> {
    let ended_at = timeline.ended_at().or_else(|| timeline.last_at())?;
    let is_overdue = case.now.duration_since(ended_at) >= TRANSCRIPT_MAX;
    transcripts(case).find(|transcript| is_overdue && transcript.status == MediaStatus::Processing)
}

/// Whether a recording is done with media that is done, which proves that it was begun.
pub(super) fn is_complete(recording: &Recording) -> bool {
    let media_done = [&recording.video, &recording.audio]
        .into_iter()
        .flatten()
        .any(|media| media.status == MediaStatus::Done);
    recording.status == MediaStatus::Done && media_done
}

/// Whether every recording that was begun has come to an end, so that the bot is done recording.
pub(super) fn is_settled(case: &CaseFile) -> bool {
    let mut begun = started(case).peekable();
    let any = begun.peek().is_some();
    any && begun.all(|recording| matches!(state(recording), State::Fine | State::Failed | State::Deleted))
}

/// When the media is deleted: as the recording says, as the bot says, or by its retention.
pub(super) fn kept_until(case: &CaseFile) -> Option<Timestamp> {
    let by_recording = started(case).filter_map(|recording| recording.expires_at).max();
    let by_retention = || {
        let completed_at = started(case).filter_map(|recording| recording.completed_at).max()?;
        completed_at.checked_add(case.settings.retention?).ok()
    };
    by_recording.or(case.media_kept_until).or_else(by_retention)
}

/// First start and last end of what was recorded, as far as they are known.
pub(super) fn recorded_span(
    case: &CaseFile,
    timeline: &Timeline<'_>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    // What began as it ended was only told when it ended.
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
