//! A Discord on this machine: the routes of its REST API that we call, and its gateway. It keeps channels,
//! messages, threads and what stands in the place of deferred replies, and refuses what Discord refuses.

mod alive;
mod channels;
mod gateway;
mod limits;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use jiff::fmt::rfc2822;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use why_no_recording::chat::discord::render::Body;
use why_no_recording::clock;

use channels::{Channels, Refused};

pub use alive::{alive, alive_in};
pub use channels::{APP_ROLE, APP_USER, GUILD};
pub use limits::{unlike_the_description, violations};

pub const TOKEN: &str = "sample-discord-token-not-real";
pub const APPLICATION: &str = "100000000000000001";
pub const CHANNEL: &str = "200000000000000001";

/// How a call goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A status with Discord's own number.
    Refused(u16, i64),
    /// Asked to slow down, with `Retry-After`.
    Busy(&'static str),
    /// A web page with this status, which is not Discord's.
    Page(u16),
    /// It is done, and the connection ends without an answer.
    DoneAndReset,
    /// It is done, and no answer ever comes.
    DoneAndSilent,
}

/// A message as Discord keeps it.
#[derive(Debug, Clone)]
pub struct Posted {
    pub id: String,
    pub channel: String,
    /// For one person alone.
    pub alone: bool,
    pub body: Value,
    pub edits: usize,
}

/// A message as it is posted.
pub fn as_posted(body: &Body) -> Value {
    serde_json::to_value(body.message()).unwrap()
}

/// A channel takes so many messages in this time.
const BUCKET: (usize, Duration) = (5, Duration::from_secs(5));

#[derive(Default)]
pub(super) struct Server {
    messages: Vec<Posted>,
    /// The message in the place of each interaction's deferred reply.
    originals: HashMap<String, String>,
    /// Where each interaction was made.
    places: HashMap<String, String>,
    channels: Channels,
    commands: BTreeMap<String, Value>,
    calls: BTreeMap<String, usize>,
    faults: HashMap<String, VecDeque<Fault>>,
    /// What goes wrong with each call whose path ends so, until it is mended.
    lasting: HashMap<String, Fault>,
    /// When each channel took its last messages.
    last_posts: HashMap<String, VecDeque<Instant>>,
    /// Messages that came faster than a channel takes them.
    too_fast: usize,
    callbacks: HashMap<String, Value>,
    /// What is told of the application beside its id.
    application: HashMap<&'static str, Value>,
    /// The app was invited nowhere.
    is_nowhere: bool,
    /// The app has commands in the server, and no user of its own.
    has_no_user: bool,
    /// People in the server, and their roles.
    members: HashMap<String, Vec<&'static str>>,
    /// Seconds by which its clock is ahead.
    clock_off: i64,
    nonces: HashMap<String, String>,
    violations: Vec<String>,
    next_id: u64,
}

/// A running Discord; it stops when it is dropped.
pub struct FakeDiscord {
    pub origin: String,
    server: Arc<Mutex<Server>>,
    changed: Arc<Notify>,
    gateway: Arc<gateway::Gateway>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
pub(super) struct Serving {
    origin: String,
    server: Arc<Mutex<Server>>,
    changed: Arc<Notify>,
    gateway: Arc<gateway::Gateway>,
}

impl FakeDiscord {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let serving = Serving {
            origin: origin.clone(),
            server: Arc::default(),
            changed: Arc::default(),
            gateway: Arc::default(),
        };
        let router = Router::new()
            .route("/gateway/", axum::routing::get(gateway::connect))
            .route("/gateway/again", axum::routing::get(gateway::connect))
            .fallback(answer)
            .with_state(serving.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let Serving { server, changed, gateway, .. } = serving;
        Self { origin, server, changed, gateway, task }
    }

    /// Discord has this answer to the interaction, and does what it says.
    pub fn acknowledged(&self, interaction: &Value, answer: &Value) -> Result<(), (u16, i64)> {
        let done = self.lock().acknowledge(interaction, answer);
        self.changed.notify_waiters();
        done
    }

    /// The next call whose path ends so goes wrong.
    pub fn fails(&self, ending: &str, fault: Fault) {
        self.lock().faults.entry(ending.to_owned()).or_default().push_back(fault);
    }

    /// Every call whose path ends so goes wrong from now on.
    pub fn fails_always(&self, ending: &str, fault: Fault) {
        self.lock().lasting.insert(ending.to_owned(), fault);
    }

