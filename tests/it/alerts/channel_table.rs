//! The table of channels: where the alerts of customers go, and that thousands of them cost nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use why_no_recording::alerts::ChannelRef;
use why_no_recording::alerts::channel_table::{ChannelTable, TableRow};
use why_no_recording::alerts::route::{Conditions, Route, Traits};
use why_no_recording::chat::Message;
use why_no_recording::diagnosis::vocabulary::{Actor, Platform};
use why_no_recording::watch::AlertConfig;

use super::{Stage, alerts, at, bot, group, key, service_at, signed, status};
use crate::world::board::Board;
use crate::world::databases::Place;

fn row(channel: &str) -> TableRow {
    TableRow { channels: vec![ChannelRef(format!("console:{channel}"))], mention: None }
}

fn table(rows: &[(&str, &str)]) -> ChannelTable {
    let rows = rows.iter().map(|(value, channel)| ((*value).to_owned(), row(channel)));
    ChannelTable::new("customer".to_owned(), rows)
}

fn with(rows: &[(&str, &str)]) -> AlertConfig {
    AlertConfig { channel_table: table(rows), ..alerts() }
}

/// A bot of a customer fails; no customer is no metadata.
fn failed(bot: &str, seconds: i64, customer: &str) -> Value {
    told(bot, seconds, "fatal", "meeting_not_found", customer)
}

fn told(bot: &str, seconds: i64, code: &str, sub_code: &str, customer: &str) -> Value {
    let mut body = status(bot, at(seconds), code, sub_code);
    if !customer.is_empty() {
        body["data"]["bot"]["metadata"]["customer"] = customer.into();
    }
    body
}

async fn hear(stage: &Stage, body: &Value, seconds: i64) {
    static DELIVERED: AtomicUsize = AtomicUsize::new(0);
    let id = format!("m{}", DELIVERED.fetch_add(1, Ordering::Relaxed));
    stage.deliver(&id, body, at(seconds)).await.unwrap();
    stage.wait_until_idle(at(seconds)).await;
}

/// Where an alert of a customer goes, with routes before the table.
fn check(cause: &str, customer: Option<&str>, expect: &[&str], by_route: bool) {
    let mut config = with(&[("acme", "acme"), ("globex", "globex")]);
    let causes = |cause: &str| Conditions { causes: vec![cause.to_owned()], ..Conditions::default() };
    config.policy.routes = vec![
        Route { when: causes("meeting_not_found"), ..Route::default() },
        Route {
            when: causes("bot_errored"),
            channels: vec![ChannelRef("console:team".to_owned())],
            mention: None,
        },
    ];
    let metadata: BTreeMap<String, String> =
        customer.map(|customer| ("customer".to_owned(), customer.to_owned())).into_iter().collect();
    let (workspace, platform, actor) = ("default", Platform::Zoom, Actor::Host);
    let traits = Traits { workspace, platform, cause, actor, metadata: &metadata };
    let routed = config.policy.route(&traits, &config.channel_table);
    let channels: Vec<&str> = routed.channels.iter().map(|channel| &channel.0["console:".len()..]).collect();
    assert_eq!((channels.as_slice(), routed.by_route), (expect, by_route), "{cause} of {customer:?}");
}

#[test]
fn routes_come_before_the_table_and_the_table_before_the_default() {
    check("x", Some("acme"), &["acme"], false);
    check("x", Some("globex"), &["globex"], false);
    check("x", Some("initech"), &["alerts"], false);
    check("x", Some("Acme"), &["alerts"], false);
    check("x", None, &["alerts"], false);
    check("meeting_not_found", Some("acme"), &[], true);
    check("bot_errored", Some("acme"), &["team"], true);
}

#[tokio::test]
async fn each_customer_has_a_channel_of_its_own_with_its_own_groups() {
    let stage = Stage::with(with(&[("acme", "acme"), ("globex", "globex")]), None).await;
    for number in 0..9 {
        hear(&stage, &failed(&bot(number), 0, "acme"), 1).await;
    }
    hear(&stage, &failed(&bot(20), 0, "globex"), 1).await;
    hear(&stage, &failed(&bot(21), 0, "initech"), 1).await;
    hear(&stage, &failed(&bot(22), 0, ""), 1).await;
    for seconds in (2..40).step_by(3) {
        stage.pass(seconds).await;
    }
    let acme = stage.board.channel("acme");
    assert_eq!(acme.len(), 6, "five of their own, and the group: {acme:#?}");
    assert_eq!(acme.iter().filter_map(group).map(|group| group.grouped).sum::<u64>(), 4);
    assert_eq!(stage.board.channel("globex").len(), 1);
    assert_eq!(stage.alerts().len(), 2, "without a row, and without metadata");
}

