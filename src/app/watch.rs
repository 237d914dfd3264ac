//! The watch as the settings describe it, and its tasks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::pump::{self, Queue};
use super::supervise::supervise;
use crate::alerts::fold::Folding;
use crate::alerts::route::Route;
use crate::alerts::{Place, Policy};
use crate::chat::Chat;
use crate::chat::parcel::lane;
use crate::clock;
use crate::health::Health;
use crate::recall::webhook::WebhookKey;
use crate::settings::Settings;
use crate::settings::alerts::Alerts;
use crate::store::{Lookup, StoreError};
use crate::watch::{Unasked, Watch, Watched};

/// Timers wake nobody, so they are looked for so often.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What the settings say of alerts and webhooks.
pub(super) fn unasked(settings: &Settings) -> anyhow::Result<Unasked> {
    let alerts = &settings.alerts;
    let workspaces = settings.recall.workspaces().into_iter().map(|workspace| {
        let keys: Result<Vec<_>, _> = workspace.webhook_secrets.iter().map(WebhookKey::of).collect();
        let keys = keys.with_context(|| format!("workspace {}", workspace.name))?;
        Ok(Watched { name: workspace.name, base_url: workspace.base_url, keys })
    });
    Ok(Unasked {
        policy: policy(alerts),
        fallbacks: fallbacks(alerts),
        workspaces: workspaces.collect::<anyhow::Result<_>>()?,
        insecure: settings.recall.insecure_webhooks,
        reconcile: alerts.reconcile,
    })
}

fn policy(alerts: &Alerts) -> Policy {
    Policy {
        minimum: alerts.minimum,
        waiting: signed(alerts.waiting),
        stale: signed(alerts.stale),
        folding: Folding { after: alerts.fold_after, window: signed(alerts.fold_window) },
        routes: alerts
            .routes
            .iter()
            .map(|route| Route {
                when: route.when.clone(),
                places: places(route.slack_channel.as_deref(), route.discord_channel.as_deref()),
                mention: route.mention.clone(),
            })
            .collect(),
        otherwise: places(alerts.slack_channel.as_deref(), alerts.discord_channel.as_deref()),
    }
}

fn places(slack: Option<&str>, discord: Option<&str>) -> Vec<Place> {
    let slack = slack.map(|channel| lane(Chat::Slack, channel));
    let discord = discord.map(|channel| lane(Chat::Discord, channel));
    slack.into_iter().chain(discord).map(Place).collect()
}

fn fallbacks(alerts: &Alerts) -> HashMap<Chat, String> {
    let slack = alerts.fallback_slack_channel.clone().map(|channel| (Chat::Slack, channel));
    let discord = alerts.fallback_discord_channel.clone().map(|channel| (Chat::Discord, channel));
    slack.into_iter().chain(discord).collect()
}

fn signed(length: Duration) -> SignedDuration {
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}

/// Asking Recall.ai about bots that are watched, as a queue.
#[async_trait::async_trait]
impl Queue for Watch {
    type Work = Lookup;
    const NAME: &'static str = "lookups";
    const AT_ONCE: usize = 8;

    async fn lease(&self) -> Result<Option<Lookup>, StoreError> {
        self.lease_lookup(clock::now()).await
    }

    async fn work(&self, leased: Lookup) -> Result<(), StoreError> {
        self.look_up(leased, clock::now()).await
    }

    async fn woken(&self) {
        self.wondered().await;
    }
}

/// Starts thinking, looking up and comparing with the lists.
pub(super) fn start(watch: &Arc<Watch>, health: &Health, stop: &CancellationToken, tasks: &TaskTracker) {
    let (own, beat, stopped) = (watch.clone(), health.clone(), stop.clone());
    supervise(Watch::NAME, health, stop, tasks, move || {
        pump::run(own.clone(), beat.clone(), stopped.clone())
    });
    let (own, beat, stopped) = (watch.clone(), health.clone(), stop.clone());
    supervise("watch", health, stop, tasks, move || think(own.clone(), beat.clone(), stopped.clone()));
    let (own, beat, stopped) = (watch.clone(), health.clone(), stop.clone());
    supervise("comparison", health, stop, tasks, move || compare(own.clone(), beat.clone(), stopped.clone()));
}

async fn think(watch: Arc<Watch>, health: Health, stop: CancellationToken) -> Result<(), StoreError> {
    loop {
        health.beat("watch", clock::now());
        while watch.think(clock::now()).await? {
            health.beat("watch", clock::now());
            if stop.is_cancelled() {
                return Ok(());
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = watch.heard() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

async fn compare(watch: Arc<Watch>, health: Health, stop: CancellationToken) -> Result<(), StoreError> {
    loop {
        health.trouble("comparison", None, clock::now());
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            compared = watch.reconcile(clock::now()) => compared?,
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(watch.between_comparisons()) => {}
        }
    }
}
