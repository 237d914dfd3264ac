//! Routes are looked at together: with the catalogue, the workspaces, the platforms, and each other.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use why_no_recording::alerts::ChannelRef;
use why_no_recording::alerts::channel_table::ChannelTable;
use why_no_recording::alerts::route::{Route, Traits};
use why_no_recording::cli::config;
use why_no_recording::diagnosis::vocabulary::Platform;
use why_no_recording::settings::environment::Environment;
use why_no_recording::watch::AlertConfig;

use super::{SECRET, load_with};
use crate::slack::rendering::CATALOGUE;

const COMPLETE: &[(&str, &str)] = &[
    ("RECALL_API_KEY", SECRET),
    ("RECALL_WORKSPACE_EUROPE_API_KEY", SECRET),
    ("SLACK_BOT_TOKEN", "xoxb-EXAMPLE"),
    ("SLACK_APP_TOKEN", "xapp-EXAMPLE"),
];

fn checked(file: &str) -> String {
    match load_with(file, Environment::of(COMPLETE)) {
        Ok(loaded) => config::check(&loaded).map_or_else(|problems| problems.to_string(), |_| String::new()),
        Err(problems) => problems.to_string(),
    }
}

/// Routes of a file, and what a person reads about them; nothing where they are fine.
const CASES: &[(&str, &str)] = &[
    // Causes.
    (
        "[[alerts.route]]\ncause = \"zoom_local_recording_disable\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].cause names zoom_local_recording_disable, which is no cause of the \
         catalogue. Did you mean zoom_local_recording_disabled?",
    ),
    (
        "[[alerts.route]]\ncause = [\"zoom_local_recording_disabled\", \"qqqq\"]\ndrop = true\n",
        "wnr.toml, line 2: alerts.route[1].cause names qqqq, which is no cause of the catalogue. \
         `why-no-recording catalogue` lists them all.",
    ),
    (
        "[[alerts.route]]\ncause = \"Zoom-Local-Recording-Disabled\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].cause names Zoom-Local-Recording-Disabled, which is no cause of the \
         catalogue. Did you mean zoom_local_recording_disabled?",
    ),
    (
        "[[alerts.route]]\ncause = \"teams_blacklisted_tenant\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].cause names teams_blacklisted_tenant, which no alert has: it is never \
         found in the history of a bot. Remove it.",
    ),
    // Vocabularies.
    (
        "[[alerts.route]]\nactor = [\"host\", \"hosts\"]\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].actor is [\"host\", \"hosts\"], but must be one of host, participant, \
         account_admin, developer, recall, platform, nobody, unknown.",
    ),
    // Workspaces.
    (
        "[[alerts.route]]\nworkspace = \"europ\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].workspace names europ, and there is no such workspace. \
         Did you mean europe?",
    ),
    (
        "[[alerts.route]]\nworkspace = [\"default\", \"tokyo\"]\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].workspace names tokyo, and there is no such workspace. \
         The workspaces are default, europe.",
    ),
    ("[[alerts.route]]\nworkspace = [\"default\", \"europe\"]\nslack_channel = \"#x\"\n", ""),
    // Each other.
    (
        "[[alerts.route]]\nslack_channel = \"#all\"\n\n[[alerts.route]]\nactor = \"host\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 4: alerts.route[2] is never reached: alerts.route[1] (wnr.toml, line 1) comes first and \
         matches all that it matches. Put it before that one, or remove it.",
    ),
    (
        "[[alerts.route]]\nplatform = [\"zoom\", \"webex\"]\nslack_channel = \"#a\"\n\
         [[alerts.route]]\nplatform = \"google_meet\"\nslack_channel = \"#b\"\n\
         [[alerts.route]]\nplatform = \"webex\"\nmetadata.customer = \"acme\"\ndrop = true\n",
        "wnr.toml, line 7: alerts.route[3] is never reached: alerts.route[1] (wnr.toml, line 1) comes first and \
         matches all that it matches. Put it before that one, or remove it.",
    ),
    (
        "[[alerts.route]]\nmetadata.customer = \"acme\"\nslack_channel = \"#a\"\n\
         [[alerts.route]]\nmetadata.customer = \"acme\"\nmetadata.tier = \"gold\"\nslack_channel = \"#b\"\n",
        "wnr.toml, line 4: alerts.route[2] is never reached: alerts.route[1] (wnr.toml, line 1) comes first and \
         matches all that it matches. Put it before that one, or remove it.",
    ),
    // A cause is fixed by somebody, whether the route says so or not.
    (
        "[[alerts.route]]\nactor = [\"host\", \"account_admin\"]\nslack_channel = \"#a\"\n\
         [[alerts.route]]\ncause = \"zoom_local_recording_disabled\"\nslack_channel = \"#b\"\n",
        "wnr.toml, line 4: alerts.route[2] is never reached: alerts.route[1] (wnr.toml, line 1) comes first and \
         matches all that it matches. Put it before that one, or remove it.",
    ),
    (
        "[[alerts.route]]\ncause = [\"zoom_local_recording_disabled\", \"bot_errored\"]\nslack_channel = \"#a\"\n\
         [[alerts.route]]\ncause = [\"bot_errored\", \"zoom_local_recording_disabled\"]\nslack_channel = \"#b\"\n",
        "wnr.toml, line 4: alerts.route[2] is never reached: alerts.route[1] (wnr.toml, line 1) comes first and has \
         the same conditions. Remove one of the two.",
    ),
    (
        "[[alerts.route]]\nactor = \"host\"\nslack_channel = \"#a\"\n\
         [[alerts.route]]\nactor = \"host\"\nslack_channel = \"#a\"\n",
        "wnr.toml, line 4: alerts.route[2] is never reached: alerts.route[1] (wnr.toml, line 1) comes first and has \
         the same conditions. Remove one of the two.",
    ),
    // Alike, and each matches something that the other does not.
    (
        "[[alerts.route]]\nplatform = \"zoom\"\nmetadata.tier = \"gold\"\nslack_channel = \"#a\"\n\
         [[alerts.route]]\nplatform = \"zoom\"\nslack_channel = \"#b\"\n\
         [[alerts.route]]\nplatform = [\"zoom\", \"webex\"]\nslack_channel = \"#c\"\n\
         [[alerts.route]]\nmetadata.tier = \"silver\"\nslack_channel = \"#d\"\n\
         [[alerts.route]]\nslack_channel = \"#e\"\n",
        "",
    ),
    // What never goes together.
    (
        "[[alerts.route]]\ncause = \"zoom_local_recording_disabled\"\nactor = \"recall\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 3: alerts.route[1].actor never goes with the cause beside it: of what is named there, \
         nothing is for recall to fix. Remove one of the two conditions.",
    ),
    (
        "[[alerts.route]]\nplatform = \"zoom\"\ndiscord_channel = \"123456789012345678\"\n",
        "wnr.toml, line 3: alerts.route[1].discord_channel names a channel, but Discord is off. \
         Set DISCORD_TOKEN as well, or remove it.",
    ),
    (
        "[[alerts.route]]\nplatform = \"zoom\"\nmention = \"<!here>\"\ndrop = true\n",
        "wnr.toml, line 3: alerts.route[1].mention is \"<!here>\", but must be left out, \
         because the route drops what it matches.",
    ),
    (
        "[[alerts.route]]\nmetadata.\"\" = \"acme\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].metadata is { \"\" = \"acme\" }, but must be names with text in quotes, \
         as in metadata.customer = \"acme\".",
    ),
    (
        "[[alerts.route]]\nmetadata = {}\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].metadata is {}, but must be names with text in quotes, \
         as in metadata.customer = \"acme\".",
    ),
    // Each fault has its line.
    (
        "[[alerts.route]]\ncause = \"qqqq\"\nworkspace = \"nowhere\"\nslack_channel = \"#x\"\n",
        "2 problems with the settings:\n\
         - wnr.toml, line 2: alerts.route[1].cause names qqqq, which is no cause of the catalogue. \
         `why-no-recording catalogue` lists them all.\n\
         - wnr.toml, line 3: alerts.route[1].workspace names nowhere, and there is no such workspace. \
         The workspaces are default, europe.",
    ),
];

