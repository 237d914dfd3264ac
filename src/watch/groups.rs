//! Messages that count: opened when there are many, written again every few seconds, closed when it is over.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Watch;
use super::evaluate::NewAlert;
use super::messages::ChannelMessage;
use crate::alerts::ChannelRef;
use crate::alerts::grouping::Placement;
use crate::chat::Message;
use crate::diagnosis::vocabulary::{Actor, Platform};
use crate::report::alert_group::{AlertGroup, GROUP_LIST_MAX, GroupedBot};
use crate::store::{AlertGroupRow, AlertTransaction, RecentAlerts, StoreError};

/// A message that counts is written again at most so often.
const BETWEEN_EDITS: SignedDuration = SignedDuration::from_secs(5);
/// The list in its thread goes on at most so often.
const BETWEEN_LISTS: SignedDuration = SignedDuration::from_secs(2);
/// Messages that are written again in one transaction.
const BATCH_MAX: i64 = 8;

/// What an alert group says beside its numbers.
#[derive(Debug, Serialize, Deserialize)]
struct GroupBody {
    title: Option<String>,
    actor: Actor,
    platform: Platform,
    since: Timestamp,
    mention: Option<String>,
}

impl Watch {
    /// The message that counts one more alert: the one that is there, or a new one.
    pub(super) async fn group(
        &self,
        tx: &mut AlertTransaction,
        channel: &ChannelRef,
        placement: Placement,
        said: &RecentAlerts,
        telling: &NewAlert<'_>,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let NewAlert { update, diagnosis, mention, .. } = telling;
        let of_one_cause = placement == Placement::ByCause;
        let open = if of_one_cause { &said.group_of_this_cause } else { &said.group_of_all };
        if let Some(open) = open {
            return Ok(open.clone());
        }
        let cause = of_one_cause.then(|| update.last_alert.cause.clone());
        let face = GroupBody {
            title: of_one_cause.then(|| update.last_alert.title.clone()),
            actor: if of_one_cause { diagnosis.actor } else { Actor::Unknown },
            platform: diagnosis.platform,
            since: said.first_of_this_cause.filter(|_| of_one_cause).unwrap_or(now),
            mention: mention.clone(),
        };
        let group = AlertGroupRow {
            id: format!(
                "group/{}/{}/{}",
                channel.0,
                cause.as_deref().unwrap_or("various"),
                now.as_millisecond()
            ),
            channel: channel.0.clone(),
            cause,
            body: serde_json::to_string(&face).unwrap_or_default(),
            single: if of_one_cause { i64::from(said.of_this_cause) } else { 0 },
            grouped: 0,
            resolved: 0,
            since: now.as_millisecond(),
            last_at: now.as_millisecond(),
        };
        tx.open_group(&group).await?;
        metrics::counter!("wnr_alert_groups_total").increment(1);
        let counted = AlertGroupRow { grouped: 1, ..group.clone() };
        self.post(tx, &message(&counted, channel, false), now).await?;
        Ok(group.id)
    }

    pub(super) async fn count(
        &self,
        tx: &mut AlertTransaction,
        group: &str,
        grouped: i64,
        resolved: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        tx.count_in(group, grouped, resolved, now + BETWEEN_EDITS, now).await
    }

    /// Writes the messages again whose numbers have changed, and goes on with their lists. Says whether there
    /// were any.
    pub(super) async fn update_groups(
        &self,
        tx: &mut AlertTransaction,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let due = tx.due_groups(now, BATCH_MAX).await?;
        for group in &due {
            let over = self.is_over(group, now);
            let channel = ChannelRef(group.channel.clone());
            let again = message(group, &channel, over);
            if let (Some(new), Some(change)) = (self.new_message(&again), self.change(&again)) {
                tx.enqueue_edit(&group.id, &new.body, &change, now).await?;
            }
            let all_listed = self.go_on_with_the_list(tx, group, &channel, now).await?;
            let next = if !all_listed {
                Some(now + BETWEEN_LISTS)
            } else if over {
                None
            } else {
                let last = Timestamp::from_millisecond(group.last_at).unwrap_or(now);
                Some(last + self.alerts.policy.grouping.window + SignedDuration::from_secs(1))
            };
            tx.group_due(&group.id, next).await?;
        }
        Ok(!due.is_empty())
    }

    fn is_over(&self, group: &AlertGroupRow, now: Timestamp) -> bool {
        let last = Timestamp::from_millisecond(group.last_at).unwrap_or(now);
        now.duration_since(last) > self.alerts.policy.grouping.window
    }

    /// Lists some more bots in the thread. Whether that were all.
    async fn go_on_with_the_list(
        &self,
        tx: &mut AlertTransaction,
        group: &AlertGroupRow,
        channel: &ChannelRef,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let limit = i64::try_from(GROUP_LIST_MAX).unwrap_or(i64::MAX);
        let bots = tx.take_unlisted(&group.id, limit).await?;
        let listed: Vec<GroupedBot> = bots
            .into_iter()
            .filter_map(|(bot, at)| Some(GroupedBot { bot: bot.parse().ok()?, at }))
            .collect();
        let Some(first) = listed.first() else { return Ok(true) };
        let id = format!("{}/list/{}", group.id, first.bot);
        let all = listed.len() < GROUP_LIST_MAX;
        let list = ChannelMessage {
            id,
            channel,
            bot: "",
            message: Message::Bots(listed),
            mention: None,
            last_event_at: None,
        };
        if let Some(outgoing) = self.new_message(&list) {
            tx.enqueue_reply(&group.id, outgoing, now).await?;
        }
        Ok(all)
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
