//! A Recall.ai on this machine: bots of one workspace, downloads, running meetings, and faults on demand.

pub mod commands;
pub mod meeting;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tokio::task::JoinHandle;

pub use commands::CommandFault;
pub use meeting::{Host, Place};

/// The key of every workspace that is not given another.
pub const KEY: &str = "0123456789abcdef-key";

/// How a request goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A status with JSON.
    Status(u16),
    /// A status with a web page.
    WebPage(u16),
    /// A status with `Retry-After`, as it is sent.
    RetryAfter(u16, &'static str),
    /// Success with this text.
    Text(String),
    /// A status with this JSON.
    Json(u16, String),
    /// No answer, ever.
    Silence,
    /// The connection ends without an answer.
    Reset,
    /// Somewhere else.
    Redirect(String),
}

/// What a request was.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub authorization: Option<String>,
    pub idempotency_key: Option<String>,
    pub content_type: Option<String>,
    pub content_length: Option<String>,
    pub body_bytes: usize,
}

#[derive(Debug)]
struct Workspace {
    bots: HashMap<String, Value>,
    downloads: HashMap<String, String>,
    next_faults: VecDeque<Fault>,
    every_fault: Option<Fault>,
    download_fault: Option<Fault>,
    /// Bots on one page of a list; 0 for all of them.
    page_size: usize,
    /// Where nobody may go on any more.
    lost_cursors: Vec<String>,
    seen: Vec<Seen>,
    /// Its own time, which stands still.
    clock: Timestamp,
    meetings: HashMap<String, meeting::Meeting>,
    commands: commands::Commands,
    /// Requests wait here while a test holds it.
    gate: Arc<RwLock<()>>,
}

/// When a stand-in starts, unless a test sets its clock.
const START: &str = "2026-11-18T15:00:00Z";

impl Workspace {
    fn new() -> Self {
        Self {
            bots: HashMap::new(),
            downloads: HashMap::new(),
            next_faults: VecDeque::new(),
            every_fault: None,
            download_fault: None,
            page_size: 0,
            lost_cursors: Vec::new(),
            seen: Vec::new(),
            clock: START.parse().unwrap(),
            meetings: HashMap::new(),
            commands: commands::Commands::default(),
            gate: Arc::default(),
        }
    }
}

/// A running server; it stops when it is dropped.
#[derive(Debug)]
pub struct FakeRecall {
    pub base_url: String,
    workspace: Arc<Mutex<Workspace>>,
    server: JoinHandle<()>,
}

impl FakeRecall {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let workspace = Arc::new(Mutex::new(Workspace::new()));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&workspace));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base_url, workspace, server }
    }

    pub fn add_bot(&self, bot: Value) {
        let id = bot["id"].as_str().unwrap().to_owned();
        self.workspace().bots.insert(id, bot);
    }

    pub fn remove_bot(&self, id: &str) {
        self.workspace().bots.remove(id);
    }

    /// Offers a download, and returns the link to it.
    pub fn add_download(&self, name: &str, body: impl Into<String>) -> String {
        let path = format!("/download/{name}");
        let link = format!("{}{path}?signature=secret-of-the-link", self.base_url);
        self.workspace().downloads.insert(path, body.into());
        link
    }

    /// These requests to the API go wrong, one after the other, and the later ones do not.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.workspace().next_faults.extend(faults);
    }

    pub fn fail_always(&self, fault: Fault) {
        self.workspace().every_fault = Some(fault);
    }

    /// Lists come in pages of this size.
    pub fn page_by(&self, size: usize) {
        self.workspace().page_size = size;
    }

    /// This cursor, the id of a bot, is not known any more.
    pub fn lose_cursor(&self, id: &str) {
        self.workspace().lost_cursors.push(id.to_owned());
    }

    /// Requests wait until this is dropped.
    pub async fn hold(&self) -> OwnedRwLockWriteGuard<()> {
        let gate = self.workspace().gate.clone();
        gate.write_owned().await
    }

    /// Nothing goes wrong any more.
    pub fn recover(&self) {
        self.workspace().every_fault = None;
    }

    pub fn fail_downloads(&self, fault: Fault) {
        self.workspace().download_fault = Some(fault);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.workspace().seen.clone()
    }

    fn workspace(&self) -> MutexGuard<'_, Workspace> {
        self.workspace.lock().unwrap()
    }
}

