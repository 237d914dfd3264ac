//! The commands that Discord offers people, and how they are registered.

use reqwest::Method;
use serenity::all::{CommandOptionType, CommandType, InstallationContext, InteractionContext, Permissions};
use serenity::builder::{CreateCommand, CreateCommandOption};

use super::api::{DiscordApi, to_json};
use super::inbound::{COMMAND, MESSAGE_COMMAND};
use crate::chat::DeliveryError;

/// Characters in what is asked for.
const QUESTION_MAX: u16 = 1500;

/// The commands: one to type, one in the menu of a message.
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

/// A command in servers, and where it is wished in direct messages to the app. Sending messages is the least that
/// somebody has who may talk at all. Administrators may change it.
fn offered(name: &str, kind: CommandType, direct_messages: bool) -> CreateCommand {
    let mut contexts = vec![InteractionContext::Guild];
    contexts.extend(direct_messages.then_some(InteractionContext::BotDm));
    CreateCommand::new(name)
        .kind(kind)
        .default_member_permissions(Permissions::SEND_MESSAGES)
        .contexts(contexts)
        .integration_types(vec![InstallationContext::Guild])
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
    let registered = api.call(Method::PUT, &path, Some(&to_json(&commands(direct_messages)))).await?;
    Ok(registered.as_array().map_or(0, Vec::len))
}
