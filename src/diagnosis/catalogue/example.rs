//! Worked examples: a few lines of a bot's history that a catalogue entry has to explain.

use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::diagnosis::case_file::{
    BotSettings, CaseFile, History, Known, Media, MediaStatus, Participant, Recording, RecordingStart,
    WhyMissing,
};
use crate::diagnosis::status::{EventCode, StatusChange, SubCode};
use crate::diagnosis::vocabulary::{Platform, vocabulary};

/// The day on which all examples take place. It is fixed, so that results are repeatable; any day would do.
const DAY: Date = date(2026, 11, 18);
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// Recall.ai's default retention.
const RETENTION: SignedDuration = SignedDuration::from_hours(168);

/// A worked example, ready to be diagnosed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The bot of the example.
    pub case_file: CaseFile,
}

/// What is wrong with an example.
#[derive(Debug, thiserror::Error)]
pub enum ExampleError {
    /// A line that is not `HH:MM:SS code` or `HH:MM:SS code sub_code`.
    #[error("`{0}` is not of the form `10:00:00 code` or `10:00:00 code sub_code`")]
    Line(String),
    /// A time that is not `HH:MM:SS`.
    #[error("`{0}` is not a time such as 10:00:00")]
    Time(String),
    /// A transcript state that does not exist.
    #[error("`{0}` is not a transcript: `failed <sub code>`, `processing`, `done` or `not_requested`")]
    Transcript(String),
}

vocabulary! {
    /// The host's attendance in an example.
    ExampleHost {
        /// The host is among the participants.
        Seen = "seen",
        /// The host is not among the participants.
        Absent = "absent",
        /// The host is among the participants and was gone when the bot joined.
        Left = "left",
    }
}

vocabulary! {
    /// The state of the one recording of an example.
    ExampleRecording {
        /// It is ready.
        Done = "done",
        /// It is being made.
        Processing = "processing",
        /// It could not be made.
        Failed = "failed",
        /// It was deleted before its retention period ended.
        Deleted = "deleted",
        /// It was deleted when its retention period ended.
        Expired = "expired",
    }
}

/// An example as the catalogue file contains it. The catalogue's README describes the fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExample {
    timeline: String,
    platform: Option<Platform>,
    now: Option<String>,
    join_at: Option<String>,
    host: Option<ExampleHost>,
    host_was_present: Option<bool>,
    start: Option<ExampleStart>,
    recording: Option<ExampleRecording>,
    #[serde(default)]
    history: Option<History>,
    transcript: Option<String>,
    #[serde(default)]
    join_token: bool,
    #[serde(default)]
    on_behalf_token: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExampleStart {
    Automatic,
    Manual,
}

impl Example {
    pub(super) fn parse(raw: &RawExample, platform: Option<Platform>) -> Result<Self, ExampleError> {
        let status_changes = raw
            .timeline
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(status_change)
            .collect::<Result<Vec<_>, _>>()?;
        let last_at = status_changes.iter().filter_map(|change| change.at).max();
        let join_at = raw.join_at.as_deref().map(time_of_day).transpose()?;
        let now = match raw.now.as_deref().map(time_of_day).transpose()? {
            Some(now) => now,
            None => {
                last_at.or(join_at).unwrap_or(
                    DAY.at(0, 0, 0, 0)
                        .to_zoned(TimeZone::UTC)
                        .map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp()),
                ) + A_DAY
            }
        };
        let mut case_file = CaseFile::unknown(now);
        case_file.bot_name = Some("Acme Notetaker".to_owned());
        case_file.platform = raw.platform.or(platform).unwrap_or(Platform::Zoom);
        case_file.join_at = join_at;
        case_file.history = raw.history.unwrap_or(History::Whole);
        case_file.participants = participants(raw.host, &status_changes);
        case_file.host_was_present = raw.host_was_present;
        case_file.settings = BotSettings {
            start: match raw.start {
                None => RecordingStart::Unknown,
                Some(ExampleStart::Automatic) => RecordingStart::Automatic,
                Some(ExampleStart::Manual) => RecordingStart::Manual,
            },
            transcript_requested: raw.transcript.as_ref().map(|transcript| transcript != "not_requested"),
            retention: Some(RETENTION),
            join_token: raw.join_token,
            on_behalf_token: raw.on_behalf_token,
            ..BotSettings::default()
        };
        let transcript = raw.transcript.as_deref().map(transcript).transpose()?.flatten();
        case_file.recordings = raw
            .recording
            .map(|state| recording(state, transcript, &status_changes, now))
            .into_iter()
            .collect();
        case_file.status_changes = status_changes;
        Ok(Self { case_file })
    }
}

