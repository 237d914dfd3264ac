//! A fallback channel can be muted too: what would be sent there is kept back, as if it had been meant for it.

use jiff::Timestamp;

use super::Outbox;
use crate::chat::Message;
use crate::chat::outbox_message::OutboxMessage;
use crate::mutes::{ActiveMutes, Subject};
use crate::muting::mute_of;
use crate::store::{LeasedOutboxRow, StoreError};

/// Most mutes of one channel that are read.
const MUTES_MAX: i64 = 100;

impl Outbox {
    /// Keeps an alert about one bot back if it is muted in the channel to which it would be redirected. Returns `None`
    /// if it isn't, and `false` if another worker holds the lease by now.
    pub(super) async fn kept_back(
        &self,
        leased: &LeasedOutboxRow,
        message: &OutboxMessage,
        to: &str,
        now: Timestamp,
    ) -> Result<Option<bool>, StoreError> {
        let (Message::Alert(alert), None) = (&message.message, &leased.edits) else { return Ok(None) };
        let bot = alert.report.bot_id.map(|bot| bot.to_string()).unwrap_or_default();
        let Some(meant_for) = leased.id().strip_prefix(&format!("alert/{bot}/")) else { return Ok(None) };
        let id = self.store.id_of_channel(to).await?.unwrap_or_else(|| to.to_owned());
        let rows = self.store.mutes_in(Some(std::slice::from_ref(&id)), now, MUTES_MAX).await?;
        let mutes = ActiveMutes(rows.iter().filter_map(mute_of).collect());
        // No recurrence key is known of a bot.
        let subject = Subject { bot: &bot, cause: &alert.report.cause, key: None };
        let Some(mute) = mutes.covering(&id, &subject, now) else { return Ok(None) };
        let stuck = self.store.with_its_thread(leased.id()).await?;
        let ids: Vec<String> = stuck.into_iter().map(|(id, _)| id).collect();
        let muted = (bot.as_str(), meant_for, mute.id.as_str());
        Ok(Some(self.store.take_back(&leased.lease, &ids, muted).await?))
    }
}
