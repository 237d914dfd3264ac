//! `[alerts]`: which alerts are sent, when and where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::block::Block;
use super::block_variables::METADATA;
use super::form;
use super::problem::Problem;
use super::reader::SettingsReader;
use super::variable::ROUTES;
use crate::alerts::route::Conditions;
use crate::diagnosis::vocabulary::{Actor, AlertLevel, Platform};
use crate::mention;
use crate::mutes::MuteRight;

/// The largest value of a setting in seconds: thirty days.
const MOST_SECS: u32 = 30 * 24 * 60 * 60;

/// `[alerts]`.
#[derive(Debug, Clone)]
pub struct Alerts {
    /// Slack channel for alerts that no route matches: its ID, or its name with `#`.
    pub slack_channel: Option<String>,
    /// Discord channel for alerts that no route matches: its ID.
    pub discord_channel: Option<String>,
    /// Slack channel for alerts whose own channel is unavailable.
    pub fallback_slack_channel: Option<String>,
    /// Discord channel for alerts whose own channel is unavailable.
    pub fallback_discord_channel: Option<String>,
    /// Minimum level that triggers an alert.
    pub min_level: AlertLevel,
    /// Time in the waiting room, or in the call without recording, before a warning is sent.
    pub waiting: Duration,
    /// Alerts of one cause to one channel before further ones are grouped.
    pub group_after: u32,
    /// Time within which alerts count as one group.
    pub group_window: Duration,
    /// Age after which an event is marked as late.
    pub stale: Duration,
    /// Time between two reconciliations with the bot list.
    pub reconcile: Duration,
    /// Metadata keys that name a customer or host; the first that a bot has counts.
    pub recurrence_keys: Vec<String>,
    /// The file with the channels of customers.
    pub channels_file: Option<PathBuf>,
    /// The metadata key whose values are in that file.
    pub channels_key: Option<String>,
    /// Who may mute alerts and take care of them.
    pub mute_right: MuteRight,
    /// The `[[alerts.route]]` blocks; the first that matches wins.
    pub routes: Vec<Route>,
}

/// One `[[alerts.route]]`.
#[derive(Debug, Clone)]
pub struct Route {
    /// The location of the route.
    pub block: Block,
    /// The alerts to which it applies. `ready_to_serve` checks that such causes and workspaces exist.
    pub when: Conditions,
    /// A Slack channel's ID, or its name with `#`.
    pub slack_channel: Option<String>,
    /// A Discord channel's ID. If both channels are absent, the alert is dropped.
    pub discord_channel: Option<String>,
    /// The mention, as the platforms write it; see [`mention`].
    pub mention: Option<String>,
}

impl Alerts {
    /// Returns the file with the channels of customers, and the metadata key whose values are in it.
    #[must_use]
    pub fn channels(&self) -> Option<(&Path, &str)> {
        Some((self.channels_file.as_deref()?, self.channels_key.as_deref()?))
    }

    /// Returns the problem of a file without its key, or the reverse.
    pub(super) fn half_set(&self) -> Option<Problem> {
        let [file, key] = [
            ("alerts.channels_file", "ALERTS_CHANNELS_FILE", self.channels_file.is_some()),
            ("alerts.channels_key", "ALERTS_CHANNELS_KEY", self.channels_key.is_some()),
        ];
        let (set, lacks, lacks_variable) = match (file, key) {
            ((set, _, true), (lacks, variable, false)) | ((lacks, variable, false), (set, _, true)) => {
                (set, lacks, variable)
            }
            _ => return None,
        };
        Some(Problem::HalfSet { set, lacks, lacks_variable })
    }

    /// Returns `true` if any alert has a channel: by default, by a route or by the table.
    #[must_use]
    pub fn have_a_place(&self) -> bool {
        let routed = self.routes.iter().flat_map(|route| [&route.slack_channel, &route.discord_channel]);
        let fixed =
            [&self.slack_channel, &self.discord_channel].into_iter().chain(routed).any(Option::is_some);
        fixed || self.channels().is_some()
    }

