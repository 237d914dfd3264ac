//! A Slack on this machine: the methods of its Web API that we call, Socket Mode, and the addresses for
//! private answers. It keeps channels with their messages, refuses what Slack refuses, and fails on demand.

mod limits;
mod socket;
mod surfaces;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use jiff::fmt::rfc2822;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use why_no_recording::clock;

pub use limits::{Parse, block_violations};
pub use socket::Connection;

pub const BOT_TOKEN: &str = "xoxb-sample-not-a-real-token";
pub const APP_TOKEN: &str = "xapp-sample-not-a-real-token";
pub const SIGNING_SECRET: &str = "sample-signing-secret";

/// How a call goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// `ok: false` with this error.
    Refused(&'static str),
    /// Asked to slow down, with `Retry-After`.
    Busy(u64),
    /// A web page with this status.
    Status(u16),
    /// The connection ends without an answer, and nothing was done.
    Reset,
    /// It is done, and the connection ends without an answer.
    DoneAndReset,
    /// It is done, and no answer ever comes.
    DoneAndSilent,
}

/// A message as Slack keeps it.
#[derive(Debug, Clone)]
pub struct Posted {
    pub channel: String,
    pub ts: String,
    pub thread_ts: Option<String>,
    pub body: Value,
    pub edits: usize,
    /// When it came.
    pub at: Instant,
}

/// A channel takes a message in this time, and answers the next one with 429.
const PACE: Duration = Duration::from_secs(1);

/// So long a press may open a form. <https://docs.slack.dev/surfaces/modals#gathering_and_processing>
const TRIGGER: Duration = Duration::from_secs(3);

/// What one person was shown.
#[derive(Debug, Clone)]
pub struct Told {
    /// The path of the private address, or `chat.postEphemeral`.
    pub through: String,
    pub body: Value,
}

#[derive(Default)]
pub(super) struct Workspace {
    /// Channels that the app is in.
    joined: HashSet<String>,
    /// Channels that it is not in.
    others: HashSet<String>,
    archived: HashSet<String>,
    scopes: HashSet<&'static str>,
    /// Scopes of every app that this one lacks.
    lacking: HashSet<&'static str>,
    /// The bot token is that of a person.
    is_person: bool,
    /// It refuses messages with charts.
    draws_no_charts: bool,
    /// Seconds by which its clock is ahead.
    clock_off: i64,
    messages: Vec<Posted>,
    told: Vec<Told>,
    calls: BTreeMap<String, usize>,
    faults: HashMap<String, VecDeque<Fault>>,
    /// What goes wrong with each call of a method, until it is mended.
    lasting: HashMap<String, Fault>,
    /// When each channel took its last message.
    last_posts: HashMap<String, Instant>,
    /// Messages that came faster than a channel takes them.
    too_fast: usize,
    used: HashMap<String, usize>,
    surfaces: surfaces::Surfaces,
    /// When each press gave its permission to open a form. It is used up by the first form.
    triggers: HashMap<String, Instant>,
    /// The ids of channels, by the names that a new message may use.
    names: HashMap<String, String>,
    /// The forms that are open, by their ids.
    views: BTreeMap<String, Value>,
    /// User groups, and who is in them.
    groups: HashMap<String, Vec<&'static str>>,
    next_ts: u64,
    violations: Vec<String>,
}

/// A running Slack; it stops when it is dropped.
pub struct FakeSlack {
    pub origin: String,
    workspace: Arc<Mutex<Workspace>>,
    changed: Arc<Notify>,
    sockets: Arc<socket::Sockets>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Serving {
    origin: String,
    workspace: Arc<Mutex<Workspace>>,
    changed: Arc<Notify>,
    sockets: Arc<socket::Sockets>,
}

impl FakeSlack {
    /// With the app in the channel `C1`.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let workspace = Workspace { joined: HashSet::from(["C1".to_owned()]), ..Workspace::default() };
        let serving = Serving {
            origin: origin.clone(),
            workspace: Arc::new(Mutex::new(workspace)),
            changed: Arc::new(Notify::new()),
            sockets: Arc::default(),
        };
        let router = Router::new()
            .route("/link", axum::routing::get(socket::connect))
            .fallback(answer)
            .with_state(serving.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let Serving { workspace, changed, sockets, .. } = serving;
        Self { origin, workspace, changed, sockets, server }
    }

