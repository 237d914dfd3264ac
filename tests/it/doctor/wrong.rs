//! Each way in which a set-up can be wrong, and the line of `doctor` that says so: the page, the button, the setting.

use reqwest::StatusCode;
use tokio::task::JoinSet;

use super::run_without;
use crate::alerts::SECRET;
use crate::alerts::serving::{denied, post};
use crate::slack::World;
use crate::slack::surviving::Program;
use crate::world::discord::{APPLICATION, CHANNEL, FakeDiscord, Fault as DiscordFault, GUILD};
use crate::world::recall::Fault as RecallFault;
use crate::world::slack::{APP_TOKEN, Fault as SlackFault};

/// Three parts, as Discord's tokens have; of no application.
const UNKNOWN_TOKEN: &str = "sample.token.of-no-application";
const TOKEN: &str = crate::world::discord::TOKEN;
const PUBLIC_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A set-up in which all is well, until something is changed.
struct Setup {
    world: World,
    discord: FakeDiscord,
    variables: Vec<(&'static str, String)>,
    unset: Vec<&'static str>,
    file: String,
}

impl Setup {
    async fn new() -> Self {
        let (world, discord) = (World::new().await, FakeDiscord::start().await);
        let variables =
            vec![("DISCORD_TOKEN", TOKEN.to_owned()), ("DISCORD_API_URL", discord.origin.clone())];
        Self { world, discord, variables, unset: Vec::new(), file: String::new() }
    }

    fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.retain(|(set, _)| *set != name);
        self.variables.push((name, value.into()));
    }

    fn unset(&mut self, name: &'static str) {
        self.variables.retain(|(set, _)| *set != name);
        self.unset.push(name);
    }

    /// What `doctor` prints, and its exit code.
    async fn doctor(&self) -> (String, i32) {
        if !self.file.is_empty() {
            std::fs::write(self.world.folder.path().join("why-no-recording.toml"), &self.file).unwrap();
        }
        let variables: Vec<(&'static str, &str)> =
            self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        run_without(&self.world, &["doctor"], &variables, &self.unset).await
    }

    fn over_http(&mut self) {
        self.set("DISCORD_PUBLIC_KEY", PUBLIC_KEY);
        self.set("DISCORD_APPLICATION_ID", APPLICATION);
        self.discord.application_has("verify_key", PUBLIC_KEY);
        self.discord
            .application_has("interactions_endpoint_url", "https://wnr.example.com/discord/interactions");
    }

    fn second_workspace(&mut self) {
        self.file = format!(
            "[[recall.workspace]]\nname = \"eu\"\nregion = \"eu-central-1\"\nbase_url = \"{}\"\napi_key = \"another-key\"\n",
            self.world.recall.base_url
        );
    }
}

/// What is wrong, how it comes about, and the line that says so: how it begins, and what is in it.
type Wrong = (&'static str, fn(&mut Setup), &'static str, &'static [&'static str]);

const BOT_TOKEN_PAGE: &str = "OAuth & Permissions > Bot User OAuth Token";
const APP_TOKEN_PAGE: &str = "Basic Information > App-Level Tokens";
const DISCORD_BOT: &str = "https://discord.com/developers/applications > your app > Bot";
const SLACK_STATUS: &str = "https://slack-status.com";
const DISCORD_STATUS: &str = "https://discordstatus.com";
const RECALL_STATUS: &str = "https://status.recall.ai";

