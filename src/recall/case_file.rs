//! Builds a case file from Recall.ai's data about a bot.

use jiff::{SignedDuration, Timestamp};

use super::attendance::Attendance;
use super::bot_json::{NotABot, bot_from_json};
use super::event::metadata;
use super::lenient::Presence;
use super::participants::{people, people_from_json};
use super::platform::platform_of;
use super::scalar::{has_no_zone, name, time};
use super::wire;
use crate::diagnosis::case_file::{
    BotSettings, CaseFile, Gap, GapKind, LeaveTimers, Media, MediaStatus, Origin, Recording, RecordingStart,
    WhyMissing,
};
use crate::diagnosis::status::{EventCode, StatusChange, SubCode};

/// Longest timer or retention in seconds, 100 years, that is accepted. Longer ones are mistakes, and would
/// overflow.
const SECONDS_MAX: f64 = 100.0 * 365.0 * 86_400.0;

/// Parses a Retrieve Bot response, and the participants download of its recording if there is one.
///
/// # Errors
/// Returns [`NotABot`] if the text is not a bot. Unreadable participants become a gap of the case file.
pub fn case_file_from_json(
    bot: &[u8],
    participants: Option<&[u8]>,
    now: Timestamp,
) -> Result<CaseFile, NotABot> {
    let mut case = of_bot(bot_from_json(bot)?, now);
    if let Some(download) = participants {
        set_participants(&mut case, people_from_json(download));
    }
    Ok(case)
}

/// Builds a case file from the bot alone, without downloads.
pub(super) fn of_bot(mut bot: wire::Bot, now: Timestamp) -> CaseFile {
    let participants = told_participants(&mut bot);
    case_file(bot, participants, now)
}

/// Returns the people in the bot's own data.
fn told_participants(bot: &mut wire::Bot) -> Attendance {
    match bot.meeting_participants.take() {
        Some(older) => people(older),
        None if participants_links(bot).next().is_some() => Attendance::missing(WhyMissing::NotGiven),
        None => Attendance::missing(WhyMissing::NotOffered),
    }
}

/// Builds the case file of a bot with its participants, or with the reason why they are unknown.
pub(super) fn case_file(bot: wire::Bot, participants: Attendance, now: Timestamp) -> CaseFile {
    let mut case = CaseFile::unknown(now);
    case.settings = settings(&bot);
    case.platform = platform_of(&bot);
    case.origin = Origin {
        metadata: metadata(bot.metadata),
        host: bot.meeting_url.organizer,
        meeting: bot.meeting_url.meeting,
    };
    case.is_stream = bot.meeting_url.is_stream;
    case.link_rewritten_by = bot.meeting_url.rewritten_by;
    case.bot_id = bot.id.and_then(|id| id.parse().ok());
    case.bot_name = bot.bot_name.as_deref().and_then(name);
    case.join_at = time(bot.join_at.as_deref());
    case.has_video_link = bot.video_url;
    case.media_kept_until = time(bot.media_retention_end.as_deref());

    let changes = bot.status_changes;
    let listed = changes.entries.len();
    case.status_changes = changes.entries.iter().filter_map(status_change).collect();
    let zoneless = |change: &wire::StatusChange| {
        change.created_at.as_deref().or(change.updated_at.as_deref()).is_some_and(has_no_zone)
    };
    if changes.entries.iter().any(zoneless) {
        case.gaps.push(Gap { kind: GapKind::StatusTimes, why: WhyMissing::NoTimeZone });
    }
    let unread = changes.unread + (listed - case.status_changes.len());
    note_gaps(&mut case.gaps, GapKind::StatusChanges, unread, changes.beyond);

    note_gaps(&mut case.gaps, GapKind::Recordings, bot.recordings.unread, bot.recordings.beyond);
    case.recordings = bot.recordings.entries.into_iter().map(recording).collect();
    set_participants(&mut case, participants);
    case
}

/// The download links of one recording: its participants and their events.
#[derive(Debug, Clone, Copy)]
pub(super) struct ParticipantsLinks<'a> {
    pub(super) people: &'a str,
    pub(super) events: Option<&'a str>,
}

/// Returns the download links for each recording that has them.
pub(super) fn participants_links(bot: &wire::Bot) -> impl Iterator<Item = ParticipantsLinks<'_>> {
    bot.recordings.entries.iter().filter_map(|recording| {
        let shortcut = recording.media_shortcuts.as_ref().and_then(|media| media.participant_events.as_ref());
        let media = shortcut.or(recording.participant_events.as_ref())?;
        let data = media.data.as_ref()?;
        Some(ParticipantsLinks {
            people: data.participants_download_url.as_deref().filter(|link| !link.is_empty())?,
            events: data.participant_events_download_url.as_deref().filter(|link| !link.is_empty()),
        })
    })
}

