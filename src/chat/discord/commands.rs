//! The commands in Discord, and their registration.

use reqwest::Method;
use serenity::all::{CommandOptionType, CommandType, InstallationContext, InteractionContext, Permissions};
use serenity::builder::{CreateCommand, CreateCommandOption};

use super::api::{DiscordApi, to_json};
use super::inbound::{COMMAND, MESSAGE_COMMAND};
use crate::chat::DeliveryError;

/// Most characters of a question.
const QUESTION_MAX: u16 = 1500;

/// Returns the commands: one to type, and one in the menu of a message.
#[must_use]
pub fn commands(direct_messages: bool) -> Vec<CreateCommand> {
    let id = CreateCommandOption::new(
        CommandOptionType::String,
        "id",
        "Bot ID or link, up to 5; or: help; or: explain and a code",
    );
    let private =
        CreateCommandOption::new(CommandOptionType::Boolean, "private", "Show the answer to you alone");
    let typed = offered(COMMAND, CommandType::ChatInput, direct_messages)
        .description("Why did this meeting bot not record?")
        .set_options(vec![id.required(true).max_length(QUESTION_MAX), private]);
    vec![typed, offered(MESSAGE_COMMAND, CommandType::Message, direct_messages)]
}

/// Returns a command for servers and, if configured, for direct messages to the app. It requires the
/// permission to send messages, which every active member has. Administrators may change that.
fn offered(name: &str, kind: CommandType, direct_messages: bool) -> CreateCommand {
    let mut contexts = vec![InteractionContext::Guild];
    contexts.extend(direct_messages.then_some(InteractionContext::BotDm));
    CreateCommand::new(name)
        .kind(kind)
        .default_member_permissions(Permissions::SEND_MESSAGES)
        .contexts(contexts)
        .integration_types(vec![InstallationContext::Guild])
}

/// Returns the ID of the token's application.
///
/// # Errors
/// Returns [`DeliveryError`] if Discord does not return it.
pub async fn application_id(api: &DiscordApi) -> Result<String, DeliveryError> {
    let application = api.call(Method::GET, "/applications/@me", None).await?;
    let id = application["id"].as_str().map(ToOwned::to_owned);
    id.ok_or_else(|| DeliveryError::Refused("Discord does not name the application".to_owned()))
}

/// Registers the commands in one server, or in all. Registering the same commands again changes nothing.
///
/// # Errors
/// Returns [`DeliveryError`] if Discord refuses them.
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
    let registered = api.call(Method::PUT, &path, Some(&to_json(&commands(direct_messages)))).await?;
    Ok(registered.as_array().map_or(0, Vec::len))
}
