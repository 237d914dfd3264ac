//! The first step of an evaluation: what is stored about the bots that are due, and about the channels to which
//! their alerts may go.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::Watch;
use super::messages::head_of;
use super::recurrences::PastOfBatch;
use crate::alerts::channel_table::ChannelTable;
use crate::alerts::grouping::{OpenGroup, RecentAlerts, Singles};
use crate::mutes::{ActiveMutes, Mute, Subject};
use crate::muting::mute_of;
use crate::recall::event::BotEvent;
use crate::recurrence::key::KeySecret;
use crate::rescue::Mode;
use crate::store::{AlertTransaction, DueBot, StoreError};

/// Bots that are due, and the channels concerned.
pub(super) struct Batch {
    /// The bots.
    pub(super) due: Vec<DueBot>,
    /// The events of each.
    pub(super) events: Vec<Vec<BotEvent>>,
    /// The names of those of their first messages that were sent, perhaps, and the channel in which each is by now.
    pub(super) sent: HashMap<String, String>,
    /// The channels. Each decision counts for the next bot.
    pub(super) channels: Channels,
    /// The names of the facts that bots of a workspace can't ask again, where they can't.
    pub(super) no_steps: HashSet<String>,
    /// Earlier failures of the bots' keys. Each decision counts for the next bot.
    pub(super) past: PastOfBatch,
}

/// The state of channels.
#[derive(Default)]
pub(super) struct Channels {
    /// Recent alerts by channel; channels without any aren't in it.
    pub(super) recent: HashMap<String, RecentAlerts>,
    /// The channels of customers, the same for the whole batch.
    pub(super) table: Arc<ChannelTable>,
    /// The IDs of channels that the settings call by their names.
    ids: HashMap<String, String>,
    /// What is muted in them.
    mutes: ActiveMutes,
}

impl Channels {
    /// Returns the mute that covers an alert in a channel.
    pub(super) fn muted(&self, channel: &str, subject: &Subject<'_>, now: Timestamp) -> Option<&Mute> {
        let id = self.ids.get(channel).map_or(channel, String::as_str);
        self.mutes.covering(id, subject, now)
    }
}

impl Watch {
    pub(super) async fn load(
        &self,
        tx: &mut AlertTransaction,
        limit: i64,
        secret: &KeySecret,
        now: Timestamp,
    ) -> Result<Batch, StoreError> {
        let due = tx.due_bots(now, limit).await?;
        if due.is_empty() {
            let (channels, past) = (Channels::default(), PastOfBatch::default());
            let no_steps = HashSet::new();
            return Ok(Batch { due, events: Vec::new(), sent: HashMap::new(), channels, no_steps, past });
        }
        let heads: Vec<String> = due
            .iter()
            .flat_map(|due| due.alerts.iter().map(|alert| head_of(&due.bot, &alert.channel)))
            .collect();
        let sent = tx.sent_or_in_doubt(&heads).await?;
        let table = self.channel_table();
        let events: Vec<Vec<BotEvent>> = due.iter().map(events_of).collect();
        let places = self.places(&events, &table);
        let ids = tx.channel_ids().await?;
        let mutes = active_mutes(tx, &due, (&sent, &places, &ids), now).await?;
        let channels = Channels { recent: self.recent_alerts(tx, &places, now).await?, table, ids, mutes };
        let no_steps = match self.answerer.rescue {
            Mode::Off => HashSet::new(),
            Mode::Button | Mode::Automatic => tx.known_facts(&self.no_steps()).await?,
        };
        let failed = due.iter().zip(&events).filter(|(due, events)| self.has_failed(due, events, now));
        let past = self.past_of(tx, failed, secret, now).await?;
        Ok(Batch { due, events, sent, channels, no_steps, past })
    }

    /// Returns the channels of routes, and of the table those to which alerts about these bots may go.
    fn places(&self, events: &[Vec<BotEvent>], table: &ChannelTable) -> BTreeSet<String> {
        let events = events.iter().flatten().filter(|_| !table.is_empty());
        let of_bots = events.filter_map(|event| Some(table.row(&event.metadata)?.channels.clone()));
        let own = self.alerts.policy.channels().into_iter().map(|channel| channel.0.clone());
        own.chain(of_bots.flatten().map(|channel| channel.0)).collect()
    }

    async fn recent_alerts(
        &self,
        tx: &mut AlertTransaction,
        places: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<HashMap<String, RecentAlerts>, StoreError> {
        let policy = &self.alerts.policy;
        let since = now.saturating_sub(policy.grouping.window).unwrap_or(Timestamp::MIN);
        let channels: Vec<&str> = places.iter().map(String::as_str).collect();
        let mut recent: HashMap<String, RecentAlerts> = HashMap::new();
        for found in tx.recent_singles(&channels, since).await? {
            let singles = Singles { count: found.count, first: found.first };
            recent.entry(found.channel).or_default().add_singles(&found.cause, singles);
        }
        for found in tx.counting_groups(&channels, since).await? {
            let group = OpenGroup { id: found.id, cause: found.cause, is_new: found.since > since };
            recent.entry(found.channel).or_default().add_group(group);
        }
        Ok(recent)
    }
}

/// Reads the events of a bot; one that can't be read is left out.
fn events_of(due: &DueBot) -> Vec<BotEvent> {
    due.events.iter().filter_map(|body| serde_json::from_str(body).ok()).collect()
}

/// What is muted where alerts may go, where those of these bots were to go, and where they are by now.
async fn active_mutes(
    tx: &mut AlertTransaction,
    due: &[DueBot],
    (sent, places, ids): (&HashMap<String, String>, &BTreeSet<String>, &HashMap<String, String>),
    now: Timestamp,
) -> Result<ActiveMutes, StoreError> {
    let placed = due.iter().flat_map(|due| due.alerts.iter().map(|alert| &alert.channel));
    let names = places.iter().chain(placed).chain(sent.values()).map(String::as_str);
    let channels: BTreeSet<&str> = names.map(|name| ids.get(name).map_or(name, String::as_str)).collect();
    let rows = tx.active_mutes(channels, now).await?;
    Ok(ActiveMutes(rows.iter().filter_map(mute_of).collect()))
}