    /// No longer.
    pub fn works_again(&self, ending: &str) {
        self.lock().lasting.remove(ending);
    }

    /// Somebody changed this of the application.
    pub fn application_has(&self, field: &'static str, value: impl Into<Value>) {
        self.lock().application.insert(field, value.into());
    }

    /// The app is in no server.
    pub fn is_nowhere(&self) {
        self.lock().is_nowhere = true;
    }

    /// The app was invited with its commands alone.
    pub fn has_no_user(&self) {
        self.lock().has_no_user = true;
    }

    /// A person has these roles in the server; without any list, they aren't in it.
    pub fn member(&self, person: &str, roles: Option<&[&'static str]>) {
        let members = &mut self.lock().members;
        match roles {
            Some(roles) => members.insert(person.to_owned(), roles.to_vec()),
            None => members.remove(person),
        };
    }

    /// Its clock is ahead of ours by so many seconds.
    pub fn is_ahead(&self, seconds: i64) {
        self.lock().clock_off = seconds;
    }

    /// Messages that were refused because they came too fast.
    pub fn too_fast(&self) -> usize {
        self.lock().too_fast
    }

    pub fn calls(&self, call: &str) -> usize {
        self.lock().calls.get(call).copied().unwrap_or_default()
    }

    /// What everybody in a channel or thread sees and is not "thinking…", in order.
    pub fn posted(&self, channel: &str) -> Vec<Posted> {
        let seen = |posted: &&Posted| posted.channel == channel && !posted.alone && !posted.body.is_null();
        self.lock().messages.iter().filter(seen).cloned().collect()
    }

    /// What one person alone sees.
    pub fn told(&self) -> Vec<Posted> {
        let seen = |posted: &&Posted| posted.alone && !posted.body.is_null();
        self.lock().messages.iter().filter(seen).cloned().collect()
    }

    /// Places where "thinking…" still stands.
    pub fn thinking(&self) -> usize {
        self.lock().messages.iter().filter(|posted| posted.body.is_null()).count()
    }

    /// The commands that are registered at this path.
    pub fn commands(&self, path: &str) -> Option<Value> {
        self.lock().commands.get(path).cloned()
    }

    pub fn callback(&self, id: &str) -> Option<Value> {
        self.lock().callbacks.get(id).cloned()
    }

    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    /// Ends when Discord is as wanted; fails after a long time, when it never will be.
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
                tokio::select! {
                    () = changed => {}
                    () = self.gateway.changed() => {}
                }
            }
        };
        tokio::time::timeout(long, waiting).await.unwrap_or_else(|_| panic!("never: {what}"))
    }

    fn lock(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }
}

impl Drop for FakeDiscord {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    fn id(&mut self) -> String {
        self.next_id += 1;
        format!("3000000000000{:05}", self.next_id)
    }

    /// An interaction can be answered from here on.
    fn begin(&mut self, interaction: &Value) {
        let text = |name: &str| interaction[name].as_str().unwrap().to_owned();
        self.places.insert(text("token"), text("channel_id"));
        // A button is pressed below a message, and that is what stands there.
        if let Some(message) = interaction["message"]["id"].as_str() {
            self.originals.insert(text("token"), message.to_owned());
        }
    }

    fn acknowledge(&mut self, interaction: &Value, answer: &Value) -> Result<(), Refused> {
        self.begin(interaction);
        self.defer(interaction["token"].as_str().unwrap(), answer)
    }

    /// "Thinking…" stands where it was asked, if the answer says so.
    fn defer(&mut self, token: &str, answer: &Value) -> Result<(), Refused> {
        if answer["type"] != 5 {
            return Ok(());
        }
        let channel = self.places[token].clone();
        let alone = answer["data"]["flags"] == 64;
        let id = self.id();
        self.originals.insert(token.to_owned(), id.clone());
        self.messages.push(Posted { id, channel, alone, body: Value::Null, edits: 0 });
        Ok(())
    }

    /// A message through an interaction, for everybody or for one alone.
    fn follow_up(&mut self, token: &str, body: &Value) -> Result<Value, Refused> {
        let channel = self.places.get(token).cloned().ok_or((404, 10015))?;
        let alone = body["flags"] == 64;
        if !alone {
            self.channels.take(&channel)?;
        }
        Ok(self.post(&channel, alone, body))
    }

    fn post(&mut self, channel: &str, alone: bool, body: &Value) -> Value {
        let id = self.id();
        self.messages.push(Posted {
            id: id.clone(),
            channel: channel.to_owned(),
            alone,
            body: body.clone(),
            edits: 0,
        });
        json!({ "id": id, "channel_id": channel })
    }

