//! The composition root: builds everything from the settings, keeps it running, and stops it.

mod discord;
mod leader;
mod slack;
mod supervise;
mod watch;
mod worker;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::{AccessPolicy, Allowlist};
use crate::answer::Answerer;
use crate::chat::discord::DiscordApi;
use crate::chat::slack::http::SlackRequests;
use crate::chat::slack::socket::SocketMode;
use crate::chat::{Chat, Messengers};
use crate::diagnosis::catalogue::Catalogue;
use crate::health::Health;
use crate::http::{Endpoints, metrics_router, router};
use crate::outbox::CLOCK_OFF_MAX;
use crate::recall::{self, Fetcher, SetupError, WorkspaceAccess};
use crate::service::Service;
use crate::settings::Settings;
use crate::settings::database::Backend;
use crate::settings::recall::Recall;
use crate::store::{Store, StoreError};
use crate::{clock, listener, observe};
use supervise::supervise;

pub use discord::register_commands;

/// How long the tasks get to finish what they have begun.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// How often old records are deleted.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// How often the samples of histograms are counted, which otherwise pile up while nobody asks for them.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// The service, running.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Inbox and outbox.
    pub service: Service,
    stop: CancellationToken,
    tasks: TaskTracker,
    socket: Option<Arc<SocketMode>>,
}

/// Starts the service.
///
/// # Errors
/// Where the settings do not suffice, the database cannot be opened, or the address is taken.
pub async fn start(settings: &Settings) -> anyhow::Result<Running> {
    settings.ready_to_serve()?;
    let store = Store::open(settings.database.url.expose())
        .await
        .with_context(|| format!("database.url is {}", settings.database.url))?;
    match settings.database.url.backend() {
        Backend::Sqlite => store.release_leases().await?,
        // What others have leased is theirs, and ends by the clock.
        Backend::Postgres => compare_clocks(&store).await?,
    }
    let discord_api = discord::api(&settings.discord)?;
    let messengers = messengers(settings, discord_api.clone())?;
    let (access, alerts) = (access(settings), watch::alerts(settings)?);
    let service = Service::new(store.clone(), answerer(settings)?, messengers, access, alerts);
    let health = Health::default();
    let metrics = observe::start_metrics().map_err(anyhow::Error::msg)?;
    let endpoints = Arc::new(Endpoints {
        slack: settings.slack.signing_secret.as_ref().map(SlackRequests::new),
        discord: discord::requests(&settings.discord)?,
        ..Endpoints::of(&service, health.clone(), metrics.clone())
    });
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let own_metrics = settings.http.metrics_listen;
    let with_metrics = own_metrics.is_none();
    let (listen, all) = (settings.http.listen, router(endpoints.clone(), with_metrics));
    let address =
        listener::start(listen, all, &stop, &tasks).with_context(|| taken("http.listen", listen))?;
    if let Some(listen) = own_metrics {
        listener::start(listen, metrics_router(endpoints), &stop, &tasks)
            .with_context(|| taken("http.metrics_listen", listen))?;
    }
    start_tasks(&service, settings, &health, &stop, &tasks);
    let told_to_stop = stop.clone();
    tasks.spawn(async move {
        while told_to_stop.run_until_cancelled(tokio::time::sleep(METRICS_UPKEEP)).await.is_some() {
            metrics.run_upkeep();
        }
    });
    watch::start(&service.watch, &health, &stop, &tasks);
    let socket = slack::socket(&settings.slack, service.inbox.clone()).await?;
    slack::watch(&settings.slack, socket.clone(), &health, &stop, &tasks);
    discord::start(&settings.discord, discord_api, service.inbox.clone(), &store, &health, &stop, &tasks);
    tracing::info!(%address, "Listening.");
    Ok(Running { address, service, stop, tasks, socket })
}

