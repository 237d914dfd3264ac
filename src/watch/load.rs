//! The first step of an evaluation: what is stored about the bots that are due, and about the channels to which
//! their alerts may go.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::Watch;
use super::messages::head_of;
use crate::alerts::grouping::{OpenGroup, RecentAlerts, Singles};
use crate::mutes::{ActiveMutes, Mute, Subject};
use crate::muting::mute_of;
use crate::rescue::Mode;
use crate::store::{AlertTransaction, DueBot, StoreError};

/// Bots that are due, and the channels concerned.
pub(super) struct Batch {
    /// The bots.
    pub(super) due: Vec<DueBot>,
    /// The names of those of their first messages that were sent, perhaps, and the channel in which each is by now.
    pub(super) sent: HashMap<String, String>,
    /// The channels. Each decision counts for the next bot.
    pub(super) channels: Channels,
    /// The names of the facts that bots of a workspace can't ask again, where they can't.
    pub(super) no_steps: HashSet<String>,
}

/// The state of channels.
#[derive(Default)]
pub(super) struct Channels {
    /// Recent alerts by channel; channels without any aren't in it.
    pub(super) recent: HashMap<String, RecentAlerts>,
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
        now: Timestamp,
    ) -> Result<Batch, StoreError> {
        let due = tx.due_bots(now, limit).await?;
        if due.is_empty() {
            return Ok(Batch {
                due,
                sent: HashMap::new(),
                channels: Channels::default(),
                no_steps: HashSet::new(),
            });
        }
        let heads: Vec<String> = due
            .iter()
            .flat_map(|due| due.alerts.iter().map(|alert| head_of(&due.bot, &alert.channel)))
            .collect();
        let sent = tx.sent_or_in_doubt(&heads).await?;
        let mut channels = Channels { recent: self.recent_alerts(tx, now).await?, ..Channels::default() };
        channels.ids = tx.channel_ids().await?;
        channels.mutes = self.active_mutes(tx, &due, &sent, &channels.ids, now).await?;
        let no_steps = match self.answerer.rescue {
            Mode::Off => HashSet::new(),
            Mode::Button | Mode::Automatic => tx.known_facts(&self.no_steps()).await?,
        };
        Ok(Batch { due, sent, channels, no_steps })
    }

    /// What is muted where alerts may go, where those of these bots were to go, and where they are by now.
    async fn active_mutes(
        &self,
        tx: &mut AlertTransaction,
        due: &[DueBot],
        sent: &HashMap<String, String>,
        ids: &HashMap<String, String>,
        now: Timestamp,
    ) -> Result<ActiveMutes, StoreError> {
        let placed = due.iter().flat_map(|due| due.alerts.iter().map(|alert| alert.channel.as_str()));
        let own = self.alerts.policy.channels();
        let names = own
            .iter()
            .map(|channel| channel.0.as_str())
            .chain(placed)
            .chain(sent.values().map(String::as_str));
        let channels: BTreeSet<&str> = names.map(|name| ids.get(name).map_or(name, String::as_str)).collect();
        let rows = tx.active_mutes(channels, now).await?;
        Ok(ActiveMutes(rows.iter().filter_map(mute_of).collect()))
    }

    async fn recent_alerts(
        &self,
        tx: &mut AlertTransaction,
        now: Timestamp,
    ) -> Result<HashMap<String, RecentAlerts>, StoreError> {
        let policy = &self.alerts.policy;
        let since = now.saturating_sub(policy.grouping.window).unwrap_or(Timestamp::MIN);
        let channels: Vec<&str> = policy.channels().into_iter().map(|channel| channel.0.as_str()).collect();
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