/// Replaces the participants of a case file.
pub(super) fn set_participants(case: &mut CaseFile, participants: Attendance) {
    let host = case.origin.host.take();
    // The organiser in the link is known for every bot, so it comes first.
    case.origin.host = host.or_else(|| participants.host_account());
    let (people, untimed) = participants.into_parts();
    case.participants = people;
    case.gaps.retain(|gap| gap.kind != GapKind::ParticipantTimes);
    case.gaps.extend(untimed.map(|why| Gap { kind: GapKind::ParticipantTimes, why }));
}

fn note_gaps(gaps: &mut Vec<Gap>, kind: GapKind, unread: usize, beyond: usize) {
    if unread > 0 {
        gaps.push(Gap { kind, why: WhyMissing::Unreadable });
    }
    if beyond > 0 {
        gaps.push(Gap { kind, why: WhyMissing::TooLarge });
    }
}

/// Parses a status change; `None` if it has no code. Some shapes carry its time as `updated_at`.
pub(super) fn status_change(raw: &wire::StatusChange) -> Option<StatusChange> {
    let code = raw.code.as_deref().filter(|code| !code.trim().is_empty())?;
    Some(StatusChange {
        at: time(raw.created_at.as_deref()).or_else(|| time(raw.updated_at.as_deref())),
        code: EventCode::parse(code),
        sub_code: raw.sub_code.as_deref().and_then(SubCode::parse),
    })
}

fn recording(raw: wire::Recording) -> Recording {
    let shortcuts = raw.media_shortcuts.unwrap_or_default();
    let state = media(wire::Media { status: raw.status, data: None });
    Recording {
        started_at: time(raw.started_at.as_deref()),
        completed_at: time(raw.completed_at.as_deref()),
        expires_at: time(raw.expires_at.as_deref()),
        status: state.status,
        sub_code: state.sub_code,
        video: shortcuts.video_mixed.or(raw.video_mixed).map(media),
        audio: shortcuts.audio_mixed.or(raw.audio_mixed).map(media),
        transcript: shortcuts.transcript.or(raw.transcript).map(media),
    }
}

fn media(raw: wire::Media) -> Media {
    let status = raw.status.unwrap_or_default();
    Media {
        status: status.code.as_deref().and_then(MediaStatus::from_word).unwrap_or(MediaStatus::Unknown),
        sub_code: status.sub_code.as_deref().and_then(SubCode::parse),
    }
}

fn settings(bot: &wire::Bot) -> BotSettings {
    let config = match &bot.recording_config {
        Presence::Given(config) => Some(config),
        Presence::Null | Presence::Absent => None,
    };
    let start = match &bot.recording_config {
        Presence::Absent => RecordingStart::Unknown,
        Presence::Null => RecordingStart::Manual,
        Presence::Given(config) if config.start_recording_on.as_deref() == Some("manual") => {
            RecordingStart::Manual
        }
        Presence::Given(_) => RecordingStart::Automatic,
    };
    let zoom = bot.zoom.clone().unwrap_or_default();
    BotSettings {
        start,
        transcript_requested: config
            .and_then(|config| requested(&config.transcript))
            .or_else(|| requested(&bot.transcription_options)),
        retention: config.and_then(|config| config.retention.as_ref()).and_then(retention),
        join_token: zoom.join_token_url,
        on_behalf_token: zoom.obf_token_url,
        leave: leave_timers(&bot.automatic_leave.clone().unwrap_or_default()),
    }
}

fn requested(transcript: &Presence<wire::Nothing>) -> Option<bool> {
    match transcript {
        Presence::Absent => None,
        Presence::Null => Some(false),
        Presence::Given(_) => Some(true),
    }
}

fn retention(raw: &wire::Retention) -> Option<SignedDuration> {
    raw.hours.filter(|_| raw.kind.as_deref() == Some("timed")).and_then(|hours| seconds(hours * 3_600.0))
}

fn leave_timers(raw: &wire::AutomaticLeave) -> LeaveTimers {
    let timer = |timer: wire::Timer| match timer {
        wire::Timer::Bare(value) | wire::Timer::Object { timeout: value } => seconds(value),
        wire::Timer::Default => None,
    };
    let detection = raw.bot_detection.clone().unwrap_or_default();
    LeaveTimers {
        waiting_room: timer(raw.waiting_room_timeout),
        noone_joined: timer(raw.noone_joined_timeout),
        in_call_not_recording: timer(raw.in_call_not_recording_timeout),
        in_call_recording: timer(raw.in_call_recording_timeout),
        permission_denied: timer(raw.recording_permission_denied_timeout),
        everyone_left: timer(raw.everyone_left_timeout),
        silence: timer(raw.silence_detection),
        only_bots_by_events: timer(detection.using_participant_events),
        only_bots_by_names: timer(detection.using_participant_names),
    }
}

fn seconds(value: f64) -> Option<SignedDuration> {
    (0.0..=SECONDS_MAX).contains(&value).then(|| SignedDuration::try_from_secs_f64(value).ok()).flatten()
}
