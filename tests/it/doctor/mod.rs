//! `doctor` and the other commands around the service, as a person runs them.

mod rescue;
mod wrong;

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use jiff::SignedDuration;
use why_no_recording::chat::discord::checkup::PERMISSIONS;
use why_no_recording::clock;
use why_no_recording::store::Store;

use crate::alerts::serving::{HEARING, denied, post};
use crate::slack::World;
use crate::slack::surviving::Program;
use crate::world::databases::Place;
use crate::world::discord::{FakeDiscord, TOKEN};
use crate::world::recall::Fault as RecallFault;
use crate::world::slack::{APP_TOKEN, Fault};

/// What a command prints, and its exit code. The world answers meanwhile.
async fn run(world: &World, arguments: &[&str], more: &[(&'static str, &str)]) -> (String, i32) {
    run_without(world, arguments, more, &[]).await
}

/// The same where these variables are not set.
async fn run_without(
    world: &World,
    arguments: &[&str],
    more: &[(&'static str, &str)],
    unset: &[&'static str],
) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.args(arguments).env_clear().envs(world.variables()).envs(more.iter().copied());
    command.current_dir(world.folder.path());
    for name in unset {
        command.env_remove(name);
    }
    let Output { stdout, stderr, status } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = format!("{}{}", String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    (told, status.code().unwrap())
}

#[tokio::test]
async fn everything_is_green_where_everything_is_good() {
    let place = Place::sqlite();
    Store::open(&place.url()).await.unwrap().close().await;
    let world = World::on(place).await;
    let (told, code) = run(&world, &["doctor"], &[("SLACK_APP_TOKEN", APP_TOKEN)]).await;
    assert_eq!(code, 0, "{told}");
    for line in [
        "ok    Settings: complete",
        "ok    Recall.ai workspace default: the key is valid",
        "ok    Slack bot token: valid in Acme",
        "ok    Slack permissions: all granted",
        "ok    Slack Socket Mode: a connection can be opened",
        "can be written to",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
    assert!(!told.contains('\u{1b}'), "no colour where there is no terminal");
    let headings: Vec<&str> = told.lines().filter(|line| !line.is_empty() && !line.contains(": ")).collect();
    let count = told.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(
        headings,
        ["Settings", "Recall.ai", "Slack", "Database", &format!("All {count} checks passed.")]
    );
}

#[tokio::test]
async fn what_is_red_says_what_to_do() {
    let world = World::new().await;
    world.slack.fails("auth.test", Fault::Refused("token_revoked"));
    world.recall.fail_always(RecallFault::Status(401));
    let (told, code) = run(&world, &["doctor"], &[("SLACK_APP_TOKEN", "xapp-another-sample")]).await;
    assert_eq!(code, 1, "{told}");
    for words in ["Select Reinstall", "Copy slack.app_token again", "FAIL  Recall.ai workspace default"] {
        assert!(told.contains(words), "{words} in {told}");
    }
    assert!(!told.contains("xapp-another-sample"), "{told}");
    let made =
        told.lines().filter(|line| ["ok ", "FAIL ", "? "].iter().any(|word| line.starts_with(word))).count();
    let last = told.lines().last().unwrap();
    assert!(last.starts_with(&format!("3 of {made} checks failed")), "{told}");
}

/// Checks are made side by side, and each line is printed as soon as those above it are there. Slack does not respond
/// until the first lines have been read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_are_printed_as_checks_are_made() {
    let world = World::new().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.arg("doctor").env_clear().envs(world.variables()).current_dir(world.folder.path());
    command.env("SLACK_API_URL", format!("http://{}/api", silent.local_addr().unwrap()));
    let read = tokio::task::spawn_blocking(move || {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let first: Vec<String> =
            lines.by_ref().take_while(|line| !line.starts_with("ok    Recall.ai")).collect();
        drop(silent);
        let rest: Vec<String> = lines.collect();
        assert_eq!(child.wait().unwrap().code(), Some(1));
        (first, rest)
    });
    let (first, rest) = read.await.unwrap();
    assert!(first.contains(&"ok    Settings: complete".to_owned()), "{first:?}");
    let place = |begins: &str| rest.iter().position(|line| line.starts_with(begins));
    let (slack, database) = (place("FAIL  Slack: can't be reached"), place("?     Database "));
    assert!(slack.is_some() && slack < database, "the order is the same every time: {rest:?}");
}

#[tokio::test]
async fn the_digest_has_a_channel_and_a_time() {
    let world = World::new().await;
    world.slack.join("C9");
    let zone = ("DIGEST_TIME_ZONE", "Pacific/Auckland");
    let (told, code) = run(&world, &["doctor"], &[("DIGEST_SLACK_CHANNEL", "C9"), zone]).await;
    assert_eq!(code, 0, "{told}");
    let line = told.lines().find(|line| line.contains("the next digest is due on Monday")).unwrap();
    assert!(
        line.starts_with("ok    digest.slack_channel = C9: ")
            && line.ends_with(" at 09:00 (Pacific/Auckland)"),
        "{line}"
    );
    world.slack.grant("channels:read");
    world.slack.channel("C8");
    let (told, code) = run(&world, &["doctor"], &[("DIGEST_SLACK_CHANNEL", "C8")]).await;
    assert_eq!(code, 1, "{told}");
    assert!(
        told.lines().any(|line| line.starts_with("FAIL") && line.contains("digest.slack_channel")),
        "{told}"
    );
    let elsewhere = ("DIGEST_DISCORD_CHANNEL", "123456789012345678");
    let (told, code) = run(&world, &["doctor"], &[elsewhere]).await;
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("Discord is off, so no digest is posted there"), "{told}");
}

/// The command reads the database, creates none, and says which one it used.
#[tokio::test]
async fn the_digest_is_read_from_the_database() {
    let place = Place::sqlite();
    Store::open(&place.url()).await.unwrap().close().await;
    place
        .execute(
            "INSERT INTO daily_counts (day, counted_as, bots)
             SELECT CAST(strftime('%s', 'now') AS BIGINT) / 86400 - 1, 'recorded', 7
             UNION ALL SELECT CAST(strftime('%s', 'now') AS BIGINT) / 86400 - 3, 'not_recorded/host/host_not_present', 2",
        )
        .await;
    let world = World::on(place).await;
    let (told, code) = run(&world, &["digest"], &[]).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("7 of 9 bots recorded (77%)") && told.contains("Database: sqlite://"), "{told}");
    let (told, _) = run(&world, &["digest", "--since", "2d", "--format", "json"], &[]).await;
    let json: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&json["version"], &json["totals"]["recorded"], &json["before"]["not_recorded"]),
        (&1.into(), &7.into(), &2.into())
    );
    let (told, _) = run(&world, &["digest", "--since", "1", "--format", "markdown"], &[]).await;
    assert!(told.starts_with("## ") && told.contains("No recording was lost."), "{told}");
    let (told, code) = run(&world, &["digest", "--since", "91"], &[]).await;
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("use a number of days from 1 to 90"), "{told}");
    let elsewhere = ("DATABASE_URL", "sqlite://nowhere.db");
    let (told, code) = run(&world, &["digest"], &[elsewhere]).await;
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("There is no database at") && !world.folder.path().join("nowhere.db").exists(),
        "{told}"
    );
}

