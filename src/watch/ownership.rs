//! Whose secret speaks for whose bots. Any workspace's secret can sign a webhook about any bot, so the secret alone
//! does not say that the bot is the sender's.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::{AlertConfig, WatchedWorkspace};
use crate::recall::webhook::WebhookKey;

/// Interval between log lines about webhooks that were set aside, because a holder of a secret can send any number.
const LOG_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// For each workspace, in both directions, those that it is a stranger to.
#[derive(Debug, Clone, Default)]
pub(super) struct Strangers {
    /// The workspaces whose bots a sender may not write.
    closed_to: HashMap<String, Arc<[String]>>,
    /// The workspaces that may not write an owner's bots.
    not_of: HashMap<String, Arc<[String]>>,
}

impl Strangers {
    pub(super) fn of(alerts: &AlertConfig) -> Self {
        // If unsigned webhooks are accepted, ownership proves nothing.
        let workspaces = if alerts.insecure { &[] } else { alerts.workspaces.as_slice() };
        let names = |strange: &dyn Fn(&WatchedWorkspace) -> bool| -> Arc<[String]> {
            workspaces.iter().filter(|one| strange(one)).map(|one| one.name.clone()).collect()
        };
        let mut strangers = Self::default();
        for one in workspaces {
            let closed_to = names(&|owner| !speaks_for(one, owner));
            let not_of = names(&|sender| !speaks_for(sender, one));
            strangers.closed_to.insert(one.name.clone(), closed_to);
            strangers.not_of.insert(one.name.clone(), not_of);
        }
        strangers
    }

    /// The workspaces whose bots a webhook with the secret of this one does not write.
    pub(super) fn from(&self, sender: &str) -> Arc<[String]> {
        self.closed_to.get(sender).cloned().unwrap_or_default()
    }

    /// The workspaces whose secrets do not write the bots of this one.
    pub(super) fn to(&self, owner: &str) -> &[String] {
        self.not_of.get(owner).map_or(&[], |names| names)
    }
}

/// An owner without a secret gets its webhooks with another one's, and two may share a secret.
fn speaks_for(sender: &WatchedWorkspace, owner: &WatchedWorkspace) -> bool {
    let marks = |one: &WatchedWorkspace| -> Vec<String> {
        one.keys.iter().map(|key: &WebhookKey| key.sign("", Timestamp::UNIX_EPOCH, b"")).collect()
    };
    let (sent_with, own) = (marks(sender), marks(owner));
    sender.name == owner.name || own.is_empty() || own.iter().any(|mark| sent_with.contains(mark))
}

/// When it was last logged that a webhook was set aside, in milliseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct SetAside(AtomicI64);

impl SetAside {
    /// Logs it, unless that was done a moment ago. The metric counts each.
    pub(super) fn log(&self, sender: &str, bot: &str, now: Timestamp) {
        let (at, last) = (now.as_millisecond(), self.0.load(Ordering::Relaxed));
        let is_soon = at >= last && i128::from(at - last) < LOG_EVERY.as_millis();
        if is_soon || self.0.compare_exchange(last, at, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        tracing::warn!(
            workspace = sender,
            bot.id = bot,
            "Webhook set aside: its bot belongs to another workspace."
        );
    }
}