#[test]
fn routes_are_checked_together() {
    for (file, expected) in CASES {
        assert_eq!(&checked(file), expected, "{file}");
    }
}

/// One file for a service and for the machine of a person who has no tokens.
#[test]
fn what_only_serving_needs_does_not_keep_others_from_their_work() {
    let file = "[[alerts.route]]\nworkspace = \"europe\"\nslack_channel = \"#x\"\n";
    let loaded = load_with(file, Environment::of(&[("RECALL_API_KEY", SECRET)])).unwrap();
    let problems = config::check(&loaded).unwrap_err().to_string();
    assert!(problems.starts_with("No chat platform is set up."), "{problems}");
}

#[test]
fn routes_of_the_environment_are_told_by_their_variables() {
    for (variables, expected) in [
        (
            &[("ALERTS_ROUTE_7_CAUSE", "qqqq"), ("ALERTS_ROUTE_7_SLACK_CHANNEL", "#x")][..],
            "ALERTS_ROUTE_7_CAUSE names qqqq, which is no cause of the catalogue. \
             `why-no-recording catalogue` lists them all.",
        ),
        (
            &[("ALERTS_ROUTE_7_ACTOR", "host")][..],
            "ALERTS_ROUTE_7_… has no channel. Set ALERTS_ROUTE_7_SLACK_CHANNEL or ALERTS_ROUTE_7_DISCORD_CHANNEL, \
             or ALERTS_ROUTE_7_DROP=true to drop what matches.",
        ),
        (
            &[
                ("ALERTS_ROUTE_2_SLACK_CHANNEL", "#all"),
                ("ALERTS_ROUTE_10_ACTOR", "host"),
                ("ALERTS_ROUTE_10_DROP", "true"),
            ][..],
            "ALERTS_ROUTE_10_… is never reached: ALERTS_ROUTE_2_… comes first and matches all that it matches. \
             Put it before that one, or remove it.",
        ),
    ] {
        let all: Vec<_> = COMPLETE.iter().chain(variables).copied().collect();
        let told = match load_with("", Environment::of(&all)) {
            Ok(loaded) => config::check(&loaded).unwrap_err().to_string(),
            Err(problems) => problems.to_string(),
        };
        assert_eq!(told, expected);
    }
}

