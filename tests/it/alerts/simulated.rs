//! Every scenario of `simulate`, and what the channel shows of it.

use why_no_recording::app;
use why_no_recording::report::alert::AlertState;
use why_no_recording::simulate::SCENARIOS;

use super::serving::HEARING;
use super::{SECRET, Stage, alert, at, storm};
use crate::slack::World;

/// The scenario, messages in the channel, the state of the first one, and its cause.
type Expected = (&'static str, usize, Option<(AlertState, &'static str)>);

const EXPECTED: &[Expected] = &[
    ("denied", 1, Some((AlertState::Warning, "zoom_local_recording_disabled"))),
    ("waiting-room", 1, Some((AlertState::Warning, "waiting_room_now"))),
    ("not-recording", 1, Some((AlertState::Warning, "in_call_not_recording_now"))),
    ("saved", 1, Some((AlertState::Resolved, "recording_now"))),
    ("host-absent", 1, Some((AlertState::Failed, "never_started_recording"))),
    ("fatal", 1, Some((AlertState::Failed, "meeting_not_found"))),
    ("nobody-came", 0, None),
    ("recorded", 0, None),
    ("media-failed", 1, Some((AlertState::Failed, "recording_media_failed"))),
    ("late", 1, Some((AlertState::Failed, "meeting_not_found"))),
    ("storm", 6, Some((AlertState::Failed, "zoom_internal_error"))),
    ("legacy", 1, Some((AlertState::Failed, "meeting_not_found"))),
    ("unknown", 1, Some((AlertState::Failed, "fatal_unknown"))),
    ("duplicate", 1, Some((AlertState::Failed, "meeting_not_found"))),
    ("disorder", 1, Some((AlertState::Failed, "zoom_local_recording_disabled"))),
];

#[tokio::test]
async fn every_scenario_shows_what_it_says() {
    assert_eq!(
        SCENARIOS.iter().map(|scenario| scenario.id).collect::<Vec<_>>(),
        EXPECTED.iter().map(|(id, ..)| *id).collect::<Vec<_>>()
    );
    for (scenario, (_, many, first)) in SCENARIOS.iter().zip(EXPECTED) {
        let stage = Stage::new().await;
        for webhook in scenario.webhooks(at(0)) {
            stage.deliver(&webhook.id, &webhook.body, at(0)).await.unwrap();
            stage.pass(0).await;
        }
        stage.pass(5).await;
        stage.pass(10).await;
        let said = stage.alerts();
        assert_eq!(said.len(), *many, "{}: {:?}", scenario.id, stage.lines());
        let seen = said.first().map(|said| (alert(said).state, alert(said).report.cause.as_str()));
        assert_eq!(seen, *first, "{}", scenario.id);
        let late = said.first().is_some_and(|said| alert(said).late.is_some());
        assert_eq!(late, scenario.id == "late", "{}: {:?}", scenario.id, stage.lines());
        if scenario.id == "storm" {
            assert_eq!(storm(&said[5]).unwrap().folded, 35);
        }
    }
}

async fn simulate(arguments: &[&str], address: &str, secret: &str) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command
        .arg("simulate")
        .args(arguments)
        .env_clear()
        .env("RECALL_WEBHOOK_SECRET", secret)
        .env("HTTP_LISTEN", address);
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
    assert!(code == Some(1) && said.contains("Refused with 401"), "{said}");
    let (code, said) = simulate(&["denied"], &address, "").await;
    assert!(code == Some(2) && said.contains("RECALL_WEBHOOK_SECRET"), "{said}");
    let (code, said) = simulate(&["deny"], &address, SECRET).await;
    assert!(code == Some(2) && said.contains("Did you mean denied?"), "{said}");
    let (code, said) = simulate(&["denied", "--to", "ftp://example.com"], &address, SECRET).await;
    assert!(code == Some(2) && said.contains("--to takes"), "{said}");
    let (code, said) = simulate(&[], &address, SECRET).await;
    assert!(code == Some(0) && SCENARIOS.iter().all(|scenario| said.contains(scenario.about)), "{said}");
    running.stop().await;
    let (code, said) = simulate(&["denied"], &address, SECRET).await;
    assert!(code == Some(1) && said.contains("Nothing answers"), "{said}");
}