#[tokio::test]
async fn webhooks_are_asked_for_and_the_last_one_is_told() {
    let world = World::new().await;
    world.slack.join("C9");
    let [secret, channel] = HEARING;
    let (told, code) = run(&world, &["doctor"], &[channel]).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("?     Webhooks of workspace default: no webhook secret is set"), "{told}");
    let (told, code) = run(&world, &["doctor"], &[secret, channel]).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("?     Webhooks of workspace default: none has arrived yet"), "{told}");
    let program = Program::start_with(&world, &HEARING);
    assert!(post(&program.address, "a", &denied(1)).send().await.unwrap().status().is_success());
    program.kill();
    let (told, code) = run(&world, &["doctor"], &[secret, channel]).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("ok    Webhooks of workspace default: the last one arrived"), "{told}");
}

#[tokio::test]
async fn a_channel_that_took_no_alert_lately_is_red() {
    let place = Place::sqlite();
    let store = Store::open(&place.url()).await.unwrap();
    let (lately, long_ago) = (clock::now(), clock::now() - SignedDuration::from_hours(30));
    store.mark_unavailable("slack:C7", "the channel is archived", lately).await.unwrap();
    store.mark_unavailable("slack:C8", "the channel is archived", long_ago).await.unwrap();
    store.close().await;
    let world = World::on(place).await;
    let (told, code) = run(&world, &["doctor"], &[]).await;
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("FAIL  Channel slack:C7: refused an alert on"), "{told}");
    assert!(told.contains("the channel is archived") && !told.contains("C8"), "{told}");
}

