//! The participants of a recording: where they may come from, and what their absence is put down to.

use serde_json::{Value, json};
use why_no_recording::diagnosis::case_file::{Known, WhyMissing};
use why_no_recording::recall::ClientConfig;

use super::{bot, bot_with_participants, fetcher, hasty, id, limits, now, people};
use crate::world::recall::{FakeRecall, Fault};

async fn participants(recall: &FakeRecall, limits: ClientConfig) -> Known<Vec<Option<bool>>> {
    match fetcher(recall, limits).case_file(id(), now()).await.unwrap().participants {
        Known::Value(people) => Known::Value(people.iter().map(|person| person.is_host).collect()),
        Known::Missing(why) => Known::Missing(why),
    }
}

/// One recording, with this download.
async fn check(download: &str, expect: Known<Vec<Option<bool>>>) {
    let recall = FakeRecall::start().await;
    let link = recall.add_download("people", download);
    recall.add_bot(bot_with_participants(&[link]));
    assert_eq!(participants(&recall, limits()).await, expect, "{download:.80}");
}

/// One recording, of which the download goes wrong like this.
async fn check_fault(limits: ClientConfig, fault: Fault, expect: WhyMissing) {
    let recall = FakeRecall::start().await;
    let link = recall.add_download("people", "[]");
    recall.add_bot(bot_with_participants(&[link]));
    recall.fail_downloads(fault.clone());
    assert_eq!(participants(&recall, limits).await, Known::Missing(expect), "{fault:?}");
}

/// A recording whose participants are behind this link.
async fn check_link(link: &str, expect: WhyMissing) {
    let recall = FakeRecall::start().await;
    recall.add_bot(bot_with_participants(&[link.to_owned()]));
    assert_eq!(participants(&recall, limits()).await, Known::Missing(expect), "{link}");
    assert_eq!(recall.seen().len(), 1);
}

