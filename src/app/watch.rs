//! The watch as the settings describe it, and its tasks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;

use super::supervise::{Handle, Supervisor, Task};
use super::worker::{self, Queue};
use crate::alerts::channel_table::ChannelTable;
use crate::alerts::grouping::Grouping;
use crate::alerts::route::Route;
use crate::alerts::{ChannelRef, Policy};
use crate::chat::Chat;
use crate::chat::outbox_message::channel_key;
use crate::clock;
use crate::digests::{DigestConfig, Digests};
use crate::recall::webhook::WebhookKey;
use crate::settings::Settings;
use crate::settings::alerts::Alerts;
use crate::store::{Lookup, StoreError};
use crate::watch::{AlertConfig, Watch, WatchedWorkspace};

/// Poll interval: due times send no notification.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Interval at which it is checked if a digest is due: it is posted in the minute after its hour begins.
const DIGEST_INTERVAL: Duration = Duration::from_secs(60);

/// Builds the alert configuration from the settings.
pub(super) fn alerts(settings: &Settings, channel_table: ChannelTable) -> anyhow::Result<AlertConfig> {
    let alerts = &settings.alerts;
    let workspaces = settings.recall.workspaces().into_iter().map(|workspace| {
        let keys: Result<Vec<_>, _> = workspace.webhook_secrets.iter().map(WebhookKey::of).collect();
        let keys = keys.with_context(|| format!("workspace {}", workspace.name))?;
        Ok(WatchedWorkspace { name: workspace.name, base_url: workspace.base_url, keys })
    });
    Ok(AlertConfig {
        policy: policy(alerts),
        channel_table,
        fallbacks: fallbacks(alerts),
        workspaces: workspaces.collect::<anyhow::Result<_>>()?,
        insecure: settings.recall.insecure_webhooks,
        reconcile: alerts.reconcile,
        recurrence_keys: alerts.recurrence_keys.clone(),
        digest: digest(settings),
    })
}

/// A channel counts only if its platform is on.
fn digest(settings: &Settings) -> DigestConfig {
    let digest = &settings.digest;
    let slack = digest.slack_channel.clone().filter(|_| settings.slack.is_on());
    let discord = digest.discord_channel.clone().filter(|_| settings.discord.is_on());
    let slack = slack.map(|channel| (Chat::Slack, channel));
    let discord = discord.map(|channel| (Chat::Discord, channel));
    DigestConfig {
        channels: slack.into_iter().chain(discord).collect(),
        schedule: digest.schedule.clone(),
        kept: settings.privacy.kept(),
    }
}

fn policy(alerts: &Alerts) -> Policy {
    Policy {
        min_level: alerts.min_level,
        waiting: signed(alerts.waiting),
        stale: signed(alerts.stale),
        grouping: Grouping { after: alerts.group_after, window: signed(alerts.group_window) },
        routes: alerts
            .routes
            .iter()
            .map(|route| Route {
                when: route.when.clone(),
                channels: channels(route.slack_channel.as_deref(), route.discord_channel.as_deref()),
                mention: route.mention.clone(),
            })
            .collect(),
        default_channels: channels(alerts.slack_channel.as_deref(), alerts.discord_channel.as_deref()),
    }
}

pub(super) fn channels(slack: Option<&str>, discord: Option<&str>) -> Vec<ChannelRef> {
    let slack = slack.map(|channel| channel_key(Chat::Slack, channel));
    let discord = discord.map(|channel| channel_key(Chat::Discord, channel));
    slack.into_iter().chain(discord).map(ChannelRef).collect()
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
    const CONCURRENCY: usize = 8;

    async fn lease(&self) -> Result<Option<Lookup>, StoreError> {
        self.lease_lookup(clock::now()).await
    }

    async fn work(&self, leased: Lookup) -> Result<(), StoreError> {
        self.look_up(leased, clock::now()).await
    }

    async fn wake_up(&self) {
        self.lookups_due().await;
    }
}

/// Starts evaluating, looking up and comparing with the lists.
pub(super) fn start(watch: &Arc<Watch>, supervisor: &Supervisor) {
    let own = watch.clone();
    supervisor.keep(Task::needed(Watch::NAME), move |task| worker::run(own.clone(), task));
    let own = watch.clone();
    supervisor.keep(Task::needed("watch"), move |task| evaluate(own.clone(), task));
    let own = watch.clone();
    supervisor.keep(Task::optional("reconcile"), move |task| reconcile(own.clone(), task));
}

/// Starts posting digests, if they have a channel.
pub(super) fn start_digests(digests: &Arc<Digests>, supervisor: &Supervisor) {
    if !digests.is_on() {
        return;
    }
    let own = digests.clone();
    supervisor.keep(Task::optional("digest"), move |task| {
        let digests = own.clone();
        async move {
            loop {
                digests.post_due(clock::now()).await?;
                if !task.pause(DIGEST_INTERVAL).await {
                    return Ok::<(), StoreError>(());
                }
            }
        }
    });
}

/// Pause after an evaluation, so that the bots of a burst are evaluated together: a transaction costs the writer more
/// than its content. A single bot is evaluated at once.
const GATHERING: Duration = Duration::from_millis(25);

async fn evaluate(watch: Arc<Watch>, task: Handle) -> Result<(), StoreError> {
    loop {
        task.beat();
        while watch.evaluate_due(clock::now()).await? {
            task.beat();
            if !task.pause(GATHERING).await {
                return Ok(());
            }
        }
        tokio::select! {
            () = task.stop.cancelled() => return Ok(()),
            () = watch.bots_due() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
}

async fn reconcile(watch: Arc<Watch>, task: Handle) -> Result<(), StoreError> {
    while let Some(compared) = task.stop.run_until_cancelled(watch.reconcile(clock::now())).await {
        compared?;
        if !task.pause(watch.reconcile_every()).await {
            break;
        }
    }
    Ok(())
}
