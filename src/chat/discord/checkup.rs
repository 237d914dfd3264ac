//! Whether Discord is set up: the token, and the commands.

use reqwest::Method;

use super::api::DiscordApi;
use super::commands::application_id;
use crate::chat::DeliveryError;
use crate::report::finding::Finding;

/// What the invitation of the app asks for: View Channel, Send Messages, Embed Links, Read Message History,
/// Create Public Threads, Send Messages in Threads. <https://docs.discord.com/developers/topics/permissions>
pub const PERMISSIONS: u64 = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 35 | 1 << 38;

/// Asks Discord about the token, and whether the commands are registered where the settings say.
pub async fn examine(api: &DiscordApi, guild: Option<&str>) -> Vec<Finding> {
    let application = match application_id(api).await {
        Ok(application) => application,
        Err(error) => return vec![Finding::bad("Discord token", error.to_string())],
    };
    let invitation = format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands&permissions={PERMISSIONS}"
    );
    let token = Finding::good("Discord token", format!("valid; invite the app with {invitation}"));
    let path = match guild {
        Some(guild) => format!("/applications/{application}/guilds/{guild}/commands"),
        None => format!("/applications/{application}/commands"),
    };
    let commands = match api.call(Method::GET, &path, None).await {
        Ok(commands) if commands.as_array().is_some_and(|commands| !commands.is_empty()) => {
            Finding::good("Discord commands", "registered")
        }
        Ok(_) => Finding::bad("Discord commands", "none: `why-no-recording discord register` registers them"),
        Err(refusal) => Finding::bad("Discord commands", DeliveryError::from(refusal).to_string()),
    };
    vec![token, commands]
}
