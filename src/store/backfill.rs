//! Events from the bot lists, besides webhooks.

use std::sync::Arc;

use jiff::Timestamp;

use super::ownership::prove;
use super::webhooks::{RACES_MAX, Told, insert};
use super::{Accepted, Body, NewEvent, Store, StoreError, params};

/// A listed bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// The bot.
    pub bot: String,
    /// Its workspace, according to Recall.ai.
    pub workspace: String,
    /// Workspaces that may not change this one's bots, as in [`Store::save_api_response`].
    pub strangers: Arc<[String]>,
    /// Its events that no webhook brought.
    pub events: Vec<NewEvent>,
    /// Recall.ai's response about it.
    pub api_response: Body,
    /// What the response shows of whose bot it is, hashed.
    pub recurrence_key: Option<String>,
    /// The time of the response; if it is before now, a lookup may still add to it.
    pub fetched_at: Timestamp,
}

impl Store {
    /// Stores a listed bot, and makes it due if that is new. Returns the number of new events.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; then nothing is stored.
    pub async fn backfill(&self, backfill: &Backfill, now: Timestamp) -> Result<usize, StoreError> {
        for _ in 0..RACES_MAX {
            match self.try_backfill(backfill, now).await {
                Err(StoreError::Raced) => {}
                settled => return settled,
            }
        }
        Err(StoreError::Raced)
    }

    async fn try_backfill(&self, backfill: &Backfill, now: Timestamp) -> Result<usize, StoreError> {
        let Backfill { bot, workspace, strangers, events, api_response, recurrence_key, fetched_at } =
            backfill;
        let mut transaction = self.database.begin().await?;
        prove(&mut transaction, bot, workspace, strangers).await?;
        let told = |event| Told { webhook: None, workspace, event: Some(event), at: now };
        let told: Vec<_> = events.iter().map(told).collect();
        let accepted = insert(&mut transaction, &told).await?;
        let news = accepted.into_iter().filter(|accepted| *accepted == Accepted::New).count();
        if news > 0 {
            let sql = "UPDATE bots SET api_response = $2, fetched_at = $3, workspace_proven = TRUE,
                        recurrence_key = COALESCE($4, recurrence_key) WHERE bot = $1";
            transaction.execute(sql, params![bot, api_response, *fetched_at, recurrence_key]).await?;
        }
        transaction.commit().await?;
        Ok(news)
    }
}