    pub fn api_url(&self) -> String {
        format!("{}/api", self.origin)
    }

    /// An address for private answers, as it comes with a command.
    pub fn response_url(&self, name: &str) -> String {
        format!("{}/commands/{name}", self.origin)
    }

    pub fn grant(&self, scope: &'static str) {
        self.lock().scopes.insert(scope);
    }

    /// The app was installed without this scope.
    pub fn lacks(&self, scope: &'static str) {
        self.lock().lacking.insert(scope);
    }

    /// The bot token is that of a person.
    pub fn knows_a_person(&self) {
        self.lock().is_person = true;
    }

    /// It refuses messages with charts, as a workspace does that hasn't got them yet.
    pub fn draws_no_charts(&self) {
        self.lock().draws_no_charts = true;
    }

    /// Its clock is ahead of ours by so many seconds.
    pub fn is_ahead(&self, seconds: i64) {
        self.lock().clock_off = seconds;
    }

    pub fn join(&self, channel: &str) {
        self.lock().joined.insert(channel.to_owned());
    }

    /// A channel that the app is not in.
    pub fn channel(&self, channel: &str) {
        self.lock().others.insert(channel.to_owned());
    }

    /// A channel has this name.
    pub fn is_called(&self, name: &str, channel: &str) {
        self.lock().names.insert(name.to_owned(), channel.to_owned());
    }

    pub fn archives(&self, channel: &str) {
        self.lock().archived.insert(channel.to_owned());
    }

    /// Puts a message there that somebody else wrote.
    pub fn says(&self, channel: &str, text: &str) -> String {
        let mut workspace = self.lock();
        let ts = workspace.ts();
        let body = json!({ "text": text });
        workspace.messages.push(Posted {
            channel: channel.to_owned(),
            ts: ts.clone(),
            thread_ts: None,
            body,
            edits: 0,
            at: Instant::now(),
        });
        ts
    }

    /// A message that a person wrote, with this time for a name; nothing where it is there already.
    pub fn has(&self, channel: &str, ts: &str, text: &str) {
        let mut workspace = self.lock();
        if workspace.messages.iter().any(|message| message.channel == channel && message.ts == ts) {
            return;
        }
        workspace.messages.push(Posted {
            channel: channel.to_owned(),
            ts: ts.to_owned(),
            thread_ts: None,
            body: json!({ "text": text }),
            edits: 0,
            at: Instant::now(),
        });
    }

    /// Every call of this method goes wrong from now on.
    pub fn fails_always(&self, method: &str, fault: Fault) {
        self.lock().lasting.insert(method.to_owned(), fault);
    }

    /// No longer.
    pub fn works_again(&self, method: &str) {
        self.lock().lasting.remove(method);
    }

    /// Messages that were refused because they came too fast.
    pub fn too_fast(&self) -> usize {
        self.lock().too_fast
    }

    /// Somebody deletes a message.
    pub fn deletes(&self, ts: &str) {
        self.lock().messages.retain(|message| message.ts != ts);
    }

    /// The next call of this method goes wrong; calls of it after that as they are listed.
    pub fn fails(&self, method: &str, fault: Fault) {
        self.lock().faults.entry(method.to_owned()).or_default().push_back(fault);
    }

    pub fn calls(&self, method: &str) -> usize {
        self.lock().calls.get(method).copied().unwrap_or_default()
    }

    /// What the app posted in a channel, in order.
    pub fn posted(&self, channel: &str) -> Vec<Posted> {
        let is_ours = |posted: &&Posted| posted.channel == channel && posted.body["blocks"].is_array();
        self.lock().messages.iter().filter(is_ours).cloned().collect()
    }

