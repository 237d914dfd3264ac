//! Recognises a file: a bot, another kind of Recall.ai data, or something else.
//!
//! It checks the first bytes, and the names of the members of the first object. It parses no values, so the
//! result does not guarantee that all of the file is readable.

use std::fmt;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::body::{BYTES_MAX, text};
use super::lenient::{List, Members, members_named, object_from};

/// The first bytes of files that are not text, and their kinds.
const SIGNATURES: &[(&[u8], FileKind)] = &[
    (&[0xFF, 0xFE], FileKind::Utf16),
    (&[0xFE, 0xFF], FileKind::Utf16),
    (&[0x1F, 0x8B], FileKind::Compressed),
    (b"PK\x03\x04", FileKind::Compressed),
    (&[0x28, 0xB5, 0x2F, 0xFD], FileKind::Compressed),
    (b"BZh", FileKind::Compressed),
    (b"%PDF-", FileKind::Pdf),
    (b"ID3", FileKind::Media),
    (b"RIFF", FileKind::Media),
    (&[0x1A, 0x45, 0xDF, 0xA3], FileKind::Media),
    (&[0x89, b'P', b'N', b'G'], FileKind::Image),
    (&[0xFF, 0xD8, 0xFF], FileKind::Image),
];

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// It is empty.
    Empty,
    /// It exceeds the size limit.
    TooLarge,
    /// It is in UTF-16.
    Utf16,
    /// It is compressed.
    Compressed,
    /// It is a PDF.
    Pdf,
    /// It is video or audio.
    Media,
    /// It is a picture.
    Image,
    /// It is a page of HTML.
    WebPage,
    /// It is a transcript, as JSON or as subtitles.
    Transcript,
    /// It is an event of a calendar, or a calendar.
    Calendar,
    /// It ends before its JSON is complete.
    CutOff {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is not JSON.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is JSON without an object.
    NoObject,
    /// It is a list without entries.
    EmptyList,
    /// It is a bot.
    Bot,
    /// It is a list of bots, or a page of one.
    Bots,
    /// It is one webhook.
    Webhook,
    /// It is several webhooks.
    Webhooks,
    /// It is the participants of a recording.
    Participants,
    /// It contains the events of the participants of a recording.
    ParticipantEvents,
    /// It is a speaker timeline.
    SpeakerTimeline,
    /// It contains the links to the participants, and not the participants.
    ParticipantLinks,
    /// It is a recording, or a list of them.
    Recording,
    /// It is an error response.
    Error,
    /// It is an object with an ID and no other known member. On its own it counts as a bot.
    LikeABot,
    /// It is an unknown object.
    Unknown,
}

impl FileKind {
    /// Recognises the kind of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.len() > BYTES_MAX {
            return Self::TooLarge;
        }
        if let Some((_, kind)) = SIGNATURES.iter().find(|(begin, _)| bytes.starts_with(begin)) {
            return *kind;
        }
        if bytes.get(4..8) == Some(b"ftyp") {
            return Self::Media;
        }
        let text = text(bytes);
        let begin = text.trim_start();
        match begin.bytes().next() {
            None => Self::Empty,
            Some(b'<') => Self::WebPage,
            Some(b'{' | b'[') => Self::of_json(&text),
            Some(_) if begin.starts_with("WEBVTT") || begin.contains(" --> ") => Self::Transcript,
            Some(_) if begin.starts_with("BEGIN:VCALENDAR") => Self::Calendar,
            Some(_) => match serde_json::from_str::<IgnoredAny>(&text) {
                Ok(_) => Self::NoObject,
                Err(error) => Self::not_json(&error),
            },
        }
    }

    fn of_json(text: &str) -> Self {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let first = match values.next() {
            Some(Ok(first)) => first,
            Some(Err(error)) => return Self::not_json(&error),
            None => return Self::Empty,
        };
        match (Self::of_value(first, true), values.next()) {
            (kind, None) => kind,
            // JSON Lines, or objects that were written one after the other.
            (Self::Webhook, Some(Ok(_))) => Self::Webhooks,
            (Self::Bot | Self::Bots, Some(Ok(_))) => Self::Bots,
            (_, Some(Ok(_))) => Self::Unknown,
            (_, Some(Err(error))) => Self::not_json(&error),
        }
    }

    /// Recognises a value. With `open`, a wrapper is opened.
    fn of_value(raw: &RawValue, open: bool) -> Self {
        if raw.get().starts_with('[') {
            let list: List<Members<'_>, 1> = serde_json::from_str(raw.get()).unwrap_or_default();
            return match list.entries.first() {
                Some(first) => kind_of(first).many(),
                None if list.unread == 0 => Self::EmptyList,
                None => Self::NoObject,
            };
        }
        let Some(members) = object_from::<Members<'_>>(raw) else { return Self::NoObject };
        match (kind_of(&members), wrapped(raw)) {
            (Self::Unknown | Self::LikeABot, Some(inner)) if open => Self::of_value(inner, false),
            (Self::LikeABot, _) => Self::Bot,
            (kind, _) => kind,
        }
    }

    /// Returns `true` if this object is itself a bot, and not a wrapper around one.
    pub(super) fn is_bot(raw: &RawValue) -> bool {
        match object_from::<Members<'_>>(raw).map(|members| kind_of(&members)) {
            Some(Self::Bot) => true,
            Some(Self::LikeABot) => wrapped(raw).is_none(),
            _ => false,
        }
    }

    /// Returns the kind of a list with this kind as its first entry.
    const fn many(self) -> Self {
        match self {
            Self::Bot => Self::Bots,
            Self::Webhook => Self::Webhooks,
            Self::LikeABot => Self::Unknown,
            kind => kind,
        }
    }

    /// Returns how to make a text file in another encoding readable.
    pub(super) const fn how_to_read(self) -> Option<&'static str> {
        match self {
            Self::Utf16 => Some("Save it as UTF-8."),
            Self::Compressed => Some("Unpack it first."),
            _ => None,
        }
    }

    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        if error.is_eof() { Self::CutOff { line, column } } else { Self::NotJson { line, column } }
    }
}