/// Of a server, the reason is told, and the password is not, however much is logged.
#[tokio::test]
async fn a_database_server_that_refuses_us_is_red() {
    let Some(Place::Postgres(url)) = Place::postgres().await else { return };
    let world = World::new().await;
    let password = "correct-horse-battery";
    let with_password = url.replacen('@', &format!(":{password}@"), 1);
    Store::open(&url).await.unwrap().close().await;
    let (told, code) = run(&world, &["doctor"], &[("DATABASE_URL", &with_password)]).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("ok    Database postgres://***@127.0.0.1:"), "{told}");
    let nowhere = format!("{with_password}-that-is-not-there?sslmode=disable");
    for command in ["doctor", "serve"] {
        let variables = [("DATABASE_URL", nowhere.as_str()), ("LOG_LEVEL", "trace")];
        let (told, code) = run(&world, &[command], &variables).await;
        assert_eq!(code, 1, "{told}");
        assert!(told.contains("does not let us in") && told.contains("does not exist"), "{told}");
        assert!(!told.contains(password), "{told}");
    }
}

/// Each channel of the alerts once, with all settings that name it.
#[tokio::test]
async fn the_channels_of_the_alerts_are_looked_at() {
    let place = Place::sqlite();
    Store::open(&place.url()).await.unwrap().close().await;
    let (world, discord) = (World::on(place).await, FakeDiscord::start().await);
    let settings = r##"
        [alerts]
        slack_channel = "C1"
        discord_channel = "200000000000000001"
        fallback_slack_channel = "#ops"
        fallback_discord_channel = "290000000000000001"
        [[alerts.route]]
        platform = "zoom"
        slack_channel = "C1"
        [[alerts.route]]
        platform = "webex"
        slack_channel = "C2"
        discord_channel = "200000000000000001"
    "##;
    std::fs::write(world.folder.path().join("why-no-recording.toml"), settings).unwrap();
    world.slack.channel("C2");
    discord.roles_allow(0, PERMISSIONS.bits());
    let variables = [("DISCORD_TOKEN", TOKEN), ("DISCORD_API_URL", discord.origin.as_str())];
    run(&world, &["discord", "register"], &variables).await;

    // With the fewest permissions Slack does not tell, and that is no green.
    let (told, code) = run(&world, &["doctor"], &variables).await;
    assert_eq!(code, 1, "{told}");
    let c1 = "C1 (alerts.slack_channel, alerts.route[1].slack_channel)";
    for line in [
        &format!("?     Slack channel {c1}: not checked"),
        "?     Slack channel #ops (alerts.fallback_slack_channel): not checked",
        "?     Slack channel C2 (alerts.route[2].slack_channel): not checked",
        "ok    Discord channel 200000000000000001 (alerts.discord_channel, alerts.route[2].discord_channel): the app can post",
        "FAIL  Discord channel 290000000000000001 (alerts.fallback_discord_channel): there is no such channel",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }

    discord.channel("290000000000000001", 0);
    let (told, code) = run(&world, &["doctor"], &variables).await;
    assert!(code == 0 && told.contains(" checks passed; check 4 yourself (marked ?)."), "{told}");

    // Both permissions that let it look tell the same.
    for scope in ["channels:history", "channels:read"] {
        world.slack.grant(scope);
        let (told, code) = run(&world, &["doctor"], &variables).await;
        assert_eq!(code, 1, "{told}");
        assert!(told.contains(&format!("ok    Slack channel {c1}: the app is in")), "{told}");
        let red = told.lines().find(|line| line.starts_with("FAIL")).unwrap();
        assert!(red.contains("Slack channel C2") && red.contains("/invite"), "{red}");
    }
    world.slack.join("C2");
    world.slack.archives("C1");
    let (told, _) = run(&world, &["doctor"], &variables).await;
    assert!(told.contains("#recordings is archived. Unarchive it"), "{told}");
}

