//! From Recall.ai's JSON to a case file.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::wire;
use crate::diagnosis::case_file::{
    BotSettings, CaseFile, Gap, Known, LeaveTimers, Media, MediaStatus, Participant, Recording,
    RecordingStart, Subject, WhyMissing,
};
use crate::diagnosis::foreign::printable;
use crate::diagnosis::status::{EventCode, StatusChange, SubCode};
use crate::diagnosis::vocabulary::Platform;

/// Longest name of a bot or person that is kept; Recall.ai itself allows 100.
const NAME_CHARS_MAX: usize = 100;

/// Why a text is no bot.
#[derive(Debug, thiserror::Error)]
pub enum NotABot {
    /// There is nothing in it.
    #[error("the file is empty; it should hold the answer of Retrieve Bot")]
    Empty,
    /// It is not JSON.
    #[error("the file is not JSON (line {line}, column {column}); it should hold the answer of Retrieve Bot")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is another value than an object.
    #[error("the file holds JSON, but not an object; it should hold the answer of Retrieve Bot")]
    NotAnObject,
    /// It is a list of bots.
    #[error("this is a list of bots; save the answer of Retrieve Bot for one of them instead")]
    AList,
    /// It is a webhook.
    #[error("this is a webhook, which tells of one event only; save the answer of Retrieve Bot instead")]
    AWebhook,
    /// It has nothing of a bot.
    #[error(
        "this object is not a bot: it has neither an id nor status_changes; it should be the answer of Retrieve Bot"
    )]
    NothingOfABot,
}

/// Reads a Retrieve Bot response, and the participants download of its recording where there is one.
///
/// # Errors
/// Where the text is no bot. Participants that cannot be read become a gap of the case file.
pub fn case_file_from_json(
    bot: &[u8],
    participants: Option<&[u8]>,
    now: Timestamp,
) -> Result<CaseFile, NotABot> {
    let bot = parse(bot)?;
    let has_download_link = bot.recordings.entries.iter().any(|recording| {
        let media =
            recording.media_shortcuts.as_ref().and_then(|shortcuts| shortcuts.participant_events.as_ref());
        let data =
            media.or(recording.beside.participant_events.as_ref()).and_then(|media| media.data.as_ref());
        data.is_some_and(|data| data.participants_download_url.is_some())
    });
    let participants = match (participants, bot.meeting_participants.clone()) {
        (Some(download), _) => people_of(download),
        (None, Some(list)) => people(list),
        (None, None) if has_download_link => Known::Missing(WhyMissing::NotGiven),
        (None, None) => Known::Missing(WhyMissing::NotOffered),
    };
    Ok(case_file(bot, participants, now))
}

fn parse(bytes: &[u8]) -> Result<wire::Bot, NotABot> {
    if bytes.trim_ascii().is_empty() {
        return Err(NotABot::Empty);
    }
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| NotABot::NotJson { line: error.line(), column: error.column() })?;
    let Value::Object(members) = &value else { return Err(NotABot::NotAnObject) };
    let has = |member: &str| members.contains_key(member);
    if has("results") && !has("status_changes") {
        return Err(NotABot::AList);
    }
    if has("event") && has("data") {
        return Err(NotABot::AWebhook);
    }
    if !["id", "status_changes", "recordings", "meeting_url", "bot_name", "join_at"]
        .iter()
        .any(|name| has(name))
    {
        return Err(NotABot::NothingOfABot);
    }
    serde_json::from_value(value).map_err(|_| NotABot::NothingOfABot)
}