#[rustfmt::skip]
const WRONG: &[Wrong] = &[
    // Recall.ai.
    ("no key", |s| s.unset("RECALL_API_KEY"),
        "FAIL  Settings", &["RECALL_API_KEY"]),
    ("a key that Recall.ai does not know", |s| s.set("RECALL_API_KEY", "mistyped"),
        "FAIL  Recall.ai workspace default", &["us-east-1 rejects the key (401)", "https://us-east-1.recall.ai/dashboard > Developers > API Keys", "set recall.api_key", "Compare recall.region"]),
    ("a key of another region", |s| { s.set("RECALL_REGION", "eu-central-1"); s.set("RECALL_API_KEY", "of-us-west-2"); },
        "FAIL  Recall.ai workspace default", &["eu-central-1 rejects the key", "in the region whose dashboard created it", "Compare recall.region", "https://eu-central-1.recall.ai/dashboard"]),
    ("a key of the second workspace that is wrong", Setup::second_workspace,
        "FAIL  Recall.ai workspace eu", &["eu-central-1 rejects the key", "api_key of workspace \"eu\"", "Compare region of workspace \"eu\""]),
    ("a key with a space in it", |s| s.set("RECALL_API_KEY", "two words"),
        "RECALL_API_KEY", &["one word of plain characters"]),
    ("a region that there is not", |s| s.set("RECALL_REGION", "eu-west-1"),
        "RECALL_REGION", &["us-east-1, us-west-2, eu-central-1, ap-northeast-1"]),
    ("an account without credit", |s| s.world.recall.fail_always(RecallFault::Status(402)),
        "FAIL  Recall.ai workspace default", &["no credit (402)", "https://us-east-1.recall.ai/dashboard > Billing"]),
    ("a key that may not read bots", |s| s.world.recall.fail_always(RecallFault::Status(403)),
        "FAIL  Recall.ai workspace default", &["isn't allowed to read bots (403)", "Developers > API Keys"]),
    ("a firewall before Recall.ai", |s| s.world.recall.fail_always(RecallFault::WebPage(403)),
        "FAIL  Recall.ai workspace default", &["a firewall in front of Recall.ai", "Check recall.base_url"]),
    ("Recall.ai is down", |s| s.world.recall.fail_always(RecallFault::Status(503)),
        "FAIL  Recall.ai workspace default", &["returned an error (HTTP 503)", RECALL_STATUS]),
    ("Recall.ai is busy", |s| s.world.recall.fail_always(RecallFault::RetryAfter(429, "30")),
        "FAIL  Recall.ai workspace default", &["rate limit is reached (429)", "in a minute"]),
    ("Recall.ai cannot be reached", |s| s.set("RECALL_BASE_URL", NOWHERE),
        "FAIL  Recall.ai workspace default", &["can't be reached", "https connections to *.recall.ai", "check recall.base_url"]),
    ("what is no TLS", |s| s.set("RECALL_BASE_URL", s.world.recall.base_url.replace("http:", "https:")),
        "FAIL  Recall.ai workspace default", &["can't be reached: ", "certificates"]),
    ("no TLS before Slack", |s| s.set("SLACK_API_URL", s.world.slack.api_url().replace("http:", "https:")),
        "FAIL  Slack:", &["can't be reached: ", "certificates"]),
    ("Recall.ai does not answer", |s| s.world.recall.fail_always(RecallFault::Silence),
        "FAIL  Recall.ai workspace default", &["no response in time", RECALL_STATUS]),
    ("an address with a path", |s| s.set("RECALL_BASE_URL", format!("{}/api/v1", s.world.recall.base_url)),
        "RECALL_BASE_URL", &["a URL without /api/v1"]),
    ("an address that is not Recall.ai's", |s| s.world.recall.fail_always(RecallFault::Text("<html>".to_owned())),
        "FAIL  Recall.ai workspace default", &["isn't Recall.ai's", "Check recall.base_url"]),
    ("a webhook secret that is none", |s| s.set("RECALL_WEBHOOK_SECRET", "sample"),
        "RECALL_WEBHOOK_SECRET", &["whsec_"]),
    // Slack: the bot token.
    ("a bot token that Slack does not know", |s| s.set("SLACK_BOT_TOKEN", "xoxb-mistyped"),
        "FAIL  Slack bot token", &["invalid_auth", "Copy slack.bot_token again", BOT_TOKEN_PAGE]),
    ("an app-level token for the bot token", |s| s.set("SLACK_BOT_TOKEN", "xapp-1-sample"),
        "SLACK_BOT_TOKEN", &["begins with xoxb-"]),
    ("a person's token for the bot token", |s| s.set("SLACK_BOT_TOKEN", "xoxp-sample"),
        "SLACK_BOT_TOKEN", &["begins with xoxb-"]),
    ("a person's token that looks like another", |s| s.world.slack.knows_a_person(),
        "FAIL  Slack bot token", &["a person's token", BOT_TOKEN_PAGE]),
    ("a bot token that was revoked", |s| s.world.slack.fails("auth.test", SlackFault::Refused("token_revoked")),
        "FAIL  Slack bot token", &["the bot token was revoked", "Select Reinstall", "OAuth & Permissions", "set slack.bot_token"]),
    ("a bot token that has expired", |s| s.world.slack.fails("auth.test", SlackFault::Refused("token_expired")),
        "FAIL  Slack bot token", &["the bot token has expired", "Select Reinstall"]),
    ("an app that was removed", |s| s.world.slack.fails("auth.test", SlackFault::Refused("account_inactive")),
        "FAIL  Slack bot token", &["removed from the workspace", "Select Install to Workspace", "Install App"]),
    ("a bot token of another kind", |s| s.world.slack.fails("auth.test", SlackFault::Refused("not_allowed_token_type")),
        "FAIL  Slack bot token", &["another kind of token", "starts with xoxb-", BOT_TOKEN_PAGE]),
    ("a refusal that nobody knows", |s| s.world.slack.fails("auth.test", SlackFault::Refused("new_in_2027")),
        "FAIL  Slack bot token", &["new_in_2027", BOT_TOKEN_PAGE]),
    ("a scope that is missing", |s| s.world.slack.lacks("commands"),
        "FAIL  Slack permissions", &["missing: commands (for /why-no-recording", "OAuth & Permissions > Bot Token Scopes", "select Reinstall"]),
    ("nobody can ask", |s| s.unset("SLACK_SIGNING_SECRET"),
        "?     Slack requests", &["people can't ask", "connections:write", APP_TOKEN_PAGE, "Signing Secret"]),
    // Slack: the app-level token.
    ("an app-level token that Slack does not know", |s| s.set("SLACK_APP_TOKEN", "xapp-mistyped"),
        "FAIL  Slack Socket Mode", &["invalid_auth", "Copy slack.app_token again", APP_TOKEN_PAGE]),
    ("a bot token for the app-level token", |s| s.set("SLACK_APP_TOKEN", "xoxb-sample"),
        "SLACK_APP_TOKEN", &["begins with xapp-"]),
    ("an app-level token that was revoked", |s| { s.set("SLACK_APP_TOKEN", APP_TOKEN); s.world.slack.fails("apps.connections.open", SlackFault::Refused("token_revoked")); },
        "FAIL  Slack Socket Mode", &["the app-level token was revoked", "Select Generate Token and Scopes", APP_TOKEN_PAGE, "set slack.app_token"]),
    ("an app-level token without its scope", |s| { s.set("SLACK_APP_TOKEN", APP_TOKEN); s.world.slack.fails("apps.connections.open", SlackFault::Refused("missing_scope")); },
        "FAIL  Slack Socket Mode", &["lacks the scope connections:write", "Select Generate Token and Scopes", APP_TOKEN_PAGE]),
    // Slack itself.
    ("Slack is down", |s| s.world.slack.fails("auth.test", SlackFault::Status(503)),
        "FAIL  Slack:", &["returned an error (HTTP 503)", SLACK_STATUS]),
    ("Slack says that it failed", |s| s.world.slack.fails("auth.test", SlackFault::Refused("internal_error")),
        "FAIL  Slack bot token", &["returned an error", SLACK_STATUS]),
    ("Slack is busy", |s| s.world.slack.fails("auth.test", SlackFault::Busy(17)),
        "FAIL  Slack:", &["rate limit is reached", "in 17 seconds"]),
    ("Slack does not answer", |s| s.world.slack.fails("auth.test", SlackFault::DoneAndSilent),
        "FAIL  Slack:", &["no response within 10 seconds", SLACK_STATUS]),
    ("a proxy before Slack", |s| s.world.slack.fails("auth.test", SlackFault::Status(403)),
        "FAIL  Slack:", &["a web page and not Slack's (HTTP 403)", "any proxy on the way"]),
    ("Slack cannot be reached", |s| s.set("SLACK_API_URL", format!("{NOWHERE}/api")),
        "FAIL  Slack:", &["can't be reached", "https connections to slack.com", "check slack.api_url"]),
    ("a clock that is wrong, by Slack's", |s| s.world.slack.is_ahead(400),
        "FAIL  Clock", &["seconds off compared with Slack", "timedatectl set-ntp true"]),
    // Channels of Slack.
    ("a channel that the app is not in", |s| { s.world.slack.grant("channels:read"); s.world.slack.channel("C7"); s.set("ALERTS_SLACK_CHANNEL", "C7"); },
        "FAIL  Slack channel C7 (alerts.slack_channel)", &["the app isn't in", "/invite"]),
    ("a channel that there is not", |s| { s.world.slack.grant("channels:read"); s.set("ALERTS_SLACK_CHANNEL", "C8"); },
        "FAIL  Slack channel C8 (alerts.slack_channel)", &["channel_not_found", "/invite"]),
    ("a channel that is archived", |s| { s.world.slack.grant("channels:read"); s.world.slack.archives("C1"); s.set("ALERTS_SLACK_CHANNEL", "C1"); },
        "FAIL  Slack channel C1 (alerts.slack_channel)", &["is archived. Unarchive it"]),
    ("a channel by its name", |s| s.set("ALERTS_SLACK_CHANNEL", "#recordings"),
        "?     Slack channel #recordings (alerts.slack_channel)", &["Use its ID", "/invite"]),
    ("a person for a channel", |s| s.set("ALERTS_SLACK_CHANNEL", "U0123456789"),
        "ALERTS_SLACK_CHANNEL", &["its id, as in C0123456789"]),
    // Discord: the application.
    ("a token that Discord does not know", |s| s.set("DISCORD_TOKEN", UNKNOWN_TOKEN),
        "FAIL  Discord token", &["doesn't recognise the token", "Select Reset Token", DISCORD_BOT, "set discord.token"]),
    ("a client secret for the token", |s| s.set("DISCORD_TOKEN", "sample-client-secret"),
        "FAIL  Discord token", &["which has two dots in it", "the client secret", DISCORD_BOT]),
    ("a token with its word before it", |s| s.set("DISCORD_TOKEN", format!("Bot {TOKEN}")),
        "DISCORD_TOKEN", &["one word of plain characters"]),
    ("an application id of another application", |s| { s.over_http(); s.set("DISCORD_APPLICATION_ID", "100000000000000009"); },
        "FAIL  Discord application", &["is 100000000000000009", "belongs to the application 100000000000000001", "General Information > Application ID"]),
    ("a public key of another application", |s| { s.over_http(); s.discord.application_has("verify_key", "ff".repeat(32)); },
        "FAIL  Discord public key", &["isn't this application's key", "General Information > Public Key"]),
    ("a public key that is cut short", |s| { s.over_http(); s.set("DISCORD_PUBLIC_KEY", "00112233"); },
        "DISCORD_PUBLIC_KEY", &["64 hexadecimal digits", "General Information"]),
    ("no address for interactions", |s| { s.over_http(); s.discord.application_has("interactions_endpoint_url", ""); },
        "FAIL  Discord interactions", &["https://<your host>/discord/interactions", "General Information > Interactions Endpoint URL", "Save Changes"]),
    ("another address for interactions", |s| { s.over_http(); s.discord.application_has("interactions_endpoint_url", "https://wnr.example.com/interactions"); },
        "FAIL  Discord interactions", &["https://wnr.example.com/interactions", "/discord/interactions", "Save Changes"]),
    ("an address for interactions beside the gateway", |s| s.discord.application_has("interactions_endpoint_url", "https://old.example.com"),
        "FAIL  Discord interactions", &["none through the gateway", "Empty", "Interactions Endpoint URL"]),
    ("an app that is in no server", |s| s.discord.is_nowhere(),
        "FAIL  Discord servers", &["in no server", "client_id=100000000000000001", "select Authorise"]),
    ("an app that is not in the server", |s| s.set("DISCORD_GUILD_ID", "900000000000000009"),
        "FAIL  Discord commands", &["isn't in the server 900000000000000009 (discord.guild_id)", "Copy Server ID", "client_id=100000000000000001"]),
    ("commands that are not registered yet", |s| s.set("DISCORD_GUILD_ID", GUILD),
        "?     Discord commands", &["`serve` registers them", "`why-no-recording discord register`"]),
    ("a clock that is wrong, by Discord's", |s| s.discord.is_ahead(-400),
        "FAIL  Clock", &["seconds off compared with Discord", "timedatectl set-ntp true"]),
    // Discord itself.
    ("Discord is down", |s| s.discord.fails_always("/applications/@me", DiscordFault::Page(503)),
        "FAIL  Discord token", &["HTTP 503", DISCORD_STATUS]),
    ("a proxy before Discord", |s| s.discord.fails_always("/applications/@me", DiscordFault::Page(403)),
        "FAIL  Discord token", &["not from Discord", "firewall, proxy, DNS", "check discord.api_url"]),
    ("Discord is busy", |s| s.discord.fails_always("/applications/@me", DiscordFault::Busy("23")),
        "FAIL  Discord token", &["rate limit is reached", "in 23 seconds"]),
    ("Discord does not answer", |s| s.discord.fails_always("/applications/@me", DiscordFault::DoneAndSilent),
        "FAIL  Discord token", &["no answer came in time", DISCORD_STATUS]),
    ("Discord cannot be reached", |s| s.set("DISCORD_API_URL", NOWHERE),
        "FAIL  Discord token", &["cannot be reached", "https connections to discord.com", DISCORD_STATUS]),
    // Channels of Discord.
    ("a channel without the permissions", |s| s.set("ALERTS_DISCORD_CHANNEL", CHANNEL),
        "FAIL  Discord channel 200000000000000001 (alerts.discord_channel)", &["the app lacks", "Open the channel's settings > Permissions", "turn on"]),
    ("a channel of Discord that there is not", |s| s.set("ALERTS_DISCORD_CHANNEL", "290000000000000001"),
        "FAIL  Discord channel 290000000000000001 (alerts.discord_channel)", &["there is no such channel", "copy the channel ID again"]),
    ("a forum", |s| { s.discord.channel(CHANNEL, 15); s.set("ALERTS_DISCORD_CHANNEL", CHANNEL); },
        "FAIL  Discord channel 200000000000000001 (alerts.discord_channel)", &["is a forum", "Set the ID of a text channel"]),
    ("a channel of Discord by its name", |s| s.set("ALERTS_DISCORD_CHANNEL", "recordings"),
        "ALERTS_DISCORD_CHANNEL", &["choose Copy ID"]),
    // What is listened to, and what is missing altogether.
    ("an address to listen on that is none", |s| s.set("HTTP_LISTEN", "8080"),
        "HTTP_LISTEN", &["as in 127.0.0.1:8080"]),
    ("a setting that there is not", |s| s.file = "[slack]\nbot_tokn = \"a\"\n".to_owned(),
        "why-no-recording.toml, line 2", &["slack.bot_tokn is not a setting", "Did you mean `bot_token`?"]),
];

