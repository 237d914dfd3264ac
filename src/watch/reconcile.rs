//! Comparing with Recall.ai's own lists, so that a webhook that never came is found, and update so where none
//! comes any more.

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use super::messages::ChannelMessage;
use super::receive::new_event;
use crate::chat::Message;
use crate::diagnosis::status::StatusChange;
use crate::recall::event::{BotEvent, EventKind};
use crate::recall::{ListedHistory, holds};
use crate::report::notices;
use crate::store::{NewEvent, StoreError};

/// What happened more recently may still come as a webhook.
const STILL_ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(2);
/// Each comparison looks back further than the one before, so that every change lies within several.
const OVERLAP: SignedDuration = SignedDuration::from_mins(20);
/// After a long stop, nobody wants to be told of what happened before this time.
const LOOK_BACK_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Without any webhook for so long, although something happened, they do not come.
const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// Where there is nothing to compare with, silence means something only after this time.
const SILENT_WITHOUT_LIST: SignedDuration = SignedDuration::from_hours(24);

impl Watch {
    /// Compares every workspace with its list of bots. What could not be asked is compared the next time.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn reconcile(&self, now: Timestamp) -> Result<(), StoreError> {
        // Of several processes, one compares.
        let turn = SignedDuration::try_from(self.alerts.reconcile / 2).unwrap_or(OVERLAP);
        if !self.store.claim_periodic_run("reconcile/run", now, turn).await? {
            return Ok(());
        }
        for workspace in &self.alerts.workspaces {
            let can_be_asked = self.answerer.fetcher.workspaces().any(|name| name == workspace.name);
            let missed =
                if can_be_asked { self.compare(&workspace.name, now).await? } else { Compared::NotAsked };
            if !workspace.keys.is_empty() || self.alerts.insecure {
                self.check_webhooks_arrive(&workspace.name, missed, now).await?;
            }
        }
        Ok(())
    }

    /// Hears from the list what no webhook told.
    async fn compare(&self, workspace: &str, now: Timestamp) -> Result<Compared, StoreError> {
        let fact = format!("reconcile/since/{workspace}");
        let last: Option<Timestamp> = self.store.fact(&fact).await?.and_then(|last| last.parse().ok());
        // The first time, only what is fresh: what happened before this service was there is nobody's alarm.
        let since = last.map_or(now - self.alerts.policy.stale, |last| last - OVERLAP);
        let since = since.max(now - LOOK_BACK_MAX);
        let listing = match self.answerer.fetcher.happened_since(workspace, since).await {
            Ok(listing) => listing,
            Err(error) => {
                tracing::warn!(workspace, %error, "The list of bots could not be read.");
                metrics::counter!("wnr_reconciliations_total", "result" => "failed").increment(1);
                return Ok(Compared::NotAsked);
            }
        };
        if listing.cut_short {
            tracing::warn!(workspace, "The list of bots is longer than what is read at a time.");
        }
        let mut missed = 0;
        for listed in &listing.histories {
            missed += self.backfill(workspace, listed, now).await?;
        }
        self.store.remember_fact(&fact, &now.to_string()).await?;
        metrics::counter!("wnr_reconciliations_total", "result" => "done").increment(1);
        metrics::counter!("wnr_webhooks_missed_total").increment(missed);
        if missed > 0 {
            tracing::warn!(
                workspace,
                missed,
                "Bots changed without a webhook; it was learned from the list."
            );
            self.bots_due.notify_one();
        }
        Ok(if missed > 0 { Compared::Some } else { Compared::Nothing })
    }

    async fn backfill(
        &self,
        workspace: &str,
        listed: &ListedHistory,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let settled = listed.last_at().is_some_and(|at| now.duration_since(at) > STILL_ON_ITS_WAY);
        if !settled {
            return Ok(0);
        }
        let known: Vec<StatusChange> = self
            .store
            .events_of(&listed.bot.to_string())
            .await?
            .iter()
            .filter_map(|body| match serde_json::from_str::<BotEvent>(body).ok()?.kind {
                EventKind::Status(change) => Some(change),
                EventKind::Media { .. } => None,
            })
            .collect();
        let missed: Vec<NewEvent> = listed
            .changes
            .iter()
            .filter(|change| !holds(&known, change))
            .map(|change| new_event(&listed.event(change)))
            .collect();
        if missed.is_empty() {
            return Ok(0);
        }
        let news = self.store.insert_listed_events(workspace, &missed, now).await?;
        Ok(u64::try_from(news).unwrap_or_default())
    }

    /// Says once that no webhooks come, and once that they come again.
    async fn check_webhooks_arrive(
        &self,
        workspace: &str,
        missed: Compared,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let begun = self.watched_since(workspace, now).await?;
        let last = self.store.last_webhook(workspace).await?;
        let silent_for = now.duration_since(last.unwrap_or(begun));
        let fact = format!("webhooks/missing/{workspace}");
        let told: Option<Timestamp> = self.store.fact(&fact).await?.and_then(|since| since.parse().ok());
        let is_silent = match missed {
            Compared::Some => silent_for > SILENT_AFTER,
            Compared::Nothing => false,
            Compared::NotAsked => last.is_some() && silent_for > SILENT_WITHOUT_LIST,
        };
        match told {
            None if is_silent => {
                self.notify_default_channels(
                    workspace,
                    now,
                    &notices::no_webhooks(workspace, last),
                    now,
                    false,
                )
                .await?;
                self.store.remember_fact(&fact, &now.to_string()).await
            }
            Some(told) if last.is_some_and(|last| last > told) => {
                self.notify_default_channels(workspace, told, &notices::webhooks_again(workspace), now, true)
                    .await?;
                self.store.remember_fact(&fact, "").await
            }
            _ => Ok(()),
        }
    }

    /// When this service first watched a workspace.
    async fn watched_since(&self, workspace: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
        let fact = format!("webhooks/watched_since/{workspace}");
        match self.store.fact(&fact).await?.and_then(|begun| begun.parse().ok()) {
            Some(begun) => Ok(begun),
            None => {
                self.store.remember_fact(&fact, &now.to_string()).await?;
                Ok(now)
            }
        }
    }

    /// A notice in every place where alerts go that no route matches; or the one that stands there, changed.
    async fn notify_default_channels(
        &self,
        workspace: &str,
        named_after: Timestamp,
        text: &str,
        now: Timestamp,
        change: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin_alerts().await?;
        for channel in &self.alerts.policy.default_channels {
            let id = format!("webhooks-missing/{workspace}/{}/{}", channel.0, named_after.as_millisecond());
            let message = Message::Notice(text.to_owned());
            let notice = ChannelMessage {
                id: id.clone(),
                channel,
                bot: "",
                message,
                mention: None,
                last_event_at: None,
            };
            match (change, self.new_message(&notice), self.change(&notice)) {
                (true, Some(new), Some(change)) => tx.enqueue_edit(&id, &new.body, &change, now).await?,
                _ => self.post(&mut tx, &notice, now).await?,
            }
        }
        tx.commit().await?;
        self.outbox_ready.notify_one();
        Ok(())
    }
}

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    /// Nothing that webhooks had not told.
    Nothing,
    /// Something.
    Some,
    /// Recall.ai could not be asked.
    NotAsked,
}