    fn change(&mut self, id: &str, body: &Value) -> Result<Value, Refused> {
        let message = self.messages.iter_mut().find(|message| message.id == id).ok_or((404, 10008))?;
        if !message.alone {
            self.channels.take_change(&message.channel)?;
        }
        message.edits += usize::from(!message.body.is_null());
        message.body = body.clone();
        Ok(json!({ "id": id, "channel_id": message.channel }))
    }
}

async fn answer(State(serving): State<Serving>, request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let authorization = request.headers().get(header::AUTHORIZATION).cloned();
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = path.strip_prefix("/api/v10").unwrap_or(&path).to_owned();
    let fault = {
        let mut server = serving.server.lock().unwrap();
        *server.calls.entry(format!("{method} {path}")).or_default() += 1;
        let ending = server.faults.keys().find(|ending| path.ends_with(*ending)).cloned();
        let once = ending.and_then(|ending| server.faults.get_mut(&ending).and_then(VecDeque::pop_front));
        let lasting = || server.lasting.iter().find(|(ending, _)| path.ends_with(*ending));
        once.or_else(|| lasting().map(|(_, fault)| fault.clone()))
    };
    serving.changed.notify_waiters();
    match fault {
        Some(Fault::Refused(status, code)) => return refused(status, code),
        Some(Fault::Busy(seconds)) => {
            let body =
                json!({ "message": "You are being rate limited.", "retry_after": 0.1, "global": false });
            return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds)], body.to_string())
                .into_response();
        }
        Some(Fault::Page(status)) => {
            let page = "<html>A proxy does not let this through</html>";
            return (StatusCode::from_u16(status).unwrap(), page).into_response();
        }
        Some(Fault::DoneAndReset | Fault::DoneAndSilent) | None => {}
    }
    // Interactions have tokens of their own, and where the gateway is may everybody ask.
    let is_open = path.starts_with("/webhooks/") || path.starts_with("/interactions/") || path == "/gateway";
    if !is_open && authorization.is_none_or(|header| header != format!("Bot {TOKEN}")) {
        return refused(401, 0);
    }
    let bucket = match path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        ["channels", channel, "messages"] if method == Method::POST => {
            match serving.server.lock().unwrap().room(channel) {
                Ok(room) => Some(room),
                Err(wait) => return too_fast(wait),
            }
        }
        _ => None,
    };
    let done = {
        let mut server = serving.server.lock().unwrap();
        server.violations.extend(violations(&path, &body));
        if !body.is_null() {
            server.violations.extend(unlike_the_description(&path, &body));
        }
        call(&mut server, &serving, &method, &path, &body)
    };
    serving.changed.notify_waiters();
    if let Some(Fault::DoneAndSilent) = fault {
        std::future::pending::<()>().await;
    }
    assert!(!matches!(fault, Some(Fault::DoneAndReset)), "the connection ends here on purpose");
    match done {
        Ok(body) => {
            let (remaining, reset_after) = bucket.unwrap_or((1, Duration::ZERO));
            let ahead = SignedDuration::from_secs(serving.server.lock().unwrap().clock_off);
            let time = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&(clock::now() + ahead));
            let headers = [
                (header::CONTENT_TYPE.as_str(), "application/json".to_owned()),
                (header::DATE.as_str(), time.unwrap()),
                ("x-ratelimit-remaining", remaining.to_string()),
                ("x-ratelimit-reset-after", format!("{:.3}", reset_after.as_secs_f64())),
            ];
            (headers, body.to_string()).into_response()
        }
        Err((status, code)) => refused(status, code),
    }
}

impl Server {
    /// How many more messages a channel takes, and when it takes more of them; or how long it takes none.
    fn room(&mut self, channel: &str) -> Result<(usize, Duration), Duration> {
        let (most, within) = BUCKET;
        let last = self.last_posts.entry(channel.to_owned()).or_default();
        last.retain(|at| at.elapsed() < within);
        let reset_after = last.front().map_or(within, |first| within.saturating_sub(first.elapsed()));
        if last.len() >= most {
            self.too_fast += 1;
            return Err(reset_after);
        }
        last.push_back(Instant::now());
        Ok((most - last.len(), reset_after))
    }
}

fn too_fast(wait: Duration) -> Response {
    let seconds = wait.as_secs_f64();
    let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": false });
    let retry = [("retry-after", format!("{seconds:.3}"))];
    (StatusCode::TOO_MANY_REQUESTS, retry, body.to_string()).into_response()
}

