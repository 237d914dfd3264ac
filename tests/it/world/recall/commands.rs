//! Commands to bots in meetings: what Recall.ai refuses, and what it does once for each key. Where its description
//! leaves something open, this is stricter.

use std::collections::{HashMap, VecDeque};

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::meeting::Place;
use super::{FakeRecall, Fault, Seen, Workspace};

/// An answer is stored under its key for this time.
const STORED: SignedDuration = SignedDuration::from_hours(1);

/// How a command goes wrong.
#[derive(Debug, Clone)]
pub enum CommandFault {
    /// The connection ends, and nothing was done.
    Reset,
    /// It is done, and the connection ends.
    DoneAndReset,
    /// It is done, no answer ever comes, and this many further requests with the key are told that it is in flight.
    DoneAndSilent(u32),
    /// It is done, and this is the answer.
    DoneAndText(&'static str),
    /// Another request with the same key is being processed; 409.
    InFlight,
    /// No room; 507, and that is stored under the key.
    OutOfCapacity,
    /// Refused with this code; 400, and that is stored under the key.
    Refused(&'static str),
}

/// What was answered under a key.
#[derive(Debug)]
struct Stored {
    /// The path and the body.
    request: (String, Vec<u8>),
    at: Timestamp,
    answer: (u16, String),
    /// How many more requests are told that it is in flight.
    in_flight: u32,
}

#[derive(Debug, Default)]
pub(super) struct Commands {
    stored: HashMap<String, Stored>,
    faults: VecDeque<CommandFault>,
    may_only_read: bool,
    /// The status for a request for permission, if these bots have no such step.
    no_step: Option<u16>,
    /// A bot that has left is told to be unstarted, as Recall.ai sometimes does.
    left_is_unstarted: bool,
}

impl FakeRecall {
    /// These commands go wrong, one after the other.
    pub fn fail_commands(&self, faults: impl IntoIterator<Item = CommandFault>) {
        self.workspace().commands.faults.extend(faults);
    }

    /// The key may read, and nothing else.
    pub fn key_may_only_read(&self) {
        self.workspace().commands.may_only_read = true;
    }

    /// Bots of this workspace can't request permission; 404 or 405.
    pub fn without_permission_step(&self, status: u16) {
        self.workspace().commands.no_step = Some(status);
    }

    /// Bots that have left are told to be unstarted.
    pub fn left_bots_are_unstarted(&self) {
        self.workspace().commands.left_is_unstarted = true;
    }
}

fn answered((status, body): (u16, String)) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::from_u16(status).unwrap(), json, body).into_response()
}

fn refused(status: u16, code: &str, detail: &str) -> (u16, String) {
    (status, json!({ "code": code, "detail": detail }).to_string())
}

fn wrong_field(field: &str, why: &str) -> (u16, String) {
    (400, json!({ field: [why] }).to_string())
}

impl Workspace {
    pub(super) fn command(&mut self, seen: &Seen, body: &[u8]) -> Result<Response, Fault> {
        let path = seen.path.strip_prefix("/api/v1/bot/").and_then(|rest| rest.strip_suffix('/'));
        let Some((id, command)) = path.and_then(|path| path.split_once('/')) else {
            return Err(Fault::WebPage(404));
        };
        if seen.method != Method::POST {
            return Ok(answered(refused(405, "method_not_allowed", "Method not allowed.")));
        }
        if seen.content_length.is_none() {
            return Err(Fault::WebPage(411));
        }
        if self.commands.may_only_read {
            let why = "You do not have permission to perform this action.";
            return Ok(answered(refused(403, "permission_denied", why)));
        }
        // Recall.ai takes commands without one. Here every command has one.
        let Some(key) = seen.idempotency_key.clone().filter(|key| key.parse::<uuid::Uuid>().is_ok()) else {
            return Ok(answered(refused(400, "no_key", "A command without a key may be done twice.")));
        };
        let now = self.clock;
        let request = (seen.path.clone(), body.to_vec());
        self.commands.stored.retain(|_, stored| now.duration_since(stored.at) < STORED);
        if let Some(stored) = self.commands.stored.get_mut(&key) {
            if stored.request != request {
                let why = "The key was used for another request.";
                return Ok(answered(refused(400, "idempotency_key_reused", why)));
            }
            if stored.in_flight > 0 {
                stored.in_flight -= 1;
                return Ok(answered(refused(409, "conflict", "In flight.")));
            }
            return Ok(answered(stored.answer.clone()));
        }
        let fault = self.commands.faults.pop_front();
        let answer = match fault {
            Some(CommandFault::Reset) => return Err(Fault::Reset),
            Some(CommandFault::InFlight) => return Ok(answered(refused(409, "conflict", "In flight."))),
            Some(CommandFault::Refused(code)) => refused(400, code, "Not possible in this meeting."),
            Some(CommandFault::OutOfCapacity) => refused(507, "out_of_capacity", "Retry with a new key."),
            _ => self.carry_out(id, command, seen, body).unwrap_or_else(|refusal| refusal),
        };
        let in_flight = if let Some(CommandFault::DoneAndSilent(times)) = fault { times } else { 0 };
        let stored = Stored { request, at: now, answer: answer.clone(), in_flight };
        self.commands.stored.insert(key, stored);
        match fault {
            Some(CommandFault::DoneAndReset) => Err(Fault::Reset),
            Some(CommandFault::DoneAndSilent(_)) => Err(Fault::Silence),
            Some(CommandFault::DoneAndText(text)) => Ok(text.into_response()),
            _ => Ok(answered(answer)),
        }
    }