#[tokio::test]
async fn a_channel_that_refuses_is_replaced_by_the_fallback() {
    let stage = Stage::with(with(&[("acme", "acme")]), None).await;
    stage.board.close("acme");
    hear(&stage, &failed(&bot(1), 0, "acme"), 1).await;
    let said = stage.board.channel("fallback");
    assert_eq!(said.len(), 1);
    assert!(said[0].redirect_note.as_ref().unwrap().contains("I couldn't post in acme"), "{said:#?}");
}

#[tokio::test]
async fn a_table_that_changes_counts_for_the_next_bot_and_not_for_alerts_that_are_there() {
    let stage = Stage::with(with(&[("acme", "before")]), None).await;
    let denied = |number, seconds| {
        told(&bot(number), seconds, "recording_permission_denied", "zoom_local_recording_disabled", "acme")
    };
    hear(&stage, &denied(1, 0), 1).await;
    stage.service.watch.replace_channel_table(table(&[("acme", "after")]));
    hear(&stage, &told(&bot(1), 10, "in_call_recording", "", "acme"), 11).await;
    hear(&stage, &denied(2, 12), 13).await;
    let before = stage.board.channel("before");
    assert_eq!(before.len(), 1);
    assert!(super::line(&before[0]).starts_with("Resolved"), "{before:#?}");
    assert_eq!(stage.board.channel("after").len(), 1);
    // Even as the alert becomes another one.
    hear(&stage, &told(&bot(2), 20, "fatal", "meeting_not_found", "acme"), 21).await;
    stage.service.watch.replace_channel_table(table(&[("initech", "x")]));
    hear(&stage, &told(&bot(2), 30, "done", "", "acme"), 31).await;
    assert_eq!((stage.board.channel("after").len(), stage.alerts().len()), (1, 0));
}

/// Two instances whose tables differ: each bot has one alert, wherever it began.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_with_different_tables_post_each_alert_once() {
    let board = Arc::new(Board::default());
    let place = Place::sqlite();
    let first = service_at(&place.url(), &board, with(&[("acme", "old")]), None).await;
    let second = service_at(&place.url(), &board, with(&[("acme", "new")]), None).await;
    let states = [
        (0, "recording_permission_denied", "zoom_local_recording_disabled"),
        (5, "fatal", "meeting_not_found"),
        (10, "done", ""),
    ];
    for number in 0..4 {
        for (turn, (seconds, code, sub_code)) in states.into_iter().enumerate() {
            let body = told(&bot(number), seconds, code, sub_code, "acme").to_string();
            let now = at(seconds + 1);
            let headers = signed(&key(), &format!("{number}-{turn}"), body.as_bytes(), now);
            let service = [&first, &second][(number + turn) % 2];
            service.watch.receive(None, &headers, body.as_bytes(), now).await.unwrap();
            service.wait_until_idle(now).await.unwrap();
        }
    }
    let alerts = |channel| {
        let said = board.channel(channel);
        said.into_iter().filter(|said| matches!(said.message, Message::Alert(_))).count()
    };
    assert_eq!((alerts("old"), alerts("new"), alerts("alerts")), (2, 2, 0));
}

#[tokio::test]
async fn five_thousand_rows_are_looked_up_in_no_time() {
    let values: Vec<(String, String)> =
        (0..5000).map(|number| (format!("customer {number}"), format!("c{number}"))).collect();
    let rows: Vec<(&str, &str)> =
        values.iter().map(|(value, name)| (value.as_str(), name.as_str())).collect();
    let begun = Instant::now();
    let config = with(&rows);
    let built = begun.elapsed();
    let stage = Stage::with(config, None).await;
    let begun = Instant::now();
    for number in 0..50 {
        let body = failed(&bot(number), 0, &format!("customer {}", number * 100));
        stage.deliver(&format!("m{number}"), &body, at(1)).await.unwrap();
    }
    stage.wait_until_idle(at(1)).await;
    let evaluated = begun.elapsed();
    for number in 0..50 {
        assert_eq!(stage.board.channel(&format!("c{}", number * 100)).len(), 1, "{number}");
    }
    println!("5000 rows: built in {built:?}; 50 bots heard, evaluated and posted in {evaluated:?}");
    assert!(built < Duration::from_secs(1), "{built:?}");
}
