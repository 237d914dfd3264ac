//! Evaluating the bots that are due, in three steps: load what is stored about them, decide, write.
//!
//! Only the first and the last step know the database, and each is a statement for each table, however many bots
//! there are. The step between is pure, and one bot that breaks it is put aside without the others.

use jiff::Timestamp;

use super::Watch;
use super::decision::Decision;
use crate::muting;
use crate::store::StoreError;

/// Bots in one transaction. More would make webhooks wait for the writer.
const BATCH_MAX: i64 = 256;

impl Watch {
    /// Evaluates a batch of due bots and updates the alert groups. Returns `true` if there was anything to do.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; then nothing has happened, and the bots are still due.
    pub async fn evaluate_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        // Read before the transaction, since it may have to be made.
        let secret = self.key_secret().await?;
        let mut tx = self.store.begin_alerts().await?;
        let ended = muting::end_due(&mut tx, now).await?;
        let mut batch = self.load(&mut tx, BATCH_MAX, &secret, now).await?;
        let decisions = self.decide(&mut batch, now);
        self.write(&mut tx, &decisions, now).await?;
        let groups = self.update_groups(&mut tx, now).await?;
        tx.commit().await?;
        // Only now has anything of this happened.
        decisions.iter().for_each(Decision::count);
        let any = !decisions.is_empty() || groups || ended;
        if any {
            self.outbox_ready.notify_one();
            self.lookups_due.notify_one();
            if decisions.iter().any(|decision| decision.rescue.is_some()) {
                self.rescue_decided.notify_one();
            }
        }
        Ok(any)
    }
}
