//! The composition root: builds everything from the settings, keeps it running, and stops it.

#[cfg(feature = "mcp")]
mod agents;
mod channels;
mod discord;
mod leader;
mod signals;
mod slack;
pub mod supervise;
mod watch;
mod worker;

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::answer::Answerer;
use crate::chat::discord::DiscordApi;
use crate::chat::slack::http::SlackRequests;
use crate::chat::slack::identity::LearnedIdentity;
use crate::chat::{Chat, Messengers};
use crate::diagnosis::catalogue::Catalogue;
use crate::health::Health;
use crate::http::signatures::Signatures;
use crate::http::{Details, Endpoints, observing_router, router};
use crate::inbox::Inbox;
use crate::listener::{self, ConnectionLimits};
#[cfg(feature = "mcp")]
use crate::mcp::{Knowledge, http::McpEndpoint};
use crate::mutes::MuteRight;
use crate::outbox::CLOCK_OFF_MAX;
use crate::pages::Pages;
use crate::recall::{self, Fetcher, SetupError, WorkspaceAccess};
use crate::rights::{ActingList, Allowlist, Home, Right, Rights, Rules};
use crate::service::Service;
use crate::settings::Settings;
use crate::settings::database::Backend;
use crate::settings::process::read_channels;
use crate::settings::recall::Recall;
use crate::store::{Store, StoreError};
use crate::{clock, observe};
#[cfg(feature = "mcp")]
use agents::ServiceRecords;
use signals::{Signal, Signals};
use supervise::{Supervisor, Task};

pub use discord::register_commands;

/// Time for tasks to finish work in progress at shutdown.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// Time for acknowledged questions to be stored: longer than a statement may take on either database.
const STORING_TIMEOUT: Duration = Duration::from_secs(11);
/// Time for the storage task once all others have ended: no task waits for it any more.
const STORAGE_STOP_TIMEOUT: Duration = Duration::from_secs(1);
/// Interval between purges.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// Interval at which signature results are stored.
const SIGNATURES_WRITTEN: Duration = Duration::from_secs(10);
/// Interval at which histogram samples are aggregated. Without it they pile up if `/metrics` isn't scraped.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// The service, running.
pub struct Running {
    /// Address of the endpoints.
    pub address: SocketAddr,
    /// Address of metrics and readiness, if it is a separate one.
    pub metrics_address: Option<SocketAddr>,
    /// Inbox and outbox.
    pub service: Service,
    health: Health,
    /// All tasks but the storage task, which the others need until they have ended.
    tasks: Supervisor,
    /// The task that stores for the others.
    storage: Supervisor,
}

/// Starts the service.
///
/// # Errors
/// Returns an error if the settings aren't sufficient, the database can't be opened, or the address is taken.
pub async fn start(settings: &Settings) -> anyhow::Result<Running> {
    settings.ready_to_serve()?;
    let hangups = channels::hangups(settings)?;
    let table = channels::table(settings, read_channels(settings)?);
    let (store, committer) = Store::open_with_committer(settings.database.url.expose())
        .await
        .with_context(|| format!("database.url is {}", settings.database.url))?;
    match settings.database.url.backend() {
        Backend::Sqlite => store.release_leases().await?,
        // Other instances keep their leases, which expire by the clock.
        Backend::Postgres => compare_clocks(&store).await?,
    }
    let discord_api = discord::api(&settings.discord)?;
    let identity = LearnedIdentity::default();
    let messengers = messengers(settings, discord_api.clone(), &identity)?;
    let (rights, alerts) = (rights(settings, &identity), watch::alerts(settings, table)?);
    let service = Service::new(store.clone(), answerer(settings)?, messengers, rights, alerts);
    #[cfg(not(feature = "mcp"))]
    if !settings.mcp.tokens.is_empty() {
        tracing::warn!("MCP is off: this program was built without it.");
    }
    let health = Health::default();
    let metrics = observe::start_metrics().map_err(anyhow::Error::msg)?;
    let endpoints = Arc::new(Endpoints {
        slack: settings
            .slack
            .signing_secret
            .as_ref()
            .map(|secret| SlackRequests::new(secret, identity.clone())),
        discord: discord::requests(&settings.discord)?,
        #[cfg(feature = "mcp")]
        mcp: mcp_endpoint(settings, &service)?,
        ..Endpoints::of(&service, health.clone(), metrics.clone())
    });
    let signatures = endpoints.signatures.clone();
    let (tasks, storage) = (Supervisor::new(health.clone()), Supervisor::new(health.clone()));
    storage.keep(Task::needed("webhook storage"), move |task| {
        let committer = committer.clone();
        async move {
            committer.run(task.stop).await;
            Ok::<(), Infallible>(())
        }
    });
    let own_metrics = settings.http.metrics_listen;
    let details = if own_metrics.is_some() { Details::Elsewhere } else { Details::Here };
    let (listen, all) = (settings.http.listen, router(endpoints.clone(), details));
    let address =
        listen_on(listen, all, Task::needed("http"), &tasks).with_context(|| taken("http.listen", listen))?;
    let metrics_address = own_metrics.map(|listen| {
        let observing = observing_router(endpoints);
        listen_on(listen, observing, Task::optional("metrics http"), &tasks)
            .with_context(|| taken("http.metrics_listen", listen))
    });
    let metrics_address = metrics_address.transpose()?;
    start_queue(service.inbox.clone(), &tasks);
    start_queue(service.acting.clone(), &tasks);
    watch_storing(&service.inbox, &storage);
    start_queue(service.outbox.clone(), &tasks);
    start_upkeep(&service, settings, metrics, &tasks);
    remember_signatures(&store, signatures, &tasks);
    watch::start(&service.watch, &tasks);
    channels::start(settings, hangups, &service.watch, &tasks);
    watch::start_digests(&service.digests, &tasks);
    slack::start(&settings.slack, service.inbox.clone(), identity, &tasks)?;
    discord::start(&settings.discord, discord_api, service.inbox.clone(), &store, &tasks);
    tracing::info!(%address, "Listening.");
    if let Some(metrics_address) = metrics_address {
        tracing::info!(%metrics_address, "Listening for metrics and readiness.");
    }
    Ok(Running { address, metrics_address, service, health, tasks, storage })
}

