//! The first step of an evaluation: what is stored about the bots that are due, and about the channels to which
//! their alerts may go.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::Watch;
use super::messages::head_of;
use crate::alerts::channel_table::ChannelTable;
use crate::alerts::grouping::{OpenGroup, RecentAlerts, Singles};
use crate::rescue::Mode;
use crate::store::{AlertTransaction, DueBot, StoreError};

/// Bots that are due, and the channels concerned.
pub(super) struct Batch {
    /// The bots.
    pub(super) due: Vec<DueBot>,
    /// The names of those of their first messages that were sent, perhaps.
    pub(super) sent: HashSet<String>,
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
    /// The channels of customers, the same for the whole batch.
    pub(super) table: Arc<ChannelTable>,
}

/// The part of an event that the channel table needs.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    metadata: BTreeMap<String, String>,
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
                sent: HashSet::new(),
                channels: Channels::default(),
                no_steps: HashSet::new(),
            });
        }
        let heads: Vec<String> = due
            .iter()
            .flat_map(|due| due.alerts.iter().map(|alert| head_of(&due.bot, &alert.channel)))
            .collect();
        let sent = tx.sent_or_in_doubt(&heads).await?;
        let table = self.channel_table();
        let channels = Channels { recent: self.recent_alerts(tx, &due, &table, now).await?, table };
        let no_steps = match self.answerer.rescue {
            Mode::Off => HashSet::new(),
            Mode::Button | Mode::Automatic => tx.known_facts(&self.no_steps()).await?,
        };
        Ok(Batch { due, sent, channels, no_steps })
    }

    /// Loads the channels of routes, and of the table those to which alerts about these bots may go.
    async fn recent_alerts(
        &self,
        tx: &mut AlertTransaction,
        due: &[DueBot],
        table: &ChannelTable,
        now: Timestamp,
    ) -> Result<HashMap<String, RecentAlerts>, StoreError> {
        let policy = &self.alerts.policy;
        let since = now.saturating_sub(policy.grouping.window).unwrap_or(Timestamp::MIN);
        let events = due.iter().flat_map(|due| &due.events).filter(|_| !table.is_empty());
        let metadata = events.filter_map(|body| serde_json::from_str::<Metadata>(body).ok());
        let of_bots = metadata.filter_map(|found| Some(&table.row(&found.metadata)?.channels)).flatten();
        let channels: BTreeSet<&str> =
            policy.channels().into_iter().chain(of_bots).map(|channel| channel.0.as_str()).collect();
        let channels: Vec<&str> = channels.into_iter().collect();
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
