//! What Recall.ai's response to an action means.
//!
//! | response | means |
//! |---|---|
//! | 2xx with an object or nothing | done |
//! | 2xx with anything else | unknown: the response isn't Recall.ai's |
//! | 400 `cannot_command_unstarted_bot`, `cannot_command_completed_bot` | not in the call |
//! | 401, 402 | the key, the credit |
//! | 403 | the key may only read; with a web page, a firewall |
//! | 404, 405 for a request for permission | this kind of bot has no such step |
//! | 404 for another action | no such bot |
//! | 409 | the same key is being processed |
//! | 429 | too many requests |
//! | 502, 503 | dropped under load, as Recall.ai documents |
//! | 507 | stored under the key: later, with a new one |
//! | another 5xx | unknown: it failed at an unknown point |
//! | anything else | refused |

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::MeetingAction;
use super::error::{ActionError, NotInCall, Reason};
use crate::recall::body::text;
use crate::recall::transport::{NoReply, Reply};

impl From<NoReply> for ActionError {
    fn from(lost: NoReply) -> Self {
        match lost {
            NoReply::NotSent => Self::Failed { status: None },
            NoReply::Lost => Self::InDoubt,
        }
    }
}

impl ActionError {
    /// Returns what a response means.
    pub(in crate::recall) fn check(
        reply: &Reply,
        action: &MeetingAction,
        workspace: &str,
    ) -> Result<(), Self> {
        let body = text(&reply.body);
        let body = body.trim();
        let workspace = || workspace.to_owned();
        Err(match reply.status {
            200..300 if is_done(body) => return Ok(()),
            200..300 => Self::InDoubt,
            401 => Self::WrongKey { workspace: workspace() },
            402 => Self::NoCredit { workspace: workspace() },
            403 if body.starts_with('<') => Self::Blocked { workspace: workspace() },
            403 => Self::MayOnlyRead { workspace: workspace() },
            404 | 405 if matches!(action, MeetingAction::RequestRecordingPermission) => Self::NoSuchStep,
            404 if !body.starts_with('<') => Self::NoSuchBot { workspace: workspace() },
            409 => Self::InFlight,
            429 => Self::RateLimited { workspace: workspace(), after: reply.after },
            502 | 503 => Self::Failed { status: Some(reply.status) },
            507 => Self::OutOfCapacity,
            500.. => Self::InDoubt,
            status => match not_in_call(body) {
                Some(why) if status == 400 => Self::NotInCall(why),
                _ => Self::Refused { status, reason: reason(body) },
            },
        })
    }
}

/// Returns `true` for the bot that Recall.ai returns, and for no body.
fn is_done(body: &str) -> bool {
    body.is_empty() || serde_json::from_str::<BTreeMap<String, IgnoredAny>>(body).is_ok()
}

/// Reads the code wherever it stands, because its place in the body isn't documented.
fn not_in_call(body: &str) -> Option<NotInCall> {
    [NotInCall::Unstarted, NotInCall::Completed].into_iter().find(|why| body.contains(why.code()))
}

/// Returns the reason from `detail`, from the first field that is wrong, or from a list.
fn reason(body: &str) -> Option<Reason> {
    let body: Value = serde_json::from_str(body).ok()?;
    let first = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(texts) => texts.iter().find_map(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let found = match &body {
        Value::Object(fields) => fields.get("detail").and_then(first).or_else(|| {
            fields.iter().find_map(|(field, value)| first(value).map(|text| format!("{field}: {text}")))
        }),
        other => first(other),
    };
    found.and_then(|text| Reason::of(&text))
}
