//! Finds the platform of a meeting without its link, which is deleted some days after the meeting.

use super::wire;
use crate::diagnosis::vocabulary::Platform;

/// Prefixes of metadata names that only one platform has.
const METADATA: [(&str, Platform); 4] = [
    ("zoom_", Platform::Zoom),
    ("google_meet_", Platform::GoogleMeet),
    ("microsoft_teams_", Platform::MicrosoftTeams),
    ("webex_", Platform::Webex),
];

/// Returns the platform that the bot's other data shows. Contradictory data shows none.
pub(super) fn platform_of(bot: &wire::Bot) -> Platform {
    if bot.meeting_url.platform != Platform::Unknown {
        return bot.meeting_url.platform;
    }
    let metadata = bot.meeting_metadata.keys().filter_map(|name| {
        METADATA.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, platform)| *platform)
    });
    one(metadata).or_else(|| one(settings(bot))).unwrap_or(Platform::Unknown)
}

/// Returns the platforms that have settings in the bot's configuration.
fn settings(bot: &wire::Bot) -> impl Iterator<Item = Platform> {
    let zoom = bot.zoom.as_ref().is_some_and(|zoom| zoom.join_token_url || zoom.obf_token_url);
    let filled = |settings: &serde_json::Map<String, serde_json::Value>| {
        settings.values().any(|value| match value {
            serde_json::Value::Null | serde_json::Value::Bool(false) => false,
            serde_json::Value::String(text) => !text.is_empty(),
            _ => true,
        })
    };
    let found = [
        zoom.then_some(Platform::Zoom),
        filled(&bot.google_meet).then_some(Platform::GoogleMeet),
        filled(&bot.teams).then_some(Platform::MicrosoftTeams),
    ];
    found.into_iter().flatten()
}

/// Returns the platform that all of these are, if there are any.
fn one(mut platforms: impl Iterator<Item = Platform>) -> Option<Platform> {
    let first = platforms.next()?;
    platforms.all(|other| other == first).then_some(first)
}
