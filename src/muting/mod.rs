//! Muting and taking care: from what a person asks for to what is stored and said.
//!
//! A mute and the message that announces it are one transaction, and so are its end and what is said about that. So
//! each is said once, however often a process ends in between, and whichever instance does it. What a mute covers is
//! `mutes`'; `watch` keeps the alerts back.

mod said;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::alerts::lifecycle::LastAlert;
use crate::answer::{Address, Answerer};
use crate::chat::action::Action;
use crate::chat::form::{Form, OpenedBy};
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind};
use crate::chat::outbox_message::{Delivery, Draft, channel_key};
use crate::chat::question::Question;
use crate::chat::{Message, Messenger};
use crate::diagnosis::bot_id::BotId;
use crate::mutes::request::Request;
use crate::mutes::{MuteId, Scope};
use crate::recurrence::key::HashedKey;
use crate::report::mute::{self as words, Ended, Listing, MuteForm, MuteNotice};
use crate::report::{did_you_mean, notices};
use crate::store::{MuteRow, SetMute, Store, StoreError};

pub use said::{Ender, announced, end_due, end_in, facts_of, mute_of};

/// How long a second press of the same person is taken for a double click.
const DOUBLE_CLICK: SignedDuration = SignedDuration::from_secs(3);
/// Most alerts in the list of the latest ones.
const RECENT_MAX: usize = 10;
/// Most mutes that are read for a list.
const MUTES_MAX: i64 = 100;

/// Mutes alerts, and notes who takes care of a bot.
pub struct Muting {
    store: Store,
    answerer: Arc<Answerer>,
    /// The channels that alerts may go to, as the settings name them.
    channels: BTreeSet<String>,
    /// There is something to deliver.
    outbox_ready: Arc<Notify>,
}

/// What a person is told.
enum Told {
    Notice(String),
    Mute(MuteNotice),
}

impl Told {
    fn notice(words: impl Into<String>) -> Self {
        Self::Notice(words.into())
    }

    fn message(self) -> Message {
        match self {
            Self::Notice(words) => Message::Notice(words),
            Self::Mute(notice) => Message::Mute(Box::new(notice)),
        }
    }
}

impl Muting {
    /// Puts it together. `channels` are those that alerts may go to.
    #[must_use]
    pub const fn new(
        store: Store,
        answerer: Arc<Answerer>,
        channels: BTreeSet<String>,
        outbox_ready: Arc<Notify>,
    ) -> Self {
        Self { store, answerer, channels, outbox_ready }
    }

    /// Answers what is about muting, or about who takes care of a bot; `None` for everything else.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn answer(
        &self,
        interaction: &Interaction,
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<Option<Vec<Draft>>, StoreError> {
        let address = Address::of(interaction);
        let mut drafts = match &interaction.kind {
            InteractionKind::Ask { question, .. } => match question {
                Question::Mute(request) => {
                    address.tell(self.mute(interaction, request, now).await?.message())
                }
                Question::MuteUnclear(problem) => address.notice(problem.words()),
                Question::Unmute(id) => address.tell(self.unmute(interaction, id, now).await?.message()),
                Question::Mutes => {
                    address.tell(Message::Listing(Box::new(self.list(interaction, now).await?)))
                }
                Question::Recent => address.tell(Message::Listing(Box::new(self.recent(interaction).await?))),
                _ => return Ok(None),
            },
            InteractionKind::Mute { request, in_place } => {
                let told = self.mute(interaction, request, now).await?;
                answered(&address, told, *in_place)
            }
            InteractionKind::Press { action, on } => match action {
                Action::Mute(bot) => self.open_form(*bot, interaction, on, messenger, now).await?,
                Action::MuteAs { scope, end } => {
                    let request = Request { scope: scope.clone(), end: *end, reason: None };
                    answered(&address, self.mute(interaction, &request, now).await?, true)
                }
                Action::Unmute(id) => self.press_unmute(interaction, id, on, now).await?,
                Action::Take(bot) => self.take(*bot, interaction, now).await?,
                _ => return Ok(None),
            },
            InteractionKind::Links { .. } | InteractionKind::Home | InteractionKind::NotUnderstood => {
                return Ok(None);
            }
        };
        if let Some(first) = drafts.first_mut() {
            first.outgoing.replaces_placeholder = true;
        }
        Ok(Some(drafts))
    }

