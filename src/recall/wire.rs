//! What Recall.ai sends, read as tolerantly as it can be: absent, null and wrongly typed members
//! become absent, unknown members are ignored, and what cannot be read in a list is skipped.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A bot, in its present and its older shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Bot {
    #[serde(deserialize_with = "lenient")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) bot_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) meeting_url: Option<MeetingUrl>,
    #[serde(deserialize_with = "lenient")]
    pub(super) join_at: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) status_changes: List<StatusChange>,
    #[serde(deserialize_with = "list")]
    pub(super) recordings: List<Recording>,
    /// `Some(Null)` is manual control; an absent member says nothing.
    #[serde(deserialize_with = "present")]
    pub(super) recording_config: Option<Value>,
    #[serde(deserialize_with = "present")]
    pub(super) transcription_options: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) automatic_leave: Option<AutomaticLeave>,
    #[serde(deserialize_with = "lenient")]
    pub(super) zoom: Option<Zoom>,
    #[serde(deserialize_with = "lenient")]
    pub(super) video_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) media_retention_end: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) meeting_participants: Option<Vec<Value>>,
}

/// The link is dropped right here; only what tells the platform is kept.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum MeetingUrl {
    Text(String),
    Parts { platform: String },
}

#[derive(Debug, Default, Deserialize)]
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Recording {
    #[serde(deserialize_with = "lenient")]
    pub(super) started_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) completed_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) expires_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) status: Option<Status>,
    #[serde(deserialize_with = "lenient")]
    pub(super) media_shortcuts: Option<Shortcuts>,
    /// One published example has the media beside the recording's own members.
    #[serde(flatten)]
    pub(super) beside: Shortcuts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shortcuts {
    #[serde(deserialize_with = "lenient")]
    pub(super) video_mixed: Option<Media>,
    #[serde(deserialize_with = "lenient")]
    pub(super) audio_mixed: Option<Media>,
    #[serde(deserialize_with = "lenient")]
    pub(super) transcript: Option<Media>,
    #[serde(deserialize_with = "lenient")]
    pub(super) participant_events: Option<Media>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    #[serde(deserialize_with = "lenient")]
    pub(super) status: Option<Status>,
    #[serde(deserialize_with = "lenient")]
    pub(super) data: Option<MediaData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MediaData {
    #[serde(deserialize_with = "lenient")]
    pub(super) participants_download_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(deserialize_with = "lenient")]
    pub(super) code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) sub_code: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AutomaticLeave {
    #[serde(deserialize_with = "lenient")]
    pub(super) waiting_room_timeout: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) noone_joined_timeout: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) in_call_not_recording_timeout: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) in_call_recording_timeout: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) recording_permission_denied_timeout: Option<f64>,
}

/// The links themselves are not kept: only whether there is one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Zoom {
    #[serde(deserialize_with = "lenient")]
    pub(super) join_token_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) obf_token_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Participant {
    #[serde(deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) is_host: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub(super) extra_data: Option<Value>,
    #[serde(deserialize_with = "list")]
    pub(super) events: List<StatusChange>,
}

/// A list, and how many of its entries could not be read.
#[derive(Debug)]
pub(super) struct List<T> {
    pub(super) entries: Vec<T>,
    pub(super) unread: usize,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), unread: 0 }
    }
}

/// Reads a list of any values.
pub(super) fn entries<T: DeserializeOwned>(values: Vec<Value>) -> List<T> {
    let all = values.len();
    let entries: Vec<T> = values
        .into_iter()
        .filter(Value::is_object)
        .filter_map(|value| serde_json::from_value(value).ok())
        .collect();
    List { unread: all - entries.len(), entries }
}

fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(if value.is_null() { None } else { serde_json::from_value(value).ok() })
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<List<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => entries(values),
        Value::Null => List::default(),
        _ => List { entries: Vec::new(), unread: 1 },
    })
}
