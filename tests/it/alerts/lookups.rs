//! When Recall.ai is asked about a bot that is watched, how often, and what a rate limit does to that.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use why_no_recording::alerts::ChannelRef;
use why_no_recording::chat::interaction::{Interaction, InteractionKind, Requester};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::{Chat, Destination, Message};
use why_no_recording::recall::ClientConfig;

use super::{Stage, alerts, at, bot, limits, service_at, status};
use crate::world::databases::{Place, on_each_database};
use crate::world::recall::{FakeRecall, Fault};

on_each_database!(
    a_pause_that_recall_asked_for_holds_for_everybody_and_outlives_the_process,
    bots_that_can_still_be_saved_are_asked_about_first,
    a_bot_that_is_only_counted_is_not_asked_about,
    what_was_learned_of_a_bot_that_is_not_told_of_is_forgotten,
);

/// A bot as Recall.ai tells it.
fn listed(number: usize, changes: &[(i64, &str, &str)]) -> Value {
    let changes: Vec<Value> = changes
        .iter()
        .map(|(seconds, code, sub_code)| {
            let sub_code = (!sub_code.is_empty()).then_some(sub_code);
            json!({ "code": code, "sub_code": sub_code, "created_at": at(*seconds).to_string() })
        })
        .collect();
    json!({
        "id": bot(number), "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "status_changes": changes,
    })
}

/// The same status of bots `0..many`, heard at the same time.
async fn all_are(stage: &Stage, many: usize, seconds: i64, code: &str) {
    join_all((0..many).map(async |number| {
        let id = format!("{number}-{code}");
        stage.deliver(&id, &status(&bot(number), at(seconds), code, ""), at(seconds)).await.unwrap();
    }))
    .await;
    stage.pass(seconds).await;
}

/// The numbers of the bots that were asked about, in order.
fn asked_about(recall: &FakeRecall) -> Vec<usize> {
    let asked = recall.seen().into_iter().filter_map(|seen| {
        seen.path.strip_prefix("/api/v1/bot/")?.trim_end_matches('/').rsplit('-').next()?.parse().ok()
    });
    asked.collect()
}

/// One number out of the database, past the store.
async fn number(place: &Place, sql: &'static str) -> i64 {
    match place {
        Place::Sqlite(_) => {
            let mut connection = SqliteConnection::connect(&place.url()).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        }
        Place::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        }
    }
}

