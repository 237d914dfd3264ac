//! Everything known about one bot at one time, and what could not be learned.
//!
//! A case file does not depend on its source. The API, a file, a webhook and a worked example of the
//! catalogue all produce the same type.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::bot_id::BotId;
use super::status::{StatusChange, SubCode};
use super::vocabulary::{Platform, vocabulary};

/// A value that was learned, or the reason why it is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Known<T> {
    /// The value that was learned.
    Value(T),
    /// The reason why the value is missing.
    Missing(WhyMissing),
}

impl<T> Known<T> {
    /// Returns the value if it was learned.
    pub const fn learned(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }
}

/// The reason why something could not be learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyMissing {
    /// Recall.ai has no source for it.
    NotOffered,
    /// The operator gave no file with it (a diagnosis from a file).
    NotGiven,
    /// The source exists and is empty.
    Empty,
    /// The download link was refused or has expired; the HTTP status that said so.
    Refused(u16),
    /// The response did not arrive in time.
    TimedOut,
    /// The server could not be reached, or failed with this HTTP status.
    Failed(Option<u16>),
    /// The response exceeds the size limit.
    TooLarge,
    /// The response could not be parsed.
    Unreadable,
    /// The link leads to a host outside `download_hosts`.
    ForeignHost,
    /// The data exists and leaves it open (every flag was null).
    NotSaid,
    /// The times have no zone, so their moment is unknown.
    NoTimeZone,
    /// The only source is a single webhook of the bot.
    OneWebhook,
    /// The only sources are webhooks of the bot that start after its first status.
    LateWebhooks,
}

/// What a gap is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GapKind {
    /// Who was in the meeting, and if one of them was its host.
    Participants,
    /// The times of some status changes.
    StatusTimes,
    /// Some entries in the list of status changes.
    StatusChanges,
    /// Some of the recordings.
    Recordings,
    /// The platform of the meeting.
    Platform,
    /// The transcript that was requested.
    Transcript,
    /// The times at which some of the people joined and left.
    ParticipantTimes,
    /// What happened before, or beside, the known events.
    History,
}

/// Something that could not be learned, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// Why it is missing.
    pub why: WhyMissing,
}

vocabulary! {
    /// How much of a bot's history is known.
    #[derive(Default)]
    History {
        /// All of it, because Recall.ai was queried or the events start with the first status. Rows stored
        /// before this field existed came from Recall.ai's own responses, so they count as whole.
        #[default]
        Whole = "whole",
        /// The events that arrived, without the start. Anything missing from them may have happened all the
        /// same.
        Part = "part",
    }
}

vocabulary! {
    /// A service that rewrites the links in emails, so that they lead to the service first.
    MailFilter {
        /// Mimecast's.
        Mimecast = "mimecast",
        /// Proofpoint's.
        Proofpoint = "proofpoint",
        /// Microsoft's, in Outlook.
        SafeLinks = "safe_links",
    }
}

impl MailFilter {
    /// Returns the name as its maker writes it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mimecast => "Mimecast",
            Self::Proofpoint => "Proofpoint",
            Self::SafeLinks => "Safe Links of Microsoft",
        }
    }
}

/// One bot, as far as it is known at `now`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFile {
    /// The time at which this was learned. It decides what "still in the call" means.
    pub now: Timestamp,
    /// The bot's ID; `None` if a file did not contain it.
    pub bot_id: Option<BotId>,
    /// The name that the bot shows in the meeting.
    pub bot_name: Option<String>,
    /// The platform, as far as the meeting link shows it.
    pub platform: Platform,
    /// The time at which the bot is due to join. Recall.ai clears it once the bot has joined.
    pub join_at: Option<Timestamp>,
    /// `true` if the meeting is carried as a stream, without an app that asks for consent (Zoom's RTMS,
    /// Meet's Media API, WebRTC).
    #[serde(default)]
    pub is_stream: bool,
    /// The mail filter that rewrote the meeting link, if the link leads to such a filter first.
    #[serde(default)]
    pub link_rewritten_by: Option<MailFilter>,
    /// Decides if absence from `status_changes` means anything.
    #[serde(default)]
    pub history: History,
    /// Every status change, in the order received. Duplicates and disorder are expected.
    pub status_changes: Vec<StatusChange>,
    /// Every listed recording, started or not.
    pub recordings: Vec<Recording>,
    /// `true` if the bot itself has a link to the finished video (older API).
    pub has_video_link: bool,
    /// The time at which the media of the bot is deleted (older API).
    pub media_kept_until: Option<Timestamp>,
    /// The people in the meeting.
    pub participants: Known<Vec<Participant>>,
    /// The bot's configuration.
    pub settings: BotSettings,
    /// A person's answer to "was the person who scheduled the meeting in the call?"
    pub host_was_present: Option<bool>,
    /// The page of this bot in Recall.ai's dashboard.
    pub dashboard_url: Option<String>,
    /// What could not be read, except the participants.
    pub gaps: Vec<Gap>,
    /// Whose bot it is. Never stored with the case file.
    #[serde(skip)]
    pub origin: Origin,
}

/// Whose bot it is, as far as Recall.ai says so. Nothing of it is stored in clear, and its `Debug` shows no value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The metadata that the developer attached to the bot.
    pub metadata: BTreeMap<String, String>,
    /// The account of the meeting's host, which is the same across meetings.
    pub host: Option<PrivateId>,
    /// The meeting's ID from its link, without the passcode.
    pub meeting: Option<PrivateId>,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { metadata, host, meeting } = self;
        let (host, meeting) = (host.is_some(), meeting.is_some());
        write!(f, "Origin(metadata: {}, host: {host}, meeting: {meeting})", metadata.len())
    }
}

