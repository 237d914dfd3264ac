//! The commands that Discord offers people, and how they are registered.

use reqwest::Method;
use serde_json::{Value, json};

use super::api::DiscordApi;
use super::inbound::{COMMAND, MESSAGE_COMMAND};
use crate::chat::DeliveryError;

/// Sending messages, the least that somebody has who may talk at all. Administrators may change it.
const SEND_MESSAGES: &str = "2048";

/// The commands: one to type, one in the menu of a message. In servers, and where it is wished in direct messages to the
/// app.
#[must_use]
pub fn commands(direct_messages: bool) -> Value {
    let contexts = if direct_messages { json!([0, 1]) } else { json!([0]) };
    json!([
        {
            "name": COMMAND,
            "type": 1,
            "description": "Why did this meeting bot not record?",
            "default_member_permissions": SEND_MESSAGES,
            "contexts": contexts,
            "integration_types": [0],
            "options": [
                {
                    "type": 3, "name": "id", "required": true, "max_length": 1500,
                    "description": "Bot id or link, up to 5; or: help; or: explain and a code",
                },
                { "type": 5, "name": "private", "required": false, "description": "Show the answer to you alone" },
            ],
        },
        {
            "name": MESSAGE_COMMAND,
            "type": 3,
            "default_member_permissions": SEND_MESSAGES,
            "contexts": contexts,
            "integration_types": [0],
        },
    ])
}

/// The application of the token.
///
/// # Errors
/// Where Discord does not tell.
pub async fn application_id(api: &DiscordApi) -> Result<String, DeliveryError> {
    let application = api.call(Method::GET, "/applications/@me", None).await?;
    let id = application["id"].as_str().map(ToOwned::to_owned);
    id.ok_or_else(|| DeliveryError::Refused("Discord does not name the application".to_owned()))
}

/// Registers the commands in one server, or in all. The same commands again change nothing.
///
/// # Errors
/// Where Discord does not take them.
pub async fn register(
    api: &DiscordApi,
    application: &str,
    guild: Option<&str>,
    direct_messages: bool,
) -> Result<usize, DeliveryError> {
    let path = match guild {
        Some(guild) => format!("/applications/{application}/guilds/{guild}/commands"),
        None => format!("/applications/{application}/commands"),
    };
    let registered = api.call(Method::PUT, &path, Some(&commands(direct_messages))).await?;
    Ok(registered.as_array().map_or(0, Vec::len))
}
