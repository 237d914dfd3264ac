//! What the service stored, as far as agents may read it.

use jiff::Timestamp;

use crate::diagnosis::bot_id::BotId;
use crate::recurrence::count::Counted;
use crate::report::Report;
use crate::report::recurrence::Recurrence;
use crate::store::{AlertedBot, AuditEntry, StoreError};

/// The stored bots, and the audit.
#[async_trait::async_trait]
pub trait Records: Send + Sync {
    /// Writes down that a caller asked for something.
    ///
    /// # Errors
    /// Returns [`StoreError`] if it can't be written. The caller gets no answer then.
    async fn record(&self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError>;

    /// Bots with an event since a moment that an alert was about, the latest first, at most `limit`. With `after`,
    /// those that follow this one.
    ///
    /// # Errors
    /// Returns the advice for the caller.
    async fn alerted_bots(
        &self,
        since: Timestamp,
        after: Option<&AlertedBot>,
        limit: i64,
    ) -> Result<Vec<AlertedBot>, String>;

    /// Returns how often it failed before for whoever's bot this is, by what is stored of the bot alone.
    ///
    /// # Errors
    /// Returns the advice for the caller.
    async fn counted(&self, bot: BotId) -> Result<Counted, String>;

    /// The same for a bot whose report is known; `None` if this is the first time, the bot didn't fail, or that can't
    /// be read.
    async fn recurrence(&self, bot: BotId, report: &Report) -> Option<Recurrence>;
}