fn case_file(bot: wire::Bot, participants: Known<Vec<Participant>>, now: Timestamp) -> CaseFile {
    let mut case = CaseFile::unknown(now);
    case.bot_id = bot.id.and_then(|id| id.parse().ok());
    case.bot_name = bot.bot_name.map(|name| printable(&name, NAME_CHARS_MAX)).filter(|name| !name.is_empty());
    case.platform = bot.meeting_url.map_or(Platform::Unknown, |url| platform(&url));
    case.join_at = time(bot.join_at.as_deref());
    case.has_video_link = bot.video_url.is_some_and(|url| !url.is_empty());
    case.media_kept_until = time(bot.media_retention_end.as_deref());
    case.settings = settings(
        bot.recording_config.as_ref(),
        bot.transcription_options.as_ref(),
        &bot.automatic_leave.unwrap_or_default(),
        &bot.zoom.unwrap_or_default(),
    );
    let unread =
        [(Subject::StatusChanges, bot.status_changes.unread), (Subject::Recordings, bot.recordings.unread)];
    case.gaps = unread
        .into_iter()
        .filter(|(_, unread)| *unread > 0)
        .map(|(subject, _)| Gap { subject, why: WhyMissing::Unreadable })
        .collect();
    case.status_changes = bot.status_changes.entries.into_iter().filter_map(status_change).collect();
    case.recordings = bot.recordings.entries.into_iter().map(recording).collect();
    case.participants = participants;
    case
}

fn status_change(raw: wire::StatusChange) -> Option<StatusChange> {
    Some(StatusChange {
        at: time(raw.created_at.as_deref()).or_else(|| time(raw.updated_at.as_deref())),
        code: EventCode::parse(&raw.code?),
        sub_code: raw.sub_code.as_deref().and_then(SubCode::parse),
    })
}

fn recording(raw: wire::Recording) -> Recording {
    let shortcuts = raw.media_shortcuts.unwrap_or_default();
    let status = raw.status.unwrap_or_default();
    Recording {
        started_at: time(raw.started_at.as_deref()),
        completed_at: time(raw.completed_at.as_deref()),
        expires_at: time(raw.expires_at.as_deref()),
        status: media_status(status.code.as_deref()),
        sub_code: status.sub_code.as_deref().and_then(SubCode::parse),
        video: media(shortcuts.video_mixed.or(raw.beside.video_mixed)),
        audio: media(shortcuts.audio_mixed.or(raw.beside.audio_mixed)),
        transcript: media(shortcuts.transcript.or(raw.beside.transcript)),
    }
}

fn media(raw: Option<wire::Media>) -> Option<Media> {
    let status = raw?.status.unwrap_or_default();
    Some(Media {
        status: media_status(status.code.as_deref()),
        sub_code: status.sub_code.as_deref().and_then(SubCode::parse),
    })
}

fn media_status(code: Option<&str>) -> MediaStatus {
    code.and_then(MediaStatus::from_word).unwrap_or(MediaStatus::Unknown)
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.trim().parse().ok()
}

fn settings(
    recording: Option<&Value>,
    older_transcript: Option<&Value>,
    leave: &wire::AutomaticLeave,
    zoom: &wire::Zoom,
) -> BotSettings {
    let start = match recording {
        None => RecordingStart::Unknown,
        Some(Value::Null) => RecordingStart::Manual,
        Some(config) if config["start_recording_on"] == "manual" => RecordingStart::Manual,
        Some(_) => RecordingStart::Automatic,
    };
    let transcript = recording.and_then(|config| config.get("transcript")).or(older_transcript);
    let retention =
        recording.map(|config| &config["retention"]).filter(|retention| retention["type"] == "timed");
    BotSettings {
        start,
        transcript_requested: transcript.map(|transcript| !transcript.is_null()),
        retention: retention
            .and_then(|retention| retention["hours"].as_f64())
            .and_then(|hours| SignedDuration::try_from_secs_f64(hours * 3_600.0).ok()),
        join_token: zoom.join_token_url.is_some(),
        on_behalf_token: zoom.obf_token_url.is_some(),
        leave: LeaveTimers {
            waiting_room: timer(leave.waiting_room_timeout),
            noone_joined: timer(leave.noone_joined_timeout),
            in_call_not_recording: timer(leave.in_call_not_recording_timeout),
            in_call_recording: timer(leave.in_call_recording_timeout),
            permission_denied: timer(leave.recording_permission_denied_timeout),
        },
    }
}

