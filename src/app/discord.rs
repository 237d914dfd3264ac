//! Discord's side of the composition: the messenger, the commands, and the gateway where no HTTP is set.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::leader::LeaderLease;
use super::supervise::supervise;
use crate::chat::discord::gateway::{ConnectionState, Gateway, Pace};
use crate::chat::discord::http::DiscordRequests;
use crate::chat::discord::{DiscordApi, DiscordMessenger, application_id, register};
use crate::chat::{InteractionSink, Messenger};
use crate::clock;
use crate::health::Health;
use crate::settings::discord::Discord;
use crate::store::Store;

/// The gateway's name in health and logs.
const GATEWAY: &str = "discord gateway";

/// Discord's API, where Discord is on. One for all who call it, since it remembers the rate limits.
pub(super) fn api(discord: &Discord) -> anyhow::Result<Option<Arc<DiscordApi>>> {
    let api = discord.token.as_ref().map(|token| DiscordApi::new(&discord.api_url, token));
    Ok(api.transpose().map_err(anyhow::Error::msg)?.map(Arc::new))
}

/// Speaks in Discord.
pub(super) fn messenger(api: Arc<DiscordApi>) -> Arc<dyn Messenger> {
    Arc::new(DiscordMessenger::new(api, clock::now))
}

/// Verifies interactions over HTTP, where the public key is set.
pub(super) fn requests(discord: &Discord) -> anyhow::Result<Option<DiscordRequests>> {
    let key = discord.public_key.as_deref().filter(|_| discord.is_on());
    key.map(DiscordRequests::new).transpose().map_err(anyhow::Error::msg)
}

/// Registers the commands, and holds the gateway's connection where interactions do not come over HTTP: one
/// instance at a time, since Discord tells every connection of everything.
pub(super) fn start(
    discord: &Discord,
    api: Option<Arc<DiscordApi>>,
    sink: Arc<dyn InteractionSink>,
    store: &Store,
    health: &Health,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let (Some(token), Some(api)) = (&discord.token, api) else { return };
    let (setting_up, settings, told, stopped) = (api.clone(), discord.clone(), health.clone(), stop.clone());
    tasks.spawn(async move {
        let registered = tokio::select! {
            () = stopped.cancelled() => return,
            registered = register_commands(&setting_up, &settings) => registered,
        };
        if let Err(error) = &registered {
            tracing::error!(
                error,
                "Discord's commands could not be registered; `discord register` tries again."
            );
        }
        told.trouble("discord commands", registered.err(), clock::now());
    });
    if discord.public_key.is_none() {
        let token = token.clone();
        let gateway = Arc::new(Gateway { api, token, sink, clock: clock::now, pace: Pace::default() });
        let lease = LeaderLease::new(store.clone(), GATEWAY);
        let (told, stopped) = (health.clone(), stop.clone());
        supervise(GATEWAY, health, stop, tasks, move || {
            let (gateway, lease, told, stopped) =
                (gateway.clone(), lease.clone(), told.clone(), stopped.clone());
            async move {
                // Who stands by is well.
                told.trouble(GATEWAY, None, clock::now());
                let hold = |term| gateway.clone().run(term, |state| tell(&told, state));
                lease.serve(&stopped, hold).await
            }
        });
    }
}

/// Others still get their answers while Discord is away, so it does not end readiness.
fn tell(health: &Health, state: &ConnectionState) {
    let why = match state {
        ConnectionState::Connected => None,
        ConnectionState::Interrupted(why) => Some(why.clone()),
        ConnectionState::Refused(why) => Some((*why).to_owned()),
    };
    health.trouble(GATEWAY, why, clock::now());
}

/// Registers the commands where the settings say.
///
/// # Errors
/// Why not, in words.
pub async fn register_commands(api: &DiscordApi, discord: &Discord) -> Result<usize, String> {
    let application = match &discord.application_id {
        Some(id) => id.clone(),
        None => application_id(api).await.map_err(|error| error.to_string())?,
    };
    register(api, &application, discord.guild_id.as_deref()).await.map_err(|error| error.to_string())
}