impl Drop for FakeRecall {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(workspace): State<Arc<Mutex<Workspace>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let seen = Seen {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: text_of(&head.headers, "authorization"),
        idempotency_key: text_of(&head.headers, "idempotency-key"),
        content_type: text_of(&head.headers, "content-type"),
        content_length: text_of(&head.headers, "content-length"),
        body_bytes: body.len(),
    };
    let gate = workspace.lock().unwrap().gate.clone();
    let _passed = gate.read().await;
    let outcome = workspace.lock().unwrap().outcome(&seen, &body);
    match outcome {
        Ok(response) => response,
        Err(fault) => wrong(fault).await,
    }
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

impl Workspace {
    fn outcome(&mut self, seen: &Seen, body: &[u8]) -> Result<Response, Fault> {
        self.seen.push(seen.clone());
        if seen.path.starts_with("/download/") {
            if let Some(fault) = self.download_fault.clone() {
                return Err(fault);
            }
            // Storage refuses a link that is signed twice.
            return Ok(match (&seen.authorization, self.downloads.get(&seen.path)) {
                (Some(_), _) => StatusCode::BAD_REQUEST.into_response(),
                (None, Some(body)) => body.clone().into_response(),
                (None, None) => StatusCode::FORBIDDEN.into_response(),
            });
        }
        if let Some(fault) = self.next_faults.pop_front().or_else(|| self.every_fault.clone()) {
            return Err(fault);
        }
        if seen.method == Method::GET && seen.body_bytes > 0 {
            return Err(Fault::WebPage(403));
        }
        if seen.authorization.as_deref() != Some(&format!("Token {KEY}")) {
            return Err(Fault::Status(401));
        }
        if seen.method != Method::GET {
            return self.command(seen, body);
        }
        if seen.path == "/api/v1/bot/" {
            return self.page(&seen.query).map(|page| page.to_string().into_response());
        }
        let id = seen.path.strip_prefix("/api/v1/bot/").and_then(|rest| rest.strip_suffix('/'));
        match id.map(|id| self.bots.get(id)) {
            Some(Some(bot)) => Ok(bot.to_string().into_response()),
            Some(None) => Err(Fault::Status(404)),
            None => Err(Fault::WebPage(404)),
        }
    }
}

impl Workspace {
    /// The bot with the greatest id first; a cursor is the id to go on after, and keeps the filters. Strict:
    /// a parameter that Recall.ai does not document is refused.
    fn page(&self, query: &str) -> Result<Value, Fault> {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let known =
            ["use_cursor", "cursor", "page", "meeting_url", "status", "join_at_after", "join_at_before"];
        if pairs.iter().any(|(name, _)| !known.contains(&name.as_str())) {
            return Err(Fault::Status(400));
        }
        let value = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        let mut bots: Vec<(&String, &Value)> =
            self.bots.iter().filter(|(_, bot)| is_listed(bot, &pairs)).collect();
        bots.sort_unstable_by(|a, b| b.0.cmp(a.0));
        let after = value("cursor");
        if after.is_some_and(|after| self.lost_cursors.iter().any(|lost| lost == after)) {
            return Err(Fault::Status(404));
        }
        let begin = after.map_or(0, |after| bots.iter().take_while(|(id, _)| id.as_str() >= after).count());
        let size = if self.page_size == 0 { bots.len() } else { self.page_size };
        let page: Vec<(&String, &Value)> = bots.iter().skip(begin).take(size).copied().collect();
        let more = begin + page.len() < bots.len();
        let last = page.last().filter(|_| more);
        // The host of the link is none of ours: only its query may be followed.
        let next = last.map(|(id, _)| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(pairs.iter().filter(|(name, _)| name != "cursor"));
            query.append_pair("cursor", id);
            format!("https://elsewhere.example/api/v1/bot/?{}", query.finish())
        });
        let results: Vec<&Value> = page.into_iter().map(|(_, bot)| bot).collect();
        Ok(json!({ "count": bots.len(), "next": next, "previous": null, "results": results }))
    }
}

/// Whether the filters of a list let a bot through: its latest status, and the time at which it is to join, which
/// Recall.ai clears when it does.
fn is_listed(bot: &Value, filters: &[(String, String)]) -> bool {
    let latest = bot["status_changes"].as_array().and_then(|changes| changes.last());
    let latest = latest.and_then(|change| change["code"].as_str());
    let mut statuses = filters.iter().filter(|(name, _)| name == "status").peekable();
    let join_at: Option<Timestamp> = bot["join_at"].as_str().map(|at| at.parse().unwrap());
    (statuses.peek().is_none() || statuses.any(|(_, status)| Some(status.as_str()) == latest))
        && filters.iter().all(|(name, value)| match name.as_str() {
            "join_at_after" => join_at.is_some_and(|at| at > value.parse().unwrap()),
            "join_at_before" => join_at.is_some_and(|at| at < value.parse().unwrap()),
            _ => true,
        })
}

async fn wrong(fault: Fault) -> Response {
    let status = |status: u16| StatusCode::from_u16(status).unwrap();
    let json = [(header::CONTENT_TYPE, "application/json")];
    match fault {
        Fault::Status(code) => (status(code), json, r#"{"detail":"secret-of-the-answer"}"#).into_response(),
        Fault::Json(code, text) => (status(code), json, text).into_response(),
        Fault::WebPage(code) => {
            let page = "<!DOCTYPE html><title>Request blocked</title>";
            (status(code), [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        Fault::RetryAfter(code, after) => {
            (status(code), [(header::RETRY_AFTER, after)], Body::empty()).into_response()
        }
        Fault::Text(text) => text.into_response(),
        Fault::Silence => std::future::pending().await,
        Fault::Reset => panic!("the connection ends here on purpose"),
        Fault::Redirect(to) => Redirect::temporary(&to).into_response(),
    }
}
