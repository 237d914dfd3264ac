//! Where an alert goes: the first route that matches wins.

use std::collections::BTreeMap;

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
    pub fn route(&self, traits: &Traits<'_>) -> Routed {
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
                };
            }
            depends_on_platform |= traits.platform == Platform::Unknown;
        }
        Routed { channels: self.default_channels.clone(), mention: None, depends_on_platform }
    }
}