impl Running {
    /// Reports shutdown in `/readyz` and serves for this long, so that a load balancer can switch to another
    /// instance.
    pub async fn drain(&self, drain: Duration) {
        self.health.stopping();
        tokio::time::sleep(drain).await;
    }

    /// Stops accepting work, finishes work in progress, and closes the database. Unfinished work resumes at the next
    /// start.
    pub async fn stop(self) {
        self.tasks.tell_to_stop();
        if !self.tasks.stop(STOP_TIMEOUT).await {
            tracing::warn!("Shutdown timed out; unfinished work resumes at the next start.");
        }
        // Platforms don't resend acknowledged questions, so these can't resume at the next start.
        let storing = self.service.inbox.until_stored();
        if tokio::time::timeout(STORING_TIMEOUT, storing).await.is_err() {
            tracing::error!("Acknowledged questions not stored before shutdown.");
        }
        self.storage.stop(STORAGE_STOP_TIMEOUT).await;
        self.service.store.close().await;
    }
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// Returns an error if [`start`] does.
pub async fn serve(settings: &Settings) -> anyhow::Result<()> {
    // From here on a signal shuts the service down cleanly, even during its start.
    let mut signals = Signals::new()?;
    let running = start(settings).await?;
    let drain = match signals.next().await {
        Signal::Terminate => settings.http.drain,
        // Ctrl-C in a terminal: there is no load balancer to wait for.
        Signal::Interrupt => Duration::ZERO,
    };
    tracing::info!(drain_secs = drain.as_secs(), "Shutdown started.");
    tokio::select! {
        () = running.drain(drain) => {}
        // A second signal ends the wait.
        _ = signals.next() => {}
    }
    running.stop().await;
    Ok(())
}

/// A fetcher for every workspace that has an API key.
///
/// # Errors
/// Returns an error if a URL in the settings can't be used.
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
        tracing::warn!(off_ms, "Database clock differs; messages may be sent twice.");
    }
    Ok(())
}

/// Everything that an answer depends on.
///
/// # Errors
/// Returns an error if a URL in the settings can't be used.
pub fn answerer(settings: &Settings) -> anyhow::Result<Answerer> {
    Ok(Answerer {
        fetcher: fetcher(&settings.recall)?,
        catalogue: Catalogue::embedded()?,
        pages: Pages::shared()?,
        participant_names: settings.privacy.participant_names,
        public_url: settings.http.public_url.clone(),
        rescue: settings.rescue.mode,
    })
}

#[cfg(feature = "mcp")]
fn mcp_endpoint(settings: &Settings, service: &Service) -> anyhow::Result<Option<McpEndpoint>> {
    if settings.mcp.tokens.is_empty() {
        return Ok(None);
    }
    let records = ServiceRecords { store: service.store.clone(), watch: service.watch.clone() };
    let knowledge = Knowledge::new(service.answerer.clone(), Arc::new(records), clock::now)?;
    let tokens = settings.mcp.tokens.iter().map(|own| (own.name.as_str(), &own.token));
    Ok(McpEndpoint::new(tokens, &Arc::new(knowledge), settings.http.public_url.as_deref()))
}

fn messengers(
    settings: &Settings,
    discord: Option<Arc<DiscordApi>>,
    identity: &LearnedIdentity,
) -> anyhow::Result<Messengers> {
    let mut messengers: Messengers = HashMap::new();
    messengers.extend(slack::messenger(&settings.slack, identity)?.map(|slack| (Chat::Slack, slack)));
    messengers.extend(discord.map(|api| (Chat::Discord, discord::messenger(api))));
    Ok(messengers)
}

