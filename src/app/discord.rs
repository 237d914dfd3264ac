//! Discord's side of the composition: the messenger, the commands, and the gateway where no HTTP is set.

use std::sync::Arc;

use super::leader::LeaderLease;
use super::supervise::{Handle, Supervisor, Task};
use crate::chat::discord::gateway::{ConnectionState, Gateway, Pace};
use crate::chat::discord::http::DiscordRequests;
use crate::chat::discord::{DiscordApi, DiscordMessenger, application_id, register};
use crate::chat::{InteractionSink, Messenger};
use crate::clock;
use crate::retry::Backoff;
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
    supervisor: &Supervisor,
) {
    let (Some(token), Some(api)) = (&discord.token, api) else { return };
    let (registering, settings) = (api.clone(), discord.clone());
    let commands = Task::optional("discord commands").with_backoff(Backoff::REGISTRATION);
    supervisor.keep(commands, move |task| {
        let (api, settings) = (registering.clone(), settings.clone());
        async move {
            task.trouble(Some("not registered yet".to_owned()));
            let registered = task.stop.run_until_cancelled(register_commands(&api, &settings)).await;
            registered.transpose()?;
            task.trouble(None);
            // Once is enough; it is no task that ended.
            task.stop.cancelled().await;
            Ok::<(), String>(())
        }
    });
    if discord.public_key.is_none() {
        let (token, application_id) = (token.clone(), discord.application_id.clone());
        let (clock, pace) = (clock::now, Pace::default());
        let gateway = Arc::new(Gateway { api, token, application_id, sink, clock, pace });
        let lease = LeaderLease::new(store.clone(), GATEWAY);
        supervisor.keep(Task::optional(GATEWAY), move |task| {
            let (gateway, lease) = (gateway.clone(), lease.clone());
            async move {
                let hold = async |term| {
                    gateway.clone().run(term, |state| tell(&task, state)).await;
                    // Another instance may hold it now.
                    connected(false);
                };
                lease.serve(&task.stop, hold).await
            }
        });
    }
}

fn connected(is: bool) {
    metrics::gauge!("wnr_connected", "chat" => "discord").set(if is { 1.0 } else { 0.0 });
}

/// Others still get their answers while Discord is away, so it does not end readiness.
fn tell(task: &Handle, state: &ConnectionState) {
    let (is_connected, why) = match state {
        ConnectionState::Connected => (true, None),
        ConnectionState::ConnectedDespite(why) => (true, Some(why.clone())),
        ConnectionState::Interrupted(why) => (false, Some(why.clone())),
        ConnectionState::Refused(why) => (false, Some((*why).to_owned())),
    };
    connected(is_connected);
    task.trouble(why);
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
    register(api, &application, discord.guild_id.as_deref(), discord.direct_messages)
        .await
        .map_err(|error| error.to_string())
}
