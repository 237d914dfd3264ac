//! Where an alert goes: the first route that matches wins, then the row of the channel table, then the default.
//!
//! Routes come first because an operator writes them by hand, for exceptions: one that drops the alerts of a test
//! environment, or sends what the team has to fix to the team, has to hold for each customer in the table.

use std::collections::BTreeMap;

use super::channel_table::ChannelTable;
use super::{ChannelRef, Policy};
use crate::diagnosis::vocabulary::{Actor, Platform};

/// Which alerts a route is for. A condition without values holds for all.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// Names of workspaces, any of which matches.
    pub workspaces: Vec<String>,
    /// Meeting platforms, any of which matches.
    pub platforms: Vec<Platform>,
    /// Ids of causes, any of which matches; one that no catalogue has matches nothing.
    pub causes: Vec<String>,
    /// Who can fix it, any of which matches.
    pub actors: Vec<Actor>,
    /// Metadata of the bot, all of which has to be there.
    pub metadata: BTreeMap<String, String>,
}

/// A rule that sends some alerts somewhere.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// Which alerts it is for.
    pub when: Conditions,
    /// Channels; if empty, the alert is dropped.
    pub channels: Vec<ChannelRef>,
    /// Whom to mention, as the platform writes it.
    pub mention: Option<String>,
}

/// The traits of an alert that routes match.
#[derive(Debug, Clone, Copy)]
pub struct Traits<'a> {
    /// The workspace of the bot.
    pub workspace: &'a str,
    /// The platform of the meeting; webhooks don't contain it.
    pub platform: Platform,
    /// The cause.
    pub cause: &'a str,
    /// Who can fix it.
    pub actor: Actor,
    /// Metadata that the developer attached to the bot.
    pub metadata: &'a BTreeMap<String, String>,
}

/// Where an alert goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The channels, each at most once.
    pub channels: Vec<ChannelRef>,
    /// Whom to mention there.
    pub mention: Option<String>,
    /// It depends on the platform, which isn't known yet.
    pub depends_on_platform: bool,
    /// A route decided it, and not the table or the default.
    pub by_route: bool,
}

impl Conditions {
    fn match_but_for_platform(&self, traits: &Traits<'_>) -> bool {
        fn any<T>(values: &[T], holds: impl Fn(&T) -> bool) -> bool {
            values.is_empty() || values.iter().any(holds)
        }
        any(&self.workspaces, |name| name == traits.workspace)
            && any(&self.causes, |id| id == traits.cause)
            && any(&self.actors, |actor| *actor == traits.actor)
            && self.metadata.iter().all(|(key, value)| traits.metadata.get(key) == Some(value))
    }
}

impl Policy {
    /// Returns where an alert with these traits goes.
    #[must_use]
    pub fn route(&self, traits: &Traits<'_>, table: &ChannelTable) -> Routed {
        let mut depends_on_platform = false;
        for route in &self.routes {
            if !route.when.match_but_for_platform(traits) {
                continue;
            }
            if route.when.platforms.is_empty() || route.when.platforms.contains(&traits.platform) {
                return Routed {
                    channels: route.channels.clone(),
                    mention: route.mention.clone(),
                    depends_on_platform,
                    by_route: true,
                };
            }
            depends_on_platform |= traits.platform == Platform::Unknown;
        }
        let (channels, mention) = match table.row(traits.metadata) {
            Some(row) => (row.channels.clone(), row.mention.clone()),
            None => (self.default_channels.clone(), None),
        };
        Routed { channels, mention, depends_on_platform, by_route: false }
    }

    /// Returns `true` if an alert stays where it is, although the table now names another channel: it changed
    /// meanwhile, or another instance has another one. A channel that neither a route nor the default names is from a
    /// table.
    #[must_use]
    pub fn stays(&self, routed: &Routed, table: &ChannelTable, alerted: &[ChannelRef]) -> bool {
        let fixed = self.channels();
        !routed.by_route && !table.is_empty() && alerted.iter().any(|channel| !fixed.contains(channel))
    }
}