fn rights(settings: &Settings, identity: &LearnedIdentity) -> Rights {
    let lists = |users: &[String], channels: &[String]| Allowlist {
        users: users.iter().cloned().collect(),
        channels: channels.iter().cloned().collect(),
        ..Allowlist::default()
    };
    let acting = |users: &[String], groups: &[String]| ActingList {
        users: users.iter().cloned().collect(),
        groups: groups.iter().cloned().collect(),
    };
    let (slack, discord) = (&settings.slack, &settings.discord);
    let workspace = Home::Workspace(identity.clone());
    let of_slack = Allowlist {
        home: if slack.foreign_users { Home::Anywhere } else { workspace },
        ..lists(&slack.allowed_users, &slack.allowed_channels)
    };
    let of_discord = Allowlist {
        home: discord.guild_id.clone().map_or(Home::Anywhere, Home::Server),
        no_direct_messages: !discord.direct_messages,
        ..lists(&discord.allowed_users, &discord.allowed_channels)
    };
    let of_slack = Rules { ask: of_slack, act: acting(&slack.acting_users, &slack.acting_groups) };
    let of_discord = Rules { ask: of_discord, act: acting(&discord.acting_users, &discord.acting_roles) };
    let muting = match settings.alerts.mute_right {
        MuteRight::Ask => Right::Ask,
        MuteRight::Act => Right::Act,
    };
    Rights::new([(Chat::Slack, of_slack), (Chat::Discord, of_discord)]).with_muting(muting)
}

fn taken(setting: &str, address: SocketAddr) -> String {
    format!("{setting} is {address}, and it cannot be listened on; is another program using it?")
}

/// Listens on an address and serves for as long as the service runs. The address is bound at once, so that a taken
/// one fails the start, and again if serving ends.
fn listen_on(
    address: SocketAddr,
    router: Router,
    task: Task,
    supervisor: &Supervisor,
) -> io::Result<SocketAddr> {
    let bound = listener::bind(address)?;
    let address = bound.local_addr()?;
    let bound = Mutex::new(Some(bound));
    supervisor.keep(task, move |task| {
        let bound = bound.lock().unwrap_or_else(PoisonError::into_inner).take();
        let router = router.clone();
        async move {
            let listener = bound.map_or_else(|| listener::bind(address), Ok)?;
            listener::serve(listener, router, ConnectionLimits::default(), task.stop).await;
            Ok::<(), io::Error>(())
        }
    });
    Ok(address)
}

fn start_queue<Q: worker::Queue>(queue: Arc<Q>, supervisor: &Supervisor) {
    supervisor.keep(Task::needed(Q::NAME), move |task| worker::run(queue.clone(), task));
}

/// Reports in `/readyz` how many acknowledged questions wait for a slow disk.
fn watch_storing(inbox: &Inbox, supervisor: &Supervisor) {
    let late = inbox.late();
    supervisor.keep(Task::optional("question storage"), move |task| {
        let mut late = late.clone();
        async move {
            loop {
                let many = *late.borrow_and_update();
                task.trouble(
                    (many > 0).then(|| format!("{many} acknowledged and not stored: the disk is slow")),
                );
                if task.stop.run_until_cancelled(late.changed()).await.is_none_or(|changed| changed.is_err())
                {
                    return Ok::<(), Infallible>(());
                }
            }
        }
    });
}

/// Stores signature results for `doctor`.
fn remember_signatures(store: &Store, signatures: Arc<Signatures>, supervisor: &Supervisor) {
    let store = store.clone();
    supervisor.keep(Task::optional("signatures"), move |task| {
        let (store, signatures) = (store.clone(), signatures.clone());
        async move {
            while task.pause(SIGNATURES_WRITTEN).await {
                signatures.write(&store).await?;
            }
            // The results since the last interval would be lost otherwise.
            signatures.write(&store).await
        }
    });
}

/// Starts periodic work: repairing messages that wait in vain, purging old records, aggregating histogram samples.
fn start_upkeep(service: &Service, settings: &Settings, metrics: PrometheusHandle, supervisor: &Supervisor) {
    let (store, outbox) = (service.store.clone(), service.outbox.clone());
    let kept = settings.privacy.kept();
    supervisor.keep(Task::optional("housekeeping"), move |task| {
        let (store, outbox) = (store.clone(), outbox.clone());
        async move {
            loop {
                let now = clock::now();
                outbox.repair(now).await?;
                let purged = store.purge(now, kept).await?;
                tracing::debug!(purged, "Old records deleted.");
                if !task.pause(HOUSEKEEPING).await {
                    return Ok::<(), StoreError>(());
                }
            }
        }
    });
    supervisor.keep(Task::optional("metrics upkeep"), move |task| {
        let metrics = metrics.clone();
        async move {
            while task.pause(METRICS_UPKEEP).await {
                metrics.run_upkeep();
            }
            Ok::<(), Infallible>(())
        }
    });
}
