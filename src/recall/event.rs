//! A webhook of Recall.ai about a bot, in its current and its older envelope.
//!
//! <https://docs.recall.ai/docs/bot-status-change-events>. Like all of Recall.ai's JSON it is parsed
//! leniently: unreadable parts are kept and counted, and never rejected.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::case_file::status_change;
use super::lenient::{lenient, object};
use super::scalar::time;
use super::wire;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::MediaStatus;
use crate::diagnosis::status::{StatusChange, SubCode};
use crate::diagnosis::untrusted::printable;

/// Most metadata keys that are kept for one bot. Routing an alert needs no more.
const METADATA_MAX: usize = 50;
/// Most characters of a key, value or ID that are kept.
const TEXT_CHARS_MAX: usize = 200;

/// The content of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookEvent {
    /// An event of a bot that affects its recording.
    Bot(Box<BotEvent>),
    /// A known event without effect on a recording, by name.
    Ignored(String),
    /// An unknown event, by its own name.
    Unknown(Option<String>),
}

/// An event of a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotEvent {
    /// The bot's ID.
    pub bot: BotId,
    /// The metadata that the developer attached to the bot.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened to a bot, its recording or a file made from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Its status changed.
    Status(StatusChange),
    /// The bot was due at this time and never joined. Only the bot list shows that; there is no webhook for
    /// it.
    NotJoined(Timestamp),
    /// The state of a recording, or of a file made from it, changed.
    Media {
        /// Recall.ai's ID of the recording; empty if the webhook does not contain it.
        recording: String,
        /// The recording or one of its files.
        part: MediaKind,
        /// Its new state.
        status: MediaStatus,
        /// The reason given.
        sub_code: Option<SubCode>,
        /// The time at which it changed.
        at: Option<Timestamp>,
    },
}

/// A recording, or a file made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// The recording itself.
    Recording,
    /// The mixed video.
    Video,
    /// The mixed audio.
    Audio,
    /// The transcript.
    Transcript,
}

/// Families of known events that never prove if a recording exists.
const ASIDES: &[&str] = &[
    "bot.log",
    "bot.output_log",
    "calendar.",
    "sdk_upload.",
    "slack.",
    "slack_team.",
    "realtime_endpoint.",
    "participant_events.",
    "meeting_metadata.",
    "video_separate.",
    "audio_separate.",
    // Live transcript text. The other transcript events report what happened to the file.
    "transcript.data",
    "transcript.partial_data",
    "transcript.provider_data",
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "lenient")]
    event: Option<String>,
    #[serde(deserialize_with = "object")]
    data: Option<Data>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    /// The current envelope.
    #[serde(deserialize_with = "object")]
    data: Option<wire::StatusChange>,
    #[serde(deserialize_with = "lenient")]
    bot: Named,
    #[serde(deserialize_with = "lenient")]
    recording: Named,
    /// The older envelope.
    #[serde(deserialize_with = "lenient")]
    bot_id: Option<String>,
    #[serde(deserialize_with = "object")]
    status: Option<wire::StatusChange>,
}

/// A bot or recording: an object with an ID, or the ID alone.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Named {
    Object {
        id: String,
        #[serde(default)]
        metadata: serde_json::Value,
    },
    Id(String),
    #[default]
    Nobody,
}

impl Named {
    fn id(&self) -> Option<&str> {
        match self {
            Self::Object { id, .. } | Self::Id(id) => Some(id),
            Self::Nobody => None,
        }
    }

    fn into_metadata(self) -> BTreeMap<String, String> {
        let Self::Object { metadata: serde_json::Value::Object(metadata), .. } = self else {
            return BTreeMap::new();
        };
        self::metadata(metadata)
    }
}

/// Returns the developer's metadata, as far as it is text or can be written as text.
pub(super) fn metadata(raw: serde_json::Map<String, serde_json::Value>) -> BTreeMap<String, String> {
    let kept = raw.into_iter().take(METADATA_MAX).filter_map(|(key, value)| {
        let value = match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::Bool(flag) => flag.to_string(),
            _ => return None,
        };
        Some((printable(&key, TEXT_CHARS_MAX), printable(&value, TEXT_CHARS_MAX)))
    });
    kept.collect()
}

/// Parses the body of a webhook, of any kind.
#[must_use]
pub fn parse_webhook(body: &[u8]) -> WebhookEvent {
    let text = super::body::text(body);
    let envelope: Option<Envelope> =
        text.trim_start().starts_with('{').then(|| serde_json::from_str(&text).ok()).flatten();
    let Some(Envelope { event, data }) = envelope else { return WebhookEvent::Unknown(None) };
    let Some(event) = event.map(|event| printable(&event, TEXT_CHARS_MAX)) else {
        return WebhookEvent::Unknown(None);
    };
    if ASIDES.iter().any(|aside| event.starts_with(aside)) {
        return WebhookEvent::Ignored(event);
    }
    match data.and_then(|data| bot_event(&event, data)) {
        Some(event) => WebhookEvent::Bot(Box::new(event)),
        None => WebhookEvent::Unknown(Some(event)),
    }
}

fn bot_event(event: &str, data: Data) -> Option<BotEvent> {
    let (family, name) = event.split_once('.')?;
    let bot = data.bot.id().or(data.bot_id.as_deref())?.trim().parse().ok()?;
    let mut change = data.data.or(data.status).unwrap_or_default();
    // The event's name contains the code as well, except in the older envelope.
    if change.code.is_none() && name != "status_change" {
        change.code = Some(name.to_owned());
    }
    let part = match family {
        "bot" => None,
        "recording" => Some(MediaKind::Recording),
        "video_mixed" => Some(MediaKind::Video),
        "audio_mixed" => Some(MediaKind::Audio),
        "transcript" => Some(MediaKind::Transcript),
        _ => return None,
    };
    let what = match part {
        None => EventKind::Status(status_change(&change)?),
        Some(part) => EventKind::Media {
            recording: data.recording.id().map(|id| printable(id, TEXT_CHARS_MAX)).unwrap_or_default(),
            part,
            status: MediaStatus::from_word(change.code.as_deref()?.trim()).unwrap_or(MediaStatus::Unknown),
            sub_code: change.sub_code.as_deref().and_then(SubCode::parse),
            at: time(change.updated_at.as_deref()).or_else(|| time(change.created_at.as_deref())),
        },
    };
    Some(BotEvent { bot, metadata: data.bot.into_metadata(), kind: what })
}

impl BotEvent {
    /// Returns when it happened, if known.
    #[must_use]
    pub const fn at(&self) -> Option<Timestamp> {
        match &self.kind {
            EventKind::Status(change) => change.at,
            EventKind::NotJoined(join_at) => Some(*join_at),
            EventKind::Media { at, .. } => *at,
        }
    }

    /// Returns a name that is the same for every delivery and envelope of one event: what happened, why and
    /// when.
    #[must_use]
    pub fn name(&self) -> String {
        let at = self.at().map_or_else(|| "?".to_owned(), |at| at.as_microsecond().to_string());
        let why = |sub_code: &Option<SubCode>| sub_code.as_ref().map_or("-", SubCode::as_str).to_owned();
        match &self.kind {
            EventKind::Status(change) => format!("{} {} {at}", change.code, why(&change.sub_code)),
            EventKind::NotJoined(_) => format!("not_joined {at}"),
            EventKind::Media { recording, part, status, sub_code, .. } => {
                format!("{part:?} {recording} {status} {} {at}", why(sub_code))
            }
        }
    }
}