async fn bots_that_join_and_record(many: usize) {
    let recall = FakeRecall::start().await;
    for number in 0..many {
        recall.add_bot(listed(number, &[(0, "joining_call", "")]));
    }
    let stage = Stage::with(alerts(), Some(&recall)).await;
    let life = [
        (0, "joining_call"),
        (5, "in_waiting_room"),
        (40, "in_call_not_recording"),
        (42, "recording_permission_allowed"),
        (43, "in_call_recording"),
    ];
    for (seconds, code) in life {
        all_are(&stage, many, seconds, code).await;
    }
    for seconds in [60, 170, 185, 240, 1_300, 3_000] {
        stage.pass(seconds).await;
    }
    for (seconds, code) in [(3_600, "call_ended"), (3_605, "done")] {
        all_are(&stage, many, seconds, code).await;
    }
    for seconds in [3_700, 8_000] {
        stage.pass(seconds).await;
    }
    assert_eq!(recall.seen().len(), 0, "healthy bots are not asked about");
    assert!(stage.alerts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_that_join_are_admitted_and_record_are_not_asked_about() {
    bots_that_join_and_record(100).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn measured_two_thousand_bots_that_record_are_not_asked_about() {
    bots_that_join_and_record(2_000).await;
}

/// Bots that wait in a lobby for three minutes, and are about to be warned of, each in a message of its own.
async fn bots_in_a_lobby(many: usize) {
    const PER_MINUTE: usize = 150;
    let recall = FakeRecall::start().await;
    for number in 0..many {
        recall.add_bot(listed(number, &[(0, "in_waiting_room", "")]));
    }
    let mut alerts = alerts();
    alerts.policy.grouping.after = u32::MAX;
    // Nothing has to be delivered: the channel is of a chat that is not there.
    alerts.policy.default_channels = vec![ChannelRef("slack:C1".to_owned())];
    let half = NonZeroU32::new(u32::try_from(PER_MINUTE * 2).unwrap()).unwrap();
    let limits = ClientConfig { retrieve_per_minute: half, ..limits() };
    let place = Place::sqlite();
    let url = place.url();
    let stage = Stage::limited(place, alerts, Some(&recall), limits).await;
    all_are(&stage, many, 0, "in_waiting_room").await;
    assert_eq!(recall.seen().len(), 0, "nobody knows yet whether there is anything to ask");

    let version = "PRAGMA data_version";
    let mut watcher = SqliteConnection::connect(&url).await.unwrap();
    let mut asked = Vec::new();
    for seconds in 0..=180 {
        stage.pass(seconds).await;
        asked.push(recall.seen().len());
        if seconds % 10 == 9 && seconds < 180 {
            let before: i64 = sqlx::query_scalar(version).fetch_one(&mut watcher).await.unwrap();
            stage.pass(seconds).await;
            stage.pass(seconds).await;
            let after: i64 = sqlx::query_scalar(version).fetch_one(&mut watcher).await.unwrap();
            assert_eq!(before, after, "without a budget nothing is written, after {seconds} s");
        }
    }
    println!("{many} bots: {} asked in three minutes", asked[180]);
    let in_a_minute = (0..asked.len()).map(|end| asked[end] - asked[end.saturating_sub(60)]).max().unwrap();
    assert!(in_a_minute <= PER_MINUTE, "{in_a_minute} in a minute");
    assert!((20..=PER_MINUTE).contains(asked.last().unwrap()), "{asked:?}");
    let failed: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM bots WHERE lookup_failures > 0 OR lookup_lease_until > 0")
            .fetch_one(&mut watcher)
            .await
            .unwrap();
    assert_eq!(failed, 0, "want of budget is no failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_in_a_lobby_cost_no_more_than_the_budget() {
    bots_in_a_lobby(250).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn measured_five_thousand_bots_in_a_lobby_cost_no_more_than_the_budget() {
    bots_in_a_lobby(5_000).await;
}

async fn a_pause_that_recall_asked_for_holds_for_everybody_and_outlives_the_process(place: Place) {
    let recall = FakeRecall::start().await;
    for number in 1..=4 {
        recall.add_bot(listed(number, &[(0, "fatal", "zoom_internal_error")]));
    }
    recall.fail_next([Fault::RetryAfter(429, "50")]);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    for number in 1..=3 {
        let id = format!("m{number}");
        let fatal = status(&bot(number), at(0), "fatal", "zoom_internal_error");
        stage.deliver(&id, &fatal, at(0)).await.unwrap();
    }
    stage.pass(0).await;
    stage.pass(10).await;
    assert_eq!(asked_about(&recall).len(), 1, "one was refused, and the others wait with it");
    assert_eq!(stage.alerts().len(), 3, "the alerts do not");

    // Whoever works beside it, and whoever starts next.
    let other = service_at(&stage.place.url(), &stage.board, alerts(), Some(&recall)).await;
    other.wait_until_idle(at(15)).await.unwrap();
    assert_eq!(recall.seen().len(), 1, "{:?}", recall.seen());
    other.store.close().await;
    let stage = stage.restarted_with(alerts(), Some(&recall)).await;
    stage.pass(30).await;
    stage.service.watch.reconcile(at(25)).await.unwrap();
    let answer = ask(&stage, 4, 20).await;
    assert!(answer.contains("Ask again in 3") && answer.contains("seconds"), "{answer}");
    assert_eq!(recall.seen().len(), 1, "{:?}", recall.seen());

    stage.pass(60).await;
    let mut asked = asked_about(&recall);
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked, [1, 2, 3], "once it is over");
    assert_eq!(number(&stage.place, "SELECT CAST(SUM(lookup_failures) AS BIGINT) FROM bots").await, 0);
}

/// What a person is told who asks about a bot at a time.
async fn ask(stage: &Stage, number: usize, seconds: i64) -> String {
    let (question, privately) = Question::parse_command(&bot(number));
    let destination = Destination { channel: "recordings".to_owned(), thread: None };
    let interaction = Interaction {
        delivery_id: format!("test:{seconds}"),
        chat: Chat::Console,
        at: at(seconds),
        requester: Requester::new("Sam".to_owned(), destination),
        kind: InteractionKind::Ask { question, privately },
    };
    stage.service.inbox.accept(&interaction).await.unwrap();
    stage.pass(seconds).await;
    match stage.board.ephemeral().pop() {
        Some(Message::Notice(text)) => text,
        _ => String::new(),
    }
}

async fn bots_that_can_still_be_saved_are_asked_about_first(place: Place) {
    let recall = FakeRecall::start().await;
    recall.fail_next([Fault::RetryAfter(429, "600")]);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    // Nothing can be asked for ten minutes; meanwhile three bots come into three states.
    stage.hear(&bot(1), 0, "fatal", "zoom_internal_error").await;
    stage.hear(&bot(2), 100, "in_waiting_room", "").await;
    stage.hear(&bot(3), 590, "recording_permission_denied", "zoom_local_recording_disabled").await;
    stage.pass(595).await;
    assert_eq!(asked_about(&recall).len(), 1);
    for number in 1..=3 {
        recall.add_bot(listed(number, &[(0, "joining_call", "")]));
    }
    stage.pass(610).await;
    assert_eq!(asked_about(&recall)[1..4], [2, 3, 1], "those that can be saved, the older first");
}

async fn a_bot_that_is_only_counted_is_not_asked_about(place: Place) {
    let recall = FakeRecall::start().await;
    recall.fail_next([Fault::RetryAfter(429, "100")]);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    for number in 1..=20 {
        recall.add_bot(listed(number, &[(0, "fatal", "zoom_internal_error")]));
        stage.hear(&bot(number), 0, "fatal", "zoom_internal_error").await;
    }
    stage.pass(10).await;
    for number in 1..=20 {
        // They are evaluated once more without any news.
        stage.service.store.mark_due(&bot(number), at(20)).await.unwrap();
    }
    stage.pass(20).await;
    stage.pass(200).await;
    let mut asked = asked_about(&recall);
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked, [1, 2, 3, 4, 5], "those with an alert of their own");
}

async fn what_was_learned_of_a_bot_that_is_not_told_of_is_forgotten(place: Place) {
    let recall = FakeRecall::start().await;
    recall.add_bot(listed(1, &[(0, "joining_call", ""), (5, "in_waiting_room", "")]));
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    let kept = "SELECT COUNT(*) FROM bots WHERE api_response IS NOT NULL";
    stage.hear(&bot(1), 0, "joining_call", "").await;
    stage.hear(&bot(1), 5, "in_waiting_room", "").await;
    stage.pass(172).await;
    assert_eq!(asked_about(&recall), [1], "shortly before the warning");
    assert_eq!(number(&stage.place, kept).await, 1, "its own timers may move the warning");
    stage.hear(&bot(1), 175, "in_call_not_recording", "").await;
    stage.hear(&bot(1), 178, "in_call_recording", "").await;
    stage.pass(400).await;
    assert!(stage.alerts().is_empty());
    assert_eq!(number(&stage.place, kept).await, 0, "nobody is told of it");
}

/// What people ask is not part of what nobody waits for.
#[tokio::test]
async fn a_budget_that_is_used_up_leaves_people_their_share() {
    let recall = FakeRecall::start().await;
    let limits =
        ClientConfig { retrieve_per_minute: NonZeroU32::new(40).unwrap(), ..ClientConfig::default() };
    let stage = Stage::limited(Place::sqlite(), alerts(), Some(&recall), limits).await;
    for number in 1..=5 {
        recall.add_bot(listed(number, &[(0, "fatal", "meeting_not_found")]));
        stage.hear(&bot(number), 0, "fatal", "meeting_not_found").await;
    }
    assert_eq!(asked_about(&recall), [1, 2], "twenty a minute are two at once");
    ask(&stage, 5, 0).await;
    assert_eq!(asked_about(&recall), [1, 2, 5]);
    stage.pass(4).await;
    assert_eq!(asked_about(&recall), [1, 2, 5, 3], "it comes back");
}
