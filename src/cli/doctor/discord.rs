//! Checks Discord's token, application, commands and channels.

use jiff::Timestamp;

use super::Found;
use super::channels::TableChannels;
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
    let mut channels = settings.discord_channels();
    let mut table = TableChannels::add_to(&mut channels, settings, |row| row.discord_channel);
    match DiscordApi::new(&discord.api_url, token) {
        Ok(api) => {
            let mut tell = |finding| table.take(finding).into_iter().for_each(|finding| found.tell(finding));
            checkup::examine(&api, &setup, &channels, now, &mut tell).await;
            table.others("Discord").into_iter().for_each(|finding| found.tell(finding));
        }
        Err(why) => found.tell(Finding::fail("Discord", why)),
    }
}
