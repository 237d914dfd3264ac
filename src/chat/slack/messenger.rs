//! The messenger for Slack: posts, edits, ephemeral messages, and the search for a message that may have been
//! posted.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slack_morphism::prelude::{
    SlackApiChatPostEphemeralRequest, SlackApiChatPostMessageRequest, SlackApiChatUnfurlMapItemV2,
    SlackApiChatUnfurlRequestV3, SlackApiChatUpdateRequest, SlackApiPostWebhookMessageRequest,
    SlackApiViewsOpenRequest, SlackApiViewsPublishRequest, SlackApiViewsUpdateRequest, SlackChannelTs,
    SlackMessageContent, SlackMessageMetadata, SlackMessageResponseType, SlackUnfurlRequestId,
};
use url::Url;

use super::client::SlackApi;
use super::error::is_about_blocks;
use super::identity::LearnedIdentity;
use super::inbound::words;
use super::modal;
use super::render::{Payload, home, render_request};
use crate::chat::form::{Form, FormId, OpenedBy};
use crate::chat::interaction::Requester;
use crate::chat::surface::Unfurl;
use crate::chat::{DeliveryError, Destination, MessageId, Messenger, SendRequest, Shown};
use crate::report::home::Home;

/// Milliseconds between two messages in a channel. Slack accepts one a second, counted from its receipt of
/// the message. The service counts from the response, which is later, so little more than a second is enough.
/// <https://docs.slack.dev/apis/web-api/rate-limits#rate-limits-chat-post>
const PACE: Duration = Duration::from_millis(1_030);
/// The name of our metadata on messages. Its values are flat text, because otherwise our own buttons would
/// not parse.
const METADATA: &str = "wnr_outbox_message";
/// Slack must not find names and URLs in a text by itself, because a bot's name must not become a link. With
/// `none`, our own links, times and mentions still work, since mrkdwn is read; with `full`, it is not.
/// Without this, `chat.update` would look for both. In blocks, `verbatim` has the same effect.
/// <https://docs.slack.dev/reference/methods/chat.postMessage#formatting>
const PARSE: &str = "none";
/// Most messages that are searched for one that may have been posted.
const LOOKED_THROUGH: u32 = 100;

/// Channels in one page of those of a person: as many as Slack recommends.
const CHANNELS_PER_PAGE: u32 = 200;
/// Most pages. Of a person in more channels, some are missing in their home.
const CHANNEL_PAGES_MAX: usize = 5;

/// Delivers messages to Slack.
pub struct SlackMessenger {
    api: SlackApi,
    /// The workspace, whose address is part of each link to a message.
    identity: LearnedIdentity,
}

#[derive(Deserialize)]
struct Posted {
    ts: String,
    #[serde(default)]
    channel: String,
}

/// Returns the channel and the timestamp of a message. Slack accepts a channel's name only for a new message
/// and needs its ID afterwards. The ID is therefore stored with messages to a name.
fn whereabouts<'a>(channel: &'a str, message: &'a MessageId) -> (&'a str, &'a str) {
    message.0.split_once('/').unwrap_or((channel, &message.0))
}

/// The members of a user group.
#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    users: Vec<String>,
}

/// A page of the channels of a person.
/// <https://docs.slack.dev/reference/methods/users.conversations>
#[derive(Deserialize)]
struct Channels {
    #[serde(default)]
    channels: Vec<Channel>,
    #[serde(default)]
    response_metadata: Cursor,
}

#[derive(Deserialize)]
struct Channel {
    id: String,
}

#[derive(Default, Deserialize)]
struct Cursor {
    #[serde(default)]
    next_cursor: String,
}

#[derive(Deserialize)]
struct Messages {
    #[serde(default)]
    messages: Vec<Value>,
}

impl SlackMessenger {
    /// Creates a messenger with the app's bot token.
    #[must_use]
    pub fn new(api_url: &Url, bot_token: &SecretString) -> Self {
        Self { api: SlackApi::new(api_url, bot_token), identity: LearnedIdentity::default() }
    }

    /// Lets it link to messages as soon as the identity is known.
    #[must_use]
    pub fn with_identity(self, identity: LearnedIdentity) -> Self {
        Self { identity, ..self }
    }

