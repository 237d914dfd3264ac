//! All that was learned about one bot at one time, and what could not be learned.
//!
//! Knows nothing about where it came from: the API, a file, a webhook and a worked example of the
//! catalogue all become the same case file.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::bot_id::BotId;
use super::status::{StatusChange, SubCode};
use super::vocabulary::{Platform, vocabulary};

/// A value that was learned, or the reason why it was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Known<T> {
    /// It was learned.
    Value(T),
    /// It was not, and why.
    Missing(WhyMissing),
}

impl<T> Known<T> {
    /// The value, if it was learned.
    pub const fn learned(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }
}

/// Why something could not be learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyMissing {
    /// Recall.ai offers nothing to read it from.
    NotOffered,
    /// Nobody handed it in (a diagnosis from a file).
    NotGiven,
    /// It was there and held nothing.
    Empty,
    /// The download link was refused or has expired; the HTTP status that said so.
    Refused(u16),
    /// No answer in time.
    TimedOut,
    /// The server could not be reached, or failed with this HTTP status.
    Failed(Option<u16>),
    /// The answer was larger than what is accepted.
    TooLarge,
    /// The answer was not what it should be.
    Unreadable,
    /// The link leads to a host that downloads are not allowed from.
    ForeignHost,
    /// What there is does not say (every flag was null).
    NotSaid,
    /// Times have no zone, so nobody can tell when they were.
    NoTimeZone,
    /// Only one webhook of the bot was handed in.
    OneWebhook,
    /// Only webhooks of the bot were handed in, and they do not begin with its first status.
    LateWebhooks,
}

/// What a gap is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GapKind {
    /// Who was in the meeting, and whether one of them was its host.
    Participants,
    /// The times of some status changes.
    StatusTimes,
    /// Some entries of the list of status changes.
    StatusChanges,
    /// Some of the recordings.
    Recordings,
    /// Which platform the meeting was on.
    Platform,
    /// The transcript that was asked for.
    Transcript,
    /// When some of the people came and left.
    ParticipantTimes,
    /// What happened before, or beside, the events that are known.
    History,
}

/// Something that could not be learned, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// Why it is.
    pub why: WhyMissing,
}

vocabulary! {
    /// How much of a bot's history is known.
    #[derive(Default)]
    History {
        /// All of it: Recall.ai was asked, or it was heard from its first status on. What was written down before this was
        /// known came from Recall.ai's own answers.
        #[default]
        Whole = "whole",
        /// What was heard of it, and not from the beginning. What is not in it may have happened all the same.
        Part = "part",
    }
}

vocabulary! {
    /// A service that rewrites the links in mails, so that they lead to it first.
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
    /// The name as its maker writes it.
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
    /// When this was learned. It decides what "still in the call" means.
    pub now: Timestamp,
    /// The bot; `None` where a file did not say.
    pub bot_id: Option<BotId>,
    /// The name that the bot shows in the meeting.
    pub bot_name: Option<String>,
    /// The platform as far as the meeting link tells.
    pub platform: Platform,
    /// When the bot is to join. Recall.ai clears it once the bot has joined.
    pub join_at: Option<Timestamp>,
    /// The meeting is carried as a stream, without an app that asks for consent (Zoom's RTMS, Meet's Media API, WebRTC).
    #[serde(default)]
    pub is_stream: bool,
    /// The mail filter that rewrote the meeting link, where the link is one that leads to such a filter first.
    #[serde(default)]
    pub link_rewritten_by: Option<MailFilter>,
    /// Whether absence from `status_changes` means anything.
    #[serde(default)]
    pub history: History,
    /// Every status change, in the order received; duplicates and disorder are expected.
    pub status_changes: Vec<StatusChange>,
    /// Every recording that is listed, started or not.
    pub recordings: Vec<Recording>,
    /// A link to the finished video at the bot itself (older API).
    pub has_video_link: bool,
    /// When the media of the bot is deleted (older API).
    pub media_kept_until: Option<Timestamp>,
    /// The people in the meeting.
    pub participants: Known<Vec<Participant>>,
    /// How the bot was told to behave.
    pub settings: BotSettings,
    /// What a person answered to "was the person who scheduled the meeting in the call?"
    pub host_was_present: Option<bool>,
    /// The page of this bot in Recall.ai's dashboard.
    pub dashboard_url: Option<String>,
    /// What could not be read, participants aside.
    pub gaps: Vec<Gap>,
}

