//! `discord register`: registers the commands in Discord.

use std::path::Path;

use super::{CommandError, runtime, settings};
use crate::app;
use crate::chat::discord::DiscordApi;

#[derive(Debug, clap::Subcommand)]
pub(super) enum DiscordCommand {
    /// Register the commands in Discord
    #[command(
        after_help = "In one server if discord.guild_id is set. Running it again changes nothing.\n\nExample:\n  why-no-recording discord register"
    )]
    Register,
}

pub(super) fn run(command: &DiscordCommand, config: Option<&Path>) -> Result<String, CommandError> {
    let DiscordCommand::Register = command;
    let discord = settings(config)?.discord;
    let Some(token) = &discord.token else {
        return Err(CommandError::Usage(
            "No Discord token is set. Set DISCORD_TOKEN (discord.token).".to_owned(),
        ));
    };
    let api = DiscordApi::new(&discord.api_url, token).map_err(anyhow::Error::msg)?;
    let many = runtime()?.block_on(app::register_commands(&api, &discord)).map_err(anyhow::Error::msg)?;
    let place = discord.guild_id.map_or_else(|| "all servers".to_owned(), |guild| format!("server {guild}"));
    Ok(format!("Registered {many} commands in {place}.\n"))
}
