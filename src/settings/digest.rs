//! `[digest]`: the weekly digest.

use jiff::civil::Weekday;
use jiff::tz::{TimeZone, db};

use super::form::{self, Formed};
use super::raw::Raw;
use super::reader::SettingsReader;
use crate::digest::schedule::{Schedule, WEEKDAYS, word};

/// `[digest]`.
#[derive(Debug, Clone)]
pub struct Digest {
    /// Slack channel for the digest: its ID, or its name with `#`.
    pub slack_channel: Option<String>,
    /// Discord channel for the digest: its ID.
    pub discord_channel: Option<String>,
    /// When it is posted.
    pub schedule: Schedule,
}

impl Digest {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let slack_channel = reader.plain("digest.slack_channel", form::slack_channel);
        let discord_channel = reader.plain("digest.discord_channel", form::snowflake);
        let weekday: Option<Weekday> = reader.plain("digest.weekday", form::one_of(WEEKDAYS, word));
        let hour = reader.plain("digest.hour", form::whole(0..=23));
        let time_zone = reader.plain("digest.time_zone", time_zone);
        let hour = hour.and_then(|hour| i8::try_from(hour).ok());
        let schedule = Schedule { weekday: weekday?, hour: hour?, time_zone: time_zone? };
        Some(Self { slack_channel, discord_channel, schedule })
    }
}

/// The name of a time zone, as the IANA database has it.
fn time_zone(raw: &Raw) -> Formed<TimeZone> {
    let name = form::text(raw).unwrap_or_default();
    db().get(&name).map_err(|_| {
        let known = db();
        let near = known.available().map(|known| known.as_str().to_owned()).map(|known| {
            let likeness = strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase());
            (likeness, known)
        });
        let nearest = near.max_by(|(one, _), (other, _)| one.total_cmp(other));
        let hint = nearest
            .filter(|(likeness, _)| *likeness > 0.85 && !name.is_empty())
            .map(|(_, known)| format!(" (did you mean {known}?)"));
        format!("the name of an IANA time zone, as in Europe/Berlin{}", hint.unwrap_or_default())
    })
}