impl CaseFile {
    /// Whether nothing tells on which platform the meeting is. A stream of none that has a name here is known to be none of
    /// those that have one.
    #[must_use]
    pub(super) fn may_be_on_any_platform(&self, platform: Platform) -> bool {
        platform == Platform::Unknown && !self.is_stream
    }

    /// A case file about which nothing is known yet.
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
        }
    }
}

/// How the bot was told to behave, as far as it decides about a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotSettings {
    /// What starts the recording.
    pub start: RecordingStart,
    /// Whether a transcript was asked for; `None` where the settings do not say.
    pub transcript_requested: Option<bool>,
    /// How long media is kept after the end; `None` for unknown or for ever.
    pub retention: Option<SignedDuration>,
    /// A Zoom join token is configured, which lets the bot record without asking.
    pub join_token: bool,
    /// A Zoom token on behalf of a user (OBF) is configured: that user has to be in the meeting.
    pub on_behalf_token: bool,
    /// When the bot leaves by itself.
    pub leave: LeaveTimers,
}

/// What starts the recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingStart {
    /// The settings do not say (older API, or only part of the bot is known).
    #[default]
    Unknown,
    /// By itself: on joining, on the first participant, or on the first word.
    Automatic,
    /// Only when the developer's software calls for it.
    Manual,
}

/// The bot's own time limits; `None` where the default applies.
///
/// Defaults and limits: <https://docs.recall.ai/docs/automatic-leaving-behavior>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveTimers {
    /// In the waiting room.
    pub waiting_room: Option<SignedDuration>,
    /// Alone in the meeting.
    pub noone_joined: Option<SignedDuration>,
    /// In the call without recording.
    pub in_call_not_recording: Option<SignedDuration>,
    /// Recording.
    pub in_call_recording: Option<SignedDuration>,
    /// In the call after a refusal to record.
    pub permission_denied: Option<SignedDuration>,
    /// After everybody else has left.
    #[serde(default)]
    pub everyone_left: Option<SignedDuration>,
    /// In silence.
    #[serde(default)]
    pub silence: Option<SignedDuration>,
    /// With nobody but bots, by what they do.
    #[serde(default)]
    pub only_bots_by_events: Option<SignedDuration>,
    /// With nobody but bots, by their names.
    #[serde(default)]
    pub only_bots_by_names: Option<SignedDuration>,
}

/// A person, room or other bot in the meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The name shown in the meeting. Personal data: leaves the report only as settings allow, and is never
    /// written down.
    #[serde(skip)]
    pub name: Option<String>,
    /// Whether the platform saw this participant as the host.
    pub is_host: Option<bool>,
    /// The platform that tells something of its own about this participant, and so proves where the meeting was.
    #[serde(default)]
    pub told_by: Option<Platform>,
    /// Whether Zoom saw a signed-in user; `None` where it does not tell.
    pub signed_in: Option<bool>,
    /// When the participant first came in.
    #[serde(default)]
    pub joined_at: Option<Timestamp>,
    /// When the participant was last seen to leave for good.
    pub left_at: Option<Timestamp>,
}

/// One recording of the bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// When it began; a recording entry without this proves nothing.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// When its media is deleted.
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
    /// Every sub code that it, or a file made from it, carries.
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
    /// State of a recording or of a file made from it.
    MediaStatus {
        /// Being made.
        Processing = "processing",
        /// The recording is paused.
        Paused = "paused",
        /// Ready.
        Done = "done",
        /// Could not be made.
        Failed = "failed",
        /// Deleted, by retention or by request.
        Deleted = "deleted",
        /// Not told, or a state that we do not know.
        Unknown = "unknown",
    }
}
