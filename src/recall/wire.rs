//! The data that Recall.ai sends, as far as it is used: a bot in its current and its older shape.
//!
//! Names are Recall.ai's own (<https://docs.recall.ai/reference/bot_retrieve>). Parsing never fails because a
//! member is missing, null, unknown or of the wrong type.

use serde::Deserialize;

use super::lenient::{List, Presence, is_link, lenient, object};
use super::meeting_link::MeetingLink;

/// Most status changes that are read, more than any real bot has. The limit bounds the cost of a broken
/// response.
pub(super) const STATUS_CHANGES_MAX: usize = 5_000;
/// Most recordings that are read, more than any real bot has.
pub(super) const RECORDINGS_MAX: usize = 200;
/// Most people that are read, more than the largest meetings on any platform hold, except for broadcasts.
pub(super) const PARTICIPANTS_MAX: usize = 5_000;
/// Most bots that are read from a page of a list, more than a real page has.
pub(super) const BOTS_MAX: usize = 500;
/// Most joins and leaves of one person that are read.
const MOVES_MAX: usize = 1_000;
/// Most participant events of one meeting that are read, more than fit into the largest accepted file.
const PARTICIPANT_EVENTS_MAX: usize = 100_000;
/// A list of participant events.
pub(super) type ParticipantEvents = List<ParticipantEvent, PARTICIPANT_EVENTS_MAX>;

/// A bot.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Bot {
    #[serde(deserialize_with = "lenient")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) bot_name: Option<String>,
    pub(super) meeting_url: MeetingLink,
    #[serde(deserialize_with = "lenient")]
    pub(super) join_at: Option<String>,
    pub(super) status_changes: List<StatusChange, STATUS_CHANGES_MAX>,
    pub(super) recordings: List<Recording, RECORDINGS_MAX>,
    /// Null means manual control.
    pub(super) recording_config: Presence<RecordingConfig>,
    /// Older API: how the transcript was requested; null if it was not.
    pub(super) transcription_options: Presence<Nothing>,
    #[serde(deserialize_with = "object")]
    pub(super) automatic_leave: Option<AutomaticLeave>,
    #[serde(deserialize_with = "object")]
    pub(super) zoom: Option<Zoom>,
    #[serde(deserialize_with = "lenient")]
    pub(super) google_meet: serde_json::Map<String, serde_json::Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) teams: serde_json::Map<String, serde_json::Value>,
    /// Older API: the platform's data about the meeting.
    #[serde(deserialize_with = "lenient")]
    pub(super) meeting_metadata: serde_json::Map<String, serde_json::Value>,
    /// The metadata that the developer attached to the bot.
    #[serde(deserialize_with = "lenient")]
    pub(super) metadata: serde_json::Map<String, serde_json::Value>,
    /// Older API: `true` if there is a link to the finished video.
    #[serde(deserialize_with = "is_link")]
    pub(super) video_url: bool,
    /// Older API: when the media is deleted.
    #[serde(deserialize_with = "lenient")]
    pub(super) media_retention_end: Option<String>,
    /// Older API: the people in the meeting.
    #[serde(deserialize_with = "lenient")]
    pub(super) meeting_participants: Option<List<Participant, PARTICIPANTS_MAX>>,
}

/// An entry of `status_changes`. Copies of webhooks have `updated_at` instead of `created_at`.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct StatusChange {
    #[serde(deserialize_with = "lenient")]
    pub(super) code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) sub_code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) created_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) updated_at: Option<String>,
}

/// One recording. Usually its media is in `media_shortcuts`; one published example has it beside.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Recording {
    #[serde(deserialize_with = "lenient")]
    pub(super) started_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) completed_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) expires_at: Option<String>,
    #[serde(deserialize_with = "object")]
    pub(super) status: Option<Status>,
    #[serde(deserialize_with = "object")]
    pub(super) media_shortcuts: Option<Shortcuts>,
    #[serde(deserialize_with = "object")]
    pub(super) video_mixed: Option<Media>,
    #[serde(deserialize_with = "object")]
    pub(super) audio_mixed: Option<Media>,
    #[serde(deserialize_with = "object")]
    pub(super) transcript: Option<Media>,
    #[serde(deserialize_with = "object")]
    pub(super) participant_events: Option<Media>,
}

/// The media of one recording.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Shortcuts {
    #[serde(deserialize_with = "object")]
    pub(super) video_mixed: Option<Media>,
    #[serde(deserialize_with = "object")]
    pub(super) audio_mixed: Option<Media>,
    #[serde(deserialize_with = "object")]
    pub(super) transcript: Option<Media>,
    #[serde(deserialize_with = "object")]
    pub(super) participant_events: Option<Media>,
}

/// One file made from a recording.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    #[serde(deserialize_with = "object")]
    pub(super) status: Option<Status>,
    #[serde(deserialize_with = "object")]
    pub(super) data: Option<MediaData>,
}

/// The links to a file.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct MediaData {
    /// Pre-signed: anyone with the link can read the file.
    #[serde(deserialize_with = "lenient")]
    pub(super) participants_download_url: Option<String>,
    /// Who joined and left when, and much else. Pre-signed as well.
    #[serde(deserialize_with = "lenient")]
    pub(super) participant_events_download_url: Option<String>,
}

