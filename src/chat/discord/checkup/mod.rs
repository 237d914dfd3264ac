//! Whether Discord is set up: the token, the commands, and the channels that alerts go to.

mod channel;
mod permissions;

use reqwest::Method;

use super::api::DiscordApi;
use super::commands::application_id;
use crate::chat::DeliveryError;
use crate::report::finding::Finding;

pub use permissions::PERMISSIONS;

/// Asks Discord about the token, whether the commands are registered where the settings say, and about each of the
/// channels, which come with the settings that name them.
pub async fn examine(api: &DiscordApi, guild: Option<&str>, channels: &[(String, String)]) -> Vec<Finding> {
    let application = match application_id(api).await {
        Ok(application) => application,
        Err(error) => return vec![Finding::fail("Discord token", error.to_string())],
    };
    let invitation = format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands&permissions={PERMISSIONS}"
    );
    let token = Finding::pass("Discord token", format!("valid; invite the app with {invitation}"));
    let path = match guild {
        Some(guild) => format!("/applications/{application}/guilds/{guild}/commands"),
        None => format!("/applications/{application}/commands"),
    };
    let commands = match api.call(Method::GET, &path, None).await {
        Ok(commands) if commands.as_array().is_some_and(|commands| !commands.is_empty()) => {
            Finding::pass("Discord commands", "registered")
        }
        Ok(_) => {
            Finding::fail("Discord commands", "none: `why-no-recording discord register` registers them")
        }
        Err(refusal) => Finding::fail("Discord commands", DeliveryError::from(refusal).to_string()),
    };
    let mut findings = vec![token, commands];
    if channels.is_empty() {
        return findings;
    }
    // The app's user, which has another id than the application where the application is old.
    let me = match channel::get(api, "/users/@me").await {
        Ok(user) => user["id"].as_str().unwrap_or(&application).to_owned(),
        Err(refusal) => {
            findings.push(Finding::fail("Discord channels", refusal.error.to_string()));
            return findings;
        }
    };
    for (channel, named_by) in channels {
        findings.push(channel::examine(api, &me, channel, named_by).await);
    }
    findings
}
