//! Whether the app can send alerts to a channel: that it is there, takes messages, and lets the app post.

use serenity::all::{ChannelType, Permissions};

use super::super::api::{DiscordApi, DiscordError};
use super::super::inbound::{is_thread, kind};
use super::permissions::{effective, missing};
use super::{get, refusal};
use crate::report::finding::Finding;

/// A forum for pictures, which serenity has no name for:
/// <https://docs.discord.com/developers/resources/channel#channel-object-channel-types>
const MEDIA: ChannelType = ChannelType::Unknown(16);

/// Discord's numbers for a channel that is gone, and for one that the app may not see.
const UNKNOWN_CHANNEL: i64 = 10003;
const MISSING_ACCESS: i64 = 50001;

/// Asks Discord about a channel. `me` is the app's user, `named_by` are the settings that name the channel.
pub(super) async fn examine(api: &DiscordApi, me: &str, channel: &str, named_by: &str) -> Finding {
    let part = format!("Discord channel {channel} ({named_by})");
    match look(api, me, channel).await {
        Ok(words) => Finding::pass(part, words),
        Err(words) => Finding::fail(part, words),
    }
}

/// # Errors
/// What is wrong, and what to click.
async fn look(api: &DiscordApi, me: &str, id: &str) -> Result<String, String> {
    let channel = get(api, &format!("/channels/{id}")).await.map_err(|refusal| match refusal.code {
        UNKNOWN_CHANNEL => "there is no such channel. Turn on Developer Mode, and copy the channel ID again from its menu".to_owned(),
        MISSING_ACCESS => format!(
            "the app can't see it. {}. If the app isn't in the server, open the invitation that `doctor` prints beside \
             Discord token",
            turn_on(&missing(Permissions::empty()))
        ),
        _ => refusal::words(&refusal),
    })?;
    let name = format!("#{}", channel["name"].as_str().unwrap_or("the channel"));
    let kind = kind(&channel).unwrap_or_default();
    let guild = channel["guild_id"].as_str();
    let takes_messages = matches!(kind, ChannelType::Text | ChannelType::News);
    let Some(guild) = guild.filter(|_| takes_messages) else {
        return Err(format!("{name} {}. Set the ID of a text channel", other_kind(kind)));
    };
    let unread =
        || "Discord's response about the app's permissions can't be read. Run `doctor` again".to_owned();
    let words = |refusal: DiscordError| refusal::words(&refusal);
    let member = get(api, &format!("/guilds/{guild}/members/{me}")).await.map_err(words)?;
    let roles = get(api, &format!("/guilds/{guild}/roles")).await.map_err(words)?;
    let may = effective(&channel, &member, &roles, me).ok_or_else(unread)?;
    let missing = missing(may);
    if missing.is_empty() {
        return Ok(format!("the app can post in {name} and start threads"));
    }
    Err(format!("in {name} the app lacks {}. {}", missing.join(", "), turn_on(&missing)))
}

fn turn_on(names: &[&str]) -> String {
    format!("Open the channel's settings > Permissions, add the app, and turn on {}", names.join(", "))
}

fn other_kind(kind: ChannelType) -> &'static str {
    match kind {
        ChannelType::Forum | MEDIA => "is a forum, which has posts and no messages",
        thread if is_thread(thread) => {
            "is a thread, which can be archived or locked and has no threads of its own"
        }
        _ => "isn't a server's text channel",
    }
}