#[tokio::test]
async fn downloads_are_read() {
    check(&people(&[Some(true), Some(false)]), Known::Value(vec![Some(true), Some(false)])).await;
    check(&people(&[None]), Known::Value(vec![None])).await;
    check("[]", Known::Missing(WhyMissing::Empty)).await;
    check("<html>", Known::Missing(WhyMissing::Unreadable)).await;
    check("", Known::Missing(WhyMissing::Unreadable)).await;
    check(r#"[{"is_host":true"#, Known::Missing(WhyMissing::Unreadable)).await;
    check(&" ".repeat(8 * 1024 * 1024 + 1), Known::Missing(WhyMissing::TooLarge)).await;
}

#[tokio::test]
async fn the_key_stays_at_recall() {
    let recall = FakeRecall::start().await;
    let link = recall.add_download("people", people(&[Some(false)]));
    recall.add_bot(bot_with_participants(&[link]));
    assert_eq!(participants(&recall, limits()).await, Known::Value(vec![Some(false)]));
    let seen = recall.seen();
    let download = seen.iter().find(|seen| seen.path == "/download/people").unwrap();
    assert_eq!(download.authorization, None);
    assert_eq!(download.query, "signature=secret-of-the-link");
    assert_eq!(download.body_bytes, 0);
}

#[tokio::test]
async fn failures_are_reasons_and_not_errors() {
    check_fault(limits(), Fault::Status(403), WhyMissing::Refused(403)).await;
    check_fault(limits(), Fault::Status(404), WhyMissing::Refused(404)).await;
    check_fault(limits(), Fault::Status(500), WhyMissing::Failed(Some(500))).await;
    check_fault(limits(), Fault::WebPage(200), WhyMissing::Unreadable).await;
    check_fault(limits(), Fault::Redirect("https://evil.example/x".to_owned()), WhyMissing::ForeignHost)
        .await;
    check_fault(limits(), Fault::Redirect("/download/people".to_owned()), WhyMissing::Failed(None)).await;
}

#[tokio::test]
async fn a_silent_download_is_not_waited_for() {
    let limits = ClientConfig { request_timeout: limits().request_timeout, ..hasty() };
    let limits = ClientConfig { question_timeout: limits.request_timeout, ..limits };
    check_fault(limits, Fault::Silence, WhyMissing::TimedOut).await;
}

#[tokio::test]
async fn links_to_elsewhere_are_not_followed() {
    check_link("https://evil.example/people", WhyMissing::ForeignHost).await;
    check_link("http://us-east-1.recall.ai/people", WhyMissing::ForeignHost).await;
    check_link("http://169.254.169.254/latest/meta-data", WhyMissing::ForeignHost).await;
    check_link("file:///etc/passwd", WhyMissing::ForeignHost).await;
    check_link("not a link", WhyMissing::Unreadable).await;
    check_link("", WhyMissing::NotOffered).await;
}

#[tokio::test]
async fn every_recording_is_asked_and_a_host_in_one_of_them_is_a_host() {
    let recall = FakeRecall::start().await;
    let first = recall.add_download("first", people(&[Some(false)]));
    let second = recall.add_download("second", people(&[Some(false), Some(true)]));
    recall.add_bot(bot_with_participants(&[first, second]));
    assert_eq!(participants(&recall, limits()).await, Known::Value(vec![Some(false), Some(true)]));
}

#[tokio::test]
async fn nobody_is_absent_because_of_a_list_that_could_not_be_read() {
    let recall = FakeRecall::start().await;
    let first = recall.add_download("first", people(&[Some(false)]));
    let expired = format!("{}/download/expired", recall.base_url);
    recall.add_bot(bot_with_participants(&[first, expired]));
    assert_eq!(participants(&recall, limits()).await, Known::Missing(WhyMissing::Refused(403)));
}

#[tokio::test]
async fn an_older_bot_brings_its_participants_along() {
    let recall = FakeRecall::start().await;
    let mut older = bot();
    older["meeting_participants"] = json!([{ "name": "Dana", "is_host": true, "events": [] }]);
    recall.add_bot(older);
    assert_eq!(participants(&recall, limits()).await, Known::Value(vec![Some(true)]));
    assert_eq!(recall.seen().len(), 1);
}

/// The sample bot with one recording that offers both downloads.
fn bot_with_events(people: &str, events: &str) -> Value {
    let mut bot = bot_with_participants(&[people.to_owned()]);
    bot["recordings"][0]["media_shortcuts"]["participant_events"]["data"]["participant_events_download_url"] =
        events.into();
    bot
}

/// What is known of the people: whether each is the host, and whether it is known when they came and left.
async fn stays(people: &str, events: &str) -> Known<Vec<(Option<bool>, bool, bool)>> {
    let recall = FakeRecall::start().await;
    let people = recall.add_download("people", people);
    let events =
        if events.starts_with("http") { events.to_owned() } else { recall.add_download("events", events) };
    recall.add_bot(bot_with_events(&people, &events));
    let case = fetcher(&recall, limits()).case_file(id(), now()).await.unwrap();
    assert!(recall.seen().iter().all(|seen| seen.path.starts_with("/api/") || seen.authorization.is_none()));
    match case.participants {
        Known::Value(people) => Known::Value(
            people
                .iter()
                .map(|person| (person.is_host, person.joined_at.is_some(), person.left_at.is_some()))
                .collect(),
        ),
        Known::Missing(why) => Known::Missing(why),
    }
}

#[tokio::test]
async fn the_events_beside_the_participants_tell_when_they_came_and_left() {
    let event = |action: &str, id: u64, at: &str| json!({ "action": action, "participant": { "id": id, "is_host": true }, "timestamp": { "absolute": at } });
    let events = json!([
        event("join", 0, "2026-11-18T15:00:00Z"),
        event("leave", 0, "2026-11-18T15:05:00Z"),
        event("join", 7, "2026-11-18T15:05:00Z"),
    ])
    .to_string();
    let both = people(&[Some(false), None]);
    let told = Known::Value(vec![(Some(false), true, true), (None, false, false)]);
    assert_eq!(stays(&both, &events).await, told);
    // Without them nothing else is lost, and they are followed no further than the others.
    let untimed = Known::Value(vec![(Some(false), false, false), (None, false, false)]);
    for no_events in ["<html>", "[]", "https://evil.example/x", "http://169.254.169.254/x"] {
        assert_eq!(stays(&both, no_events).await, untimed, "{no_events}");
    }
    // They stand in for the participants.
    let from_events = Known::Value(vec![(Some(true), true, true), (Some(true), true, false)]);
    assert_eq!(stays("<html>", &events).await, from_events);
}