    /// Returns each Slack channel that may receive alerts, those of the table aside, with the settings that name it.
    #[must_use]
    pub fn slack_channels(&self) -> Vec<(String, String)> {
        let own = [
            ("alerts.slack_channel", &self.slack_channel),
            ("alerts.fallback_slack_channel", &self.fallback_slack_channel),
        ];
        let of_routes =
            self.routes.iter().map(|route| (route.block.setting("slack_channel"), &route.slack_channel));
        named(own, of_routes)
    }

    /// Returns each Discord channel that may receive alerts, those of the table aside, with the settings that name it.
    #[must_use]
    pub fn discord_channels(&self) -> Vec<(String, String)> {
        let own = [
            ("alerts.discord_channel", &self.discord_channel),
            ("alerts.fallback_discord_channel", &self.fallback_discord_channel),
        ];
        let of_routes =
            self.routes.iter().map(|route| (route.block.setting("discord_channel"), &route.discord_channel));
        named(own, of_routes)
    }

    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let slack_channel = reader.plain("alerts.slack_channel", form::slack_channel);
        let discord_channel = reader.plain("alerts.discord_channel", form::snowflake);
        let fallback_slack_channel = reader.plain("alerts.fallback_slack_channel", form::slack_channel);
        let fallback_discord_channel = reader.plain("alerts.fallback_discord_channel", form::snowflake);
        let min_level = reader.plain("alerts.min_level", form::one_of(AlertLevel::ALL, AlertLevel::as_str));
        let waiting = seconds(reader, "alerts.warn_after_secs");
        let group_after = reader.plain("alerts.group_after", form::whole(1..=1_000_000));
        let group_window = seconds(reader, "alerts.group_window_secs");
        let stale = seconds(reader, "alerts.late_after_secs");
        let reconcile = seconds(reader, "alerts.reconcile_secs");
        let recurrence_keys = reader.plain("alerts.recurrence_keys", form::texts).unwrap_or_default();
        let channels_file = reader.plain("alerts.channels_file", form::text).map(PathBuf::from);
        let channels_key = reader.plain("alerts.channels_key", form::text);
        let mute_right = reader.plain("alerts.mute_right", form::one_of(MuteRight::ALL, MuteRight::as_str));
        let routes = reader.blocks(ROUTES).iter().map(|block| Route::read(reader, block)).collect();
        Some(Self {
            slack_channel,
            discord_channel,
            fallback_slack_channel,
            fallback_discord_channel,
            min_level: min_level?,
            waiting: waiting?,
            group_after: group_after?,
            group_window: group_window?,
            stale: stale?,
            reconcile: reconcile?,
            recurrence_keys,
            channels_file,
            channels_key,
            mute_right: mute_right?,
            routes,
        })
    }
}