/// An ID that identifies a person or a meeting. It doesn't print, and can't be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateId(String);

impl PrivateId {
    /// Takes an ID; `None` if it is blank.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let id = id.trim();
        (!id.is_empty()).then(|| Self(id.to_owned()))
    }

    /// Returns the ID, to be hashed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PrivateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateId")
    }
}

impl CaseFile {
    /// Returns `true` if the platform is unknown and may be any. A stream with an unnamed platform is known
    /// to be on none of the platforms named here.
    #[must_use]
    pub(super) fn may_be_on_any_platform(&self, platform: Platform) -> bool {
        platform == Platform::Unknown && !self.is_stream
    }

    /// Returns a case file about which nothing is known yet.
    #[must_use]
    pub fn unknown(now: Timestamp) -> Self {
        Self {
            now,
            bot_id: None,
            bot_name: None,
            platform: Platform::Unknown,
            is_stream: false,
            link_rewritten_by: None,
            history: History::Whole,
            join_at: None,
            status_changes: Vec::new(),
            recordings: Vec::new(),
            has_video_link: false,
            media_kept_until: None,
            participants: Known::Missing(WhyMissing::NotOffered),
            settings: BotSettings::default(),
            host_was_present: None,
            dashboard_url: None,
            gaps: Vec::new(),
            origin: Origin::default(),
        }
    }
}

/// The bot's configuration, as far as it decides about a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotSettings {
    /// What starts the recording.
    pub start: RecordingStart,
    /// `true` if a transcript was requested; `None` if the settings leave it open.
    pub transcript_requested: Option<bool>,
    /// The retention period after the end; `None` if unknown or for ever.
    pub retention: Option<SignedDuration>,
    /// `true` if a Zoom join token is configured, which lets the bot record without asking.
    pub join_token: bool,
    /// `true` if a Zoom token on behalf of a user (OBF) is configured, which requires that user in the
    /// meeting.
    pub on_behalf_token: bool,
    /// The time limits after which the bot leaves by itself.
    pub leave: LeaveTimers,
}

/// What starts the recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingStart {
    /// The settings leave it open (older API, or only part of the bot is known).
    #[default]
    Unknown,
    /// Recording starts by itself: on joining, on the first participant, or on the first word.
    Automatic,
    /// Recording starts only when the developer's software calls for it.
    Manual,
}

/// The bot's own time limits; `None` if the default applies.
///
/// Defaults and limits: <https://docs.recall.ai/docs/automatic-leaving-behavior>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveTimers {
    /// Limit in the waiting room.
    pub waiting_room: Option<SignedDuration>,
    /// Limit alone in the meeting.
    pub noone_joined: Option<SignedDuration>,
    /// Limit in the call without recording.
    pub in_call_not_recording: Option<SignedDuration>,
    /// Limit while recording.
    pub in_call_recording: Option<SignedDuration>,
    /// Limit in the call after a refusal to record.
    pub permission_denied: Option<SignedDuration>,
    /// Limit after all others have left.
    #[serde(default)]
    pub everyone_left: Option<SignedDuration>,
    /// Limit in silence.
    #[serde(default)]
    pub silence: Option<SignedDuration>,
    /// Limit with only bots in the meeting, recognised by their behaviour.
    #[serde(default)]
    pub only_bots_by_events: Option<SignedDuration>,
    /// Limit with only bots in the meeting, recognised by their names.
    #[serde(default)]
    pub only_bots_by_names: Option<SignedDuration>,
}

/// A person, room or other bot in the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The name shown in the meeting. Personal data: it is never stored, and it leaves the report only if the
    /// settings allow it.
    #[serde(skip)]
    pub name: Option<String>,
    /// `true` if the platform recognised this participant as the host.
    pub is_host: Option<bool>,
    /// The platform that reports details of its own about this participant, which proves the platform of the
    /// meeting.
    #[serde(default)]
    pub told_by: Option<Platform>,
    /// `true` if Zoom recognised a signed-in user; `None` if Zoom leaves it open.
    pub signed_in: Option<bool>,
    /// The time at which the participant first joined.
    #[serde(default)]
    pub joined_at: Option<Timestamp>,
    /// The time at which the participant finally left.
    pub left_at: Option<Timestamp>,
}

/// One recording of the bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The time at which it started. A recording entry without this proves nothing.
    pub started_at: Option<Timestamp>,
    /// The time at which it ended.
    pub completed_at: Option<Timestamp>,
    /// The time at which its media is or was deleted.
    pub expires_at: Option<Timestamp>,
    /// Its state.
    pub status: MediaStatus,
    /// The reason given for that state.
    pub sub_code: Option<SubCode>,
    /// The mixed video.
    pub video: Option<Media>,
    /// The mixed audio.
    pub audio: Option<Media>,
    /// The transcript.
    pub transcript: Option<Media>,
}

impl Recording {
    /// Returns every sub code of the recording and of the files made from it.
    pub fn sub_codes(&self) -> impl Iterator<Item = &SubCode> {
        let media = [&self.video, &self.audio, &self.transcript];
        let of_media = media.into_iter().flatten().filter_map(|media| media.sub_code.as_ref());
        self.sub_code.iter().chain(of_media)
    }
}

/// A file made from a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its state.
    pub status: MediaStatus,
    /// The reason given for that state.
    pub sub_code: Option<SubCode>,
}

vocabulary! {
    /// The state of a recording or of a file made from it.
    MediaStatus {
        /// It is being made.
        Processing = "processing",
        /// The recording is paused.
        Paused = "paused",
        /// It is ready.
        Done = "done",
        /// It could not be made.
        Failed = "failed",
        /// It was deleted, by retention or by request.
        Deleted = "deleted",
        /// The state is missing, or not one that we know.
        Unknown = "unknown",
    }
}
