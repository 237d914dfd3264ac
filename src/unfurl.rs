//! Links to bots that people share: their outcome is shown below the message, and a failure shows nothing.
//!
//! There is no answer that could be missed, so each message is tried once. The outcome of the attempt is counted.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::answer::Answerer;
use crate::chat::interaction::Requester;
use crate::chat::surface::{SharedLink, Unfurl};
use crate::chat::{DeliveryError, MessageId, Messenger};
use crate::recall::Budget;
use crate::store::{Store, StoreError};

/// Messages a minute below which bots are shown. Slack accepts about 50, and a monitoring tool that posts a link for
/// each failure must not use up what Recall.ai allows for questions.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(40).unwrap();
/// How many of them at once: somebody may go through a list of failures with others.
const AT_ONCE: u32 = 20;

/// Shows the outcome of shared bots.
#[derive(Debug)]
pub struct Unfurler {
    budget: Budget,
}

impl Default for Unfurler {
    fn default() -> Self {
        Self { budget: Budget::with_burst(PER_MINUTE, AT_ONCE) }
    }
}

impl Unfurler {
    /// Shows the bots to which these links lead below their message, if the person who shared them may ask.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn show(
        &self,
        (requester, may_ask): (&Requester, bool),
        (message, links): (&MessageId, &[SharedLink]),
        (answerer, store): (&Answerer, &Store),
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let result = if !may_ask {
            "denied"
        } else if self.budget.is_open(now) {
            self.budget.spend(now);
            let found = join_all(links.iter().map(|link| report(link, answerer, store, now))).await;
            let found: Vec<Unfurl> =
                found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            if found.is_empty() {
                "unknown"
            } else {
                outcome(&messenger.unfurl(&requester.destination, message, &found).await)
            }
        } else {
            "limited"
        };
        metrics::counter!("wnr_unfurls_total", "result" => result).increment(1);
        Ok(())
    }
}

/// Returns the report about a bot; `None` if it isn't found, or Recall.ai can't be asked.
async fn report(
    link: &SharedLink,
    answerer: &Answerer,
    store: &Store,
    now: Timestamp,
) -> Result<Option<Unfurl>, StoreError> {
    let answer = store.answer_about(&link.bot.to_string()).await?;
    let host_was_present = answer.map(|(present, _)| present);
    let case = answerer.case_file(link.bot, host_was_present, now).await;
    Ok(case.ok().map(|case| Unfurl { url: link.url.clone(), report: answerer.report(&case) }))
}

fn outcome(done: &Result<(), DeliveryError>) -> &'static str {
    match done {
        Ok(()) => "shown",
        Err(error) => {
            tracing::info!(%error, "Links not unfurled.");
            match error {
                DeliveryError::Busy(_)
                | DeliveryError::PlatformBusy(_)
                | DeliveryError::InDoubt(_)
                | DeliveryError::Failed(_) => "failed",
                DeliveryError::NotThere(_)
                | DeliveryError::NoThread(_)
                | DeliveryError::ThreadClosed(_)
                | DeliveryError::MessageGone(_)
                | DeliveryError::NotAllowed(_)
                | DeliveryError::Refused(_) => "refused",
            }
        }
    }
}
