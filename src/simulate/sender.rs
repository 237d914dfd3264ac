//! Sends webhooks to a running service, as Recall.ai does.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url, header};

use super::Webhook;
use crate::recall::webhook::WebhookKey;

/// Seconds after which a service without a response counts as unreachable. Recall.ai itself waits for fifteen
/// seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Sends webhooks to a running service.
#[derive(Debug, Clone)]
pub struct Sender {
    http: Client,
    url: Url,
    /// The signing key. Without one, webhooks are not signed.
    key: Option<WebhookKey>,
}

/// The service's response to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of the response.
    pub status: StatusCode,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body of the response.
    pub words: String,
}

impl Sender {
    /// Creates a sender for this URL, with a signing key if there is one.
    ///
    /// # Errors
    /// Returns an error if the HTTP client can't be built.
    pub fn new(url: Url, key: Option<WebhookKey>) -> Result<Self, reqwest::Error> {
        // Loopback is never behind a proxy, and a proxy would see the URL. Following a redirect would turn the POST
        // into a GET without a body.
        let http = Client::builder().timeout(ANSWER_TIMEOUT).no_proxy().redirect(Policy::none()).build()?;
        Ok(Self { http, url, key })
    }

    /// Sends one webhook and returns the response.
    ///
    /// # Errors
    /// Returns an error if no response arrived.
    pub async fn send(&self, webhook: &Webhook, now: Timestamp) -> Result<Answer, reqwest::Error> {
        let body = webhook.body.to_string();
        let family = if webhook.older_names { "svix" } else { "webhook" };
        let name = |rest: &str| format!("{family}-{rest}");
        let mut request = self.http.post(self.url.clone()).header(name("id"), &webhook.id);
        if let Some(key) = &self.key {
            let signature = key.sign(&webhook.id, now, body.as_bytes());
            request = request
                .header(name("timestamp"), now.as_second().to_string())
                .header(name("signature"), signature);
        }
        let answer = request.header(header::CONTENT_TYPE, "application/json").body(body).send().await?;
        let status = answer.status();
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let location = location.map(ToOwned::to_owned);
        // If the body can't be read, the status is enough.
        let words = answer.text().await.unwrap_or_default();
        Ok(Answer { status, location, words })
    }
}
