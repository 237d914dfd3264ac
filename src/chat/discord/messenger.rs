//! The messenger for Discord. The deferred reply becomes the verdict, and a thread below it contains the
//! details.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use serenity::all::{AutoArchiveDuration, Nonce};
use serenity::builder::{CreateThread, EditThread};
use uuid::Uuid;

use super::api::{
    DiscordApi, DiscordError, HAS_A_THREAD, RESTS, UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_WEBHOOK, to_json,
};
use super::handle::{Deferred, Handle};
use super::render::{Body, render_request};
use crate::chat::interaction::Requester;
use crate::chat::{DeliveryError, Destination, MessageId, Messenger, SendRequest, Shown};

/// Discord archives a thread after one day without a message.
const THREAD_RESTS_AFTER: AutoArchiveDuration = AutoArchiveDuration::OneDay;
/// Most characters in the name of a thread.
const THREAD_NAME_MAX: usize = 100;
/// Milliseconds before an answer that overtook its acknowledgement is sent again.
const EARLY_PAUSE: Duration = Duration::from_millis(300);
/// Where people open messages: below it the server, the channel and the message, as **Copy Message Link** returns it.
const MESSAGES: &str = "https://discord.com/channels";
/// Most characters in a nonce.
const NONCE_MAX: usize = 25;

/// Delivers messages to Discord.
pub struct DiscordMessenger {
    api: Arc<DiscordApi>,
    clock: fn() -> Timestamp,
    /// The server of each channel in which a message was linked.
    guilds: Mutex<HashMap<String, String>>,
}

impl DiscordMessenger {
    /// Creates a messenger that uses this API.
    #[must_use]
    pub fn new(api: Arc<DiscordApi>, clock: fn() -> Timestamp) -> Self {
        Self { api, clock, guilds: Mutex::default() }
    }

    fn handle(&self, requester: Option<&Requester>) -> Option<Handle> {
        requester.and_then(|requester| Handle::of(requester, (self.clock)()))
    }