    /// Mutes, and says so in the channel. Returns what the person is told.
    async fn mute(
        &self,
        interaction: &Interaction,
        request: &Request,
        now: Timestamp,
    ) -> Result<Told, StoreError> {
        let ends_at = match request.ends_at(now, &interaction.requester.zone()) {
            Ok(ends_at) => ends_at,
            Err(problem) => return Ok(Told::notice(problem.words())),
        };
        let (scope, title) = match self.known(&request.scope).await? {
            Ok(known) => known,
            Err(told) => return Ok(Told::Notice(told)),
        };
        let channel = channel_of(interaction);
        if !self.receives_alerts(&channel).await? {
            return Ok(Told::notice(words::NO_ALERTS_HERE));
        }
        let new = MuteRow {
            id: id_of(&interaction.delivery_id),
            channel,
            scope: scope.kind().to_owned(),
            value: scope.value(),
            title,
            author: interaction.requester.user_id.clone(),
            reason: request.reason.as_ref().map(|reason| reason.as_str().to_owned()),
            created_at: now,
            ends_at,
        };
        let mut tx = self.store.begin_alerts().await?;
        let set = tx.set_mute(&new, &interaction.delivery_id, now).await?;
        match &set {
            SetMute::New(mute) => said::announce(&mut tx, mute, now).await?,
            SetMute::Extended(mute) => said::extend(&mut tx, mute, &interaction.delivery_id, now).await?,
            SetMute::Already(_) | SetMute::Repeated(_) => {}
        }
        tx.commit().await?;
        self.outbox_ready.notify_one();
        Ok(Told::Mute(match &set {
            SetMute::New(mute) | SetMute::Extended(mute) | SetMute::Repeated(mute) => facts_of(mute).done(),
            SetMute::Already(mute) => facts_of(mute).already(),
        }))
    }

    /// Returns a scope that can be muted, with the title of its cause or the bot that names it, or what to say instead.
    async fn known(&self, scope: &Scope) -> Result<Result<(Scope, String), String>, StoreError> {
        Ok(match scope {
            Scope::Cause(word) => match self.answerer.catalogue.find(word) {
                Ok(cause) => Ok((Scope::Cause(cause.id.to_string()), cause.title.clone())),
                Err(near) => Err(notices::not_in_the_catalogue(
                    word,
                    Some(did_you_mean(&near).as_deref().unwrap_or(words::HOW_TO_MUTE)),
                )),
            },
            Scope::SameAs(bot) => match self.key_of(*bot).await? {
                Some(key) => Ok((Scope::Key(key), bot.to_string())),
                None => Err(words::NOTHING_IN_COMMON.to_owned()),
            },
            // Keys are hashes, which nobody types: the button of an old message has none either.
            Scope::Bot(_) | Scope::Key(_) | Scope::Channel => Ok((scope.clone(), String::new())),
        })
    }

    /// Returns the recurrence key under which the failure of a bot is stored.
    async fn key_of(&self, bot: BotId) -> Result<Option<String>, StoreError> {
        Ok(self.store.failure_of(&bot.to_string()).await?.and_then(|failure| failure.key))
    }

