//! Webhooks of Recall.ai as they would come, to try alerts without a meeting.
//!
//! Knows how a webhook looks and is signed, and nothing of what the service makes of it.

mod scenarios;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, StatusCode, Url};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::recall::webhook::WebhookKey;

pub use scenarios::{Line, SCENARIOS, Scenario, Shape};

/// A service that does not answer within this is not there. Recall.ai itself waits for fifteen seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// A webhook, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhook {
    /// The id of its delivery.
    pub id: String,
    /// The bot that it is about.
    pub bot: String,
    /// What it says of it, in short.
    pub about: String,
    /// What it says.
    pub body: Value,
    /// The one before it is to be seen first.
    pub pause_before: bool,
}

impl Scenario {
    /// The webhooks of this scenario, with bots of their own, as if it happened at `now`.
    #[must_use]
    pub fn webhooks(&self, now: Timestamp) -> Vec<Webhook> {
        let mut webhooks: Vec<Webhook> = (0..self.bots)
            .flat_map(|_| {
                let bot = Uuid::new_v4().to_string();
                self.story.iter().map(move |line| self.webhook(&bot, line, now))
            })
            .collect();
        if self.shape == Shape::Disorder {
            webhooks.reverse();
        }
        if self.shape == Shape::TenTimes {
            webhooks = webhooks.into_iter().flat_map(|webhook| vec![webhook; 10]).collect();
        }
        webhooks
    }

    fn webhook(&self, bot: &str, line: &Line, now: Timestamp) -> Webhook {
        let at = (now - SignedDuration::from_secs(line.secs_ago)).to_string();
        let sub_code = (!line.sub_code.is_empty()).then_some(line.sub_code);
        let code = line.event.split_once('.').map_or(line.event, |(_, code)| code);
        let body = if self.shape == Shape::Legacy {
            json!({
                "event": "bot.status_change",
                "data": {
                    "bot_id": bot,
                    "status": { "code": code, "sub_code": sub_code, "message": null, "created_at": at },
                },
            })
        } else {
            let mut body = json!({
                "event": line.event,
                "data": {
                    "bot": { "id": bot, "metadata": { "simulated": self.id } },
                    "data": { "code": code, "sub_code": sub_code, "updated_at": at },
                },
            });
            if !line.event.starts_with("bot.") {
                body["data"]["recording"] = json!({ "id": bot, "metadata": {} });
            }
            body
        };
        let about = [line.event, line.sub_code].join(" ");
        Webhook {
            id: format!("msg_{}", Uuid::new_v4().simple()),
            bot: bot.to_owned(),
            about: about.trim().to_owned(),
            body,
            pause_before: line.pause_before,
        }
    }
}

/// Sends webhooks to a running service.
#[derive(Debug, Clone)]
pub struct Sender {
    http: Client,
    url: Url,
    /// Without one they are not signed.
    key: Option<WebhookKey>,
    /// What the names of the headers begin with.
    family: &'static str,
}

impl Sender {
    /// Sends to this address, signed with this key where there is one.
    ///
    /// # Errors
    /// Where the HTTP client does not start.
    pub fn new(url: Url, key: Option<WebhookKey>) -> Result<Self, reqwest::Error> {
        // What is on this machine is never behind a proxy, and a proxy elsewhere would be told of the URL.
        let http = Client::builder().timeout(ANSWER_TIMEOUT).no_proxy().build()?;
        Ok(Self { http, url, key, family: "webhook" })
    }

    /// With the older names of the headers.
    #[must_use]
    pub const fn with_older_names(mut self) -> Self {
        self.family = "svix";
        self
    }

    /// Sends one webhook, and answers with what the service said to it.
    ///
    /// # Errors
    /// Where nothing answered.
    pub async fn send(
        &self,
        webhook: &Webhook,
        now: Timestamp,
    ) -> Result<(StatusCode, String), reqwest::Error> {
        let body = webhook.body.to_string();
        let header = |name: &str| format!("{}-{name}", self.family);
        let mut request = self.http.post(self.url.clone()).header(header("id"), &webhook.id);
        if let Some(key) = &self.key {
            let signature = key.sign(&webhook.id, now, body.as_bytes());
            request = request
                .header(header("timestamp"), now.as_second().to_string())
                .header(header("signature"), signature);
        }
        let answer = request.header("content-type", "application/json").body(body).send().await?;
        Ok((answer.status(), answer.text().await.unwrap_or_default()))
    }
}