    /// Makes a call with an interaction's token.
    async fn through(
        &self,
        handle: &Handle,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DeliveryError> {
        match self.api.call(method, path, body).await {
            Err(refusal) if refusal.code == UNKNOWN_WEBHOOK && handle.may_be_early((self.clock)()) => {
                Err(DeliveryError::Busy(EARLY_PAUSE))
            }
            done => Ok(done?),
        }
    }

    /// Makes a call with an interaction's token. `None` if the interaction is over, or the message is not its
    /// own; the channel remains possible.
    async fn through_interaction(
        &self,
        handle: &Handle,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<Value>, DeliveryError> {
        match self.through(handle, method, path, body).await {
            Ok(answer) => Ok(Some(answer)),
            Err(
                DeliveryError::NotThere(_) | DeliveryError::ThreadClosed(_) | DeliveryError::MessageGone(_),
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Posts a message in a channel or thread. Discord shows a message that is sent twice within minutes only
    /// once.
    async fn post_in(
        &self,
        channel: &str,
        body: &Body,
        idempotency_key: &str,
    ) -> Result<MessageId, DiscordError> {
        let message = body.message().nonce(nonce(idempotency_key)).enforce_nonce(true);
        let path = format!("/channels/{channel}/messages");
        let posted = self.api.call(Method::POST, &path, Some(&to_json(&message))).await?;
        Ok(id_of(&posted)?)
    }

    /// Returns the thread below a message: a new one, or the existing one.
    async fn thread(&self, channel: &str, message: &MessageId, title: &str) -> Result<String, DeliveryError> {
        let name: String = title.chars().take(THREAD_NAME_MAX).collect();
        let thread = CreateThread::new(name).auto_archive_duration(THREAD_RESTS_AFTER);
        let path = format!("/channels/{channel}/messages/{}/threads", message.0);
        match self.api.call(Method::POST, &path, Some(&to_json(&thread))).await {
            Ok(thread) => Ok(id_of(&thread)?.0),
            // A thread has the ID of the message it belongs to.
            Err(refusal) if refusal.code == HAS_A_THREAD => Ok(message.0.clone()),
            Err(refusal) => Err(match refusal.error {
                DeliveryError::NotThere(why) | DeliveryError::Refused(why) => DeliveryError::NoThread(why),
                DeliveryError::MessageGone(why) => DeliveryError::ThreadClosed(why),
                other => other,
            }),
        }
    }

    /// Posts a message in the thread below another one.
    async fn post_in_thread(
        &self,
        channel: &str,
        parent: &MessageId,
        request: &SendRequest<'_>,
    ) -> Result<MessageId, DeliveryError> {
        let title = request.message.title().unwrap_or_else(|| "Why no recording".to_owned());
        let thread = self.thread(channel, parent, &title).await?;
        let body = render_request(request, Shown::Posted);
        let posted = self.post_in(&thread, &body, request.idempotency_key).await;
        posted.map_err(of_a_thread)
    }

    /// Edits our message, if possible through the interaction, which needs no permission.
    async fn change(
        &self,
        channel: &str,
        message: &MessageId,
        body: &Body,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        if let Some(handle) = self.handle(request.asker) {
            let path = format!("{}/messages/{}", handle.follow_up(), message.0);
            let edit = to_json(&body.edit_through_interaction());
            if self.through_interaction(&handle, Method::PATCH, &path, Some(&edit)).await?.is_some() {
                return Ok(());
            }
        }
        Ok(self.change_in(channel, message, body).await?)
    }

    /// Edits a message in a channel or thread. An archived thread is unarchived first. Discord does that by
    /// itself for new messages and not for edits.
    /// <https://docs.discord.com/developers/topics/threads#active-archived-threads>
    async fn change_in(&self, channel: &str, message: &MessageId, body: &Body) -> Result<(), DiscordError> {
        let path = format!("/channels/{channel}/messages/{}", message.0);
        let edit = to_json(&body.edit());
        match self.api.call(Method::PATCH, &path, Some(&edit)).await {
            Err(refusal) if refusal.code == RESTS => {}
            done => return done.map(drop),
        }
        let awake = to_json(&EditThread::new().archived(false));
        self.api.call(Method::PATCH, &format!("/channels/{channel}"), Some(&awake)).await?;
        self.api.call(Method::PATCH, &path, Some(&edit)).await.map(drop)
    }

    /// Returns the server of a channel. It is asked once for each channel, because a channel stays where it is.
    async fn guild_of(&self, channel: &str) -> Option<String> {
        let known = self.guilds.lock().unwrap_or_else(PoisonError::into_inner).get(channel).cloned();
        if known.is_some() {
            return known;
        }
        let found = self.api.call(Method::GET, &format!("/channels/{channel}"), None).await.ok()?;
        let guild = found["guild_id"].as_str()?.to_owned();
        let mut guilds = self.guilds.lock().unwrap_or_else(PoisonError::into_inner);
        guilds.insert(channel.to_owned(), guild.clone());
        Some(guild)
    }

    /// Deletes "thinking…" if the answer cannot replace it. The answer goes to the requester only, and the
    /// first message after "thinking…" would be visible to all.
    async fn stop_thinking(&self, request: &SendRequest<'_>) -> Result<(), DeliveryError> {
        let handle = self.handle(request.asker).filter(|handle| handle.deferred == Deferred::ForAll);
        if let (Some(handle), true) = (handle, request.replaces_placeholder) {
            self.through_interaction(&handle, Method::DELETE, &handle.original(), None).await?;
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Messenger for DiscordMessenger {
    async fn post(&self, to: &Destination, request: &SendRequest<'_>) -> Result<MessageId, DeliveryError> {
        if let (Some(above), true) = (&to.thread, request.begins_thread) {
            return self.post_in_thread(&to.channel, above, request).await;
        }
        let body = render_request(request, Shown::Posted);
        if let Some(handle) = self.handle(request.asker) {
            let (method, path, said) = match (request.replaces_placeholder, handle.deferred) {
                (true, Deferred::ForAll) => {
                    (Method::PATCH, handle.original(), to_json(&body.edit_through_interaction()))
                }
                _ => (Method::POST, format!("{}?wait=true", handle.follow_up()), to_json(&body.follow_up())),
            };
            if let Some(posted) = self.through_interaction(&handle, method, &path, Some(&said)).await? {
                return id_of(&posted);
            }
        }
        let posted = match &to.thread {
            Some(thread) => {
                self.post_in(&thread.0, &body, request.idempotency_key).await.map_err(of_a_thread)
            }
            None => Ok(self.post_in(&to.channel, &body, request.idempotency_key).await?),
        };
        if let Err(DeliveryError::NotThere(_) | DeliveryError::NoThread(_) | DeliveryError::ThreadClosed(_)) =
            &posted
        {
            self.stop_thinking(request).await?;
        }
        posted
    }

    fn pace(&self, to: &Destination) -> Duration {
        self.api.full_for(&to.channel)
    }

    /// The nonce makes Discord recognise a message sent twice, so there is nothing to search for.
    async fn find(&self, _: &Destination, _: &str, _: Timestamp) -> Result<Option<MessageId>, DeliveryError> {
        Ok(None)
    }

    async fn edit(
        &self,
        at: &Destination,
        id: &MessageId,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        let body = render_request(request, Shown::Posted);
        let pressed = self.handle(request.asker).filter(|handle| handle.deferred == Deferred::TheMessage);
        if let (Some(handle), true) = (pressed, request.replaces_placeholder) {
            let edit = to_json(&body.edit_through_interaction());
            let path = handle.original();
            if self.through_interaction(&handle, Method::PATCH, &path, Some(&edit)).await?.is_some() {
                return Ok(());
            }
        }
        match &at.thread {
            _ if request.threadless => self.change(&at.channel, id, &body, request).await,
            Some(thread) => self.change_in(&thread.0, id, &body).await.map_err(of_a_thread),
            None => Ok(self.change_in(&at.channel, id, &body).await?),
        }
    }

    async fn post_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        let over = || DeliveryError::NotThere("the time for a private answer is over".to_owned());
        let handle = self.handle(Some(requester)).ok_or_else(over)?;
        let body = render_request(request, Shown::Ephemeral);
        if request.replaces_placeholder && handle.deferred == Deferred::Ephemeral {
            let edit = to_json(&body.edit_through_interaction());
            return self.through(&handle, Method::PATCH, &handle.original(), Some(&edit)).await.map(drop);
        }
        if request.replaces_placeholder && handle.deferred == Deferred::ForAll {
            // The first message after "thinking…" would be visible to all as well, so the placeholder is
            // deleted first.
            self.through_interaction(&handle, Method::DELETE, &handle.original(), None).await?;
        }
        let told = to_json(&body.follow_up().ephemeral(true));
        self.through(&handle, Method::POST, &handle.follow_up(), Some(&told)).await.map(drop)
    }

    async fn edit_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        let over = || DeliveryError::NotThere("the time for a private answer is over".to_owned());
        let handle = self.handle(Some(requester)).ok_or_else(over)?;
        let edit = to_json(&render_request(request, Shown::Ephemeral).edit_through_interaction());
        self.through(&handle, Method::PATCH, &handle.original(), Some(&edit)).await.map(drop)
    }

    /// The press contains the person's roles. Discord is asked for those of this moment, which works only if the app
    /// has its own user in the server.
    async fn is_in_group(
        &self,
        requester: &Requester,
        groups: &BTreeSet<String>,
    ) -> Result<bool, DeliveryError> {
        let Some(server) = &requester.server else { return Ok(false) };
        let path = format!("/guilds/{server}/members/{}", requester.user_id);
        let member = match self.api.call(Method::GET, &path, None).await {
            Ok(member) => Ok(member),
            // Whoever has left the server has no role there, whatever an old press says.
            Err(refusal) if refusal.code == UNKNOWN_MEMBER => return Ok(false),
            Err(refusal) => Err(DeliveryError::from(refusal)),
        };
        let member = match member {
            Ok(member) => member,
            Err(DeliveryError::NotThere(_) | DeliveryError::NotAllowed(_)) => {
                return Ok(requester.roles.iter().any(|role| groups.contains(role)));
            }
            Err(error) => return Err(error),
        };
        let roles = member["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(roles.into_iter().any(|role| groups.contains(role)))
    }

    async fn permalink(&self, channel: &str, message: &MessageId) -> Option<String> {
        let guild = self.guild_of(channel).await?;
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let are_ids = [guild.as_str(), channel, &message.0].into_iter().all(is_id);
        are_ids.then(|| format!("{MESSAGES}/{guild}/{channel}/{}", message.0))
    }

    /// Commands work inside threads, so the thread's first message is never needed.
    async fn thread_start(&self, _: &Destination) -> Result<Option<String>, DeliveryError> {
        Ok(None)
    }
}

/// Interprets an error in a thread. It is about the thread, because its channel has accepted the message
/// above.
fn of_a_thread(refusal: DiscordError) -> DeliveryError {
    match refusal.error {
        DeliveryError::NotThere(why) if refusal.code == UNKNOWN_CHANNEL => DeliveryError::ThreadClosed(why),
        DeliveryError::NotThere(why) => DeliveryError::NoThread(why),
        other => other,
    }
}

fn id_of(created: &Value) -> Result<MessageId, DeliveryError> {
    let id = created["id"].as_str().map(|id| MessageId(id.to_owned()));
    id.ok_or_else(|| DeliveryError::InDoubt("Discord's answer names no message".to_owned()))
}

/// Returns a short nonce that is the same for the same outbox message.
fn nonce(idempotency_key: &str) -> Nonce {
    let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, idempotency_key.as_bytes());
    Nonce::String(name.simple().to_string().chars().take(NONCE_MAX).collect())
}
