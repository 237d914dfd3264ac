//! Sends one request to Recall.ai, and interprets its response.
//!
//! A `GET` never has a body, because Recall.ai's firewall responds to one with a body by a page of HTML. Only
//! actions in meetings are a `POST`.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::time::Instant;

use super::actions::IdempotencyKey;
use super::body::{self, NoBody};
use super::client_config::ClientConfig;
use super::error::FetchError;

/// Most bytes of an error's body that are read, to distinguish a web page from JSON.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// The response to a `POST`.
pub(super) struct Reply {
    pub(super) status: u16,
    /// The pause that it asks for.
    pub(super) after: Option<Duration>,
    /// The body; empty if it broke off and the status isn't 2xx.
    pub(super) body: Vec<u8>,
}

/// The reason why there is no response to a `POST`.
pub(super) enum NoReply {
    /// No connection was opened, so nothing was sent.
    NotSent,
    /// The request may have arrived.
    Lost,
}

/// The connection to one workspace, with its key.
#[derive(Debug)]
pub(super) struct Transport {
    workspace: String,
    /// Marked as sensitive, so that it is never printed.
    authorization: HeaderValue,
    http: Client,
    /// The client for actions, which connects more hastily.
    acting: Client,
    request_timeout: Duration,
    action_connect_timeout: Duration,
    action_request_timeout: Duration,
    body_bytes_max: usize,
}

impl Transport {
    /// Creates a transport. `on_loopback` means that the workspace is on this machine.
    pub(super) fn new(
        workspace: String,
        authorization: HeaderValue,
        limits: &ClientConfig,
        on_loopback: bool,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            workspace,
            authorization,
            http: http_client(limits.connect_timeout, on_loopback)?,
            acting: http_client(limits.action_connect_timeout, on_loopback)?,
            request_timeout: limits.request_timeout,
            action_connect_timeout: limits.action_connect_timeout,
            action_request_timeout: limits.action_request_timeout,
            body_bytes_max: limits.body_bytes_max,
        })
    }

    /// Sends one request to act. Without a body it has no type either, but a length, which some servers demand.
    pub(super) async fn post(
        &self,
        url: Url,
        key: IdempotencyKey,
        body: Option<String>,
        deadline: Instant,
    ) -> Result<Reply, NoReply> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left < self.action_connect_timeout {
            return Err(NoReply::NotSent);
        }
        let request = self
            .acting
            .post(url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header("Idempotency-Key", key.to_string())
            .timeout(self.action_request_timeout.min(left));
        let request = match body {
            Some(json) => request.header(CONTENT_TYPE, "application/json").body(json),
            None => request.header(CONTENT_LENGTH, "0"),
        };
        let response = request.send().await.map_err(|error| {
            // A connection that timed out was never opened.
            if error.is_connect() { NoReply::NotSent } else { NoReply::Lost }
        })?;
        let status = response.status();
        let after = retry_after(&response);
        match body::read(response, self.body_bytes_max).await {
            Ok(body) => Ok(Reply { status: status.as_u16(), after, body }),
            // A refusal is one without its reason, too.
            Err(_) if !status.is_success() => Ok(Reply { status: status.as_u16(), after, body: Vec::new() }),
            Err(_) => Err(NoReply::Lost),
        }
    }

    /// Sends one request to read.
    pub(super) async fn get(&self, url: Url, deadline: Instant) -> Result<Vec<u8>, FetchError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let response = self
            .http
            .get(url)
            .header(AUTHORIZATION, self.authorization.clone())
            .timeout(self.request_timeout.min(left))
            .send()
            .await
            .map_err(|error| self.not_sent(error))?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response).await);
        }
        let workspace = self.workspace.clone();
        body::read(response, self.body_bytes_max).await.map_err(|no_body| match no_body {
            NoBody::TooLarge => FetchError::TooLarge { workspace },
            NoBody::Failed(error) if error.is_timeout() => FetchError::TimedOut { workspace },
            NoBody::Failed(error) => FetchError::BrokenOff { workspace, source: Arc::new(error) },
        })
    }

    fn not_sent(&self, error: reqwest::Error) -> FetchError {
        let workspace = self.workspace.clone();
        // The URL of a list contains a meeting link.
        let error = error.without_url();
        // A connection that timed out is both kinds of error. It counts as unreachable.
        if error.is_timeout() && !error.is_connect() {
            FetchError::TimedOut { workspace }
        } else {
            FetchError::Unreachable { workspace, source: Arc::new(error) }
        }
    }

    async fn refusal(&self, response: Response) -> FetchError {
        let workspace = self.workspace.clone();
        let status = response.status().as_u16();
        let after = retry_after(&response);
        // The response for an unknown bot is JSON. A page of HTML means that the address does not exist.
        let web_page = matches!(status, 403 | 404) && is_web_page(response).await;
        match status {
            401 => FetchError::WrongKey { workspace },
            402 => FetchError::NoCredit { workspace },
            403 if web_page => FetchError::Blocked { workspace },
            403 => FetchError::Forbidden { workspace },
            404 if web_page => FetchError::Unexpected { workspace, status },
            404 => FetchError::NotFound { searched: vec![workspace] },
            429 => FetchError::RateLimited { workspace, after },
            500.. => FetchError::ServerTrouble { workspace, status },
            _ => FetchError::Unexpected { workspace, status },
        }
    }
}

/// Creates an HTTP client that follows no redirects.
pub(super) fn http_client(connect_timeout: Duration, on_loopback: bool) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        .user_agent(concat!("why-no-recording/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .redirect(reqwest::redirect::Policy::none());
    // A server on this machine is never behind the proxy of the environment.
    if on_loopback { builder.no_proxy().build() } else { builder.build() }
}

/// Returns the pause in seconds. Recall.ai does not use the form with a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let secs = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<u32>().ok()?;
    Some(Duration::from_secs(u64::from(secs)))
}

async fn is_web_page(response: Response) -> bool {
    let says_html = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.contains("text/html"));
    says_html
        || body::read(response, ERROR_BYTES_MAX)
            .await
            .is_ok_and(|body| body.trim_ascii_start().starts_with(b"<"))
}