/// What is not said as it should be.
async fn unsaid((wrong, change, begins, says): &Wrong) -> Option<String> {
    let mut setup = Setup::new().await;
    change(&mut setup);
    let (told, code) = setup.doctor().await;
    let of_settings = !begins.starts_with("FAIL") && !begins.starts_with('?');
    // An error of the settings goes over several lines.
    let found = told.lines().find(|line| line.starts_with(begins));
    let found = if of_settings { found.map(|_| told.as_str()) } else { found };
    let Some(found) = found else {
        return Some(format!("{wrong}: no line begins with {begins:?} in\n{told}"));
    };
    let mut unsaid: Vec<String> =
        says.iter().filter(|words| !found.contains(**words)).map(|words| format!("{words:?}")).collect();
    let expected = match begins {
        _ if of_settings => 2,
        note if note.starts_with('?') => 0,
        _ => 1,
    };
    if code != expected {
        unsaid.push(format!("the exit code {expected} and not {code}"));
    }
    let secrets =
        setup.variables.iter().filter(|(name, _)| name.ends_with("TOKEN") || name.ends_with("API_KEY"));
    for (name, _) in secrets.filter(|(_, value)| told.contains(value)) {
        unsaid.push(format!("nothing of {name}"));
    }
    (!unsaid.is_empty()).then(|| format!("{wrong}: lacks {}\n{found}", unsaid.join(", ")))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_be_wrong_has_a_line_that_says_what_to_press() {
    assert!(WRONG.len() >= 60, "{} ways", WRONG.len());
    let mut asked = JoinSet::new();
    for wrong in WRONG {
        asked.spawn(unsaid(wrong));
    }
    let unsaid: Vec<String> = asked.join_all().await.into_iter().flatten().collect();
    assert!(unsaid.is_empty(), "{} of {}:\n\n{}", unsaid.len(), WRONG.len(), unsaid.join("\n\n"));
}

#[tokio::test]
async fn a_set_up_in_which_nothing_is_wrong_has_no_red_line() {
    let mut setup = Setup::new().await;
    setup.over_http();
    setup.set("SLACK_APP_TOKEN", APP_TOKEN);
    let (told, code) = setup.doctor().await;
    assert!(code == 0 && !told.contains("FAIL"), "{told}");
}

/// Only the service can see that a secret is wrong; it writes that down, and says it in the log.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_wrong_shows_after_the_first_refusals() {
    let another = "whsec_YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA";
    let world = World::new().await;
    let wrong = [("SLACK_SIGNING_SECRET", "another-sample"), ("RECALL_WEBHOOK_SECRET", another)];
    let program = Program::start_with(&world, &wrong);
    let refused = async |program: &Program| {
        for number in 0..4 {
            let status = program.post_command(&world.command("help", "never")).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            let sent = post(&program.address, &format!("m{number}"), &denied(number)).send().await.unwrap();
            assert_eq!(sent.status(), StatusCode::UNAUTHORIZED);
        }
    };
    refused(&program).await;
    let log = program.stop().await;
    for setting in ["slack.signing_secret", "recall.webhook_secret"] {
        let said = log.iter().filter(|line| line.contains("Requests refused") && line.contains(setting));
        assert_eq!(said.count(), 1, "{setting}: {log:?}");
    }
    let (told, code) = run_without(&world, &["doctor"], &wrong, &[]).await;
    assert_eq!(code, 1, "{told}");
    for (begins, page) in [
        ("FAIL  Slack signatures: 4 requests rejected since", "App Credentials > Signing Secret"),
        ("FAIL  Webhook signatures: 4 requests rejected since", "Developers > Webhooks"),
    ] {
        let line = told.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("{told}"));
        assert!(line.contains("none was accepted") && line.contains(page), "{line}");
    }

    // A restart forgets nothing, and what was accepted before is remembered as well.
    let program = Program::start_with(&world, &wrong);
    refused(&program).await;
    program.stop().await;
    let (told, _) = run_without(&world, &["doctor"], &wrong, &[]).await;
    assert!(told.contains("FAIL  Slack signatures: 8 requests rejected since"), "{told}");

    // The right secrets are set, and something is accepted.
    let right = [("RECALL_WEBHOOK_SECRET", SECRET)];
    let program = Program::start_with(&world, &right);
    assert_eq!(program.post_command(&world.command("help", "now")).await, StatusCode::OK);
    program.stop().await;
    let (told, _) = run_without(&world, &["doctor"], &right, &[]).await;
    assert!(told.contains("ok    Slack signatures: the last request was accepted"), "{told}");

    // Somebody else tries, after a restart: that says nothing about the secret.
    let program = Program::start_with(&world, &wrong);
    refused(&program).await;
    program.stop().await;
    let (told, _) = run_without(&world, &["doctor"], &right, &[]).await;
    assert!(told.contains("?     Slack signatures: 4 requests rejected since"), "{told}");
    assert!(told.contains("the last accepted one arrived on"), "{told}");
}
