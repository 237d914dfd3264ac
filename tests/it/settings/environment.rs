//! Workspaces and routes by environment: what a container is given.

use proptest::prelude::*;
use secrecy::ExposeSecret;
use why_no_recording::cli::config;
use why_no_recording::diagnosis::vocabulary::Platform;
use why_no_recording::settings::environment::Environment;

use super::{SECRET, WEBHOOK_SECRET, load_with, source_of};

/// What `config show` prints, with one space where the columns are.
fn shown(file: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let loaded = load_with(file, Environment::of(variables)).unwrap();
    let text = config::show(&loaded);
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn workspaces_can_be_added() {
    let environment = Environment::of(&[
        ("RECALL_API_KEY", SECRET),
        ("RECALL_WORKSPACE_EU_API_KEY_FILE", "/run/secrets/eu"),
        ("RECALL_WORKSPACE_EU_REGION", "eu-central-1"),
        ("RECALL_WORKSPACE_EU_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("RECALL_WORKSPACE_ASIA_2_API_KEY", "another-key-not-real"),
        ("RECALL_WORKSPACE_ASIA_2_BASE_URL", "http://127.0.0.1:9/"),
    ])
    .with_file("/run/secrets/eu", "third-key-not-real\n");
    assert_eq!(environment.files_to_read(), ["/run/secrets/eu"]);
    let loaded = load_with("", environment).unwrap();
    let workspaces = loaded.settings.recall.workspaces();
    let outline: Vec<_> = workspaces
        .iter()
        .map(|one| {
            let key = one.api_key.as_ref().unwrap().expose_secret();
            (one.name.as_str(), key, one.base_url.as_str(), one.webhook_secrets.len())
        })
        .collect();
    assert_eq!(
        outline,
        [
            ("default", SECRET, "https://us-east-1.recall.ai", 0),
            ("asia_2", "another-key-not-real", "http://127.0.0.1:9", 0),
            ("eu", "third-key-not-real", "https://eu-central-1.recall.ai", 1),
        ]
    );
    assert_eq!(
        source_of(&loaded, "recall.workspace[2].api_key").to_string(),
        "RECALL_WORKSPACE_EU_API_KEY_FILE, /run/secrets/eu"
    );
}

#[test]
fn workspaces_of_the_file_come_first_and_keep_what_is_not_overridden() {
    let file = "[[recall.workspace]]\nname = \"us-test\"\nregion = \"us-west-2\"\napi_key = \"file-key-not-real\"\n\
                [[recall.workspace]]\nname = \"eu\"\nregion = \"eu-central-1\"\n";
    let variables = [
        ("RECALL_WORKSPACE_A_API_KEY", "key-of-a-not-real"),
        ("RECALL_WORKSPACE_EU_API_KEY", "key-of-eu-not-real"),
        ("RECALL_WORKSPACE_US_TEST_API_KEY", "key-of-us-not-real"),
    ];
    let loaded = load_with(file, Environment::of(&variables)).unwrap();
    let workspaces = loaded.settings.recall.workspaces();
    let outline: Vec<_> = workspaces
        .iter()
        .map(|one| (one.name.as_str(), one.region.as_str(), one.api_key.as_ref().unwrap().expose_secret()))
        .collect();
    assert_eq!(
        outline,
        [
            ("us-test", "us-west-2", "key-of-us-not-real"),
            ("eu", "eu-central-1", "key-of-eu-not-real"),
            ("a", "us-east-1", "key-of-a-not-real"),
        ]
    );
    let shown = shown(file, &variables);
    for line in [
        "recall.workspace[1].name = \"us-test\" (wnr.toml, line 2)",
        "recall.workspace[1].region = \"us-west-2\" (wnr.toml, line 3)",
        "recall.workspace[1].api_key = (set, redacted) (RECALL_WORKSPACE_US_TEST_API_KEY)",
        "recall.workspace[2].api_key = (set, redacted) (RECALL_WORKSPACE_EU_API_KEY)",
        "recall.workspace[3].name = \"a\" (RECALL_WORKSPACE_A_…)",
        "recall.workspace[3].api_key = (set, redacted) (RECALL_WORKSPACE_A_API_KEY)",
    ] {
        assert!(shown.iter().any(|own| own == line), "{line} is not in {shown:#?}");
    }
}

const FILE: &str = "[[recall.workspace]]\nname = \"europe\"\nregion = \"eu-central-1\"\n\
                    [[recall.workspace]]\nname = \"my-own\"\n[[recall.workspace]]\nname = \"my_own\"\n";

#[test]
fn variables_that_mean_no_workspace_or_no_route_are_told() {
    for (name, value, expected) in [
        ("RECALL_WORKSPACE_EU_API_KEYY", SECRET, "Did you mean `RECALL_WORKSPACE_EU_API_KEY`?"),
        ("RECALL_WORKSPACE_EU_API_KEYY_FILE", "/x", "Did you mean `RECALL_WORKSPACE_EU_API_KEY_FILE`?"),
        ("RECALL_WORKSPACE_MY_EU_REGIN", "us-west-2", "Did you mean `RECALL_WORKSPACE_MY_EU_REGION`?"),
        ("RECALL_WORKSPACES_EU_API_KEY", SECRET, "Did you mean `RECALL_WORKSPACE_EU_API_KEY`?"),
        ("RECALL_WORKSPACE_API_KEY", SECRET, "Did you mean `RECALL_WORKSPACE_<NAME>_API_KEY`?"),
        ("RECALL_WORKSPACE__API_KEY", SECRET, "Did you mean `RECALL_WORKSPACE_<NAME>_API_KEY`?"),
        ("RECALL_WORKSPACE_eu_API_KEY", SECRET, "Did you mean `RECALL_WORKSPACE_EU_API_KEY`?"),
        ("RECALL_WORKSPACE_my-eu_API_KEY", SECRET, "Did you mean `RECALL_WORKSPACE_MY_EU_API_KEY`?"),
        ("RECALL_WORKSPACE_DEFAULT_API_KEY", SECRET, "Did you mean `RECALL_API_KEY`?"),
        (
            "RECALL_WORKSPACE_EU",
            "x",
            "Known here: RECALL_WORKSPACE_<NAME>_REGION, RECALL_WORKSPACE_<NAME>_BASE_URL, \
             RECALL_WORKSPACE_<NAME>_API_KEY, RECALL_WORKSPACE_<NAME>_WEBHOOK_SECRET.",
        ),
        ("RECALL_WORKSPACE_EU_KEY", SECRET, "Did you mean `RECALL_WORKSPACE_EU_API_KEY`?"),
        ("RECALL_WORKSPACE_EU_URL_FILE", "/x", "Did you mean `RECALL_WORKSPACE_EU_BASE_URL_FILE`?"),
        ("RECALL_WORKSPACE_日本_API_KEY", SECRET, "Did you mean `RECALL_WORKSPACE_<NAME>_API_KEY`?"),
        // Slack's or Discord's?
        (
            "ALERTS_ROUTE_1_CHANNEL",
            "#x",
            "Known here: ALERTS_ROUTE_<NUMBER>_WORKSPACE, ALERTS_ROUTE_<NUMBER>_PLATFORM, ALERTS_ROUTE_<NUMBER>_CAUSE, \
             ALERTS_ROUTE_<NUMBER>_ACTOR, ALERTS_ROUTE_<NUMBER>_METADATA, ALERTS_ROUTE_<NUMBER>_SLACK_CHANNEL, \
             ALERTS_ROUTE_<NUMBER>_DISCORD_CHANNEL, ALERTS_ROUTE_<NUMBER>_MENTION, ALERTS_ROUTE_<NUMBER>_DROP.",
        ),
        ("ALERTS_ROUTE_1_CAUSES", "x", "Did you mean `ALERTS_ROUTE_1_CAUSE`?"),
        ("ALERTS_ROUTES_1_CAUSE", "x", "Did you mean `ALERTS_ROUTE_1_CAUSE`?"),
        ("ALERTS_ROUTE_01_CAUSE", "x", "Did you mean `ALERTS_ROUTE_1_CAUSE`?"),
        ("ALERTS_ROUTE_CAUSE", "x", "Did you mean `ALERTS_ROUTE_<NUMBER>_CAUSE`?"),
        ("ALERTS_ROUTE_1_SLACK_CHANEL", "x", "Did you mean `ALERTS_ROUTE_1_SLACK_CHANNEL`?"),
        ("ALERTS_ROUTE_1_METADATA_customerId", "x", "Did you mean `ALERTS_ROUTE_1_METADATA`?"),
    ] {
        let problems = load_with("", Environment::of(&[(name, value)])).unwrap_err().to_string();
        assert_eq!(problems, format!("{name} is not a variable of this program. {expected}"));
    }
    for (name, value, expected) in [
        (
            "RECALL_WORKSPACE_EUROP_REGION",
            "us-west-2",
            "RECALL_WORKSPACE_EUROP_REGION is for the workspace europ, which is not in the settings file. \
             Did you mean `RECALL_WORKSPACE_EUROPE_REGION`?",
        ),
        // The key was meant for the workspace that has none.
        (
            "RECALL_WORKSPACE_EUROP_API_KEY",
            SECRET,
            "RECALL_WORKSPACE_EUROP_API_KEY is for the workspace europ, which is not in the settings file. \
             Did you mean `RECALL_WORKSPACE_EUROPE_API_KEY`?",
        ),
        (
            "RECALL_WORKSPACE_TOKYO_REGION",
            "us-west-2",
            "RECALL_WORKSPACE_TOKYO_REGION is for the workspace tokyo, which is not in the settings file. \
             Set RECALL_WORKSPACE_TOKYO_API_KEY as well to add it, or unset RECALL_WORKSPACE_TOKYO_REGION.",
        ),
        (
            "RECALL_WORKSPACE_MY_OWN_API_KEY",
            SECRET,
            "RECALL_WORKSPACE_MY_OWN_API_KEY may be for the workspace my-own or for my_own. Rename one of the two.",
        ),
        (
            "RECALL_WORKSPACE_EUROPE_REGION",
            "mars",
            "RECALL_WORKSPACE_EUROPE_REGION is \"mars\", but must be \
             one of us-east-1, us-west-2, eu-central-1, ap-northeast-1.",
        ),
        (
            "RECALL_WORKSPACE_EUROPE_API_KEY",
            "",
            "RECALL_WORKSPACE_EUROPE_API_KEY is empty. Give it a value, or remove it.",
        ),
    ] {
        let problems = load_with(FILE, Environment::of(&[(name, value)])).unwrap_err().to_string();
        assert_eq!(problems, expected);
    }
}

/// A workspace of a file that cannot be read is not one that nobody knows.
#[test]
fn a_file_that_cannot_be_read_is_the_only_problem() {
    let variables = [("RECALL_WORKSPACE_EU_REGION", "eu-central-1")];
    let problems =
        load_with("[[recall.workspace]\nname = \"eu\"\n", Environment::of(&variables)).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "wnr.toml, line 1: this is not valid TOML: unclosed array table, expected `]`."
    );
}

#[test]
fn variables_of_others_are_none_of_our_business() {
    let others =
        [("RECALL_WORKSPACE", "x"), ("ALERTS_ROUTER_URL", "x"), ("RECALL_PORT", "x"), ("ALERTS_X", "x")];
    load_with("", Environment::of(&others)).unwrap();
}

#[test]
fn a_variable_of_a_workspace_and_its_file_exclude_each_other() {
    let variables = [("RECALL_WORKSPACE_EU_API_KEY", SECRET), ("RECALL_WORKSPACE_EU_API_KEY_FILE", "/x")];
    assert_eq!(
        load_with("", Environment::of(&variables)).unwrap_err().to_string(),
        "RECALL_WORKSPACE_EU_API_KEY and RECALL_WORKSPACE_EU_API_KEY_FILE are both set. Unset one of them."
    );
}

const ROUTES: &[(&str, &str)] = &[
    ("ALERTS_ROUTE_10_DROP", "true"),
    ("ALERTS_ROUTE_2_CAUSE", "zoom_local_recording_disabled, bot_errored"),
    ("ALERTS_ROUTE_2_MENTION", "<!here>"),
    ("ALERTS_ROUTE_2_METADATA", "customerId=acme, region = north"),
    ("ALERTS_ROUTE_2_METADATA_TIER", "gold"),
    ("ALERTS_ROUTE_2_PLATFORM", "zoom,webex"),
    ("ALERTS_ROUTE_2_SLACK_CHANNEL", "acme"),
    ("ALERTS_ROUTE_2_WORKSPACE", "default"),
];

#[test]
fn routes_are_read_in_the_order_of_their_numbers() {
    let loaded = load_with("", Environment::of(ROUTES)).unwrap();
    let [acme, rest] = loaded.settings.alerts.routes.as_slice() else { panic!("two routes") };
    assert_eq!(acme.when.causes, ["zoom_local_recording_disabled", "bot_errored"]);
    assert_eq!(acme.when.platforms, [Platform::Zoom, Platform::Webex]);
    assert_eq!(acme.when.workspaces, ["default"]);
    let metadata: Vec<_> =
        acme.when.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(metadata, [("customerId", "acme"), ("region", "north"), ("tier", "gold")]);
    assert_eq!(acme.slack_channel.as_deref(), Some("#acme"));
    assert_eq!(acme.mention.as_deref(), Some("<!here>"));
    assert_eq!((&rest.slack_channel, &rest.discord_channel), (&None, &None));
    assert!(rest.when.metadata.is_empty());
    assert_eq!(
        loaded.settings.alerts.slack_channels(),
        [("#acme".to_owned(), "ALERTS_ROUTE_2_SLACK_CHANNEL".to_owned())]
    );
}

#[test]
fn routes_of_the_environment_take_the_place_of_the_files() {
    let file = "[[alerts.route]]\nslack_channel = \"#file\"\n[[alerts.route]]\nslack_channel = \"#other\"\n";
    let loaded = load_with(file, Environment::of(ROUTES)).unwrap();
    assert_eq!(loaded.settings.alerts.routes.len(), 2);
    assert_eq!(loaded.settings.alerts.slack_channels().len(), 1);
    let shown = shown(file, ROUTES);
    for line in [
        "alerts.route = (variables take the place of the file's 2 routes) (ALERTS_ROUTE_2_…)",
        "alerts.route[1].metadata = \"customerId=acme, region = north\" (ALERTS_ROUTE_2_METADATA)",
        "alerts.route[1].metadata.tier = \"gold\" (ALERTS_ROUTE_2_METADATA_TIER)",
        "alerts.route[1].slack_channel = \"acme\" (ALERTS_ROUTE_2_SLACK_CHANNEL)",
        "alerts.route[2].drop = \"true\" (ALERTS_ROUTE_10_DROP)",
    ] {
        assert!(shown.iter().any(|own| own == line), "{line} is not in {shown:#?}");
    }
    assert!(!shown.iter().any(|line| line.contains("#file")), "{shown:#?}");
}

#[test]
fn metadata_of_a_route_has_each_name_once() {
    let variables = [
        ("ALERTS_ROUTE_1_METADATA", "customer=acme"),
        ("ALERTS_ROUTE_1_METADATA_CUSTOMER", "acme"),
        ("ALERTS_ROUTE_1_DROP", "true"),
    ];
    assert_eq!(
        load_with("", Environment::of(&variables)).unwrap_err().to_string(),
        "ALERTS_ROUTE_1_METADATA_CUSTOMER must be left out, \
         because ALERTS_ROUTE_1_METADATA names customer as well."
    );
    let variables = [("ALERTS_ROUTE_1_METADATA", "acme"), ("ALERTS_ROUTE_1_DROP", "true")];
    assert_eq!(
        load_with("", Environment::of(&variables)).unwrap_err().to_string(),
        "ALERTS_ROUTE_1_METADATA is \"acme\", but must be names with text, as in customer=acme, tier=gold."
    );
}

#[test]
fn values_of_workspaces_and_routes_can_come_from_files() {
    let environment = Environment::of(&[
        ("ALERTS_ROUTE_1_METADATA_CUSTOMER_FILE", "/run/customer"),
        ("ALERTS_ROUTE_1_DROP_FILE", "/run/drop"),
        ("RECALL_WORKSPACE_EU_WEBHOOK_SECRET_FILE", "/run/secret"),
        ("RECALL_WORKSPACE_EU_API_KEYY_FILE", "/run/never-read"),
    ]);
    assert_eq!(environment.files_to_read(), ["/run/drop", "/run/customer", "/run/secret"]);
}

#[test]
fn secrets_of_workspaces_are_never_printed() {
    let variables = [
        ("RECALL_WORKSPACE_EU_API_KEY", SECRET),
        ("RECALL_WORKSPACE_EU_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("SLACK_BOT_TOKEN", "xoxb-EXAMPLE"),
        ("SLACK_APP_TOKEN", "xapp-EXAMPLE"),
    ];
    let loaded = load_with("", Environment::of(&variables)).unwrap();
    let texts = [config::show(&loaded), config::check(&loaded).unwrap(), format!("{loaded:?}")];
    let bad = [
        ("RECALL_WORKSPACE_EU_API_KEY", "example-key-not-real with spaces"),
        ("RECALL_WORKSPACE_EU_API_KEYS", SECRET),
        ("RECALL_WORKSPACE_EU_WEBHOOK_SECRET", "example-key-not-real"),
    ];
    let problems = load_with("", Environment::of(&bad)).unwrap_err();
    for text in texts.into_iter().chain([problems.to_string(), format!("{problems:?}")]) {
        for secret in [SECRET, WEBHOOK_SECRET] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

proptest! {
    /// Whatever stands behind the beginning: it is read, or told by its name with its value unsaid.
    #[test]
    fn no_variable_of_a_workspace_or_a_route_is_passed_over(
        beginning in prop::sample::select(&["RECALL_WORKSPACE_", "RECALL_WORKSPACES_", "ALERTS_ROUTE_", "ALERTS_ROUTE_1_"][..]),
        rest in "[A-Z0-9_]{0,12}|\\PC{0,8}",
        end in prop::sample::select(&["", "_API_KEY", "_REGION", "_API_KEY_FILE", "CAUSE", "METADATA_A", "_FILE"][..]),
    ) {
        let name = format!("{beginning}{rest}{end}");
        match load_with("", Environment::of(&[(&name, SECRET)])) {
            Ok(loaded) => {
                let is_shown = loaded.shown.iter().any(|shown| shown.source.to_string() == name);
                prop_assert!(is_shown, "{name}");
            }
            Err(problems) => {
                let told = problems.to_string();
                let mut words = told.split_whitespace();
                let is_of_entry = words.any(|word| word.strip_suffix('…').is_some_and(|own| name.starts_with(own)));
                let is_told = told.contains(&name) || is_of_entry;
                prop_assert!(is_told, "{name}: {told}");
                // What a `_FILE` holds is a path.
                let is_secret = name.ends_with("_API_KEY");
                prop_assert!(!is_secret || !told.contains(SECRET), "{name}: {told}");
            }
        }
    }
}