/// Lines that a route may have, one of each group; the empty one is no condition.
const LINES: &[&[&str]] = &[
    &["", "workspace = \"europe\"", "workspace = [\"default\", \"europe\"]"],
    &["", "platform = \"zoom\"", "platform = [\"webex\", \"zoom\"]", "platform = \"unknown\""],
    &[
        "",
        "cause = \"zoom_local_recording_disabled\"",
        "cause = [\"bot_errored\", \"zoom_local_recording_disabled\"]",
        "cause = [\"meeting_not_found\", \"bot_kicked_from_call\"]",
    ],
    &["", "actor = \"host\"", "actor = [\"host\", \"recall\", \"developer\"]", "actor = \"nobody\""],
    &["", "metadata.customer = \"acme\"", "metadata.customer = \"acme\"\nmetadata.tier = \"gold\""],
];

fn conditions() -> impl Strategy<Value = String> {
    LINES
        .iter()
        .map(|lines| prop::sample::select(*lines))
        .collect::<Vec<_>>()
        .prop_map(|lines| lines.join("\n"))
}

/// The routes that some alert takes, whatever its workspace, platform, cause and metadata.
fn reached(alerts: &AlertConfig) -> BTreeSet<String> {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let (acme, gold) = (pair("customer", "acme"), pair("tier", "gold"));
    let metadata: [BTreeMap<String, String>; 4] =
        [vec![], vec![acme.clone()], vec![gold.clone()], vec![acme, gold]].map(BTreeMap::from_iter);
    let mut reached = BTreeSet::new();
    for cause in CATALOGUE.causes().filter(|cause| !cause.is_outside_history()) {
        let actors = cause.variants.iter().map(|variant| variant.actor).chain([cause.actor]);
        for (actor, platform) in actors.flat_map(|actor| Platform::ALL.iter().map(move |own| (actor, *own))) {
            for (workspace, metadata) in
                ["default", "europe"].into_iter().flat_map(|name| metadata.iter().map(move |own| (name, own)))
            {
                let cause = cause.id.as_str();
                let routed = alerts
                    .policy
                    .route(&Traits { workspace, platform, cause, actor, metadata }, &ChannelTable::default());
                reached.extend(routed.channels.into_iter().map(|channel| channel.0));
            }
        }
    }
    reached
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A route that is said never to be reached is taken by no alert. So nobody is told to remove one that works.
    #[test]
    fn what_is_said_never_to_be_reached_is_not(routes in prop::collection::vec(conditions(), 2..5)) {
        let blocks = routes.iter().enumerate().map(|(index, lines)| {
            format!("[[alerts.route]]\n{lines}\nslack_channel = \"#r{}\"\n", index + 1)
        });
        let file: String = blocks.collect();
        let loaded = load_with(&file, Environment::of(COMPLETE)).unwrap();
        let mut alerts = AlertConfig::default();
        alerts.policy.routes = loaded.settings.alerts.routes.iter().map(|route| Route {
            when: route.when.clone(),
            channels: route.slack_channel.iter().cloned().map(ChannelRef).collect(),
            mention: None,
        }).collect();
        let reached = reached(&alerts);
        let told = checked(&file);
        for number in 1..=routes.len() {
            let is_told = told.lines().any(|line| {
                line.contains(&format!(": alerts.route[{number}] is never reached"))
                    || line.contains(&format!(": alerts.route[{number}].actor never goes"))
            });
            prop_assert!(!is_told || !reached.contains(&format!("#r{number}")), "{file}{told}");
        }
    }
}
