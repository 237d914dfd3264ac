//! Webhooks in the form of logs: one body on each line, in a list, or wrapped by a pipeline.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::body::text;
use super::event::{BotEvent, EventKind, WebhookEvent, parse_webhook};
use super::lenient::{Members, members_named, object_from};
use super::projection::case_file_from_events;
use super::recognise::FileKind;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::{CaseFile, Gap, GapKind, WhyMissing};

/// Most wrappers around wrappers that are opened.
const DEPTH_MAX: usize = 4;

/// The webhooks of a file.
#[derive(Debug, Clone, Default)]
pub struct WebhookLog {
    /// The events of each bot.
    events: BTreeMap<BotId, Vec<BotEvent>>,
    /// The number of lines, or list entries, that are not webhooks.
    pub unread: usize,
    /// The number of webhooks without effect on a recording.
    pub asides: usize,
}

/// The error for a file without a webhook of a bot. The sentence is for the person who provided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoWebhooks {
    kind: FileKind,
    asides: usize,
}

impl std::error::Error for NoWebhooks {}

impl fmt::Display for NoWebhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match self.kind {
            kind if let Some(advice) = kind.how_to_read() => advice,
            FileKind::TooLarge => "Keep the lines of the bots that you ask about.",
            FileKind::Bot | FileKind::Bots => "Hand it in with --file instead of --webhooks.",
            _ if self.asides > 0 => {
                return write!(f, "the file has webhooks, and none of them says anything about a recording.");
            }
            _ => "It should hold the bodies of Recall.ai's webhooks, one on each line.",
        };
        match self.kind {
            FileKind::NotJson { .. } | FileKind::Unknown | FileKind::Webhook | FileKind::Webhooks => {
                write!(f, "no line of the file is a webhook of Recall.ai. {advice}")
            }
            kind => write!(f, "the file {kind}. {advice}"),
        }
    }
}

/// Parses webhooks: one on each line, in a list, or one after the other. Log text around them is allowed.
///
/// # Errors
/// Returns [`NoWebhooks`] with the kind of the file if it contains no webhook of a bot.
pub fn read_webhooks(bytes: &[u8]) -> Result<WebhookLog, NoWebhooks> {
    let kind = FileKind::of(bytes);
    let mut log = WebhookLog::default();
    let readable = !matches!(kind, FileKind::TooLarge | FileKind::Utf16 | FileKind::Compressed);
    if readable {
        log.read(&text(bytes));
    }
    if log.events.is_empty() { Err(NoWebhooks { kind, asides: log.asides }) } else { Ok(log) }
}

impl WebhookLog {
    /// Returns the number of webhooks about bots.
    #[must_use]
    pub fn webhooks(&self) -> usize {
        self.events.values().map(Vec::len).sum()
    }

    /// Returns the number of bots.
    #[must_use]
    pub fn bots(&self) -> usize {
        self.events.len()
    }

    /// Adds the webhooks of another file, because a log often has several.
    pub fn add(&mut self, other: Self) {
        self.unread += other.unread;
        self.asides += other.asides;
        for (bot, events) in other.events {
            self.events.entry(bot).or_default().extend(events);
        }
    }

    /// Returns the case file of each bot, in the order of their IDs.
    #[must_use]
    pub fn case_files(&self, now: Timestamp) -> Vec<CaseFile> {
        let case = |(bot, events): (&BotId, &Vec<BotEvent>)| {
            let mut case = case_file_from_events(*bot, events, None, now);
            let why = match events.len() {
                1 => Some(WhyMissing::OneWebhook),
                _ => (!begins_with_the_first_status(events)).then_some(WhyMissing::LateWebhooks),
            };
            case.gaps.extend(why.map(|why| Gap { kind: GapKind::History, why }));
            case
        };
        self.events.iter().map(case).collect()
    }