/// Writes the kind as the rest of a sentence about the file.
impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::TooLarge => "is larger than 8 MiB",
            Self::Utf16 => "is in UTF-16, as PowerShell's `>` writes it",
            Self::Compressed => "is compressed",
            Self::Pdf => "is a PDF",
            Self::Media => "is a video or a sound",
            Self::Image => "is a picture",
            Self::WebPage => "is a web page and not JSON",
            Self::Transcript => "is a transcript",
            Self::Calendar => "is an event of a calendar",
            Self::CutOff { line, column } => {
                return write!(f, "ends too early (line {line}, column {column})");
            }
            Self::NotJson { line, column } => {
                return write!(f, "is not JSON (line {line}, column {column})");
            }
            Self::NoObject => "holds JSON, but not an object",
            Self::EmptyList => "is a list without entries",
            Self::Bot => "is a bot",
            Self::Bots => "is a list of bots",
            Self::Webhook => "is a webhook",
            Self::Webhooks => "holds several webhooks",
            Self::Participants => "is the list of who was in a meeting",
            Self::ParticipantEvents => "is the list of what people did in a meeting",
            Self::SpeakerTimeline => "is the list of who spoke when",
            Self::ParticipantLinks => "has the links to who was in a meeting, and not the people",
            Self::Recording => "is a recording and not a bot",
            Self::Error => "is an error that Recall.ai answered with",
            Self::LikeABot | Self::Unknown => "is not a bot, nor anything else that we know of Recall.ai",
        })
    }
}

/// Returns the kind of an object with these members.
fn kind_of(members: &Members<'_>) -> FileKind {
    let any = |wanted: &[&str]| wanted.iter().any(|name| members.has(name));
    match () {
        () if members.has("event") && members.has("data") => FileKind::Webhook,
        () if any(&["calendar_id", "ical_uid", "iCalUID", "iCalUId"]) => FileKind::Calendar,
        () if any(&["status_changes", "recordings", "join_at", "meeting_url", "bot_name"]) => FileKind::Bot,
        () if any(&["words", "diarization", "provider_data_download_url"]) => FileKind::Transcript,
        () if members.has("action") && members.has("participant") => FileKind::ParticipantEvents,
        () if members.has("participant") && members.has("start_timestamp") => FileKind::SpeakerTimeline,
        () if members.has("is_host") || members.has("participants") => FileKind::Participants,
        () if members.has("name") && any(&["id", "platform", "extra_data", "email"]) => {
            FileKind::Participants
        }
        () if any(&["media_shortcuts", "started_at"]) => FileKind::Recording,
        () if members.has("participants_download_url") => FileKind::ParticipantLinks,
        () if members.has("detail") => FileKind::Error,
        () if members.has("id") => FileKind::LikeABot,
        () => FileKind::Unknown,
    }
}

/// Members in which tools wrap a response, and pages of lists their entries.
const WRAPPERS: [&str; 7] = ["data", "bot", "bots", "results", "result", "response", "body"];

/// Returns the value inside a wrapper.
pub(super) fn wrapped(raw: &RawValue) -> Option<&RawValue> {
    members_named(raw, &WRAPPERS).into_iter().find(|inner| inner.get().starts_with(['{', '[']))
}