#[tokio::test]
async fn the_manifest_is_for_the_transport_that_is_set() {
    let world = World::new().await;
    let manifest = async |arguments: &[&str], more: &[(&'static str, &str)]| {
        let (told, code) = run(&world, arguments, more).await;
        assert_eq!(code, 0, "{told}");
        serde_json::from_str::<serde_json::Value>(&told).unwrap()
    };
    let over_http = manifest(&["slack", "manifest"], &[]).await;
    assert_eq!(over_http["settings"]["socket_mode_enabled"], false);
    let socket = manifest(&["slack", "manifest"], &[("SLACK_APP_TOKEN", APP_TOKEN)]).await;
    assert_eq!(socket["settings"]["socket_mode_enabled"], true);
    assert!(socket["features"]["slash_commands"][0].get("url").is_none());
    let named = manifest(&["slack", "manifest", "--url", "https://wnr.example.com/"], &[]).await;
    assert_eq!(named["features"]["slash_commands"][0]["url"], "https://wnr.example.com/slack/commands");
    let (told, code) = run(&world, &["slack", "manifest", "--url", "http://wnr.example.com"], &[]).await;
    assert_eq!(code, 2, "{told}");
}

#[tokio::test]
async fn a_service_that_is_not_there_is_not_healthy() {
    let world = World::new().await;
    let (told, code) = run(&world, &["healthcheck"], &[("HTTP_LISTEN", "127.0.0.1:9")]).await;
    assert_eq!(code, 1);
    assert!(told.contains("Start the service with"), "{told}");
}

#[tokio::test]
async fn what_was_given_up_is_listed_shown_and_retried() {
    let world = World::new().await;
    world.slack.fails("chat.postEphemeral", Fault::Refused("no_text"));
    let chat = world.over_http().await;
    let mut command = chat.world.command("help", "expired");
    command["trigger_id"] = "given-up".into();
    chat.send_command(&command).await;
    chat.settled().await;

    let (listed, _) = run(&chat.world, &["outbox", "list"], &[]).await;
    assert!(listed.contains("slack:given-up/00") && listed.contains("given up"), "{listed}");
    let (shown, _) = run(&chat.world, &["outbox", "show", "slack:given-up/00"], &[]).await;
    assert!(shown.contains("type /why-no-recording") && shown.contains("(redacted)"), "{shown}");
    assert!(!shown.contains("/commands/expired"), "{shown}");
    let (told, code) = run(&chat.world, &["outbox", "retry", "slack:given-up/00"], &[]).await;
    assert_eq!(code, 0, "{told}");
    chat.told("chat.postEphemeral").await;
    chat.settled().await;
    let (listed, _) = run(&chat.world, &["outbox", "list"], &[]).await;
    assert!(listed.starts_with("Everything is delivered.\nDatabase: sqlite:///"), "{listed}");
    let (told, code) = run(&chat.world, &["outbox", "retry", "nothing"], &[]).await;
    assert_eq!(code, 1, "{told}");
    chat.end().await;
}

#[tokio::test]
async fn discord_is_set_up_and_looked_at() {
    let (world, discord) = (World::new().await, FakeDiscord::start().await);
    let variables = [("DISCORD_TOKEN", TOKEN), ("DISCORD_API_URL", discord.origin.as_str())];
    let (told, code) = run(&world, &["doctor"], &variables).await;
    assert_eq!(code, 0, "before the first start there are no commands, and nothing is wrong: {told}");
    assert!(
        told.contains("ok    Discord token: valid") && told.contains("`why-no-recording discord register`"),
        "{told}"
    );

    for _ in 0..2 {
        let (told, code) = run(&world, &["discord", "register"], &variables).await;
        assert_eq!((told.as_str(), code), ("Registered 2 commands in all servers.\n", 0));
    }
    let (told, code) = run(&world, &["doctor"], &variables).await;
    assert_eq!(code, 0, "{told}");
    let (told, code) = run(&world, &["doctor"], &[("DISCORD_TOKEN", "another-sample"), variables[1]]).await;
    assert!(code == 1 && told.contains("Discord doesn't recognise the token"), "{told}");
}

/// A table with thousands of channels is not checked one by one.
#[tokio::test]
async fn of_a_table_of_channels_a_bounded_number_is_checked() {
    let world = World::new().await;
    world.slack.grant("channels:read");
    let file = world.folder.path().join("channels.csv");
    let rows: String = (0..300).map(|number| format!("customer {number},CT{number}\n")).collect();
    std::fs::write(&file, format!("value,slack_channel\n{rows}")).unwrap();
    for number in 0..20 {
        world.slack.join(&format!("CT{number}"));
    }
    let more = [("ALERTS_CHANNELS_FILE", "channels.csv"), ("ALERTS_CHANNELS_KEY", "customer")];
    let (told, code) = run(&world, &["doctor"], &more).await;
    assert_eq!(code, 0, "{told}");
    let others =
        "?     Slack channels of channels.csv: 20 of the first 20 are fine. The other 280 aren't checked";
    assert!(told.contains(others), "{told}");
    assert!(!told.contains("CT19"), "one line is enough for what is fine: {told}");
    assert_eq!(world.slack.calls("conversations.info"), 20);

    // What is wrong has a line of its own.
    world.slack.archives("CT7");
    let (told, code) = run(&world, &["doctor"], &more).await;
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("FAIL  Slack channel CT7 (channels.csv, line 9): #recordings is archived"),
        "{told}"
    );
    assert!(told.contains("channels.csv: 19 of the first 20 are fine"), "{told}");

    std::fs::write(&file, "value,slack_channel\nacme,CT1\nglobex,CT2\nagain,CT1\n").unwrap();
    let (told, code) = run(&world, &["doctor"], &more).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("ok    Slack channels of channels.csv: 2 of 2 are fine"), "{told}");
    std::fs::write(&file, "value,slack_channel\nacme,#a\nglobex,#b\n").unwrap();
    let (told, code) = run(&world, &["doctor"], &more).await;
    assert_eq!(code, 0, "{told}");
    let others = "?     Slack channels of channels.csv: 2 of the first 2 not checked: Slack can't look up a channel by name";
    assert!(told.contains(others), "{told}");

    std::fs::write(&file, "value,slack_channel\nacme,My Channel\n").unwrap();
    let (told, code) = run(&world, &["doctor"], &more).await;
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("FAIL  Settings: channels.csv, line 2: slack_channel must be a Slack channel"),
        "{told}"
    );
}

/// The permissions for links are checked where the app has one of them, since each is of no use alone.
#[tokio::test]
async fn half_of_the_permissions_for_links_is_red() {
    let world = World::new().await;
    assert!(!run(&world, &["doctor"], &[]).await.0.contains("Slack links"));
    world.slack.grant("links:read");
    let (told, code) = run(&world, &["doctor"], &[]).await;
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("FAIL  Slack links: links aren't unfurled without links:write"), "{told}");
    world.slack.grant("links:write");
    let (told, code) = run(&world, &["doctor"], &[]).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("ok    Slack links: links to bots are unfurled"), "{told}");
}