impl Running {
    /// Whether Slack has greeted us through Socket Mode.
    #[must_use]
    pub fn socket_connected(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| socket.connected())
    }

    /// Takes nothing more, finishes what was begun, and closes the database. What is not finished in
    /// time goes on at the next start.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Some(socket) = &self.socket {
            socket.stop().await;
        }
        self.tasks.close();
        if tokio::time::timeout(STOP_TIMEOUT, self.tasks.wait()).await.is_err() {
            tracing::warn!("Not everything was finished; it goes on at the next start.");
        }
        self.service.store.close().await;
    }
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// As [`start`].
pub async fn serve(settings: &Settings) -> anyhow::Result<()> {
    // From here on a signal ends the service in good order, also one that comes while it starts.
    let told_to_stop = told_to_stop()?;
    let running = start(settings).await?;
    told_to_stop.await?;
    tracing::info!("Stopping.");
    running.stop().await;
    Ok(())
}

#[cfg(unix)]
fn told_to_stop() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}

/// A fetcher for every workspace that has an API key.
///
/// # Errors
/// Where an address in the settings cannot be used.
pub fn fetcher(recall: &Recall) -> Result<Fetcher, SetupError> {
    let access = recall.workspaces().into_iter().filter_map(|workspace| {
        Some(WorkspaceAccess {
            name: workspace.name,
            base_url: workspace.base_url,
            api_key: workspace.api_key?,
        })
    });
    Fetcher::new(access.collect(), recall.download_hosts.clone(), recall::ClientConfig::default())
}

async fn compare_clocks(store: &Store) -> Result<(), StoreError> {
    let off = store.clock_off(clock::now()).await?.unwrap_or_default();
    if off.abs() > CLOCK_OFF_MAX {
        let off_ms = off.as_millis();
        tracing::warn!(off_ms, "The database server's clock and ours differ: messages may be sent twice.");
    }
    Ok(())
}

fn answerer(settings: &Settings) -> anyhow::Result<Answerer> {
    Ok(Answerer {
        fetcher: fetcher(&settings.recall)?,
        catalogue: Catalogue::embedded()?,
        participant_names: settings.privacy.participant_names,
    })
}

fn messengers(settings: &Settings, discord: Option<Arc<DiscordApi>>) -> anyhow::Result<Messengers> {
    let mut messengers: Messengers = HashMap::new();
    messengers.extend(slack::messenger(&settings.slack)?.map(|slack| (Chat::Slack, slack)));
    messengers.extend(discord.map(|api| (Chat::Discord, discord::messenger(api))));
    Ok(messengers)
}

fn access(settings: &Settings) -> AccessPolicy {
    let lists = |users: &[String], channels: &[String]| Allowlist {
        users: users.iter().cloned().collect(),
        channels: channels.iter().cloned().collect(),
    };
    let (slack, discord) = (&settings.slack, &settings.discord);
    AccessPolicy::new([
        (Chat::Slack, lists(&slack.allowed_users, &slack.allowed_channels)),
        (Chat::Discord, lists(&discord.allowed_users, &discord.allowed_channels)),
    ])
}

fn taken(setting: &str, address: SocketAddr) -> String {
    format!("{setting} is {address}, and it cannot be listened on; is another program using it?")
}

fn start_tasks(
    service: &Service,
    settings: &Settings,
    health: &Health,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    start_queue(service.inbox.clone(), health, stop, tasks);
    start_queue(service.outbox.clone(), health, stop, tasks);
    let store = service.store.clone();
    let kept = SignedDuration::from_hours(24 * i64::from(settings.privacy.retention_days));
    let (beat, stopped) = (health.clone(), stop.clone());
    supervise("housekeeping", health, stop, tasks, move || {
        let (store, beat, stop) = (store.clone(), beat.clone(), stopped.clone());
        async move {
            loop {
                let now = clock::now();
                beat.trouble("housekeeping", None, now);
                let purged = store.purge(now, kept).await?;
                tracing::debug!(purged, "Old records are deleted.");
                tokio::select! {
                    () = stop.cancelled() => return Ok::<(), StoreError>(()),
                    () = tokio::time::sleep(HOUSEKEEPING) => {}
                }
            }
        }
    });
}

fn start_queue<Q: worker::Queue>(
    queue: Arc<Q>,
    health: &Health,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let (beat, stopped) = (health.clone(), stop.clone());
    supervise(Q::NAME, health, stop, tasks, move || {
        worker::run(queue.clone(), beat.clone(), stopped.clone())
    });
}