impl Route {
    fn read(reader: &mut SettingsReader, block: &Block) -> Self {
        let key = |name: &str| block.key_of(name);
        let when = Conditions {
            workspaces: reader.plain(&key("workspace"), form::texts).unwrap_or_default(),
            platforms: reader
                .plain(&key("platform"), form::some_of(Platform::ALL, Platform::as_str))
                .unwrap_or_default(),
            causes: reader.plain(&key("cause"), form::texts).unwrap_or_default(),
            actors: reader.plain(&key("actor"), form::some_of(Actor::ALL, Actor::as_str)).unwrap_or_default(),
            metadata: metadata(reader, block),
        };
        let has_channel = reader.is_set(&key("slack_channel")) || reader.is_set(&key("discord_channel"));
        let slack_channel = reader.plain(&key("slack_channel"), form::slack_channel);
        let discord_channel = reader.plain(&key("discord_channel"), form::snowflake);
        let mention = reader.plain(&key("mention"), form::mention);
        let unseen = mention.as_deref().and_then(|mention| {
            unseen_mention(mention, slack_channel.is_some(), discord_channel.is_some(), "route")
        });
        if let (Some(wanted), true) = (unseen, has_channel) {
            reader.problems.push(Problem::Unusable {
                place: Box::new(reader.source(&key("mention"))),
                key: key("mention"),
                found: None,
                wanted,
            });
        }
        let drop = reader.plain(&key("drop"), form::flag) == Some(true);
        let mut needless = |name: &str, found: String, because: &str| {
            reader.problems.push(Problem::Unusable {
                place: Box::new(reader.source(&key(name))),
                key: key(name),
                found: Some(found),
                wanted: format!("left out, because the route {because}"),
            });
        };
        if drop && has_channel {
            needless("drop", "true".to_owned(), "names a channel");
        } else if let Some(mention) = mention.as_ref().filter(|_| drop) {
            needless("mention", format!("{mention:?}"), "drops what it matches");
        }
        // Explicit, because a forgotten channel would drop alerts silently.
        if !has_channel && !drop {
            let verb = if block.is_from_variables() { "Set" } else { "Add" };
            let [slack, discord] =
                ["slack_channel", "discord_channel"].map(|name| block.how_to_set(name, None));
            let drop = block.how_to_set("drop", Some("true"));
            reader.problems.push(Problem::Missing {
                place: block.place(),
                lacks: "channel",
                fix: format!("{verb} {slack} or {discord}, or {drop} to drop what matches."),
            });
        }
        Self { block: block.clone(), when, slack_channel, discord_channel, mention }
    }
}

/// Returns what is wrong with a mention that no platform of its channels reads, which would go unnoticed until it is
/// needed.
pub(super) fn unseen_mention(mention: &str, slack: bool, discord: bool, holder: &str) -> Option<String> {
    let (for_slack, for_discord) = (mention::for_slack(mention), mention::for_discord(mention));
    match (for_slack.filter(|_| !slack), for_discord.filter(|_| !discord)) {
        (Some(_), _) => Some(format!(
            "a mention of Discord ({}), since the {holder} has no slack_channel",
            mention::DISCORD_FORMS
        )),
        (None, Some(_)) => Some(format!(
            "a mention of Slack ({}), since the {holder} has no discord_channel",
            mention::SLACK_FORMS
        )),
        (None, None) => None,
    }
}

/// Parses a route's metadata: all of it from one setting, or by name from separate variables.
fn metadata(reader: &mut SettingsReader, block: &Block) -> BTreeMap<String, String> {
    let whole = block.key_of(METADATA);
    let mut metadata = reader.plain(&whole, form::map).unwrap_or_default();
    let names: Vec<String> = reader.names_within(&whole).map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let key = format!("{whole}.{name}");
        let Some(value) = reader.plain(&key, form::text) else { continue };
        if metadata.insert(name.clone(), value).is_some() {
            reader.problems.push(Problem::Unusable {
                place: Box::new(reader.source(&key)),
                key,
                found: None,
                wanted: format!("left out, because {} names {name} as well", block.setting(METADATA)),
            });
        }
    }
    metadata
}

/// Returns the channels in the order in which they are first named.
fn named<'a>(
    own: [(&str, &'a Option<String>); 2],
    routes: impl Iterator<Item = (String, &'a Option<String>)>,
) -> Vec<(String, String)> {
    let own = own.into_iter().map(|(setting, channel)| (setting.to_owned(), channel));
    let mut all: Vec<(String, String)> = Vec::new();
    for (setting, channel) in own.chain(routes) {
        let Some(channel) = channel else { continue };
        match all.iter_mut().find(|(known, _)| known == channel) {
            Some((_, settings)) => *settings = format!("{settings}, {setting}"),
            None => all.push((channel.clone(), setting)),
        }
    }
    all
}

fn seconds(reader: &mut SettingsReader, key: &str) -> Option<Duration> {
    let seconds = reader.plain(key, form::whole(1..=MOST_SECS))?;
    Some(Duration::from_secs(seconds.into()))
}
