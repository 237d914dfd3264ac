//! Settings: what three layers come to, and what a person reads when they do not.

#![expect(clippy::unwrap_used, reason = "an unwrap that fails is a test that fails")]

mod channels;
mod environment;
mod errors;
mod regions;
mod routes;

use std::path::PathBuf;

use secrecy::ExposeSecret;
use why_no_recording::cli::config;
use why_no_recording::settings::database::Backend;
use why_no_recording::settings::environment::Environment;
use why_no_recording::settings::problem::Problems;
use why_no_recording::settings::recall::Region;
use why_no_recording::settings::reference::{self, DEFAULT_TOML};
use why_no_recording::settings::source::Source;
use why_no_recording::settings::{Loaded, SettingsFile, Sources, load};

/// Nothing that anybody reads may contain it.
const SECRET: &str = "example-key-not-real";
/// Base64 behind its prefix, as it has to be.
const WEBHOOK_SECRET: &str = "whsec_ZXhhbXBsZS1ub3QtcmVhbA==";

fn load_with(text: &str, environment: Environment) -> Result<Loaded, Problems> {
    let file = SettingsFile { path: PathBuf::from("wnr.toml"), text: text.to_owned() };
    load(&Sources { file: Some(file), environment })
}

fn from_file(text: &str) -> Loaded {
    load_with(text, Environment::default()).unwrap()
}

fn from_variables(variables: &[(&str, &str)]) -> Loaded {
    load_with("", Environment::of(variables)).unwrap()
}

#[track_caller]
fn source_of(loaded: &Loaded, key: &str) -> Source {
    let shown = loaded.shown.iter().find(|shown| shown.key == key);
    shown.unwrap().source.clone()
}

#[test]
fn defaults_are_those_of_the_contract() {
    let Loaded { settings, .. } = load(&Sources::default()).unwrap();
    assert_eq!(settings.recall.region, Region::UsEast1);
    assert_eq!(settings.recall.download_hosts, ["*.recall.ai", "*.amazonaws.com"]);
    assert!(!settings.recall.insecure_webhooks);
    assert_eq!(settings.slack.api_url, "https://slack.com/api");
    assert_eq!(settings.discord.api_url, "https://discord.com");
    assert!(!settings.slack.foreign_users);
    assert!(settings.discord.direct_messages);
    assert_eq!(settings.alerts.min_level.as_str(), "notify");
    assert_eq!(settings.alerts.waiting.as_secs(), 180);
    assert_eq!(settings.alerts.group_after, 5);
    assert_eq!(settings.alerts.group_window.as_secs(), 600);
    assert_eq!(settings.alerts.stale.as_secs(), 1800);
    assert_eq!(settings.alerts.reconcile.as_secs(), 300);
    assert_eq!(settings.database.url.expose(), "sqlite://why-no-recording.db");
    assert_eq!(settings.database.url.backend(), Backend::Sqlite);
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.http.metrics_listen, None);
    assert_eq!(settings.http.drain.as_secs(), 5);
    assert_eq!(settings.log.level.as_str(), "info");
    assert_eq!(settings.log.format.as_str(), "text");
    assert_eq!(settings.privacy.participant_names.as_str(), "off");
    assert_eq!(settings.privacy.retention_days, 30);
}

#[test]
fn environment_wins_over_file_and_file_over_defaults() {
    let file = "[recall]\nregion = \"us-west-2\"\n[log]\nlevel = \"debug\"\n";
    let loaded = load_with(file, Environment::of(&[("RECALL_REGION", "eu-central-1")])).unwrap();
    assert_eq!(loaded.settings.recall.region, Region::EuCentral1);
    assert_eq!(loaded.settings.log.level.as_str(), "debug");
    assert_eq!(source_of(&loaded, "recall.region").to_string(), "RECALL_REGION");
    assert_eq!(source_of(&loaded, "log.level").to_string(), "wnr.toml, line 4");
    assert_eq!(source_of(&loaded, "log.format").to_string(), "default");
}

#[test]
fn every_kind_of_value_can_come_from_the_environment() {
    let loaded = from_variables(&[
        ("RECALL_DOWNLOAD_HOSTS", "files.example.com, *.Example.org"),
        ("RECALL_INSECURE_WEBHOOKS", "true"),
        ("ALERTS_GROUP_AFTER", "7"),
        ("ALERTS_SLACK_CHANNEL", "recordings"),
        ("HTTP_METRICS_LISTEN", "[::1]:9090"),
        ("HTTP_DRAIN_SECS", "60"),
        ("SLACK_FOREIGN_USERS", "true"),
        ("DISCORD_DIRECT_MESSAGES", "false"),
        ("PRIVACY_RETENTION_DAYS", "0"),
    ]);
    let settings = loaded.settings;
    assert_eq!(settings.recall.download_hosts, ["files.example.com", "*.example.org"]);
    assert!(settings.recall.insecure_webhooks);
    assert_eq!(settings.alerts.group_after, 7);
    assert_eq!(settings.alerts.slack_channel.as_deref(), Some("#recordings"));
    assert_eq!(settings.http.metrics_listen.unwrap().to_string(), "[::1]:9090");
    assert_eq!(settings.http.drain.as_secs(), 60);
    assert!(settings.slack.foreign_users);
    assert!(!settings.discord.direct_messages);
    assert_eq!(settings.privacy.retention_days, 0);
}

