//! The last step of an evaluation: what was decided is written.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use super::decision::{Decision, Enqueue};
use crate::store::{AlertTransaction, GroupCount, StoreError};

/// A group whose numbers have changed is updated after this time, so that its message is edited now and then and
/// not for each bot.
const BETWEEN_EDITS: SignedDuration = SignedDuration::from_secs(5);

impl Watch {
    pub(super) async fn write(
        &self,
        tx: &mut AlertTransaction,
        decisions: &[Decision],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if decisions.is_empty() {
            return Ok(());
        }
        let groups: Vec<_> = decisions.iter().flat_map(|decision| &decision.groups).collect();
        let alerts: Vec<_> = decisions.iter().flat_map(|decision| &decision.alerts).collect();
        let resolved: Vec<_> = decisions.iter().flat_map(|decision| &decision.resolved).collect();
        tx.open_groups(&groups).await?;
        tx.count_in_groups(&counts(decisions), now + BETWEEN_EDITS, now).await?;
        tx.insert_alerts(&alerts, now).await?;
        let released: Vec<_> = decisions.iter().flat_map(|decision| &decision.released).collect();
        tx.release_alerts(&released, now).await?;
        let still_muted: Vec<_> = decisions.iter().flat_map(|decision| &decision.still_muted).collect();
        tx.mute_again(&still_muted).await?;
        tx.set_resolved(&resolved).await?;
        let rescues: Vec<_> = decisions.iter().filter_map(|decision| decision.rescue.as_ref()).collect();
        tx.begin_rescues(&rescues, now).await?;
        let shown = decisions.iter().flat_map(|decision| &decision.shown);
        let shown: Vec<_> = shown.map(|(press, said)| (press.as_str(), said.as_str())).collect();
        tx.set_shown(&shown).await?;
        tx.save_failures(decisions.iter().filter_map(|decision| decision.failure.as_ref())).await?;
        // Few: what is many is counted in a group.
        for message in decisions.iter().flat_map(|decision| &decision.messages) {
            enqueue(tx, message, now).await?;
        }
        tx.save_evaluations(decisions.iter().map(|decision| &decision.evaluation), now).await
    }
}

async fn enqueue(tx: &mut AlertTransaction, message: &Enqueue, now: Timestamp) -> Result<(), StoreError> {
    match message {
        Enqueue::Post(row) => tx.enqueue(row, now).await,
        Enqueue::Reply(above, row) => tx.enqueue_reply(above, row.clone(), now).await,
        Enqueue::Edit(id, edit) => tx.enqueue_edit(id, &edit.body, &edit.change, now).await,
    }
}

/// Returns how many bots each group counts.
fn counts(decisions: &[Decision]) -> Vec<GroupCount> {
    let mut counts: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (id, grouped, resolved) in decisions.iter().flat_map(|decision| &decision.counts) {
        let count = counts.entry(id).or_default();
        *count = (count.0 + grouped, count.1 + resolved);
    }
    let counts = counts.into_iter();
    counts.map(|(id, (grouped, resolved))| GroupCount { id: id.to_owned(), grouped, resolved }).collect()
}
