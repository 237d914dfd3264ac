//! Every scenario of `simulate`, and what the channel shows of it.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use why_no_recording::health::Health;
use why_no_recording::http::{Details, Endpoints, router};
use why_no_recording::observe::start_metrics;
use why_no_recording::recall::event::{WebhookEvent, parse_webhook};
use why_no_recording::report::alert::AlertState;
use why_no_recording::simulate::{SCENARIOS, Scenario, Sender};
use why_no_recording::{clock, listener};

use super::{Stage, alert, at, group, key};

/// The scenario, messages in the channel, the state of the first one, and its cause.
type Expected = (&'static str, usize, Option<(AlertState, &'static str)>);

const EXPECTED: &[Expected] = &[
    ("denied", 1, Some((AlertState::Warning, "zoom_local_recording_disabled"))),
    ("waiting-room", 1, Some((AlertState::Warning, "waiting_room_now"))),
    ("not-recording", 1, Some((AlertState::Warning, "in_call_not_recording_now"))),
    ("saved", 1, Some((AlertState::Resolved, "recording_now"))),
    ("asked-again", 1, Some((AlertState::Resolved, "recording_now"))),
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

/// What the channel shows when a scenario was played.
fn check(stage: &Stage, scenario: &Scenario) {
    let (_, many, first) = EXPECTED.iter().find(|(id, ..)| *id == scenario.id).unwrap();
    let said = stage.alerts();
    assert_eq!(said.len(), *many, "{}: {:?}", scenario.id, stage.lines());
    let seen = said.first().map(|said| (alert(said).state, alert(said).report.cause.as_str()));
    assert_eq!(seen, *first, "{}", scenario.id);
    let late = said.first().is_some_and(|said| alert(said).late.is_some());
    assert_eq!(late, scenario.id == "late", "{}: {:?}", scenario.id, stage.lines());
    if scenario.id == "storm" {
        assert_eq!(group(&said[5]).unwrap().grouped, 35);
    }
}

#[tokio::test]
async fn every_scenario_shows_what_it_says() {
    assert_eq!(
        SCENARIOS.iter().map(|scenario| scenario.id).collect::<Vec<_>>(),
        EXPECTED.iter().map(|(id, ..)| *id).collect::<Vec<_>>()
    );
    for scenario in SCENARIOS {
        let stage = Stage::new().await;
        let mut seconds = 0;
        for part in scenario.steps() {
            for webhook in part.webhooks(at(seconds)) {
                stage.deliver(&webhook.id, &webhook.body, at(seconds)).await.unwrap();
                stage.pass(seconds).await;
            }
            seconds += 2;
        }
        stage.pass(seconds + 3).await;
        stage.pass(seconds + 8).await;
        check(&stage, scenario);
    }
}

/// The same through what the command sends and what the service listens with.
#[tokio::test]
async fn every_scenario_shows_it_over_http() {
    for scenario in SCENARIOS {
        let stage = Stage::new().await;
        let endpoints = Endpoints::of(&stage.service, Health::default(), start_metrics().unwrap());
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let free = "127.0.0.1:0".parse().unwrap();
        let address =
            listener::start(free, router(Arc::new(endpoints), Details::Elsewhere), &stop, &tasks).unwrap();
        let url = format!("http://{address}/webhooks/recall").parse().unwrap();
        let sender = Sender::new(url, Some(key())).unwrap();
        for part in scenario.steps() {
            for webhook in part.webhooks(clock::now()) {
                let answer = sender.send(&webhook, clock::now()).await.unwrap();
                assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}: {}", scenario.id, answer.words);
            }
            stage.wait_until_idle(clock::now()).await;
        }
        for seconds in [5, 10] {
            stage.wait_until_idle(clock::now() + SignedDuration::from_secs(seconds)).await;
        }
        check(&stage, scenario);
        stop.cancel();
    }
}

/// What comes after a pause happens after the pause.
#[tokio::test]
async fn events_are_dated_when_they_are_sent() {
    let stage = Stage::new().await;
    let saved = SCENARIOS.iter().find(|scenario| scenario.id == "saved").unwrap();
    for (part, seconds) in saved.steps().iter().zip([0, 7, 20]) {
        for webhook in part.webhooks(at(seconds)) {
            stage.deliver(&webhook.id, &webhook.body, at(seconds)).await.unwrap();
        }
        stage.pass(seconds).await;
    }
    let said = stage.only();
    let notes: Vec<&str> = alert(&said).report.evidence.iter().map(|line| line.note.as_str()).collect();
    assert_eq!(
        notes[1..3],
        ["in the waiting room for 10 minutes", "in the call, not recording for 13 seconds"]
    );
}

#[test]
fn what_is_simulated_can_be_told_apart() {
    for scenario in SCENARIOS {
        for webhook in scenario.steps().iter().flat_map(|part| part.webhooks(at(0))) {
            let metadata = match parse_webhook(webhook.body.to_string().as_bytes()) {
                WebhookEvent::Bot(event) => event.metadata,
                WebhookEvent::Unknown(event) => {
                    assert_eq!((scenario.id, event.as_deref()), ("unknown", Some("hologram.failed")));
                    continue;
                }
                WebhookEvent::Ignored(event) => panic!("{event} is not about a recording"),
            };
            let told = ["simulated", "scenario"].map(|key| metadata.get(key).map(String::as_str));
            let expected =
                if scenario.id == "legacy" { [None; 2] } else { [Some("true"), Some(scenario.id)] };
            assert_eq!(told, expected, "{}", scenario.id);
        }
    }
}