#[test]
fn a_variable_can_name_a_file_with_the_value() {
    let environment = Environment::of(&[("RECALL_API_KEY_FILE", "/run/secrets/recall")])
        .with_file("/run/secrets/recall", "example-key-not-real\n");
    assert_eq!(environment.files_to_read(), ["/run/secrets/recall"]);
    let loaded = load_with("", environment).unwrap();
    let key = loaded.settings.recall.api_key.as_ref().unwrap();
    assert_eq!(key.expose_secret(), SECRET);
    assert_eq!(source_of(&loaded, "recall.api_key").to_string(), "RECALL_API_KEY_FILE, /run/secrets/recall");
}

#[test]
fn urls_lose_their_last_slash_and_loopback_may_be_http() {
    for (given, expected) in [
        ("http://127.0.0.1:8089/", "http://127.0.0.1:8089"),
        ("http://localhost:8089", "http://localhost:8089"),
        ("http://[::1]:8089/", "http://[::1]:8089"),
        ("https://proxy.example/recall/", "https://proxy.example/recall"),
    ] {
        let loaded = from_variables(&[("RECALL_BASE_URL", given), ("SLACK_API_URL", given)]);
        let workspaces = loaded.settings.recall.workspaces();
        assert_eq!(workspaces[0].base_url, expected);
        assert_eq!(loaded.settings.slack.api_url, expected);
    }
}

