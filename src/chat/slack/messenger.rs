//! Slack as a messenger: posts, edits, private answers, and looking for what may have been posted.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::client::SlackApi;
use super::error::is_about_blocks;
use super::inbound::words;
use super::render::{Payload, render_request};
use crate::chat::interaction::Requester;
use crate::chat::{DeliveryError, Destination, MessageId, Messenger, SendRequest};

/// Slack takes a message a second in a channel, and refuses the next one until then. It counts from when it got the
/// message, and we from when we have its answer, which is later; so little more than that second is enough.
/// <https://docs.slack.dev/apis/web-api/rate-limits#rate-limits-chat-post>
const PACE: Duration = Duration::from_millis(1_030);
/// The name of our metadata on messages. Its values are flat text, or our own buttons would not parse.
const METADATA: &str = "wnr_outbox_message";
/// Slack looks for no names and addresses of its own in a text: what somebody called a bot must not become a link.
/// Our own marks stay what they are, links, times and mentions alike, since mrkdwn is read with `none` and is not with
/// `full`. `chat.update` would otherwise look for both. In blocks `verbatim` says the same.
/// <https://docs.slack.dev/reference/methods/chat.postMessage#formatting>
const PARSE: &str = "none";
/// Messages that are looked through for one that may have been posted.
const LOOKED_THROUGH: u32 = 100;

/// Speaks in Slack.
pub struct SlackMessenger {
    api: SlackApi,
}

#[derive(Deserialize)]
struct Posted {
    ts: String,
    #[serde(default)]
    channel: String,
}

/// The channel and the time of a message. Slack takes a channel's name for a new message, and for everything
/// after that its id, so the id is kept with messages that went to a name.
fn whereabouts<'a>(channel: &'a str, message: &'a MessageId) -> (&'a str, &'a str) {
    message.0.split_once('/').unwrap_or((channel, &message.0))
}

#[derive(Deserialize)]
struct Messages {
    #[serde(default)]
    messages: Vec<Value>,
}

impl SlackMessenger {
    /// A messenger with the app's bot token.
    #[must_use]
    pub fn new(api_url: &Url, bot_token: &SecretString) -> Self {
        Self { api: SlackApi::new(api_url, bot_token) }
    }

    /// Calls a method with a message; if Slack does not take its blocks, with the text alone.
    async fn say<A: serde::de::DeserializeOwned + Send>(
        &self,
        method: &str,
        mut body: Value,
        request: &SendRequest<'_>,
    ) -> Result<A, DeliveryError> {
        let Payload { text, blocks } = render_request(request);
        body["text"] = text.into();
        body["blocks"] = blocks.into();
        body["parse"] = PARSE.into();
        match self.api.call(method, &body).await {
            Err(error) if is_about_blocks(&error) => {
                tracing::error!(%error, "Slack refused the blocks; text sent alone.");
                body["blocks"] = json!([]);
                self.api.call(method, &body).await
            }
            answer => answer,
        }
    }

    /// Answers through the address that came with the question, or else in the channel for this person's eyes.
    async fn deliver_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
        replace: bool,
    ) -> Result<(), DeliveryError> {
        let Payload { text, blocks } = render_request(request);
        let told = match &requester.reply_handle {
            Some(handle) => {
                let body = json!({
                    "response_type": "ephemeral", "replace_original": replace, "text": text, "blocks": blocks,
                    "parse": PARSE,
                });
                self.api.respond(&handle.0, &body).await
            }
            None => Err(DeliveryError::NotThere("there is no address for the answer".to_owned())),
        };
        let Err(DeliveryError::NotThere(_) | DeliveryError::Refused(_)) = told else { return told };
        let mut body = json!({ "channel": requester.destination.channel, "user": requester.user_id });
        if let Some(thread) = &requester.destination.thread {
            body["thread_ts"] = thread.0.clone().into();
        }
        self.say::<Value>("chat.postEphemeral", body, request).await.map(drop)
    }
}

#[async_trait::async_trait]
impl Messenger for SlackMessenger {
    async fn post(&self, to: &Destination, request: &SendRequest<'_>) -> Result<MessageId, DeliveryError> {
        let mut body = json!({
            "channel": to.channel,
            "unfurl_links": false,
            "unfurl_media": false,
            "metadata": { "event_type": METADATA, "event_payload": { "id": request.idempotency_key } },
        });
        if let Some(thread) = &to.thread {
            let (channel, ts) = whereabouts(&to.channel, thread);
            body["channel"] = channel.into();
            body["thread_ts"] = ts.into();
        }
        let posted: Posted = self.say("chat.postMessage", body, request).await?;
        let by_name = to.channel.starts_with('#') && !posted.channel.is_empty();
        Ok(MessageId(if by_name { format!("{}/{}", posted.channel, posted.ts) } else { posted.ts }))
    }

    /// Takes a permission to read that the app asks for only where its owner wants it; without it nobody can tell.
    async fn find(
        &self,
        to: &Destination,
        idempotency_key: &str,
        since: Timestamp,
    ) -> Result<Option<MessageId>, DeliveryError> {
        let mut parameters = vec![
            ("channel", to.channel.clone()),
            ("oldest", since.as_second().to_string()),
            ("limit", LOOKED_THROUGH.to_string()),
            ("include_all_metadata", "true".to_owned()),
        ];
        let method = match &to.thread {
            Some(thread) => {
                let (channel, ts) = whereabouts(&to.channel, thread);
                parameters[0].1 = channel.to_owned();
                parameters.push(("ts", ts.to_owned()));
                "conversations.replies"
            }
            None => "conversations.history",
        };
        let found: Messages = match self.api.ask(method, &parameters).await {
            Ok(found) => found,
            Err(DeliveryError::NotAllowed(_) | DeliveryError::NotThere(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let ours = |message: &&Value| {
            message["metadata"]["event_type"] == METADATA
                && message["metadata"]["event_payload"]["id"] == idempotency_key
        };
        let ts = found.messages.iter().find(ours).and_then(|message| message["ts"].as_str());
        Ok(ts.map(|ts| MessageId(ts.to_owned())))
    }

    fn pace(&self, _: &Destination) -> Duration {
        PACE
    }

    async fn edit(
        &self,
        at: &Destination,
        id: &MessageId,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        let (channel, ts) = whereabouts(&at.channel, id);
        let body = json!({ "channel": channel, "ts": ts });
        self.say::<Value>("chat.update", body, request).await.map(drop)
    }

    async fn post_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        self.deliver_ephemeral(requester, request, false).await
    }

    async fn edit_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        self.deliver_ephemeral(requester, request, true).await
    }

    async fn thread_start(&self, thread: &Destination) -> Result<Option<String>, DeliveryError> {
        let Some(start) = &thread.thread else { return Ok(None) };
        let parameters =
            [("channel", thread.channel.clone()), ("ts", start.0.clone()), ("limit", "1".to_owned())];
        let found: Messages = self.api.ask("conversations.replies", &parameters).await?;
        Ok(found.messages.first().map(words))
    }
}
