//! The command `simulate`, before a service and before what may stand in its place.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{Method, StatusCode, header};
use tokio::net::{TcpListener, TcpSocket};
use why_no_recording::app;
use why_no_recording::simulate::SCENARIOS;

use super::SECRET;
use super::serving::HEARING;
use crate::slack::World;

fn command(arguments: &[&str], address: &str, secret: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command
        .arg("simulate")
        .args(arguments)
        .env_clear()
        .env("RECALL_WEBHOOK_SECRET", secret)
        .env("HTTP_LISTEN", address);
    command
}

async fn simulate(arguments: &[&str], address: &str, secret: &str) -> (Option<i32>, String) {
    let mut command = command(arguments, address, secret);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn the_command_plays_a_scenario_and_says_what_to_expect() {
    let world = World::new().await;
    world.slack.join("C9");
    let running = app::start(&world.settings(&HEARING)).await.unwrap();
    let address = running.address.to_string();

    let (code, said) = simulate(&["legacy"], &address, SECRET).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("204  bot.fatal meeting_not_found\nExpect in the channel: One alert"), "{said}");
    world.slack.until("the alert", |slack| (slack.posted("C9").len() == 2).then_some(())).await;

    let other = "whsec_YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA";
    let (code, said) = simulate(&["denied"], &address, other).await;
    assert!(code == Some(1) && said.contains("Rejected with 401"), "{said}");
    running.stop().await;
}

#[tokio::test]
async fn what_was_typed_is_checked_before_anything_is_sent() {
    let refused: &[(&[&str], &str, &str)] = &[
        (&["denied"], "", "RECALL_WEBHOOK_SECRET"),
        (&["deny"], SECRET, "Did you mean denied?"),
        (&["al"], SECRET, "Did you mean all?"),
        (&["x"], SECRET, "Run `why-no-recording simulate --list`"),
        (&["denied", "--to", "ftp://example.com"], SECRET, "--to isn't a URL"),
        (&["denied", "--workspace", "nobody"], SECRET, "no workspace with this name"),
    ];
    for (arguments, secret, words) in refused {
        let (code, said) = simulate(arguments, "127.0.0.1:0", secret).await;
        assert!(code == Some(2) && said.contains(words), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn the_list_has_a_line_for_each_scenario() {
    for arguments in [&[] as &[&str], &["--list"], &["denied", "--list"]] {
        let (code, said) = simulate(arguments, "127.0.0.1:0", "").await;
        assert_eq!(code, Some(0), "{said}");
        let first = said.lines().skip(1).map(|line| line.split_whitespace().next().unwrap());
        let ids = SCENARIOS.iter().map(|scenario| scenario.id).chain(["all"]);
        assert_eq!(first.collect::<Vec<_>>(), ids.collect::<Vec<_>>());
        assert!(SCENARIOS.iter().all(|scenario| said.contains(scenario.about)), "{said}");
    }
}

#[tokio::test]
async fn all_scenarios_are_played_one_after_the_other() {
    let front = Front::start(StatusCode::NO_CONTENT, None).await;
    let (code, said) = simulate(&["all", "--pause", "0"], &front.address, SECRET).await;
    assert_eq!(code, Some(0), "{said}");
    let headings = said.lines().filter(|line| line.ends_with('.') && !line.starts_with(' '));
    let headings: Vec<&str> = headings.filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    for scenario in SCENARIOS {
        assert!(headings.contains(&scenario.id), "{headings:?}");
        assert!(said.contains(&format!("Expect in the channel: {}\n", scenario.expect)), "{said}");
    }
    assert!(said.contains("one message counts the rest"), "{said}");
    let sent = said.lines().filter(|line| line.contains("  204  ")).count();
    assert_eq!(front.posts.load(Ordering::Relaxed), sent);
}

/// The service takes webhooks also where it tells nobody, and then somebody looks for alerts in vain.
#[tokio::test]
async fn settings_without_a_channel_are_told_of() {
    let front = Front::start(StatusCode::NO_CONTENT, None).await;
    let hint = "These settings name no channel for alerts.";
    let (code, said) = simulate(&["fatal"], &front.address, SECRET).await;
    assert!(code == Some(0) && said.contains(hint), "{said}");
    let mut with_a_channel = command(&["fatal"], &front.address, SECRET);
    with_a_channel.env("ALERTS_DISCORD_CHANNEL", "123456789012345678");
    let output = tokio::task::spawn_blocking(move || with_a_channel.output()).await.unwrap().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && !said.contains(hint), "{said}");
}

/// Somebody who follows along sees each line when it happens, and why nothing happens for a minute.
#[tokio::test]
async fn lines_are_printed_as_webhooks_are_sent() {
    let front = Front::start(StatusCode::NO_CONTENT, None).await;
    let mut command = command(&["saved", "--pause", "60"], &front.address, SECRET);
    let lines = tokio::task::spawn_blocking(move || {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let lines: Vec<String> = lines.take(4).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        lines
    });
    let lines = lines.await.unwrap();
    assert!(lines[0].starts_with("saved: "), "{lines:?}");
    assert!(lines[2].ends_with("  204  bot.in_waiting_room"), "{lines:?}");
    assert_eq!(lines[3], "  Waiting 60 seconds, so that you can see this step in the channel.");
}

/// Whatever answers in the place of the service: it says the same to everything.
struct Front {
    address: String,
    posts: Arc<AtomicUsize>,
    others: Arc<AtomicUsize>,
}

impl Front {
    async fn start(status: StatusCode, location: Option<&'static str>) -> Self {
        let (posts, others) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (posted, otherwise) = (posts.clone(), others.clone());
        let router = Router::new().fallback(async move |method: Method| {
            let counter = if method == Method::POST { posted } else { otherwise };
            counter.fetch_add(1, Ordering::Relaxed);
            let location = location.map(|location| (header::LOCATION, location));
            (status, location.map(|location| [location]), "<b>Front\u{1b}[2J</b>")
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, posts, others }
    }
}

#[tokio::test]
async fn each_refusal_says_what_to_do() {
    let refusals = [
        (
            301,
            Some("https://wnr.example.com/webhooks/recall"),
            "Set --to to https://wnr.example.com/webhooks/recall",
        ),
        (302, Some("/elsewhere"), "/elsewhere, and in Recall.ai's dashboard"),
        (308, None, "Set --to to the address that isn't redirected"),
        (401, None, "Compare recall.webhook_secret on both sides"),
        (404, None, "Set recall.webhook_secret for the service"),
        (413, None, "Allow 1 MiB there"),
        (503, None, "Check its log, its disk and its database"),
        (502, None, "check the service's log, and any proxy in front of it"),
    ];
    for (status, location, words) in refusals {
        let front = Front::start(StatusCode::from_u16(status).unwrap(), location).await;
        let (code, said) = simulate(&["denied"], &front.address, SECRET).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(&format!("Rejected with {status}: ")) && said.contains(words), "{said}");
        assert!(said.contains("responded: <b>Front[2J</b>"), "{said}");
        let asked = (front.posts.load(Ordering::Relaxed), front.others.load(Ordering::Relaxed));
        assert_eq!(asked, (1, 0), "{status} is followed nowhere");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there() {
    // Bound and never listened on, so nobody else gets the port meanwhile.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let (code, said) = simulate(&["denied"], &address, SECRET).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Nothing listens at http://"), "{said}");
}
