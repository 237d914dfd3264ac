//! Asking Recall.ai about bots that are watched: beside everything else, and after what people ask.

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use crate::recall::FetchError;
use crate::recurrence::key::{HashedKey, of_origin};
use crate::store::{Lookup, StoreError};

/// Duration of a lease; a lookup times out earlier.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Pauses between failed attempts; after the last one the lookup is given up.
const PAUSES: [SignedDuration; 5] = [
    SignedDuration::from_secs(10),
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(20),
    SignedDuration::from_hours(1),
];

impl Watch {
    /// Leases the most urgent lookup. If the budget is used up, it returns none without querying the database.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease_lookup(&self, now: Timestamp) -> Result<Option<Lookup>, StoreError> {
        if !self.lookup_budget.is_open(now) {
            return Ok(None);
        }
        let lookup = self.store.lease_lookup(now, LEASE).await?;
        if lookup.is_some() {
            self.lookup_budget.spend(now);
        }
        Ok(lookup)
    }

    /// Looks up a bot, stores the response and makes the bot due.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    #[tracing::instrument(name = "look up bot", skip_all, fields(bot.id = lookup.bot))]
    pub async fn look_up(&self, lookup: Lookup, now: Timestamp) -> Result<(), StoreError> {
        let Ok(id) = lookup.bot.parse() else {
            return self.store.lookup_failed(&lookup.bot, None, now).await;
        };
        let asked = self.answerer.fetcher.case_file_in(&lookup.workspace, id, now).await;
        let result = match &asked {
            Ok((case, owner)) => {
                let api_response = serde_json::to_string(case).unwrap_or_default();
                let whose = (*owner, self.strangers.to(owner));
                let key = of_origin(&self.alerts.recurrence_keys, &case.origin, &self.key_secret().await?);
                let key = key.as_ref().map(HashedKey::as_str);
                self.store.save_api_response(&lookup.bot, whose, &api_response, key, now).await?;
                self.bots_due.notify_one();
                "ok"
            }
            Err(error) => {
                if let Some(wait) = error.limited_for() {
                    let wait = SignedDuration::try_from(wait).unwrap_or(LEASE);
                    return self.store.postpone_lookup(&lookup.bot, now + wait).await;
                }
                tracing::info!(bot.id = lookup.bot, %error, "Bot not looked up.");
                let pause = pause(error, lookup.failures);
                self.store.lookup_failed(&lookup.bot, pause.map(|pause| now + pause), now).await?;
                "failed"
            }
        };
        metrics::counter!("wnr_lookups_total", "result" => result).increment(1);
        Ok(())
    }
}

/// Returns the pause before the next attempt; `None` if no further attempt would help.
fn pause(error: &FetchError, failures: i64) -> Option<SignedDuration> {
    match error {
        FetchError::NotFound { .. } | FetchError::NoKey => None,
        _ => usize::try_from(failures).ok().and_then(|failures| PAUSES.get(failures)).copied(),
    }
}
