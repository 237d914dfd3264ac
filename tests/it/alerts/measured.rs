//! Figures, and not rules: webhooks a second, time to the acknowledgement and to the message, what kills do.
//! They run by hand, with the program as it is shipped:
//! `cargo build --release && WNR_MEASURED_BINARY=target/release/why-no-recording \
//!    cargo test --test it measured_ -- --ignored --nocapture --test-threads 1`.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::task::JoinSet;
use why_no_recording::clock;
use why_no_recording::recall::event::{WebhookEvent, parse_webhook};

use why_no_recording::store::{NewEvent, NewWebhook};
use why_no_recording::watch::AlertConfig;

use super::serving::{HEARING, post};
use super::{Stage, alerts, at, bot, key, signed, status};
use crate::slack::World;
use crate::slack::surviving::Program;
use crate::world::slack::FakeSlack;

fn told(name: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |share: usize| took[(took.len() - 1) * share / 1000];
    println!(
        "{name}: {} requests, p50 {:?}, p99 {:?}, worst {:?}",
        took.len(),
        at(500),
        at(990),
        took[took.len() - 1]
    );
}

fn memory(program: &Program) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM")).collect()
}

/// Five hundred a second for twenty seconds: a tenth of the bots fail, the others are on their way.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_webhooks() {
    const MANY: usize = 10_000;
    let world = World::new().await;
    world.slack.join("C9");
    let program = Program::start_with(&world, &HEARING);
    println!("idle: {}", memory(&program));
    let (http, url) = (reqwest::Client::new(), format!("http://{}/webhooks/recall", program.address));
    let mut sent = JoinSet::new();
    let mut tick = tokio::time::interval(Duration::from_millis(2));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let begun = Instant::now();
    for number in 0..MANY {
        tick.tick().await;
        let (code, sub_code) =
            if number % 10 == 0 { ("fatal", "zoom_internal_error") } else { ("joining_call", "") };
        let now = clock::now();
        let body = status(&bot(number), now, code, sub_code).to_string();
        let headers = signed(&key(), &format!("m{number}"), body.as_bytes(), now);
        let request = http.post(&url).headers(headers).body(body);
        sent.spawn(async move {
            let begun = Instant::now();
            assert!(request.send().await.unwrap().status().is_success());
            begun.elapsed()
        });
    }
    let took = sent.join_all().await;
    let rate = f64::from(u32::try_from(MANY).unwrap()) / begun.elapsed().as_secs_f64();
    told(&format!("webhooks at {rate:.0} a second"), took);
    let counted = begun.elapsed();
    world
        .slack
        .until("all to be counted", |slack| {
            let posted = slack.posted("C9");
            posted.iter().any(|said| said.body["text"].as_str().unwrap().contains("1000 bots")).then_some(())
        })
        .await;
    println!("all 1000 failures counted {:?} after the last webhook", begun.elapsed() - counted);
    let heads = world.slack.posted("C9").into_iter().filter(|posted| posted.thread_ts.is_none()).count();
    println!("{heads} messages in the channel; {}", memory(&program));
}

/// A failure now and then, so that Slack's limit of a message a second in a channel is not what is measured:
/// how long until the message stands.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_time_to_the_message() {
    let world = World::new().await;
    world.slack.join("C9");
    let more = [HEARING.as_slice(), &[("ALERTS_GROUP_AFTER", "1000")]].concat();
    let program = Program::start_with(&world, &more);
    let mut took = Vec::new();
    for number in 0..15 {
        let body = status(&bot(number), clock::now(), "fatal", "zoom_internal_error");
        let begun = Instant::now();
        post(&program.address, &format!("m{number}"), &body).send().await.unwrap();
        let id = bot(number);
        world
            .slack
            .until("the message", |slack| {
                let posted = slack.posted("C9");
                posted.iter().any(|said| said.body["text"].as_str().unwrap().contains(&id)).then_some(())
            })
            .await;
        took.push(begun.elapsed());
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    told("from the webhook to the message", took);
}

