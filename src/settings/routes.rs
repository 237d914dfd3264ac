//! Validates routes against the catalogue, the workspaces, the platforms, and each other.
//!
//! `ready_to_serve` calls it. It needs no network.

use std::fmt;

use super::Settings;
use super::alerts::Route;
use super::problem::Problem;
use super::raw::LONGEST_QUOTED;
use super::unknown::closest;
use crate::alerts::route::Conditions;
use crate::diagnosis::catalogue::{Catalogue, Cause, Claim};
use crate::diagnosis::untrusted::printable;
use crate::diagnosis::vocabulary::{Actor, Platform};

/// A problem with a route, as the rest of a sentence that starts with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteFault {
    /// It names a cause that does not exist.
    NoSuchCause {
        /// The unknown name, if it may be shown.
        named: Option<String>,
        /// The name that was probably meant.
        suggestion: Option<String>,
    },
    /// It names a cause that can only be explained, and is never found.
    NeverFound {
        /// The cause.
        cause: String,
    },
    /// It names a workspace that does not exist.
    NoSuchWorkspace {
        /// The unknown name, if it may be shown.
        named: Option<String>,
        /// The name that was probably meant.
        suggestion: Option<String>,
        /// The names of the existing workspaces.
        known: Vec<String>,
    },
    /// None of the actors that it names can fix a cause that it names.
    NobodyActs {
        /// The actors that it names.
        actors: Vec<Actor>,
    },
    /// A channel of a platform that is off.
    PlatformOff {
        /// The platform.
        platform: &'static str,
        /// The variable that turns it on.
        variable: &'static str,
    },
    /// An earlier route matches everything that this one does.
    NeverReached {
        /// The earlier route, with its place.
        earlier: String,
        /// `true` if the two have the same conditions.
        same: bool,
    },
}

impl fmt::Display for RouteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |named: &Option<String>| named.clone().unwrap_or_else(|| "something".to_owned());
        let did_you_mean = |suggestion: &str| format!("Did you mean {suggestion}?");
        match self {
            Self::NoSuchCause { named, suggestion } => {
                let hint = suggestion
                    .as_deref()
                    .map_or_else(|| "`why-no-recording catalogue` lists them all.".to_owned(), did_you_mean);
                write!(f, "names {}, which is no cause of the catalogue. {hint}", quoted(named))
            }
            Self::NeverFound { cause } => {
                write!(
                    f,
                    "names {cause}, which no alert has: it is never found in the history of a bot. Remove it."
                )
            }
            Self::NoSuchWorkspace { named, suggestion, known } => {
                let hint = suggestion
                    .as_deref()
                    .map_or_else(|| format!("The workspaces are {}.", known.join(", ")), did_you_mean);
                write!(f, "names {}, and there is no such workspace. {hint}", quoted(named))
            }
            Self::NobodyActs { actors } => {
                let actors: Vec<&str> = actors.iter().map(|actor| actor.as_str()).collect();
                write!(
                    f,
                    "never goes with the cause beside it: of what is named there, nothing is for {} to fix. \
                     Remove one of the two conditions.",
                    actors.join(" or ")
                )
            }
            Self::PlatformOff { platform, variable } => {
                write!(f, "names a channel, but {platform} is off. Set {variable} as well, or remove it.")
            }
            Self::NeverReached { earlier, same: true } => {
                write!(
                    f,
                    "is never reached: {earlier} comes first and has the same conditions. Remove one of the two."
                )
            }
            Self::NeverReached { earlier, same: false } => write!(
                f,
                "is never reached: {earlier} comes first and matches all that it matches. \
                 Put it before that one, or remove it."
            ),
        }
    }
}