fn status_change(line: &str) -> Result<StatusChange, ExampleError> {
    let bad = || ExampleError::Line(line.to_owned());
    let mut words = line.split_whitespace();
    let at = time_of_day(words.next().ok_or_else(bad)?)?;
    let code = EventCode::parse(words.next().ok_or_else(bad)?);
    let sub_code = words.next().and_then(SubCode::parse);
    if words.next().is_some() {
        return Err(bad());
    }
    Ok(StatusChange { at: Some(at), code, sub_code })
}

fn time_of_day(text: &str) -> Result<Timestamp, ExampleError> {
    let bad = || ExampleError::Time(text.to_owned());
    let time: Time = text.parse().map_err(|_| bad())?;
    let zoned = DAY.to_datetime(time).to_zoned(TimeZone::UTC).map_err(|_| bad())?;
    Ok(zoned.timestamp())
}

fn participants(host: Option<ExampleHost>, changes: &[StatusChange]) -> Known<Vec<Participant>> {
    let Some(host) = host else { return Known::Missing(WhyMissing::NotOffered) };
    let guest = Participant {
        name: None,
        is_host: Some(false),
        told_by: None,
        signed_in: None,
        joined_at: None,
        left_at: None,
    };
    let entered_at =
        changes.iter().find(|change| change.code == EventCode::InCallNotRecording).and_then(|c| c.at);
    Known::Value(match host {
        ExampleHost::Absent => vec![guest.clone(), guest],
        ExampleHost::Seen => vec![Participant { is_host: Some(true), ..guest.clone() }, guest],
        ExampleHost::Left => {
            vec![Participant { is_host: Some(true), left_at: entered_at, ..guest.clone() }, guest]
        }
    })
}

fn transcript(text: &str) -> Result<Option<Media>, ExampleError> {
    let (state, sub_code) = text.split_once(' ').unwrap_or((text, ""));
    let status = match state {
        "failed" => MediaStatus::Failed,
        "processing" => MediaStatus::Processing,
        "done" => MediaStatus::Done,
        "not_requested" => return Ok(None),
        _ => return Err(ExampleError::Transcript(text.to_owned())),
    };
    Ok(Some(Media { status, sub_code: SubCode::parse(sub_code) }))
}

fn recording(
    state: ExampleRecording,
    transcript: Option<Media>,
    changes: &[StatusChange],
    now: Timestamp,
) -> Recording {
    let status = match state {
        ExampleRecording::Done => MediaStatus::Done,
        ExampleRecording::Processing => MediaStatus::Processing,
        ExampleRecording::Failed => MediaStatus::Failed,
        ExampleRecording::Deleted | ExampleRecording::Expired => MediaStatus::Deleted,
    };
    let started_at =
        changes.iter().find(|change| change.code == EventCode::InCallRecording).and_then(|c| c.at);
    let completed_at = changes.iter().find(|change| change.code.is_end()).and_then(|change| change.at);
    let expires_at = match state {
        ExampleRecording::Expired => Some(now - A_DAY),
        _ => completed_at.map(|at| at + RETENTION),
    };
    let video = Some(Media { status, sub_code: None });
    Recording { started_at, completed_at, expires_at, status, sub_code: None, video, audio: None, transcript }
}