/// The state of a recording or file.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(deserialize_with = "lenient")]
    pub(super) code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) sub_code: Option<String>,
}

/// What to record, and when to start.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct RecordingConfig {
    #[serde(deserialize_with = "lenient")]
    pub(super) start_recording_on: Option<String>,
    pub(super) transcript: Presence<Nothing>,
    #[serde(deserialize_with = "object")]
    pub(super) retention: Option<Retention>,
}

/// How long the media is kept.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Retention {
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub(super) kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) hours: Option<f64>,
}

/// The time limits, in seconds, after which the bot leaves by itself.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AutomaticLeave {
    #[serde(deserialize_with = "lenient")]
    pub(super) waiting_room_timeout: Timer,
    #[serde(deserialize_with = "lenient")]
    pub(super) noone_joined_timeout: Timer,
    #[serde(deserialize_with = "lenient")]
    pub(super) in_call_not_recording_timeout: Timer,
    #[serde(deserialize_with = "lenient")]
    pub(super) in_call_recording_timeout: Timer,
    #[serde(deserialize_with = "lenient")]
    pub(super) recording_permission_denied_timeout: Timer,
    #[serde(deserialize_with = "lenient")]
    pub(super) everyone_left_timeout: Timer,
    #[serde(deserialize_with = "lenient")]
    pub(super) silence_detection: Timer,
    #[serde(deserialize_with = "object")]
    pub(super) bot_detection: Option<BotDetection>,
}

/// The time limits after which the bot concludes that only bots are left.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct BotDetection {
    #[serde(deserialize_with = "lenient")]
    pub(super) using_participant_events: Timer,
    #[serde(deserialize_with = "lenient")]
    pub(super) using_participant_names: Timer,
}

/// A timer: a number, or an object with the number.
#[derive(Default, Clone, Copy, Deserialize)]
#[serde(untagged)]
pub(super) enum Timer {
    Bare(f64),
    Object {
        timeout: f64,
    },
    #[default]
    Default,
}

/// Zoom tokens. Only their presence is kept, and not the links to them.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Zoom {
    #[serde(deserialize_with = "is_link")]
    pub(super) join_token_url: bool,
    #[serde(deserialize_with = "is_link")]
    pub(super) obf_token_url: bool,
}

/// A person in the meeting; `events` in the older shape only.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Participant {
    #[serde(deserialize_with = "lenient")]
    pub(super) id: PersonId,
    #[serde(deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) is_host: Option<bool>,
    #[serde(deserialize_with = "object")]
    pub(super) extra_data: Option<ExtraData>,
    pub(super) events: List<StatusChange, MOVES_MAX>,
}

/// Identifies a person within one recording: a number, or text in some shapes.
#[derive(Default, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged)]
pub(super) enum PersonId {
    Number(i64),
    Text(String),
    #[default]
    Unknown,
}

/// An event of a person in the meeting.
/// <https://docs.recall.ai/docs/download-schemas#json-participant-event-download-url>
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ParticipantEvent {
    #[serde(deserialize_with = "lenient")]
    pub(super) action: Option<String>,
    #[serde(deserialize_with = "object")]
    pub(super) participant: Option<Participant>,
    #[serde(deserialize_with = "lenient")]
    pub(super) timestamp: EventTime,
}

/// The time of an event: an object, or the absolute time alone.
#[derive(Default, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum EventTime {
    Object {
        absolute: String,
    },
    Absolute(String),
    #[default]
    Unknown,
}

impl EventTime {
    /// Returns the time as it is written.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Object { absolute } | Self::Absolute(absolute) => Some(absolute),
            Self::Unknown => None,
        }
    }
}

/// Data about a participant that only one platform has.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ExtraData {
    #[serde(deserialize_with = "object")]
    pub(super) zoom: Option<ZoomParticipant>,
    #[serde(deserialize_with = "object")]
    pub(super) google_meet: Option<Nothing>,
    #[serde(deserialize_with = "object")]
    pub(super) microsoft_teams: Option<TeamsParticipant>,
    #[serde(deserialize_with = "object")]
    pub(super) webex: Option<Nothing>,
}

/// Zoom's data about a participant.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ZoomParticipant {
    #[serde(deserialize_with = "lenient")]
    pub(super) guest: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub(super) conf_user_id: Option<String>,
}

/// Teams' data about a participant.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct TeamsParticipant {
    #[serde(deserialize_with = "lenient")]
    pub(super) user_id: Option<String>,
}

/// The participants in the form of a page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ParticipantsPage {
    #[serde(deserialize_with = "lenient")]
    pub(super) results: Option<List<Participant, PARTICIPANTS_MAX>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) participants: Option<List<Participant, PARTICIPANTS_MAX>>,
}

/// A member of which only the presence matters.
#[derive(Default, Clone, Deserialize)]
pub(super) struct Nothing {}

/// One page of a list of bots.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct BotsPage {
    pub(super) results: List<Bot, BOTS_MAX>,
    /// The address of the next page, if there is one.
    #[serde(deserialize_with = "lenient")]
    pub(super) next: Option<String>,
}

impl BotsPage {
    /// Parses a page; `None` if the text is not one.
    pub(super) fn from_json(text: &str) -> Option<Self> {
        text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
    }
}