    /// A user group has these members.
    pub fn group(&self, id: &str, members: &[&'static str]) {
        self.lock().groups.insert(id.to_owned(), members.to_vec());
    }

    /// Somebody deletes a user group.
    pub fn no_group(&self, id: &str) {
        self.lock().groups.remove(id);
    }

    /// A person presses something, which permits a form.
    pub fn pressed(&self, trigger: &str) {
        self.lock().triggers.insert(trigger.to_owned(), Instant::now());
    }

    /// The permission of this press is over.
    pub fn trigger_expires(&self, trigger: &str) {
        self.lock().triggers.insert(trigger.to_owned(), Instant::now().checked_sub(TRIGGER).unwrap());
    }

    /// The forms that are open, each with its id.
    pub fn views(&self) -> Vec<Value> {
        self.lock().views.values().cloned().collect()
    }

    /// What Slack sends when a form is submitted with these values: block, and what is selected or typed there. What
    /// was not touched keeps what it was shown with.
    pub fn submission(&self, view: &Value, values: &[(&str, Value)]) -> Value {
        limits::submission(view, values)
    }

    /// Does with the acknowledgement of a submission what Slack does: closes the form, or shows its errors, which are
    /// returned.
    pub fn acknowledged(&self, view: &Value, body: &str) -> Vec<(String, String)> {
        if body.is_empty() {
            self.lock().views.remove(view["id"].as_str().unwrap());
            return Vec::new();
        }
        let answer: Value = serde_json::from_str(body).unwrap();
        limits::errors(view, &answer)
    }

    pub fn told(&self) -> Vec<Told> {
        self.lock().told.clone()
    }

    /// Ends when the workspace is as wanted; fails after a long time, when it never will be.
    pub async fn until<T>(&self, what: &str, wanted: impl FnMut(&Self) -> Option<T>) -> T {
        self.until_within(Duration::from_secs(30), what, wanted).await
    }

    /// The same where it is known to take a while.
    pub async fn until_within<T>(
        &self,
        long: Duration,
        what: &str,
        mut wanted: impl FnMut(&Self) -> Option<T>,
    ) -> T {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                if let Some(found) = wanted(self) {
                    return found;
                }
                changed.await;
            }
        };
        tokio::time::timeout(long, waiting).await.unwrap_or_else(|_| panic!("never: {what}"))
    }

    /// Ends when this many connections of Socket Mode are open.
    pub async fn connections(&self, many: usize) -> Vec<Connection> {
        self.sockets.open(many).await
    }

    /// Everything that Slack would have complained about.
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Workspace> {
        self.workspace.lock().unwrap()
    }
}

impl Drop for FakeSlack {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Workspace {
    fn ts(&mut self) -> String {
        self.next_ts += 1;
        format!("1795014000.{:06}", self.next_ts)
    }

