//! Says when the next digest is posted, and where. Only where that is turned on.

use jiff::Timestamp;

use super::Found;
use crate::report::finding::Finding;
use crate::settings::Settings;

pub(super) fn examine(settings: &Settings, now: Timestamp, found: &Found) {
    let digest = &settings.digest;
    for (platform, is_on, key, channel) in [
        ("Slack", settings.slack.is_on(), "digest.slack_channel", &digest.slack_channel),
        ("Discord", settings.discord.is_on(), "digest.discord_channel", &digest.discord_channel),
    ] {
        let Some(channel) = channel else { continue };
        let part = format!("{key} = {channel}");
        if !is_on {
            let words =
                format!("{platform} is off, so no digest is posted there. Set up {platform}, or unset {key}");
            found.tell(Finding::fail(part, words));
            continue;
        }
        let next = digest.schedule.next(now).to_zoned(digest.schedule.time_zone.clone());
        let zone = digest.schedule.time_zone.iana_name().unwrap_or("UTC");
        found.tell(Finding::pass(
            part,
            format!("the next digest is due on {} ({zone})", next.strftime("%A %-d %b at %H:%M")),
        ));
    }
}