    /// Calls a method with a message. If Slack refuses its blocks, it is sent without charts, and then the text alone.
    async fn say<R, A>(
        &self,
        method: &str,
        payload: Payload,
        request: impl Fn(SlackMessageContent) -> R,
    ) -> Result<A, DeliveryError>
    where
        R: Serialize + Send + Sync,
        A: serde::de::DeserializeOwned + Send,
    {
        let plainer = |blocks| Payload { text: payload.text.clone(), blocks, without_charts: None };
        let text_alone = content(plainer(Vec::new()));
        let mut answer = self.api.call(method, &request(content(payload.clone()))).await;
        if let (Err(error), Some(blocks)) = (&answer, &payload.without_charts)
            && is_about_blocks(error)
        {
            tracing::info!(%error, "Slack refused the charts; sent without them.");
            answer = self.api.call(method, &request(content(plainer(blocks.clone())))).await;
        }
        match answer {
            Err(error) if is_about_blocks(&error) => {
                tracing::error!(%error, "Slack refused the blocks; text sent alone.");
                self.api.call(method, &request(text_alone)).await
            }
            answer => answer,
        }
    }

    /// Reads the channels of some types that a person is in, page by page.
    async fn channels_of_types(&self, person: &str, types: &str) -> Result<BTreeSet<String>, DeliveryError> {
        let mut found = BTreeSet::new();
        let mut cursor = String::new();
        for _ in 0..CHANNEL_PAGES_MAX {
            let mut parameters = vec![
                ("user", person.to_owned()),
                ("types", types.to_owned()),
                ("exclude_archived", "true".to_owned()),
                ("limit", CHANNELS_PER_PAGE.to_string()),
            ];
            parameters.extend((!cursor.is_empty()).then(|| ("cursor", cursor.clone())));
            let page: Channels = self.api.ask("users.conversations", &parameters).await?;
            found.extend(page.channels.into_iter().map(|channel| channel.id));
            cursor = page.response_metadata.next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Answers through the `response_url` of the question, or else with an ephemeral message in the channel.
    async fn deliver_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
        replace: bool,
    ) -> Result<(), DeliveryError> {
        let payload = render_request(request, Shown::Ephemeral);
        let told = match &requester.reply_handle {
            Some(handle) => {
                let response = |content| Response {
                    message: SlackApiPostWebhookMessageRequest::new(content).with_replace_original(replace),
                    response_type: SlackMessageResponseType::Ephemeral,
                    parse: PARSE,
                };
                match self.api.respond(&handle.0, &response(content(payload.clone()))).await {
                    Err(error) if is_about_blocks(&error) && payload.without_charts.is_some() => {
                        tracing::info!(%error, "Slack refused the charts; sent without them.");
                        let blocks = payload.without_charts.clone().unwrap_or_default();
                        let plainer = Payload { text: payload.text.clone(), blocks, without_charts: None };
                        self.api.respond(&handle.0, &response(content(plainer))).await
                    }
                    told => told,
                }
            }
            None => Err(DeliveryError::NotThere("there is no address for the answer".to_owned())),
        };
        let Err(DeliveryError::NotThere(_) | DeliveryError::Refused(_)) = told else { return told };
        let (channel, user) = (&requester.destination.channel, &requester.user_id);
        let thread = requester.destination.thread.as_ref();
        let message = |content| {
            SlackApiChatPostEphemeralRequest::new(channel.into(), user.into(), content)
                .with_parse(PARSE.to_owned())
                .opt_thread_ts(thread.map(|thread| thread.0.clone().into()))
        };
        self.say::<_, Value>("chat.postEphemeral", payload, message).await.map(drop)
    }
}

/// The body for a `response_url`: slack-morphism's message, and two members that it does not have.
#[derive(Serialize)]
struct Response {
    #[serde(flatten)]
    message: SlackApiPostWebhookMessageRequest,
    response_type: SlackMessageResponseType,
    parse: &'static str,
}

fn content(payload: Payload) -> SlackMessageContent {
    SlackMessageContent::new().with_text(payload.text).with_blocks(payload.blocks)
}

#[async_trait::async_trait]
impl Messenger for SlackMessenger {
    async fn post(&self, to: &Destination, request: &SendRequest<'_>) -> Result<MessageId, DeliveryError> {
        let (channel, thread) = match &to.thread {
            Some(thread) => {
                let (channel, ts) = whereabouts(&to.channel, thread);
                (channel, Some(ts))
            }
            None => (to.channel.as_str(), None),
        };
        let id = HashMap::from([("id".to_owned(), request.idempotency_key.to_owned())]);
        let metadata = SlackMessageMetadata::new(METADATA.to_owned()).with_event_payload(id);
        let message = |content: SlackMessageContent| {
            SlackApiChatPostMessageRequest::new(channel.into(), content.with_metadata(metadata.clone()))
                .with_parse(PARSE.to_owned())
                .with_unfurl_links(false)
                .with_unfurl_media(false)
                .opt_thread_ts(thread.map(Into::into))
        };
        let payload = render_request(request, Shown::Posted);
        let posted: Posted = self.say("chat.postMessage", payload, message).await?;
        let by_name = to.channel.starts_with('#') && !posted.channel.is_empty();
        Ok(MessageId(if by_name { format!("{}/{}", posted.channel, posted.ts) } else { posted.ts }))
    }