#[test]
fn secrets_are_never_printed() {
    let password = "example-password";
    let loaded = load_with(
        "[[recall.workspace]]\nname = \"eu\"\napi_key = \"example-key-not-real\"\n",
        Environment::of(&[
            ("RECALL_API_KEY", SECRET),
            ("RECALL_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("SLACK_BOT_TOKEN", "xoxb-example-key-not-real"),
            ("SLACK_APP_TOKEN", "xapp-example-key-not-real"),
            ("SLACK_SIGNING_SECRET", SECRET),
            ("DISCORD_TOKEN", SECRET),
            ("DATABASE_URL", "postgres://wnr:example-password@db/wnr?password=example-password"),
        ]),
    )
    .unwrap();
    let texts = [
        config::show(&loaded),
        config::check(&loaded).unwrap(),
        format!("{loaded:?} {:?}", loaded.settings.recall.workspaces()),
        format!("{:?}", Environment::of(&[("RECALL_API_KEY", SECRET)])),
    ];
    for text in texts {
        for secret in [SECRET, WEBHOOK_SECRET, password] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
    assert_eq!(loaded.settings.database.url.backend(), Backend::Postgres);
    assert!(loaded.settings.database.url.expose().contains(password));
}

#[test]
fn the_plain_keys_make_the_first_workspace() {
    let secrets = format!("{WEBHOOK_SECRET}, {WEBHOOK_SECRET}");
    let loaded = load_with(
        "[[recall.workspace]]\nname = \"europe\"\nregion = \"eu-central-1\"\n\
         [[recall.workspace]]\nname = \"test\"\nbase_url = \"http://127.0.0.1:9/\"\n",
        Environment::of(&[("RECALL_API_KEY", SECRET), ("RECALL_WEBHOOK_SECRET", &secrets)]),
    )
    .unwrap();
    let workspaces = loaded.settings.recall.workspaces();
    let outline: Vec<_> = workspaces
        .iter()
        .map(|workspace| {
            (workspace.name.as_str(), workspace.base_url.as_str(), workspace.webhook_secrets.len())
        })
        .collect();
    assert_eq!(
        outline,
        [
            ("default", "https://us-east-1.recall.ai", 2),
            ("europe", "https://eu-central-1.recall.ai", 0),
            ("test", "http://127.0.0.1:9", 0),
        ]
    );
}

#[test]
fn plain_keys_without_key_or_secret_make_no_workspace_beside_others() {
    let names = |text| -> Vec<String> {
        let workspaces = from_file(text).settings.recall.workspaces();
        workspaces.into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names(""), ["default"]);
    assert_eq!(names("[recall]\nregion = \"us-west-2\"\n[[recall.workspace]]\nname = \"eu\"\n"), ["eu"]);
}

#[test]
fn workspaces_without_region_and_url_take_those_of_the_section() {
    let loaded = from_file(
        "[recall]\nregion = \"us-west-2\"\nbase_url = \"http://127.0.0.1:9\"\n\
         [[recall.workspace]]\nname = \"one\"\n",
    );
    let workspaces = loaded.settings.recall.workspaces();
    assert_eq!(workspaces[0].region, Region::UsWest2);
    assert_eq!(workspaces[0].base_url, "http://127.0.0.1:9");
}

#[test]
fn routes_hold_conditions_and_channels() {
    let loaded = from_file(
        "[[alerts.route]]\n\
         platform = [\"zoom\", \"webex\"]\n\
         actor = \"host\"\n\
         metadata.customer = \"acme\"\n\
         slack_channel = \"#acme\"\n\
         mention = \"<!here>\"\n\
         [[alerts.route]]\n\
         workspace = \"test\"\n\
         drop = true\n",
    );
    let [acme, test] = loaded.settings.alerts.routes.as_slice() else {
        panic!("two routes");
    };
    assert_eq!(acme.when.platforms.len(), 2);
    assert_eq!(acme.when.actors[0].as_str(), "host");
    assert_eq!(acme.when.metadata["customer"], "acme");
    assert_eq!(acme.slack_channel.as_deref(), Some("#acme"));
    assert_eq!(acme.mention.as_deref(), Some("<!here>"));
    assert_eq!(test.when.workspaces, ["test"]);
    assert_eq!((&test.slack_channel, &test.discord_channel), (&None, &None));
}

#[test]
fn show_names_value_and_source_of_each_setting() {
    let loaded = load_with(
        "[log]\nlevel = \"debug\"\n[[recall.workspace]]\nname = \"eu\"\n",
        Environment::of(&[("RECALL_API_KEY", SECRET), ("RECALL_REGION", "us-west-2")]),
    )
    .unwrap();
    // One space where the columns are: their width is not what this is about.
    let shown: Vec<String> = config::show(&loaded)
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for expected in [
        "recall.api_key = (set, redacted) (RECALL_API_KEY)",
        "recall.region = \"us-west-2\" (RECALL_REGION)",
        "recall.base_url = (not set) (default)",
        "recall.download_hosts = [\"*.recall.ai\", \"*.amazonaws.com\"] (default)",
        "recall.workspace[1].name = \"eu\" (wnr.toml, line 4)",
        "log.level = \"debug\" (wnr.toml, line 2)",
        "privacy.retention_days = 30 (default)",
    ] {
        assert!(shown.iter().any(|line| line == expected), "{expected} is not in {shown:#?}");
    }
}

#[test]
fn every_documented_setting_is_read_and_shown_in_order() {
    let loaded = load(&Sources::default()).unwrap();
    let shown: Vec<String> = loaded.shown.into_iter().map(|shown| shown.key).collect();
    let documented: Vec<String> = reference::entries()
        .iter()
        .filter(|entry| !entry.repeated)
        .map(|entry| format!("{}.{}", entry.section, entry.key))
        .collect();
    assert_eq!(shown, documented);
}

/// A key that the reference has and no section reads would be accepted and do nothing.
#[test]
fn every_documented_key_of_a_block_is_read() {
    for entry in reference::entries().iter().filter(|entry| entry.repeated) {
        let text = format!("[[{}]]\n{} = [1]\n", entry.section, entry.key);
        let problems = load_with(&text, Environment::default()).unwrap_err();
        let place = format!("{}[1].{}", entry.section, entry.key);
        assert!(problems.to_string().contains(&place), "{place}: {problems}");
    }
}

#[test]
fn every_documented_setting_has_a_meaning_and_its_own_variable() {
    let mut variables: Vec<String> =
        reference::entries().iter().filter_map(reference::Entry::variable).collect();
    let count = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), count);
    for entry in reference::entries() {
        let sentence = entry.meaning.ends_with('.');
        assert!(sentence, "{}.{}", entry.section, entry.key);
    }
    assert!(!config::default().is_empty());
    assert_eq!(config::default(), DEFAULT_TOML);
}

