//! Checks Discord's token, application, commands and channels.

use jiff::Timestamp;

use super::Found;
use crate::chat::discord::DiscordApi;
use crate::chat::discord::checkup::{self, Setup};
use crate::report::finding::Finding;
use crate::settings::Settings;

pub(super) async fn examine(settings: &Settings, now: Timestamp, found: Found) {
    let discord = &settings.discord;
    let Some(token) = &discord.token else { return };
    let setup = Setup {
        application_id: discord.application_id.as_deref(),
        public_key: discord.public_key.as_deref(),
        guild_id: discord.guild_id.as_deref(),
    };
    let channels = settings.discord_channels();
    match DiscordApi::new(&discord.api_url, token) {
        Ok(api) => {
            checkup::examine(&api, &setup, &channels, now, &mut |finding| found.tell(finding)).await;
        }
        Err(why) => found.tell(Finding::fail("Discord", why)),
    }
}
