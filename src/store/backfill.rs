//! What the lists of bots tell, beside webhooks.

use std::sync::Arc;

use jiff::Timestamp;

use super::ownership::prove;
use super::webhooks::{RACES_MAX, Told, insert};
use super::{Accepted, Body, NewEvent, Store, StoreError, params};

/// What a list tells of one bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// The bot.
    pub bot: String,
    /// Its workspace, as Recall.ai says.
    pub workspace: String,
    /// Workspaces that do not speak for this one, as in [`Store::save_api_response`].
    pub strangers: Arc<[String]>,
    /// What happened to it, as far as no webhook told.
    pub events: Vec<NewEvent>,
    /// All that Recall.ai says of it.
    pub api_response: Body,
    /// As of when: where that is before now, a lookup may still learn more.
    pub fetched_at: Timestamp,
}

impl Store {
    /// Stores what a list tells of a bot, and makes it due where that is news; says how much of it was.
    ///
    /// # Errors
    /// Where it could not be committed; then nothing of it is.
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
        let Backfill { bot, workspace, strangers, events, api_response, fetched_at } = backfill;
        let mut transaction = self.database.begin().await?;
        prove(&mut transaction, bot, workspace, strangers).await?;
        let told = |event| Told { webhook: None, workspace, event: Some(event), at: now };
        let told: Vec<_> = events.iter().map(told).collect();
        let accepted = insert(&mut transaction, &told).await?;
        let news = accepted.into_iter().filter(|accepted| *accepted == Accepted::New).count();
        if news > 0 {
            let sql =
                "UPDATE bots SET api_response = $2, fetched_at = $3, workspace_proven = TRUE WHERE bot = $1";
            transaction.execute(sql, params![bot, api_response, *fetched_at]).await?;
        }
        transaction.commit().await?;
        Ok(news)
    }
}