    /// Returns `true` if alerts may go to this channel: the settings name it, or a channel of which nobody knows yet
    /// that it is another one.
    async fn receives_alerts(&self, channel: &str) -> Result<bool, StoreError> {
        let names = self.store.names_of_channel(channel).await?;
        if names.iter().any(|name| self.channels.contains(name)) {
            return Ok(true);
        }
        // The settings don't name the channels of customers, and there may be thousands.
        if !self.store.latest_alerts(&names, 1).await?.is_empty() {
            return Ok(true);
        }
        let chat = channel.split(':').next().unwrap_or_default();
        for own in self.channels.iter().filter(|own| own.starts_with(&format!("{chat}:#"))) {
            if self.store.id_of_channel(own).await?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn unmute(
        &self,
        interaction: &Interaction,
        id: &MuteId,
        now: Timestamp,
    ) -> Result<Told, StoreError> {
        // Outside of a channel, as in an overview of several, the ID alone says which.
        let is_in_channel = !interaction.requester.destination.channel.is_empty();
        let channel = is_in_channel.then(|| channel_of(interaction));
        let by = Ender::Person(&interaction.requester.user_id);
        let mut tx = self.store.begin_alerts().await?;
        let ended = end_in(&mut tx, id.as_str(), channel.as_deref(), by, now).await?;
        tx.commit().await?;
        self.outbox_ready.notify_one();
        Ok(match ended {
            Some(mute) => {
                let ended = Ended::By(&interaction.requester.user_id);
                Told::Mute(facts_of(&mute).after_its_end(ended))
            }
            None => Told::notice(words::NO_SUCH_MUTE),
        })
    }

    /// Answers the button of a mute. Where everybody sees the mute, its message changes by itself; in a list of one
    /// person, the list is made anew.
    async fn press_unmute(
        &self,
        interaction: &Interaction,
        id: &MuteId,
        on: &ButtonOn,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StoreError> {
        let address = Address::of(interaction);
        let told = self.unmute(interaction, id, now).await?;
        Ok(match (on, told) {
            (ButtonOn::Posted(_), Told::Mute(_)) => Vec::new(),
            (ButtonOn::Posted(_), told) => address.tell(told.message()),
            (ButtonOn::Ephemeral, _) => {
                let list = self.list(interaction, now).await?;
                let delivery = Delivery::EditEphemeral(interaction.requester.clone());
                vec![address.draft(delivery, Message::Listing(Box::new(list)))]
            }
        })
    }

    /// What is muted where the person is.
    async fn list(&self, interaction: &Interaction, now: Timestamp) -> Result<Listing, StoreError> {
        let channel = channel_of(interaction);
        let mutes = self.store.mutes_in(Some(&[channel]), now, MUTES_MAX).await?;
        Ok(words::list(&mutes.iter().map(facts_of).collect::<Vec<_>>()))
    }

    /// The latest alerts of the channel where the person is.
    async fn recent(&self, interaction: &Interaction) -> Result<Listing, StoreError> {
        let names = self.store.names_of_channel(&channel_of(interaction)).await?;
        let alerts = self.store.latest_alerts(&names, RECENT_MAX).await?;
        let failures: Vec<words::RecentFailure<'_>> = alerts
            .iter()
            .map(|alert| words::RecentFailure {
                bot: &alert.bot,
                title: self.answerer.catalogue.find(&alert.cause).map_or(&*alert.cause, |cause| &cause.title),
                at: alert.at,
                resolved: alert.resolved,
                muted: alert.muted,
            })
            .collect();
        Ok(words::recent(&failures))
    }

    /// Opens the form, or shows it to the person alone.
    async fn open_form(
        &self,
        bot: BotId,
        interaction: &Interaction,
        on: &ButtonOn,
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StoreError> {
        let last = self.store.last_alert_of(&bot.to_string()).await?;
        let last: Option<LastAlert> = last.and_then(|last| serde_json::from_str(&last).ok());
        let (cause, title) = last.map_or((None, String::new()), |last| (Some(last.cause), last.title));
        let zone = interaction.requester.zone();
        let offset = now.to_zoned(zone).strftime("%Z").to_string();
        let key = self.key_of(bot).await?;
        let common = key.map(|key| HashedKey::in_common(&key).to_owned());
        let form = MuteForm { bot, cause, title, common, zone: offset };
        let by = OpenedBy { requester: &interaction.requester, on };
        match messenger.open_form(by, Form::Mute(&form)).await {
            Ok(Some(_)) => return Ok(Vec::new()),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "Form not opened; message sent instead."),
        }
        Ok(Address::of(interaction).tell(Message::MuteForm(Box::new(form))))
    }

    /// Notes that the person takes care of a bot, or gives it back. Its card changes with its next evaluation.
    async fn take(
        &self,
        bot: BotId,
        interaction: &Interaction,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StoreError> {
        let (bot, person) = (bot.to_string(), &interaction.requester.user_id);
        let settled = interaction.at - DOUBLE_CLICK;
        let is_known = self.store.take(&bot, person, interaction.at, settled, now).await?;
        Ok(if is_known { Vec::new() } else { Address::of(interaction).notice(words::BOT_FORGOTTEN) })
    }
}

/// Puts an answer in the place of a form, or next to it.
fn answered(address: &Address<'_>, told: Told, in_place: bool) -> Vec<Draft> {
    if in_place {
        let delivery = Delivery::EditEphemeral(address.requester.clone());
        vec![address.draft(delivery, told.message())]
    } else {
        address.tell(told.message())
    }
}

fn channel_of(interaction: &Interaction) -> String {
    channel_key(interaction.chat, &interaction.requester.destination.channel)
}

/// Returns the ID of the mute that a delivery sets: the same if it is tried again.
fn id_of(delivery_id: &str) -> String {
    let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, delivery_id.as_bytes());
    name.simple().to_string().chars().take(MuteId::LENGTH).collect()
}

/// Returns `true` if this needs the right to mute.
#[must_use]
pub fn needs_the_right(kind: &InteractionKind) -> bool {
    match kind {
        InteractionKind::Press { action, .. } => {
            matches!(action, Action::Mute(_) | Action::MuteAs { .. } | Action::Unmute(_) | Action::Take(_))
        }
        InteractionKind::Ask { question, .. } => matches!(question, Question::Mute(_) | Question::Unmute(_)),
        InteractionKind::Mute { .. } => true,
        InteractionKind::Links { .. } | InteractionKind::Home | InteractionKind::NotUnderstood => false,
    }
}

#[cfg(test)]
mod tests {
    use super::id_of;
    use crate::mutes::MuteId;

    #[test]
    fn a_delivery_names_its_mute() {
        let id = id_of("slack:t1");
        assert_eq!(id.parse::<MuteId>().unwrap().as_str(), id);
        assert_eq!(id, id_of("slack:t1"));
        assert_ne!(id, id_of("slack:t2"));
    }
}