    fn read(&mut self, text: &str) {
        let values: Result<Vec<&RawValue>, _> =
            serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().collect();
        match values {
            Ok(values) => values.into_iter().for_each(|value| self.value(value)),
            // A line that is not JSON affects only itself.
            Err(_) => text.lines().filter(|line| !line.trim().is_empty()).for_each(|line| self.line(line)),
        }
    }

    /// Adds a webhook, a list of them, or an object that has such a list, like the exports of queues.
    fn value(&mut self, raw: &RawValue) {
        let list = if raw.get().starts_with('[') { Some(raw) } else { list_in(raw) };
        match list.map(|list| serde_json::from_str::<Vec<&RawValue>>(list.get())) {
            Some(Ok(entries)) => entries.into_iter().for_each(|entry| self.entry(entry.get())),
            _ => self.entry(raw.get()),
        }
    }

    /// Adds a line. Logs write times and names before the content.
    fn line(&mut self, line: &str) {
        let line = line.find('{').map_or(line, |begin| &line[begin..]);
        let mut values = serde_json::Deserializer::from_str(line).into_iter::<&RawValue>();
        match values.next() {
            Some(Ok(raw)) => self.entry(raw.get()),
            _ => self.unread += 1,
        }
    }

    fn entry(&mut self, text: &str) {
        match unwrap(text, DEPTH_MAX) {
            Some(WebhookEvent::Bot(event)) => self.events.entry(event.bot).or_default().push(*event),
            Some(WebhookEvent::Ignored(_) | WebhookEvent::Unknown(Some(_))) => self.asides += 1,
            Some(WebhookEvent::Unknown(None)) | None => self.unread += 1,
        }
    }
}

/// Returns `true` if the first status of a bot is among its events.
fn begins_with_the_first_status(events: &[BotEvent]) -> bool {
    events.iter().any(|event| match &event.kind {
        EventKind::Status(change) => change.code.is_first(),
        EventKind::NotJoined(_) | EventKind::Media { .. } => false,
    })
}

/// Members in which exports have their webhooks.
const EXPORTS: [&str; 7] = ["webhooks", "events", "records", "Records", "messages", "Messages", "data"];

fn list_in(raw: &RawValue) -> Option<&RawValue> {
    members_named(raw, &EXPORTS).into_iter().find(|member| member.get().starts_with('['))
}

/// Members in which log pipelines have a request, or its body.
const LOG_LINES: [&str; 12] = [
    "event", "body", "Body", "payload", "webhook", "request", "json", "message", "msg", "detail", "log",
    "data",
];

/// Returns the webhook in a text: itself, or in one of the members that pipelines use.
fn unwrap(text: &str, depth: usize) -> Option<WebhookEvent> {
    let own = parse_webhook(text.as_bytes());
    if depth == 0 || is_recalls(&own) {
        return Some(own);
    }
    let raw = serde_json::from_str::<&RawValue>(text).ok()?;
    let members = object_from::<Members<'_>>(raw)?;
    let inner = members.named(&LOG_LINES).into_iter().find_map(|member| {
        let inner = match serde_json::from_str::<String>(member.get()) {
            Ok(written) => unquoted(&written)?,
            Err(_) => member.get().to_owned(),
        };
        let found = inner.trim_start().starts_with('{').then(|| unwrap(&inner, depth - 1)).flatten();
        found.filter(is_recalls)
    });
    // Some loggers name their own line `event`.
    Some(inner.unwrap_or(own))
}

/// Returns `true` if this can only have come from Recall.ai.
const fn is_recalls(event: &WebhookEvent) -> bool {
    matches!(event, WebhookEvent::Bot(_) | WebhookEvent::Ignored(_))
}

/// Decodes a body that was logged as text, plain or in base64. A log line may have words before it.
fn unquoted(written: &str) -> Option<String> {
    if let Some(begin) = written.find('{') {
        return Some(written[begin..].to_owned());
    }
    String::from_utf8(STANDARD.decode(written.trim()).ok()?).ok()
}
