//! The whole service with a Slack and a Recall.ai on this machine, held as conversations.

mod asking;

mod failing;
mod home;
pub mod measured;
pub mod rendering;
mod requests;
mod rescuing;
mod sharing;
mod socket;
pub mod surviving;
mod unfurling;

use std::sync::atomic::{AtomicUsize, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use why_no_recording::app::{self, Running};
use why_no_recording::clock;
use why_no_recording::settings::environment::Environment;
use why_no_recording::settings::{Settings, SettingsFile, Sources, load};

use crate::world::databases::Place;
use crate::world::recall::{FakeRecall, KEY};
use crate::world::slack::{APP_TOKEN, BOT_TOKEN, FakeSlack, Posted, SIGNING_SECRET, Told};

/// A Zoom bot that was in the call for an hour, and nobody there was the host.
pub const NO_HOST: &str = "5215cf1e-bc6e-54c0-983d-7d8b2052615d";
/// A Zoom bot whose host does not allow recordings to the computer.
pub const DENIED: &str = "6ef1d0a4-3d0e-4f60-8b8e-0c4f7a3f2f11";
/// A bot that nobody knows.
pub const UNKNOWN: &str = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417";

/// Everything that takes part.
pub struct World {
    pub slack: FakeSlack,
    pub recall: FakeRecall,
    /// Where programs run.
    pub folder: TempDir,
    /// What the service keeps.
    pub database: Place,
    requests: AtomicUsize,
    http: reqwest::Client,
}

impl World {
    pub async fn new() -> Self {
        Self::on(Place::sqlite()).await
    }

    /// The same with the database there.
    pub async fn on(database: Place) -> Self {
        let (slack, recall) = (FakeSlack::start().await, FakeRecall::start().await);
        recall.add_bot(json!({
            "id": NO_HOST, "bot_name": "Acme <!channel> Notetaker",
            "meeting_url": { "platform": "zoom" },
            "status_changes": [
                { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:00Z" },
                { "code": "call_ended", "sub_code": "call_ended_by_host", "created_at": "2026-11-18T16:00:00Z" },
            ],
            "meeting_participants": [{ "id": 1, "is_host": false }],
        }));
        recall.add_bot(json!({
            "id": DENIED, "bot_name": "Acme Notetaker",
            "meeting_url": { "platform": "zoom" },
            "status_changes": [
                { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:00Z" },
                { "code": "recording_permission_denied", "sub_code": "zoom_local_recording_disabled", "created_at": "2026-11-18T15:00:03Z" },
                { "code": "call_ended", "sub_code": "call_ended_by_host", "created_at": "2026-11-18T16:00:00Z" },
            ],
        }));
        let (folder, http) = (TempDir::new().unwrap(), reqwest::Client::new());
        Self { slack, recall, folder, database, requests: AtomicUsize::new(0), http }
    }

    /// The variables that lead to this world.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("RECALL_API_KEY", KEY.to_owned()),
            ("RECALL_BASE_URL", self.recall.base_url.clone()),
            ("SLACK_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("SLACK_API_URL", self.slack.api_url()),
            ("SLACK_SIGNING_SECRET", SIGNING_SECRET.to_owned()),
            ("DATABASE_URL", self.database.url()),
            ("HTTP_LISTEN", "127.0.0.1:0".to_owned()),
            ("HTTP_DRAIN_SECS", "0".to_owned()),
        ]
    }

    pub fn settings(&self, more: &[(&'static str, &str)]) -> Settings {
        self.load(None, more)
    }

    fn load(&self, file: Option<SettingsFile>, more: &[(&'static str, &str)]) -> Settings {
        let mut variables = self.variables();
        variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let pairs: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        load(&Sources { file, environment: Environment::of(&pairs) }).unwrap().settings
    }

    /// The same with the text of a file of settings below the variables.
    pub fn settings_with_file(&self, text: &str, more: &[(&'static str, &str)]) -> Settings {
        let file = SettingsFile { path: "wnr.toml".into(), text: text.to_owned() };
        self.load(Some(file), more)
    }

    /// With Slack's requests over HTTP.
    pub async fn over_http(self) -> Talking {
        let running = app::start(&self.settings(&[])).await.unwrap();
        Talking { world: self, running }
    }

    /// With Slack's requests through Socket Mode.
    pub async fn over_sockets(self) -> Talking {
        let running = app::start(&self.settings(&[("SLACK_APP_TOKEN", APP_TOKEN)])).await.unwrap();
        Talking { world: self, running }
    }

    /// A number that no other request has.
    pub fn number(&self) -> usize {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// What Slack sends for a command, its private answers going to `name`.
    pub fn command(&self, what: &str, name: &str) -> Value {
        json!({
            "team_id": "T1", "team_domain": "acme", "channel_id": "C1", "channel_name": "recordings",
            "user_id": "U1", "command": "/why-no-recording", "text": what,
            "response_url": self.slack.response_url(name), "trigger_id": format!("t{}", self.number()),
        })
    }

    /// What Slack sends when a button below a message is pressed.
    pub fn press(&self, button: &str, message: &Posted) -> Value {
        let trigger = format!("t{}", self.number());
        self.slack.pressed(&trigger);
        json!({
            "type": "block_actions", "team": { "id": "T1", "domain": "acme" }, "user": { "id": "U2", "name": "sam" },
            "api_app_id": "A1", "trigger_id": trigger,
            "container": {
                "type": "message", "message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": false,
                "thread_ts": message.thread_ts,
            },
            "channel": { "id": message.channel, "name": "recordings" },
            "message": { "type": "message", "ts": message.ts, "thread_ts": message.thread_ts, "text": message.body["text"] },
            "response_url": self.slack.response_url("press"),
            "actions": [{ "type": "button", "action_id": button, "block_id": "b", "action_ts": "1795014000.1",
                "text": { "type": "plain_text", "text": "Button" } }],
        })
    }

    /// What Slack sends when the app is mentioned.
    pub fn mention(&self, said: &str, ts: &str, thread_ts: Option<&str>) -> Value {
        let mut event = json!({
            "type": "app_mention", "user": "U1", "text": format!("<@UBOT> {said}"), "ts": ts, "channel": "C1", "event_ts": ts,
        });
        self.slack.has("C1", thread_ts.unwrap_or(ts), said);
        if let Some(thread) = thread_ts {
            event["thread_ts"] = thread.into();
        }
        json!({
            "type": "event_callback", "token": "x", "team_id": "T1", "api_app_id": "A1",
            "event_id": format!("Ev{}", self.number()), "event_time": 1_795_014_000, "event": event,
        })
    }

    /// What Slack sends when the shortcut of a message is chosen.
    pub fn shortcut(&self, message: &Value) -> Value {
        let thread = message["thread_ts"].as_str().or(message["ts"].as_str()).unwrap_or_default();
        self.slack.has("C1", thread, message["text"].as_str().unwrap_or_default());
        json!({
            "type": "message_action", "callback_id": "why_no_recording", "trigger_id": format!("t{}", self.number()),
            "team": { "id": "T1", "domain": "acme" }, "user": { "id": "U1", "name": "alex" },
            "channel": { "id": "C1", "name": "recordings" }, "message": message,
            "response_url": self.slack.response_url("shortcut"), "message_ts": message["ts"],
        })
    }
}

/// The service, running in its world.
pub struct Talking {
    pub world: World,
    pub running: Running,
}

impl Talking {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    /// A command over HTTP; ends when it is acknowledged.
    pub async fn ask(&self, what: &str) -> String {
        let name = format!("c{}", self.world.number());
        let command = self.world.command(what, &name);
        self.send_command(&command).await;
        name
    }

    pub async fn send_command(&self, command: &Value) {
        let answer = self.post("/slack/commands", &form(command)).await;
        assert_eq!((answer.0, answer.1.as_str()), (StatusCode::OK, ""));
    }

    pub async fn interact(&self, payload: &Value) {
        let answer =
            self.post("/slack/interactions", &form(&json!({ "payload": payload.to_string() }))).await;
        assert_eq!((answer.0, answer.1.as_str()), (StatusCode::OK, ""));
    }

    /// Submits a form over HTTP, and returns what Slack shows as wrong in it.
    pub async fn submit(&self, view: &Value, values: &[(&str, Value)]) -> Vec<(String, String)> {
        let payload = self.world.slack.submission(view, values);
        let body = form(&json!({ "payload": payload.to_string() }));
        let (status, answer) = self.post("/slack/interactions", &body).await;
        assert_eq!(status, StatusCode::OK);
        self.world.slack.acknowledged(view, &answer)
    }

    pub async fn push(&self, payload: &Value) {
        let answer = self.post("/slack/events", &payload.to_string()).await;
        assert_eq!((answer.0, answer.1.as_str()), (StatusCode::OK, ""));
    }

    /// Posts a body that Slack signed now.
    pub async fn post(&self, path: &str, body: &str) -> (StatusCode, String) {
        let timestamp = clock::now().as_second().to_string();
        self.post_signed(path, body, &timestamp, &sign(&timestamp, body)).await
    }

    pub async fn post_signed(
        &self,
        path: &str,
        body: &str,
        timestamp: &str,
        signature: &str,
    ) -> (StatusCode, String) {
        let request = self
            .world
            .http
            .post(self.url(path))
            .header("x-slack-request-timestamp", timestamp)
            .header("x-slack-signature", signature)
            .body(body.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// The messages in the channel, when there are so many.
    pub async fn posted(&self, many: usize) -> Vec<Posted> {
        let enough = |slack: &FakeSlack| Some(slack.posted("C1")).filter(|posted| posted.len() >= many);
        self.world.slack.until(&format!("{many} messages"), enough).await
    }

    /// The message that one person was shown through this address.
    pub async fn told(&self, through: &str) -> Told {
        let found = |slack: &FakeSlack| slack.told().into_iter().find(|told| told.through == through);
        self.world.slack.until(&format!("an answer through {through}"), found).await
    }

    /// Ends well when nobody waits for anything, and Slack had nothing to complain about.
    pub async fn end(self) {
        self.settled().await;
        assert_eq!(self.world.slack.violations(), Vec::<String>::new());
        self.running.stop().await;
    }

    /// Ends when `/readyz` says of this task what is wanted; says what that is.
    pub async fn ready_says(&self, task: &str, wanted: impl Fn(&str) -> bool) -> String {
        let saying = async {
            loop {
                let ready = reqwest::get(self.url("/readyz")).await.unwrap();
                let ready: Value = ready.json().await.unwrap();
                let tasks = ready["tasks"].as_array().unwrap();
                let state = tasks.iter().find(|one| one["task"] == task).map(|one| &one["state"]);
                if let Some(state) = state.and_then(Value::as_str).filter(|state| wanted(state)) {
                    return state.to_owned();
                }
                tokio::task::yield_now().await;
            }
        };
        let saying = tokio::time::timeout(std::time::Duration::from_secs(30), saying);
        saying.await.unwrap_or_else(|_| panic!("/readyz never says it of {task}"))
    }

    /// Ends when the inbox and the outbox are empty.
    pub async fn settled(&self) {
        settled(&self.running).await;
    }
}

/// Ends when the inbox and the outbox are empty.
pub async fn settled(running: &Running) {
    let settling = async {
        loop {
            let store = &running.service.store;
            let inbox = store.inbox_backlog().await.unwrap().waiting;
            if inbox + store.outbox_backlog().await.unwrap().waiting == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), settling).await.expect("everything is said");
}

pub fn form(fields: &Value) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.as_object().unwrap() {
        form.append_pair(name, value.as_str().unwrap());
    }
    form.finish()
}

pub fn sign(timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

/// All text that a message shows, and the ids of its buttons.
pub fn shown(body: &Value) -> String {
    let mut out = String::new();
    collect(&body["blocks"], &mut out);
    out
}

fn collect(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "text" || name == "action_id" => {
                        out.push_str(text);
                        out.push('\n');
                    }
                    field => collect(field, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        _ => {}
    }
}
