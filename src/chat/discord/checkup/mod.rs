//! Whether Discord is set up: the token, the application, the commands, and the channels that alerts go to.

mod application;
mod channel;
mod permissions;
mod refusal;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::api::{DiscordApi, DiscordError};
use crate::report::finding::{self, Finding};

pub(super) use application::another as another_application;
pub use permissions::PERMISSIONS;

/// Discord's numbers for a server that the app may not see, and for one that is not there.
const NOT_IN_THE_SERVER: [i64; 2] = [50001, 10004];

/// What the settings hold about Discord, beside the token.
#[derive(Debug, Default)]
pub struct Setup<'a> {
    /// `discord.application_id`.
    pub application_id: Option<&'a str>,
    /// `discord.public_key`: interactions come over HTTP.
    pub public_key: Option<&'a str>,
    /// `discord.guild_id`: commands are registered in this server alone.
    pub guild_id: Option<&'a str>,
}

/// Asks Discord about the token and its application, whether the app is in a server, whether the commands are registered
/// where the settings say, and about each of the channels, which come with the settings that name them. Each finding is
/// told as it is made.
pub async fn examine(
    api: &DiscordApi,
    setup: &Setup<'_>,
    channels: &[(String, String)],
    now: Timestamp,
    tell: &mut (impl FnMut(Finding) + Send),
) {
    let application = match get(api, "/applications/@me").await {
        Ok(application) => application,
        Err(refusal) => return tell(Finding::fail("Discord token", refused_token(api, &refusal))),
    };
    let id = application["id"].as_str().unwrap_or_default();
    let invitation = format!(
        "https://discord.com/oauth2/authorize?client_id={id}&scope=bot+applications.commands&permissions={}",
        PERMISSIONS.bits()
    );
    tell(Finding::pass("Discord token", format!("valid. To invite the app, open {invitation}")));
    application::examine(&application, setup).into_iter().for_each(&mut *tell);
    servers(api, &invitation).await.into_iter().for_each(&mut *tell);
    tell(commands(api, id, setup.guild_id, &invitation).await);
    api.time().await.map(|theirs| finding::clock("Discord", theirs, now)).into_iter().for_each(&mut *tell);
    if channels.is_empty() {
        return;
    }
    // The app's user, which has another id than the application where the application is old.
    let me = match get(api, "/users/@me").await {
        Ok(user) => user["id"].as_str().unwrap_or(id).to_owned(),
        Err(refusal) => return tell(Finding::fail("Discord channels", refusal::words(&refusal))),
    };
    for (channel, named_by) in channels {
        tell(channel::examine(api, &me, channel, named_by).await);
    }
}

/// A token of a bot has three parts with dots between them, and the application's other secrets have none.
fn refused_token(api: &DiscordApi, refusal: &DiscordError) -> String {
    let words = refusal::words(refusal);
    if matches!(refusal.error, crate::chat::DeliveryError::NotAllowed(_)) && !api.has_a_bot_token() {
        return format!(
            "{words}. The one that is set isn't a bot token, which has two dots in it. It may be the client secret"
        );
    }
    words
}

async fn servers(api: &DiscordApi, invitation: &str) -> Option<Finding> {
    let servers = get(api, "/users/@me/guilds?limit=1").await.ok()?;
    servers.as_array()?.is_empty().then(|| {
        let words =
            format!("the app is in no server. Open {invitation}, select your server, and select Authorise");
        Finding::fail("Discord servers", words)
    })
}

async fn commands(api: &DiscordApi, application: &str, guild: Option<&str>, invitation: &str) -> Finding {
    let part = "Discord commands";
    let path = match guild {
        Some(guild) => format!("/applications/{application}/guilds/{guild}/commands"),
        None => format!("/applications/{application}/commands"),
    };
    match get(api, &path).await {
        Ok(commands) if commands.as_array().is_some_and(|commands| !commands.is_empty()) => {
            Finding::pass(part, "registered")
        }
        Ok(_) => Finding::skipped(
            part,
            "not registered yet. `serve` registers them when it starts. To do it now, run `why-no-recording discord \
             register`",
        ),
        Err(refusal) if NOT_IN_THE_SERVER.contains(&refusal.code) => Finding::fail(
            part,
            format!(
                "the app isn't in the server {} (discord.guild_id), or was invited without commands. Copy the ID again \
                 (turn on Developer Mode, right-click the server > Copy Server ID), or open {invitation}",
                guild.unwrap_or_default()
            ),
        ),
        Err(refusal) => Finding::fail(part, refusal::words(&refusal)),
    }
}

async fn get(api: &DiscordApi, path: &str) -> Result<Value, DiscordError> {
    api.call(Method::GET, path, None).await
}