/// A timer in seconds. Longer than a year is no timer, and would only overflow.
fn timer(seconds: Option<f64>) -> Option<SignedDuration> {
    let seconds = seconds.filter(|seconds| (0.0..=31_536_000.0).contains(seconds))?;
    SignedDuration::try_from_secs_f64(seconds).ok()
}

fn people_of(download: &[u8]) -> Known<Vec<Participant>> {
    match serde_json::from_slice(download) {
        Ok(Value::Array(list)) => people(list),
        Ok(Value::Object(mut page)) => match page.remove("results").or_else(|| page.remove("participants")) {
            Some(Value::Array(list)) => people(list),
            _ => Known::Missing(WhyMissing::Unreadable),
        },
        _ => Known::Missing(WhyMissing::Unreadable),
    }
}

fn people(list: Vec<Value>) -> Known<Vec<Participant>> {
    if list.is_empty() {
        return Known::Missing(WhyMissing::Empty);
    }
    let list: wire::List<wire::Participant> = wire::entries(list);
    if list.unread > 0 {
        // A person who cannot be read may be the host, so the rest does not tell that none was there.
        return Known::Missing(WhyMissing::Unreadable);
    }
    Known::Learned(list.entries.into_iter().map(person).collect())
}

fn person(raw: wire::Participant) -> Participant {
    let mut moves: Vec<(Timestamp, String)> = raw
        .events
        .entries
        .into_iter()
        .filter_map(|event| Some((time(event.created_at.as_deref())?, event.code?)))
        .filter(|(_, code)| code == "join" || code == "leave")
        .collect();
    moves.sort();
    Participant {
        name: raw.name.map(|name| printable(&name, NAME_CHARS_MAX)),
        is_host: raw.is_host,
        signed_in: raw.extra_data.as_ref().and_then(signed_in),
        left_at: moves.last().filter(|(_, code)| code == "leave").map(|(at, _)| *at),
    }
}

fn signed_in(extra: &Value) -> Option<bool> {
    let zoom = &extra["zoom"];
    if zoom["guest"] == true {
        return Some(false);
    }
    zoom["conf_user_id"].as_str().map(|id| !id.is_empty())
}

fn platform(url: &wire::MeetingUrl) -> Platform {
    match url {
        wire::MeetingUrl::Parts { platform } => match platform.as_str() {
            "microsoft_teams_live" => Platform::MicrosoftTeams,
            "zoom_rtms" => Platform::Zoom,
            "google_meet_media_api" => Platform::GoogleMeet,
            "slack_huddle_observer" => Platform::SlackHuddle,
            word => Platform::from_word(word).unwrap_or(Platform::Unknown),
        },
        wire::MeetingUrl::Text(link) => platform_of_host(link),
    }
}

fn platform_of_host(link: &str) -> Platform {
    let after_scheme = link.trim().split_once("://").map_or(link.trim(), |(_, rest)| rest);
    let host = after_scheme.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let domains = [
        ("zoom.us", Platform::Zoom),
        ("zoom.com", Platform::Zoom),
        ("zoomgov.com", Platform::Zoom),
        ("meet.google.com", Platform::GoogleMeet),
        ("teams.microsoft.com", Platform::MicrosoftTeams),
        ("teams.live.com", Platform::MicrosoftTeams),
        ("teams.microsoft.us", Platform::MicrosoftTeams),
        ("webex.com", Platform::Webex),
        ("gotomeeting.com", Platform::GotoMeeting),
        ("goto.com", Platform::GotoMeeting),
        ("slack.com", Platform::SlackHuddle),
    ];
    domains
        .iter()
        .find(|(domain, _)| {
            host == *domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        })
        .map_or(Platform::Unknown, |(_, platform)| *platform)
}