    /// This needs a permission to read, which the app has only if its owner wants it. Without it, the outcome
    /// stays unknown.
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
        let message = |content| {
            SlackApiChatUpdateRequest::new(channel.into(), content, ts.into()).with_parse(PARSE.to_owned())
        };
        let payload = render_request(request, Shown::Posted);
        self.say::<_, Value>("chat.update", payload, message).await.map(drop)
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

    /// A form can be opened within three seconds of the press.
    async fn open_form(&self, by: OpenedBy<'_>, form: Form<'_>) -> Result<Option<FormId>, DeliveryError> {
        let Some(trigger) = &by.requester.trigger else { return Ok(None) };
        let request = SlackApiViewsOpenRequest::new(trigger.0.clone().into(), modal::view(form, by));
        let opened: Value = self.api.call("views.open", &request).await?;
        let id = opened["view"]["id"].as_str().map(|id| FormId(id.to_owned()));
        id.map(Some).ok_or_else(|| DeliveryError::InDoubt("Slack's response names no form".to_owned()))
    }

    async fn fill_form(&self, id: &FormId, by: OpenedBy<'_>, form: Form<'_>) -> Result<(), DeliveryError> {
        let request =
            SlackApiViewsUpdateRequest::new(modal::view(form, by)).with_view_id(id.0.clone().into());
        self.api.call::<_, Value>("views.update", &request).await.map(drop)
    }

    /// This needs the permission `usergroups:read`.
    async fn is_in_group(
        &self,
        requester: &Requester,
        groups: &BTreeSet<String>,
    ) -> Result<bool, DeliveryError> {
        let mut unknown = None;
        for group in groups {
            match self.api.ask("usergroups.users.list", &[("usergroup", group.clone())]).await {
                Ok(Members { users }) if users.contains(&requester.user_id) => return Ok(true),
                Ok(_) => {}
                // Another group may have the person. This one alone may be gone.
                Err(error) => unknown = Some(error),
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// As `chat.getPermalink` returns it, without asking for each message:
    /// <https://docs.slack.dev/reference/methods/chat.getPermalink>
    async fn permalink(&self, channel: &str, message: &MessageId) -> Option<String> {
        let (channel, ts) = whereabouts(channel, message);
        let workspace = self.identity.get()?.url.as_deref().filter(|url| url.starts_with("https://"))?;
        let (seconds, rest) = ts.split_once('.')?;
        let is_id = channel.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let is_ts = [seconds, rest].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let workspace = workspace.trim_end_matches('/');
        (is_id && is_ts).then(|| format!("{workspace}/archives/{channel}/p{seconds}{rest}"))
    }

    /// This needs the permission `links:write`. Slack finds the message by its channel and its time, also if the app
    /// isn't in the channel.
    async fn unfurl(
        &self,
        at: &Destination,
        message: &MessageId,
        unfurls: &[Unfurl],
    ) -> Result<(), DeliveryError> {
        let blocks = |unfurl: &Unfurl| SlackApiChatUnfurlMapItemV2::new(home::unfurl(&unfurl.report));
        let unfurls = unfurls.iter().map(|unfurl| (unfurl.url.clone(), blocks(unfurl))).collect();
        let at = SlackChannelTs { channel: at.channel.as_str().into(), ts: message.0.as_str().into() };
        let request = SlackApiChatUnfurlRequestV3::new(SlackUnfurlRequestId::ChannelTs(at), unfurls);
        self.api.call::<_, Value>("chat.unfurl", &request).await.map(drop)
    }

    async fn publish_home(&self, person: &str, home: &Home) -> Result<(), DeliveryError> {
        let request = SlackApiViewsPublishRequest::new(person.into(), home::view(home));
        self.api.call::<_, Value>("views.publish", &request).await.map(drop)
    }

    /// This needs the permissions `channels:read` and, for private channels, `groups:read`. With one of them, the
    /// channels of the other kind are not known, and left out.
    async fn channels_of(&self, person: &str) -> Result<Option<BTreeSet<String>>, DeliveryError> {
        for types in ["public_channel,private_channel", "public_channel", "private_channel"] {
            match self.channels_of_types(person, types).await {
                Err(DeliveryError::NotAllowed(_)) => {}
                channels => return channels.map(Some),
            }
        }
        Ok(None)
    }

    async fn thread_start(&self, thread: &Destination) -> Result<Option<String>, DeliveryError> {
        let Some(start) = &thread.thread else { return Ok(None) };
        let parameters =
            [("channel", thread.channel.clone()), ("ts", start.0.clone()), ("limit", "1".to_owned())];
        let found: Messages = self.api.ask("conversations.replies", &parameters).await?;
        Ok(found.messages.first().map(words))
    }
}
