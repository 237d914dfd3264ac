//! Whether the app can send alerts to a channel: that it is there, takes messages, and lets the app post.

use super::super::api::{DiscordApi, DiscordError};
use super::permissions::{effective, missing};
use super::{get, refusal};
use crate::report::finding::Finding;

/// Kinds of channels: <https://docs.discord.com/developers/resources/channel#channel-object-channel-types>
const TEXT_OR_ANNOUNCEMENTS: [u64; 2] = [0, 5];
const THREADS: [u64; 3] = [10, 11, 12];
const FORUMS: [u64; 2] = [15, 16];

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
        UNKNOWN_CHANNEL => "there is no such channel: copy its id again, with Developer Mode on, from its menu".to_owned(),
        MISSING_ACCESS => format!(
            "the app may not see it. {}; if the app is not in the server, `doctor` prints the link that invites it",
            switch_on(&missing(0))
        ),
        _ => refusal::words(&refusal),
    })?;
    let name = format!("#{}", channel["name"].as_str().unwrap_or("the channel"));
    let kind = channel["type"].as_u64().unwrap_or_default();
    let guild = channel["guild_id"].as_str();
    let Some(guild) = guild.filter(|_| TEXT_OR_ANNOUNCEMENTS.contains(&kind)) else {
        return Err(format!("{name} {}: set the id of a text channel", other_kind(kind)));
    };
    let unread = || "Discord's answer about the app's permissions cannot be read".to_owned();
    let words = |refusal: DiscordError| refusal::words(&refusal);
    let member = get(api, &format!("/guilds/{guild}/members/{me}")).await.map_err(words)?;
    let roles = get(api, &format!("/guilds/{guild}/roles")).await.map_err(words)?;
    let may = effective(&channel, &member, &roles, me).ok_or_else(unread)?;
    let missing = missing(may);
    if missing.is_empty() {
        return Ok(format!("the app may post in {name}, and begin threads"));
    }
    Err(format!("in {name} the app lacks {}. {}", missing.join(", "), switch_on(&missing)))
}

fn switch_on(names: &[&str]) -> String {
    format!("Open the channel's settings, there Permissions, add the app, and switch on {}", names.join(", "))
}

fn other_kind(kind: u64) -> &'static str {
    if FORUMS.contains(&kind) {
        "is a forum, which takes posts and no messages"
    } else if THREADS.contains(&kind) {
        "is a thread, which may be archived or locked, and has no threads of its own"
    } else {
        "is no text channel of a server"
    }
}