    /// Does what is asked, and returns the bot; or says why not.
    fn carry_out(
        &mut self,
        id: &str,
        command: &str,
        seen: &Seen,
        body: &[u8],
    ) -> Result<(u16, String), (u16, String)> {
        let not_found = || refused(404, "not_found", "Not found.");
        let bot = self.bots.get_mut(id).ok_or_else(not_found)?;
        let on_zoom = bot["meeting_url"]["platform"] == "zoom";
        let message = match command {
            "send_chat_message" => Some(message(seen, body)?),
            "request_recording_permission" => match self.commands.no_step.or((!on_zoom).then_some(404)) {
                Some(status) => return Err(refused(status, "not_found", "No such step.")),
                None => None,
            },
            "start_recording" => None,
            _ => return Err(not_found()),
        };
        if message.is_none() && (!body.is_empty() || seen.content_type.is_some()) {
            return Err(refused(400, "parse_error", "This command has no body."));
        }
        let left = if self.commands.left_is_unstarted { "unstarted" } else { "completed" };
        let meeting = self.meetings.get_mut(id);
        let state = match meeting.as_ref().map_or(Place::Left, |meeting| meeting.place) {
            Place::InCall => None,
            Place::Joining | Place::WaitingRoom => Some("unstarted"),
            Place::Left => Some(left),
        };
        let (Some(meeting), None) = (meeting, state) else {
            let code = format!("cannot_command_{}_bot", state.unwrap_or(left));
            return Err(refused(400, &code, "Cannot send a command to this bot."));
        };
        match (command, message) {
            (_, Some((to, _))) if to != "everyone" && !on_zoom => {
                return Err(wrong_field("to", "This platform can send to \"everyone\" only."));
            }
            (_, Some((to, text))) => meeting.hears(&to, &text),
            ("start_recording", None) => meeting.started(bot, self.clock),
            _ => meeting.asked(bot, self.clock),
        }
        Ok((200, bot.to_string()))
    }
}

/// To whom, and what; or what is wrong with it.
fn message(seen: &Seen, body: &[u8]) -> Result<(String, String), (u16, String)> {
    if seen.content_type.as_deref() != Some("application/json") {
        return Err(refused(415, "unsupported_media_type", "Unsupported media type."));
    }
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Err(refused(400, "parse_error", "JSON parse error."));
    };
    if let Some(field) = fields.keys().find(|field| !["to", "message", "pin"].contains(&field.as_str())) {
        return Err(wrong_field(field, "Unknown field."));
    }
    if fields.get("pin").is_some_and(|pin| !pin.is_boolean()) {
        return Err(wrong_field("pin", "Must be a valid boolean."));
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (to, message) = (text("to"), text("message"));
    if !["host", "everyone", "everyone_except_host"].contains(&to.as_str()) {
        return Err(wrong_field("to", "Not a valid choice."));
    }
    match message.chars().count() {
        0 => Err(wrong_field("message", "This field may not be blank.")),
        1..=4096 => Ok((to, message)),
        _ => Err(wrong_field("message", "Ensure this field has no more than 4096 characters.")),
    }
}