/// The program is killed at varied moments while webhooks come in; whoever got no answer sends again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_kills_of_alerts() {
    const ROUNDS: usize = 60;
    let world = World::new().await;
    world.slack.join("C9");
    world.slack.grant("channels:history");
    let more = [HEARING.as_slice(), &[("ALERTS_GROUP_AFTER", "1000")]].concat();
    let mut pending: Vec<usize> = Vec::new();
    for round in 0..ROUNDS {
        let program = Program::start_with(&world, &more);
        pending.extend([round * 2, round * 2 + 1]);
        let mut refused = Vec::new();
        for number in pending.drain(..) {
            let body = status(&bot(number), clock::now(), "fatal", "zoom_internal_error");
            let sent = post(&program.address, &format!("m{number}"), &body).send().await;
            if !sent.is_ok_and(|sent| sent.status().is_success()) {
                refused.push(number);
            }
        }
        pending = refused;
        tokio::time::sleep(Duration::from_millis((round as u64 * 7919) % 150)).await;
        program.kill();
    }
    let _program = Program::start_with(&world, &more);
    let heads = |slack: &FakeSlack| -> Vec<String> {
        let posted = slack.posted("C9").into_iter().filter(|posted| posted.thread_ts.is_none());
        posted.map(|posted| posted.body["text"].as_str().unwrap().to_owned()).collect()
    };
    let all = |slack: &FakeSlack| (slack.posted("C9").len() >= ROUNDS * 4).then_some(());
    world.slack.until("all alerts", all).await;
    let heads = heads(&world.slack);
    let many = |number: usize| heads.iter().filter(|text| text.contains(&bot(number))).count();
    let lost = (0..ROUNDS * 2).filter(|number| many(*number) == 0).count();
    let doubled = (0..ROUNDS * 2).filter(|number| many(*number) > 1).count();
    println!("{ROUNDS} kills, {} alerts: {lost} lost, {doubled} doubled", ROUNDS * 2);
    assert_eq!((lost, doubled), (0, 0));
}

/// Bots that are due all at once, on SQLite: of five, four are on their way or record, and one has failed. Without
/// a key by which failures are counted, with a key for each bot, and with one for all.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_evaluations() {
    for (what, customer) in [("no key", None), ("a key each", Some(true)), ("one key for all", Some(false))] {
        evaluations(what, customer).await;
    }
}

async fn evaluations(what: &str, one_each: Option<bool>) {
    const MANY: usize = 3_000;
    let keys = one_each.map(|_| "customer".to_owned());
    let stage =
        Stage::with(AlertConfig { recurrence_keys: keys.into_iter().collect(), ..alerts() }, None).await;
    let store = &stage.service.store;
    let heard = |number: usize, (step, code, sub_code): (i64, &str, &str)| {
        let mut body = status(&bot(number), at(step), code, sub_code);
        if let Some(one_each) = one_each {
            let customer = if one_each { number } else { 0 };
            body["data"]["bot"]["metadata"] = json!({ "customer": customer.to_string() });
        }
        let WebhookEvent::Bot(event) = parse_webhook(body.to_string().as_bytes()) else {
            panic!("{code} is no status");
        };
        NewWebhook {
            id: format!("m{number}-{step}"),
            workspace: "default".to_owned(),
            event: event.name(),
            happening: Some(NewEvent {
                bot: bot(number),
                name: event.name(),
                body: serde_json::to_string(&event).unwrap().into(),
            }),
            ..NewWebhook::default()
        }
    };
    let last = |number: usize| match number % 5 {
        0 => (9, "fatal", "zoom_internal_error"),
        1 => (9, "in_waiting_room", ""),
        _ => (9, "in_call_recording", ""),
    };
    for first in (0..MANY).step_by(500) {
        let webhooks = (first..first + 500).flat_map(|number| {
            [(0, "joining_call", ""), (5, "in_call_not_recording", ""), last(number)]
                .map(|story| store.accept_webhook(heard(number, story), at(10)))
        });
        join_all(webhooks).await.into_iter().for_each(|accepted| assert!(accepted.is_ok()));
    }
    let (begun, mut batches, mut longest) = (Instant::now(), 0_u32, Duration::ZERO);
    loop {
        let batch = Instant::now();
        if !stage.service.watch.evaluate_due(at(11)).await.unwrap() {
            break;
        }
        batches += 1;
        longest = longest.max(batch.elapsed());
    }
    let rate = f64::from(u32::try_from(MANY).unwrap()) / begun.elapsed().as_secs_f64();
    println!("{what}: {rate:.0} evaluations a second, {batches} batches, the longest {longest:?}");
}