fn refused(status: u16, code: i64) -> Response {
    (StatusCode::from_u16(status).unwrap(), json!({ "code": code, "message": "no" }).to_string())
        .into_response()
}

fn call(
    server: &mut Server,
    serving: &Serving,
    method: &Method,
    path: &str,
    body: &Value,
) -> Result<Value, Refused> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["gateway", "bot"]) => {
            let (remaining, reset_after) = serving.gateway.starts_left();
            Ok(json!({
                "url": format!("{}/gateway/", serving.origin.replacen("http", "ws", 1)), "shards": 1,
                "session_start_limit": {
                    "total": 1000, "remaining": remaining, "reset_after": reset_after, "max_concurrency": 1,
                },
            }))
        }
        ("GET", ["gateway"]) => {
            Ok(json!({ "url": format!("{}/gateway/", serving.origin.replacen("http", "ws", 1)) }))
        }
        ("GET", ["applications", "@me"]) => {
            let mut told = json!({ "id": APPLICATION, "name": "sample", "interactions_endpoint_url": null });
            for (field, value) in &server.application {
                told[*field] = value.clone();
            }
            Ok(told)
        }
        ("GET", ["users", "@me", "guilds"]) => {
            Ok(if server.is_nowhere { json!([]) } else { json!([{ "id": GUILD, "name": "Acme" }]) })
        }
        ("GET", ["users", "@me"]) => Ok(json!({ "id": APP_USER, "username": "wnr", "bot": true })),
        ("GET", ["channels", channel]) => server.channels.describe(channel),
        ("GET", ["guilds", GUILD, "roles"]) => Ok(server.channels.describe_roles()),
        ("GET", ["guilds", GUILD, "members", APP_USER]) => {
            Ok(json!({ "user": { "id": APP_USER }, "roles": [APP_ROLE] }))
        }
        ("GET", ["guilds", GUILD, "members", _]) if server.has_no_user => Err((403, 50001)),
        ("GET", ["guilds", GUILD, "members", person]) => {
            let roles = server.members.get(*person).ok_or((404, 10007))?;
            Ok(json!({ "user": { "id": person }, "roles": roles }))
        }
        (_, ["applications", APPLICATION, "guilds", guild, ..]) if *guild != GUILD => Err((403, 50001)),
        ("GET", ["applications", APPLICATION, rest @ ..]) => {
            Ok(server.commands.get(&rest.join("/")).cloned().unwrap_or_else(|| json!([])))
        }
        ("PUT", ["applications", APPLICATION, rest @ ..]) => {
            server.commands.insert(rest.join("/"), body.clone());
            Ok(body.clone())
        }
        ("POST", ["interactions", id, token, "callback"]) => {
            server.callbacks.insert((*id).to_owned(), body.clone());
            server.defer(token, body).map(|()| Value::Null)
        }
        ("PATCH", ["webhooks", APPLICATION, token, "messages", "@original"]) => {
            let id = server.originals.get(*token).cloned().ok_or((404, 10015))?;
            server.change(&id, body)
        }
        ("DELETE", ["webhooks", APPLICATION, token, "messages", "@original"]) => {
            let id = server.originals.remove(*token).ok_or((404, 10015))?;
            server.messages.retain(|message| message.id != id);
            Ok(Value::Null)
        }
        ("PATCH", ["webhooks", APPLICATION, _, "messages", id]) => server.change(id, body),
        ("POST", ["webhooks", APPLICATION, token]) => server.follow_up(token, body),
        ("PATCH", ["channels", channel]) => server.channels.change(channel, body),
        ("POST", ["channels", channel, "messages", id, "threads"]) => {
            server.channels.start_thread(channel, id)
        }
        ("POST", ["channels", channel, "messages"]) => {
            // A repetition within minutes is the message that was there.
            let nonce = body["nonce"].as_str().unwrap_or_default().to_owned();
            if let Some(known) = server.nonces.get(&nonce).filter(|_| body["enforce_nonce"] == true) {
                return Ok(json!({ "id": known, "channel_id": channel }));
            }
            server.channels.take(channel)?;
            let posted = server.post(channel, false, body);
            server.nonces.insert(nonce, posted["id"].as_str().unwrap().to_owned());
            Ok(posted)
        }
        ("PATCH", ["channels", _, "messages", id]) => server.change(id, body),
        _ => Err((404, 0)),
    }
}
