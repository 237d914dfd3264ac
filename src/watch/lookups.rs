//! Asking Recall.ai about bots that are watched: beside everything else, and after what people ask.

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use crate::recall::FetchError;
use crate::store::{Lookup, StoreError};

/// How long a look-up is ours. Asking ends earlier by its own limits.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Pauses between attempts that failed; after the last one nobody asks any more.
const PAUSES: [SignedDuration; 5] = [
    SignedDuration::from_secs(10),
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(20),
    SignedDuration::from_hours(1),
];
/// Our own budget comes back within a minute.
const OUT_OF_BUDGET: SignedDuration = SignedDuration::from_secs(20);
/// Attempts that may fail for want of budget.
const OUT_OF_BUDGET_MAX: i64 = 60;

impl Watch {
    /// Leases the bot that Recall.ai is to be asked about first.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn lease_lookup(&self, now: Timestamp) -> Result<Option<Lookup>, StoreError> {
        self.store.lease_lookup(now, LEASE).await
    }

    /// Asks Recall.ai about a bot, and makes the bot due with what it says.
    ///
    /// # Errors
    /// Where the database does not work.
    #[tracing::instrument(name = "look up bot", skip_all, fields(bot.id = lookup.bot))]
    pub async fn look_up(&self, lookup: Lookup, now: Timestamp) -> Result<(), StoreError> {
        let Ok(id) = lookup.bot.parse() else {
            return self.store.lookup_failed(&lookup.bot, None, now).await;
        };
        let asked = self.answerer.fetcher.case_file_in_background(id, now).await;
        match &asked {
            Ok(case) => {
                let api_response = serde_json::to_string(case).unwrap_or_default();
                self.store.save_api_response(&lookup.bot, &api_response, now).await?;
            }
            Err(error) => {
                tracing::info!(bot.id = lookup.bot, %error, "Recall.ai could not be asked about a bot.");
                let pause = pause(error, lookup.failures);
                self.store.lookup_failed(&lookup.bot, pause.map(|pause| now + pause), now).await?;
            }
        }
        let result = if asked.is_ok() { "ok" } else { "failed" };
        metrics::counter!("wnr_lookups_total", "result" => result).increment(1);
        self.bots_due.notify_one();
        Ok(())
    }
}

/// How long to wait before the next attempt; `None` where no attempt would tell more.
fn pause(error: &FetchError, asked: i64) -> Option<SignedDuration> {
    match error {
        FetchError::NotFound { .. } | FetchError::NoKey => None,
        FetchError::RateLimited { .. } => (asked < OUT_OF_BUDGET_MAX).then_some(OUT_OF_BUDGET),
        _ => usize::try_from(asked).ok().and_then(|asked| PAUSES.get(asked)).copied(),
    }
}
