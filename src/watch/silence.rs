//! Detects that webhooks stopped, and that they returned: one notice each.

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use super::messages::ChannelMessage;
use crate::chat::Message;
use crate::report::notices;
use crate::store::StoreError;

/// Time without any webhook, although events happened, after which webhooks count as missing.
const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// If the bot list can't be compared, silence is reported only after this time.
const SILENT_WITHOUT_LIST: SignedDuration = SignedDuration::from_hours(24);

impl Watch {
    /// Sends one notice when webhooks stop, and one when they return.
    pub(super) async fn check_webhooks_arrive(
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

    /// Sends a notice to each default channel, or edits the one that is there.
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

/// The result of a reconciliation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// No event was missing.
    Nothing,
    /// Something.
    Some,
    /// Recall.ai could not be asked.
    NotAsked,
}
