//! Discord's side of the composition: the messenger, the commands, and the gateway where no HTTP is set.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::supervise::supervise;
use crate::chat::discord::gateway::Gateway;
use crate::chat::discord::http::DiscordRequests;
use crate::chat::discord::{DiscordApi, DiscordMessenger, application_id, register};
use crate::chat::{Messenger, Reception};
use crate::clock;
use crate::health::Health;
use crate::settings::discord::Discord;

/// Speaks in Discord, where Discord is on.
pub(super) fn messenger(discord: &Discord) -> anyhow::Result<Option<Arc<dyn Messenger>>> {
    let Some(token) = &discord.token else { return Ok(None) };
    let messenger = DiscordMessenger::new(&discord.api_url, token, clock::now).map_err(anyhow::Error::msg)?;
    Ok(Some(Arc::new(messenger)))
}

/// Verifies interactions over HTTP, where the public key is set.
pub(super) fn requests(discord: &Discord) -> anyhow::Result<Option<DiscordRequests>> {
    let key = discord.public_key.as_deref().filter(|_| discord.is_on());
    key.map(DiscordRequests::new).transpose().map_err(anyhow::Error::msg)
}

/// Registers the commands, and holds the gateway's connection where interactions do not come over HTTP.
pub(super) fn start(
    discord: &Discord,
    reception: Arc<dyn Reception>,
    health: &Health,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let Some(token) = &discord.token else { return Ok(()) };
    let api = Arc::new(DiscordApi::new(&discord.api_url, token).map_err(anyhow::Error::msg)?);
    let (setting_up, settings, told, stopped) = (api.clone(), discord.clone(), health.clone(), stop.clone());
    tasks.spawn(async move {
        let registered = tokio::select! {
            () = stopped.cancelled() => return,
            registered = register_commands(&setting_up, &settings) => registered,
        };
        if let Err(why) = &registered {
            tracing::error!(
                why,
                "Discord's commands could not be registered; `discord register` tries again."
            );
        }
        told.trouble("discord commands", registered.err(), clock::now());
    });
    if discord.public_key.is_none() {
        let gateway = Arc::new(Gateway {
            api_url: discord.api_url.clone(),
            token: token.clone(),
            api,
            reception,
            clock: clock::now,
        });
        let stopped = stop.clone();
        supervise("discord gateway", health, stop, tasks, move || gateway.clone().run(stopped.clone()));
    }
    Ok(())
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