/// Returns the problems of the routes, in their order. Problems that depend on other settings are left out unless
/// these are `complete`: without a workspace, every workspace name would be wrong.
pub(super) fn problems(settings: &Settings, complete: bool) -> Vec<Problem> {
    let routes = &settings.alerts.routes;
    // An unreadable catalogue is reported by its users.
    let Some(catalogue) = (!routes.is_empty()).then(Catalogue::embedded).and_then(Result::ok) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (index, route) in routes.iter().enumerate() {
        let mut note = |setting: &str, fault| {
            problems.push(Problem::Route { place: route.block.place_of(setting), fault });
        };
        for fault in route.when.causes.iter().filter_map(|id| cause_fault(id, &catalogue)) {
            note("cause", fault);
        }
        if complete {
            for fault in route.when.workspaces.iter().filter_map(|name| workspace_fault(name, settings)) {
                note("workspace", fault);
            }
            if route.slack_channel.is_some() && !settings.slack.is_on() {
                note(
                    "slack_channel",
                    RouteFault::PlatformOff { platform: "Slack", variable: "SLACK_BOT_TOKEN" },
                );
            }
            if route.discord_channel.is_some() && !settings.discord.is_on() {
                note(
                    "discord_channel",
                    RouteFault::PlatformOff { platform: "Discord", variable: "DISCORD_TOKEN" },
                );
            }
        }
        if actors(&route.when, &catalogue).is_empty() {
            note("actor", RouteFault::NobodyActs { actors: route.when.actors.clone() });
        } else if let Some(earlier) = routes[..index].iter().find(|other| other.covers(route, &catalogue)) {
            let same = route.covers(earlier, &catalogue);
            let fault = RouteFault::NeverReached { earlier: earlier.block.mention(), same };
            problems.push(Problem::Route { place: route.block.place(), fault });
        }
    }
    problems
}

impl Route {
    /// Returns `true` if every alert that another route matches is matched by this one.
    fn covers(&self, other: &Self, catalogue: &Catalogue) -> bool {
        let (own, other) = (&self.when, &other.when);
        // A condition without a closed list matches everything only if it names nothing.
        let open = |own: &[String], other: &[String]| {
            own.is_empty() || (!other.is_empty() && other.iter().all(|value| own.contains(value)))
        };
        let platforms = if other.platforms.is_empty() { Platform::ALL } else { &other.platforms };
        open(&own.workspaces, &other.workspaces)
            && open(&own.causes, &other.causes)
            && (own.platforms.is_empty() || platforms.iter().all(|one| own.platforms.contains(one)))
            && (own.actors.is_empty()
                || actors(other, catalogue).iter().all(|actor| own.actors.contains(actor)))
            && own.metadata.iter().all(|(key, value)| other.metadata.get(key) == Some(value))
    }
}

/// Returns the actors who can fix what the conditions match. They are the actors that the conditions name, as
/// far as they can fix the named causes.
fn actors(when: &Conditions, catalogue: &Catalogue) -> Vec<Actor> {
    let causes: Option<Vec<&Cause>> = when.causes.iter().map(|id| catalogue.by_id(id)).collect();
    let of_causes = |actor: &Actor| match &causes {
        Some(causes) if !causes.is_empty() => causes.iter().any(|cause| {
            cause.actor == *actor || cause.variants.iter().any(|variant| variant.actor == *actor)
        }),
        _ => true,
    };
    let named = if when.actors.is_empty() { Actor::ALL } else { &when.actors };
    named.iter().copied().filter(of_causes).collect()
}

/// Returns the fault of a cause, if it has one. IDs are compared exactly, so a word that only `explain`
/// accepts isn't one.
fn cause_fault(id: &str, catalogue: &Catalogue) -> Option<RouteFault> {
    match catalogue.by_id(id) {
        Some(cause) => {
            cause.is_outside_history().then(|| RouteFault::NeverFound { cause: cause.id.to_string() })
        }
        None => {
            let claims = |cause: &&Cause| {
                let is_code =
                    |claim: &Claim| matches!(claim, Claim::SubCode { sub_code, .. } if sub_code == id);
                cause.when.iter().any(is_code)
            };
            let suggestion = match catalogue.find(id) {
                Ok(cause) => Some(&cause.id),
                Err(near) => {
                    catalogue.causes().find(claims).map(|cause| &cause.id).or_else(|| near.first().copied())
                }
            };
            let suggestion = suggestion.map(ToString::to_string);
            Some(RouteFault::NoSuchCause { named: quotable(id, suggestion.is_some()), suggestion })
        }
    }
}

fn workspace_fault(name: &str, settings: &Settings) -> Option<RouteFault> {
    let known: Vec<String> = settings.recall.workspaces().into_iter().map(|own| own.name).collect();
    if known.iter().any(|own| own == name) {
        return None;
    }
    let suggestion = closest(name, known.iter().map(String::as_str));
    Some(RouteFault::NoSuchWorkspace { named: quotable(name, suggestion.is_some()), suggestion, known })
}

/// Returns the word for a message; a long one only if it resembles a known one.
fn quotable(word: &str, resembles: bool) -> Option<String> {
    (resembles || word.chars().count() <= LONGEST_QUOTED).then(|| printable(word, 100))
}