    /// Whether a message comes before its channel takes the next one.
    fn is_too_fast(&mut self, arguments: &Value) -> bool {
        let channel = arguments["channel"].as_str().unwrap_or_default();
        let too_fast = self.last_posts.get(channel).is_some_and(|last| last.elapsed() < PACE);
        self.too_fast += usize::from(too_fast);
        too_fast
    }
}

async fn answer(State(serving): State<Serving>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let authorization = request.headers().get(header::AUTHORIZATION).cloned();
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let method = path.strip_prefix("/api/").unwrap_or(&path).to_owned();
    let fault = {
        let mut workspace = serving.workspace.lock().unwrap();
        *workspace.calls.entry(method.clone()).or_default() += 1;
        let once = workspace.faults.get_mut(&method).and_then(VecDeque::pop_front);
        once.or_else(|| workspace.lasting.get(&method).cloned())
    };
    serving.changed.notify_waiters();
    match fault {
        Some(Fault::Refused(error)) => return said(&serving, &json!({ "ok": false, "error": error })),
        Some(Fault::Busy(seconds)) => return busy(seconds),
        Some(Fault::Status(status)) => {
            return (StatusCode::from_u16(status).unwrap(), "<html>Something is wrong</html>")
                .into_response();
        }
        Some(Fault::Reset) => panic!("the connection ends here on purpose"),
        Some(Fault::DoneAndReset | Fault::DoneAndSilent) | None => {}
    }
    let wanted = if method == "apps.connections.open" { APP_TOKEN } else { BOT_TOKEN };
    let authorized = authorization.is_some_and(|header| header == format!("Bearer {wanted}"));
    let done = if let Some(name) = path.strip_prefix("/commands/") {
        respond(&serving, name, &body)
    } else if !authorized {
        json!({ "ok": false, "error": "invalid_auth" })
    } else if method == "apps.connections.open" {
        json!({ "ok": true, "url": format!("{}/link", serving.origin.replacen("http", "ws", 1)) })
    } else {
        let arguments = if body.is_empty() { form(query.as_bytes()) } else { read(&body) };
        if method == "chat.postMessage" && serving.workspace.lock().unwrap().is_too_fast(&arguments) {
            return busy(1);
        }
        call(&mut serving.workspace.lock().unwrap(), &method, &arguments)
    };
    serving.changed.notify_waiters();
    if let Some(Fault::DoneAndSilent) = fault {
        std::future::pending::<()>().await;
    }
    assert!(!matches!(fault, Some(Fault::DoneAndReset)), "the connection ends here on purpose");
    if done == "expired_url" {
        (StatusCode::NOT_FOUND, "expired_url").into_response()
    } else if done == "invalid_blocks" {
        (StatusCode::BAD_REQUEST, "invalid_blocks").into_response()
    } else {
        said(&serving, &done)
    }
}

fn busy(seconds: u64) -> Response {
    let retry = [(header::RETRY_AFTER, seconds.to_string())];
    let body = json!({ "ok": false, "error": "ratelimited" }).to_string();
    (StatusCode::TOO_MANY_REQUESTS, retry, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn said(serving: &Serving, body: &Value) -> Response {
    let workspace = serving.workspace.lock().unwrap();
    let all = ["app_mentions:read", "chat:write", "commands"];
    let all = all.into_iter().chain(workspace.scopes.iter().copied());
    let scopes: Vec<&str> = all.filter(|scope| !workspace.lacking.contains(scope)).collect();
    let time = clock::now() + SignedDuration::from_secs(workspace.clock_off);
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/json".to_owned()),
        ("x-oauth-scopes", scopes.join(",")),
        (header::DATE.as_str(), rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).unwrap()),
    ];
    (headers, body.to_string()).into_response()
}

fn read(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| form(body))
}

fn form(body: &[u8]) -> Value {
    let fields = url::form_urlencoded::parse(body);
    Value::Object(fields.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect())
}

/// A private answer: five times for each address.
fn respond(serving: &Serving, name: &str, body: &Bytes) -> Value {
    let mut workspace = serving.workspace.lock().unwrap();
    let body = read(body);
    let used = workspace.used.entry(name.to_owned()).or_default();
    *used += 1;
    if *used > 5 || name == "expired" {
        return json!("expired_url");
    }
    if workspace.draws_no_charts && limits::has_chart(&body) {
        return json!("invalid_blocks");
    }
    workspace.violations.extend(limits::violations("response_url", &body));
    workspace.told.push(Told { through: name.to_owned(), body });
    json!({ "ok": true })
}

