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
/// where the settings say, and about each of the channels, which come with the settings that name them.
pub async fn examine(
    api: &DiscordApi,
    setup: &Setup<'_>,
    channels: &[(String, String)],
    now: Timestamp,
) -> Vec<Finding> {
    let application = match get(api, "/applications/@me").await {
        Ok(application) => application,
        Err(refusal) => return vec![Finding::fail("Discord token", refused_token(api, &refusal))],
    };
    let id = application["id"].as_str().unwrap_or_default();
    let invitation = format!(
        "https://discord.com/oauth2/authorize?client_id={id}&scope=bot+applications.commands&permissions={PERMISSIONS}"
    );
    let mut findings =
        vec![Finding::pass("Discord token", format!("valid; the app is invited with {invitation}"))];
    findings.extend(application::examine(&application, setup));
    findings.extend(servers(api, &invitation).await);
    findings.push(commands(api, id, setup.guild_id, &invitation).await);
    findings.extend(api.time().await.map(|theirs| finding::clock("Discord", theirs, now)));
    if channels.is_empty() {
        return findings;
    }
    // The app's user, which has another id than the application where the application is old.
    let me = match get(api, "/users/@me").await {
        Ok(user) => user["id"].as_str().unwrap_or(id).to_owned(),
        Err(refusal) => {
            findings.push(Finding::fail("Discord channels", refusal::words(&refusal)));
            return findings;
        }
    };
    for (channel, named_by) in channels {
        findings.push(channel::examine(api, &me, channel, named_by).await);
    }
    findings
}

/// A token of a bot has three parts with dots between them, and the application's other secrets have none.
fn refused_token(api: &DiscordApi, refusal: &DiscordError) -> String {
    let words = refusal::words(refusal);
    if matches!(refusal.error, crate::chat::DeliveryError::NotAllowed(_)) && !api.has_a_bot_token() {
        return format!(
            "{words}. What is set is no bot token, which has two dots in it: is it the client secret?"
        );
    }
    words
}

async fn servers(api: &DiscordApi, invitation: &str) -> Option<Finding> {
    let servers = get(api, "/users/@me/guilds?limit=1").await.ok()?;
    servers.as_array()?.is_empty().then(|| {
        let words =
            format!("the app is in no server. Open {invitation}, choose your server, and press Authorise");
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
            "none yet. `serve` registers them when it starts, and `why-no-recording discord register` at once",
        ),
        Err(refusal) if NOT_IN_THE_SERVER.contains(&refusal.code) => Finding::fail(
            part,
            format!(
                "the app is not in the server {} (discord.guild_id), or was invited without commands. Copy the id again \
                 (right-click the server > Copy Server ID, with Developer Mode on), or open {invitation}",
                guild.unwrap_or_default()
            ),
        ),
        Err(refusal) => Finding::fail(part, refusal::words(&refusal)),
    }
}

async fn get(api: &DiscordApi, path: &str) -> Result<Value, DiscordError> {
    api.call(Method::GET, path, None).await
}
