//! Sends one request to Recall.ai, and interprets its response.
//!
//! Requests are always `GET` without a body, because Recall.ai's firewall responds to one with a body by a
//! page of HTML.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::time::Instant;

use super::body::{self, NoBody};
use super::client_config::ClientConfig;
use super::error::FetchError;

/// Most bytes of an error's body that are read, to distinguish a web page from JSON.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// The connection to one workspace, with its key.
#[derive(Debug)]
pub(super) struct Transport {
    workspace: String,
    /// Marked as sensitive, so that it is never printed.
    authorization: HeaderValue,
    http: Client,
    request_timeout: Duration,
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
            http: http_client(limits, on_loopback)?,
            request_timeout: limits.request_timeout,
            body_bytes_max: limits.body_bytes_max,
        })
    }

    /// Sends one request.
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
pub(super) fn http_client(limits: &ClientConfig, on_loopback: bool) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        .user_agent(concat!("why-no-recording/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(limits.connect_timeout)
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