fn call(workspace: &mut Workspace, method: &str, arguments: &Value) -> Value {
    let refused = |error: &str| json!({ "ok": false, "error": error });
    if workspace.draws_no_charts && limits::has_chart(arguments) {
        return refused("invalid_blocks");
    }
    workspace.violations.extend(limits::violations(method, arguments));
    if let Some(answer) = surfaces::call(workspace, method, arguments) {
        return answer;
    }
    let channel = arguments["channel"].as_str().unwrap_or_default().to_owned();
    // Only for a new message. Everything else takes the id alone.
    let named = workspace.names.get(&channel).filter(|_| method == "chat.postMessage").cloned();
    let channel = named.unwrap_or(channel);
    let joined = workspace.joined.contains(&channel);
    match method {
        "auth.test" => {
            let mut told = json!({ "ok": true, "user_id": "UBOT", "team": "Acme", "team_id": "T1", "app_id": "A1", "url": "https://acme.slack.com/" });
            if !workspace.is_person {
                told["bot_id"] = "BBOT".into();
            }
            told
        }
        "chat.postMessage" if workspace.archived.contains(&channel) => refused("is_archived"),
        "chat.postMessage" if !joined => refused("not_in_channel"),
        "chat.postMessage" => {
            let thread_ts = arguments["thread_ts"].as_str().map(ToOwned::to_owned);
            let is_there =
                |ts: &String| workspace.messages.iter().any(|m| m.channel == channel && m.ts == *ts);
            if !thread_ts.as_ref().is_none_or(is_there) {
                return refused("thread_not_found");
            }
            let ts = workspace.ts();
            workspace.last_posts.insert(channel.clone(), Instant::now());
            let posted = Posted {
                channel: channel.clone(),
                ts: ts.clone(),
                thread_ts,
                body: arguments.clone(),
                edits: 0,
                at: Instant::now(),
            };
            workspace.messages.push(posted);
            json!({ "ok": true, "channel": channel, "ts": ts })
        }
        "chat.update" => {
            let ts = arguments["ts"].as_str().unwrap_or_default();
            let found = workspace.messages.iter_mut().find(|m| m.channel == channel && m.ts == ts);
            let Some(message) = found else { return refused("message_not_found") };
            message.edits += 1;
            message.body["text"] = arguments["text"].clone();
            message.body["blocks"] = arguments["blocks"].clone();
            json!({ "ok": true, "channel": channel, "ts": ts })
        }
        "chat.postEphemeral" if !joined => refused("not_in_channel"),
        "chat.postEphemeral" => {
            workspace.told.push(Told { through: method.to_owned(), body: arguments.clone() });
            json!({ "ok": true, "message_ts": "1" })
        }
        "conversations.history" | "conversations.replies"
            if !workspace.scopes.contains("channels:history") =>
        {
            refused("missing_scope")
        }
        "conversations.info" if !workspace.scopes.contains("channels:read") => refused("missing_scope"),
        "conversations.info" | "conversations.history" | "conversations.replies"
            if !joined && !workspace.others.contains(&channel) =>
        {
            refused("channel_not_found")
        }
        "conversations.info" => {
            let is_archived = workspace.archived.contains(&channel);
            json!({ "ok": true, "channel": {
                "id": channel, "name": "recordings", "is_channel": true, "is_member": joined, "is_archived": is_archived,
            } })
        }
        "conversations.history" | "conversations.replies" if !joined => refused("not_in_channel"),
        "conversations.history" | "conversations.replies" => {
            let thread = arguments["ts"].as_str();
            let in_thread =
                |m: &&Posted| thread.is_none_or(|ts| m.ts == ts || m.thread_ts.as_deref() == Some(ts));
            let messages = workspace.messages.iter().filter(|m| m.channel == channel).filter(in_thread);
            let told: Vec<Value> = messages
                .map(|m| {
                    let mut told =
                        json!({ "ts": m.ts, "text": m.body["text"], "metadata": m.body["metadata"] });
                    if !m.body["blocks"].is_array() {
                        // A person's own; the id is their program's, and looks like that of a bot.
                        told["client_msg_id"] = "8b1e2d6f-3f2b-4c1e-9a54-4c0d8a90c417".into();
                        told["user"] = "U1".into();
                    }
                    told
                })
                .collect();
            json!({ "ok": true, "messages": told })
        }
        "views.open" => {
            let trigger = arguments["trigger_id"].as_str().unwrap_or_default();
            match workspace.triggers.remove(trigger) {
                None => refused("invalid_trigger_id"),
                Some(at) if at.elapsed() >= TRIGGER => refused("expired_trigger_id"),
                Some(_) => {
                    let id = format!("V{:06}", workspace.calls["views.open"]);
                    let mut view = arguments["view"].clone();
                    view["id"] = id.clone().into();
                    workspace.views.insert(id, view.clone());
                    json!({ "ok": true, "view": view })
                }
            }
        }
        "views.update" => {
            let id = arguments["view_id"].as_str().unwrap_or_default();
            let Some(open) = workspace.views.get_mut(id) else { return refused("not_found") };
            *open = arguments["view"].clone();
            open["id"] = id.into();
            json!({ "ok": true, "view": open })
        }
        "usergroups.users.list" if !workspace.scopes.contains("usergroups:read") => refused("missing_scope"),
        "usergroups.users.list" => {
            let group = arguments["usergroup"].as_str().unwrap_or_default();
            let Some(members) = workspace.groups.get(group) else { return refused("no_such_subteam") };
            json!({ "ok": true, "users": members })
        }
        _ => refused("unknown_method"),
    }
}