#[test]
fn check_says_what_is_on_and_off() {
    let loaded = load_with(
        "[[recall.workspace]]\nname = \"eu\"\nregion = \"eu-central-1\"\n",
        Environment::of(&[
            ("RECALL_API_KEY", SECRET),
            ("RECALL_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("DISCORD_TOKEN", SECRET),
            ("ALERTS_DISCORD_CHANNEL", "123456789012345678"),
            ("DATABASE_URL", "postgres://wnr:example@db/wnr"),
        ]),
    )
    .unwrap();
    assert_eq!(
        config::check(&loaded).unwrap(),
        "The settings are valid.\n\
         Recall: 2 workspaces: default (us-east-1), eu (eu-central-1, no API key)\n\
         Webhooks: on for default\n\
         Slack: off (no slack.bot_token)\n\
         Discord: on, gateway\n\
         Alerts: on, notify and above, to Discord 123456789012345678\n\
         Digest: off (no digest.slack_channel or digest.discord_channel)\n\
         Database: postgres://***@db/wnr\n\
         HTTP: 127.0.0.1:8080\n\
         MCP: off (no mcp.tokens)\n"
    );
}

#[test]
fn check_says_where_alerts_go() {
    let slack = [("SLACK_BOT_TOKEN", "xoxb-EXAMPLE"), ("SLACK_APP_TOKEN", "xapp-EXAMPLE")];
    let all = ("ALERTS_SLACK_CHANNEL", "#all");
    let discord = ("ALERTS_DISCORD_CHANNEL", "123456789012345678");
    let route = [("ALERTS_ROUTE_1_ACTOR", "host"), ("ALERTS_ROUTE_1_DROP", "true")];
    for (variables, expected) in [
        (vec![], "off (no alerts.slack_channel, alerts.discord_channel or [[alerts.route]])"),
        (vec![all], "on, notify and above, to Slack #all"),
        (vec![discord], "off (alerts.discord_channel is set, but Discord is off)"),
        (
            vec![all, discord],
            "on, notify and above, to Slack #all (alerts.discord_channel is set, but Discord is off)",
        ),
        (vec![all, route[0], route[1]], "on, notify and above, to Slack #all, 1 route from variables"),
    ] {
        let all: Vec<_> = [("RECALL_API_KEY", SECRET)].into_iter().chain(slack).chain(variables).collect();
        let told = config::check(&from_variables(&all)).unwrap();
        assert!(told.contains(&format!("\nAlerts: {expected}\n")), "{expected} is not in {told}");
    }
}

#[test]
fn check_says_when_and_where_the_digest_is_posted() {
    let slack = [("SLACK_BOT_TOKEN", "xoxb-EXAMPLE"), ("SLACK_APP_TOKEN", "xapp-EXAMPLE")];
    let (own, other) = (("DIGEST_SLACK_CHANNEL", "#all"), ("DIGEST_DISCORD_CHANNEL", "123456789012345678"));
    let when = [("DIGEST_WEEKDAY", "friday"), ("DIGEST_HOUR", "16"), ("DIGEST_TIME_ZONE", "Europe/Berlin")];
    for (variables, expected) in [
        (vec![], "off (no digest.slack_channel or digest.discord_channel)"),
        (vec![own], "on, every monday at 09:00 (UTC), to Slack #all"),
        (vec![own, when[0], when[1], when[2]], "on, every friday at 16:00 (Europe/Berlin), to Slack #all"),
        (vec![other], "off (digest.discord_channel is set, but Discord is off)"),
        (
            vec![own, other],
            "on, every monday at 09:00 (UTC), to Slack #all (digest.discord_channel is set, but Discord is off)",
        ),
    ] {
        let all: Vec<_> = [("RECALL_API_KEY", SECRET)].into_iter().chain(slack).chain(variables).collect();
        let told = config::check(&from_variables(&all)).unwrap();
        assert!(told.contains(&format!("\nDigest: {expected}\n")), "{expected} is not in {told}");
    }
}

#[test]
fn check_tells_what_is_missing() {
    let check =
        |variables: &[(&str, &str)]| config::check(&from_variables(variables)).unwrap_err().to_string();
    assert_eq!(
        check(&[]),
        "No chat platform is set up. Set RECALL_API_KEY, SLACK_BOT_TOKEN and SLACK_APP_TOKEN \
         first; for Discord set RECALL_API_KEY, RECALL_WEBHOOK_SECRET and DISCORD_TOKEN."
    );
    assert_eq!(
        check(&[("SLACK_BOT_TOKEN", "xoxb-EXAMPLE")]),
        "No Recall.ai workspace is set up. \
         Set RECALL_API_KEY, and RECALL_REGION where it is not us-east-1."
    );
    assert_eq!(
        check(&[
            ("RECALL_API_KEY", SECRET),
            ("SLACK_APP_TOKEN", "xapp-EXAMPLE"),
            ("DISCORD_APPLICATION_ID", "123456789012345678"),
        ]),
        "2 problems with the settings:\n\
         - slack.app_token is set, but slack.bot_token is not. \
         Set SLACK_BOT_TOKEN as well, or remove slack.app_token.\n\
         - discord.application_id is set, but discord.token is not. \
         Set DISCORD_TOKEN as well, or remove discord.application_id."
    );
}

#[test]
fn reference_page_has_a_row_for_every_setting() {
    let page = reference::reference_markdown();
    for entry in reference::entries() {
        assert!(page.contains(&format!("| `{}` |", entry.key)));
    }
    assert!(page.contains("| `region` | `RECALL_REGION` | `\"us-east-1\"` | Region of the workspace:"));
}
