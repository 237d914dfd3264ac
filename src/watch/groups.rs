//! Alert groups: opened when there are many alerts, updated every few seconds, closed when it is over.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Watch;
use super::alerting::NewAlert;
use super::decision::{Decision, Edit, Enqueue};
use super::load::Channels;
use super::messages::ChannelMessage;
use crate::alerts::ChannelRef;
use crate::chat::Message;
use crate::diagnosis::vocabulary::{Actor, Platform};
use crate::report::alert_group::{AlertGroup, GROUP_LIST_MAX, GroupedBot};
use crate::store::{AlertGroupRow, AlertTransaction, GroupDue, NewOutboxRow, StoreError, UnlistedBot};

/// Minimum interval between lists in a group's thread.
const BETWEEN_LISTS: SignedDuration = SignedDuration::from_secs(2);
/// Groups that are updated in one transaction.
const BATCH_MAX: i64 = 8;
/// A group whose update panicked is left alone for this time.
const AFTER_PANIC: SignedDuration = SignedDuration::from_mins(10);

/// Body of an alert group, besides its numbers.
#[derive(Debug, Serialize, Deserialize)]
struct GroupBody {
    title: Option<String>,
    actor: Actor,
    platform: Platform,
    since: Timestamp,
    mention: Option<String>,
}

/// The update of one group.
struct GroupUpdate {
    edit: Option<Edit>,
    /// More of its list.
    list: Option<NewOutboxRow>,
    /// When to update it again; `None` if it is closed.
    due_at: Option<Timestamp>,
}

impl Watch {
    /// The group that counts one more alert: the one that is there, or a new one.
    pub(super) fn group(
        &self,
        decision: &mut Decision,
        channel: &ChannelRef,
        of_one_cause: bool,
        new: &NewAlert<'_>,
        channels: &Channels,
        now: Timestamp,
    ) -> String {
        let NewAlert { bot, update, mention, .. } = new;
        let recent = channels.recent.get(&channel.0);
        let cause = of_one_cause.then_some(update.last_alert.cause.as_str());
        if let Some(open) = recent.and_then(|recent| recent.group_of(cause)) {
            return open.id.clone();
        }
        let singles = recent.zip(cause).and_then(|(recent, cause)| recent.singles_of(cause));
        let body = GroupBody {
            title: of_one_cause.then(|| update.last_alert.title.clone()),
            actor: if of_one_cause { bot.diagnosis.actor } else { Actor::Unknown },
            platform: bot.diagnosis.platform,
            since: singles.map_or(now, |singles| singles.first),
            mention: mention.clone(),
        };
        let group = AlertGroupRow {
            id: format!("group/{}/{}/{}", channel.0, cause.unwrap_or("various"), now.as_millisecond()),
            channel: channel.0.clone(),
            cause: cause.map(ToOwned::to_owned),
            body: serde_json::to_string(&body).unwrap_or_default().into(),
            single: singles.map_or(0, |singles| i64::from(singles.count)),
            grouped: 0,
            resolved: 0,
            since: now.as_millisecond(),
            last_at: now.as_millisecond(),
        };
        let counted = AlertGroupRow { grouped: 1, ..group.clone() };
        let post = self.new_message(&message(&counted, channel, false));
        decision.messages.extend(post.map(Enqueue::Post));
        let id = group.id.clone();
        decision.groups.push(group);
        id
    }

    /// Updates the groups whose numbers have changed, and continues their lists. Returns `true` if there were any.
    pub(super) async fn update_groups(
        &self,
        tx: &mut AlertTransaction,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let due = tx.due_groups(now, BATCH_MAX).await?;
        if due.is_empty() {
            return Ok(false);
        }
        let limit = i64::try_from(GROUP_LIST_MAX).unwrap_or(i64::MAX);
        let unlisted = tx.unlisted(&due, limit).await?;
        let (mut listed, mut again) = (Vec::new(), Vec::new());
        for group in &due {
            let bots: Vec<UnlistedBot> =
                unlisted.iter().filter(|bot| bot.group_id == group.id).cloned().collect();
            let update = catch_unwind(AssertUnwindSafe(|| self.update_of(group, &bots, now)));
            let Ok(GroupUpdate { edit, list, due_at }) = update else {
                tracing::error!(group.id = group.id, "Updating an alert group panicked.");
                again.push(GroupDue { id: group.id.clone(), due_at: Some(now + AFTER_PANIC) });
                continue;
            };
            if let Some(Edit { body, change }) = edit {
                tx.enqueue_edit(&group.id, &body, &change, now).await?;
            }
            if let Some(list) = list {
                tx.enqueue_reply(&group.id, list, now).await?;
            }
            listed.extend(bots);
            again.push(GroupDue { id: group.id.clone(), due_at });
        }
        tx.set_listed(&listed).await?;
        tx.set_groups_due(&again).await?;
        Ok(true)
    }

    fn update_of(&self, group: &AlertGroupRow, unlisted: &[UnlistedBot], now: Timestamp) -> GroupUpdate {
        let window = self.alerts.policy.grouping.window;
        let last = Timestamp::from_millisecond(group.last_at).unwrap_or(now);
        let over = now.duration_since(last) > window;
        let channel = ChannelRef(group.channel.clone());
        let due_at = if unlisted.len() >= GROUP_LIST_MAX {
            Some(now + BETWEEN_LISTS)
        } else if over {
            None
        } else {
            last.checked_add(window + SignedDuration::from_secs(1)).ok()
        };
        GroupUpdate {
            edit: self.edit(&message(group, &channel, over)),
            list: self.list(group, &channel, unlisted),
            due_at,
        }
    }

    /// More of the list in a group's thread.
    fn list(
        &self,
        group: &AlertGroupRow,
        channel: &ChannelRef,
        unlisted: &[UnlistedBot],
    ) -> Option<NewOutboxRow> {
        let listed: Vec<GroupedBot> = unlisted
            .iter()
            .filter_map(|bot| Some(GroupedBot { bot: bot.bot.parse().ok()?, at: bot.at }))
            .collect();
        let first = listed.first()?;
        self.new_message(&ChannelMessage {
            id: format!("{}/list/{}", group.id, first.bot),
            channel,
            bot: "",
            message: Message::Bots(listed),
            mention: None,
            last_event_at: None,
        })
    }
}

fn message<'a>(row: &AlertGroupRow, channel: &'a ChannelRef, over: bool) -> ChannelMessage<'a> {
    let opened = Timestamp::from_millisecond(row.since).unwrap_or(Timestamp::UNIX_EPOCH);
    let face = serde_json::from_str(&row.body).unwrap_or(GroupBody {
        title: None,
        actor: Actor::Unknown,
        platform: Platform::Unknown,
        since: opened,
        mention: None,
    });
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let group = AlertGroup {
        title: face.title,
        with_own_message: count(row.single),
        grouped: count(row.grouped),
        resolved: count(row.resolved),
        actor: face.actor,
        platform: face.platform,
        since: face.since,
        last: Timestamp::from_millisecond(row.last_at).unwrap_or(opened),
        over,
    };
    ChannelMessage {
        id: row.id.clone(),
        channel,
        bot: "",
        message: Message::AlertGroup(Box::new(group)),
        mention: face.mention,
        last_event_at: None,
    }
}
