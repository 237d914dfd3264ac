//! Links to bots in messages of people: the outcome is below the message, and a failure shows nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use why_no_recording::app;
use why_no_recording::settings::Settings;

use super::{DENIED, NO_HOST, Talking, UNKNOWN, World, shown};
use crate::world::recall;
use crate::world::slack::Fault;

const TS: &str = "1795014000.7";

fn link(bot: &str) -> String {
    format!("https://us-east-1.recall.ai/dashboard/explorer/bot/{bot}")
}

/// What Slack sends when a message with these links is there.
fn shared(world: &World, links: &[String], ts: &str) -> Value {
    world.slack.has("C1", ts, &links.join(" and "));
    let links: Vec<Value> = links.iter().map(|url| json!({ "domain": "recall.ai", "url": url })).collect();
    json!({
        "type": "event_callback", "token": "x", "team_id": "T1", "api_app_id": "A1",
        "event_id": format!("Ev{}", world.number()), "event_time": 1_795_014_000,
        "event": {
            "type": "link_shared", "channel": "C1", "is_bot_user_member": true, "user": "U1", "message_ts": ts,
            "unfurl_id": format!("C1.{ts}.x"), "source": "conversations_history", "links": links,
            "event_ts": ts,
        },
    })
}

async fn unfurling(more: &[(&'static str, &str)]) -> Talking {
    let world = World::new().await;
    world.slack.grant("links:read");
    world.slack.grant("links:write");
    let settings: Settings = world.settings(more);
    let running = app::start(&settings).await.unwrap();
    Talking { world, running }
}

impl Talking {
    /// What is below the message, once everything is done.
    async fn below(&self, ts: &str) -> Value {
        self.settled().await;
        self.world.slack.unfurled("C1", ts)
    }

    /// The outcomes that were counted so far.
    async fn unfurls(&self, result: &str) -> u64 {
        let page = reqwest::get(self.url("/metrics")).await.unwrap().text().await.unwrap();
        let series = format!("wnr_unfurls_total{{result=\"{result}\"}} ");
        page.lines().find_map(|line| line.strip_prefix(&series)).map_or(0, |count| count.parse().unwrap())
    }
}

/// Nothing is shown to anyone for these events, and Slack is not even asked.
async fn shows_nothing(chat: &Talking, change: impl Fn(&mut Value)) {
    let mut event = shared(&chat.world, &[link(DENIED)], TS);
    change(&mut event);
    chat.push(&event).await;
    assert_eq!(chat.below(TS).await, Value::Null, "{event}");
    assert!(chat.world.slack.told().is_empty() && chat.world.slack.posted("C1").is_empty());
}

#[tokio::test]
async fn a_link_gets_the_outcome_and_a_button_that_answers_in_the_thread() {
    let chat = unfurling(&[]).await;
    chat.push(&shared(&chat.world, &[link(NO_HOST)], TS)).await;
    let below = chat.below(TS).await;
    let unfurl = &below[link(NO_HOST)];
    let text = shown(unfurl);
    assert!(text.starts_with("*Not recorded* · Acme &lt;!channel&gt; Notetaker\nZoom saw no host"), "{text}");
    assert!(text.contains("Why?") && text.contains(&format!("wnr:why:{NO_HOST}")), "{text}");
    assert_eq!(unfurl["blocks"][0]["text"]["text"].as_str().unwrap().lines().count(), 2);
    assert!(chat.world.slack.posted("C1").is_empty(), "nothing is posted without a press");

    let press = json!({
        "type": "block_actions", "team": { "id": "T1", "domain": "acme" }, "user": { "id": "U2", "name": "sam" },
        "api_app_id": "A1", "trigger_id": "t-why",
        "container": {
            "type": "message_attachment", "message_ts": TS, "attachment_id": 1, "channel_id": "C1",
            "is_ephemeral": false, "is_app_unfurl": true, "app_unfurl_url": link(NO_HOST),
        },
        "channel": { "id": "C1", "name": "recordings" },
        "response_url": chat.world.slack.response_url("press"),
        "actions": [{ "type": "button", "action_id": format!("wnr:why:{NO_HOST}"), "block_id": "b", "action_ts": "1795014000.1",
            "text": { "type": "plain_text", "text": "Why?" } }],
    });
    chat.interact(&press).await;
    let posted = chat.posted(2).await;
    assert!(posted.iter().all(|posted| posted.thread_ts.as_deref() == Some(TS)), "{posted:#?}");
    assert!(shown(&posted[1].body).contains("Was the person who scheduled the meeting in the call?"));

    // In a thread it is answered in that thread.
    chat.world.slack.has("C1", "1795014000.3", "the first message");
    let mut press = press;
    press["trigger_id"] = "t-why-2".into();
    press["container"]["thread_ts"] = "1795014000.3".into();
    chat.interact(&press).await;
    let posted = chat.posted(4).await;
    assert!(posted[2..].iter().all(|posted| posted.thread_ts.as_deref() == Some("1795014000.3")));
    chat.end().await;
}

#[tokio::test]
async fn one_message_is_unfurled_once_whatever_slack_repeats() {
    let chat = unfurling(&[]).await;
    let event = shared(&chat.world, &[link(DENIED)], TS);
    for _ in 0..3 {
        chat.push(&event).await;
    }
    // After an edit Slack reports the message with another event, and perhaps other links.
    chat.push(&shared(&chat.world, &[link(DENIED), link(NO_HOST)], TS)).await;
    let below = chat.below(TS).await;
    assert_eq!(below.as_object().unwrap().len(), 1, "{below}");
    assert_eq!(chat.world.slack.calls("chat.unfurl"), 1);
    // Another message is another one.
    chat.push(&shared(&chat.world, &[link(DENIED)], "1795014000.8")).await;
    assert!(chat.below("1795014000.8").await.is_object());
    chat.end().await;
}

#[tokio::test]
async fn several_bots_are_one_call_and_five_of_them_at_most() {
    let chat = unfurling(&[]).await;
    let mut links = vec![
        format!("{}?tab=logs#end", link(DENIED)),
        // The same bot again, other pages, and a link that only looks like one.
        format!("{}/", link(DENIED)),
        format!("https://docs.recall.ai/reference/{NO_HOST}"),
        format!("https://recall.ai.evil.example/dashboard/explorer/bot/{NO_HOST}"),
        link(UNKNOWN),
        link(NO_HOST),
    ];
    for number in 0..4 {
        let bot = format!("00000000-0000-4000-8000-{number:012}");
        chat.world.recall.add_bot(json!({ "id": bot, "status_changes": [
            { "code": "fatal", "sub_code": "meeting_not_found", "created_at": "2026-11-18T15:00:00Z" },
        ] }));
        links.push(link(&bot));
    }
    chat.push(&shared(&chat.world, &links, TS)).await;
    let below = chat.below(TS).await;
    let mut shown: Vec<&String> = below.as_object().unwrap().keys().collect();
    shown.sort();
    // The unknown one counts among the five, and shows nothing.
    let mut expect = vec![&links[0], &links[5], &links[6], &links[7]];
    expect.sort();
    assert_eq!(shown, expect);
    assert_eq!(chat.world.slack.calls("chat.unfurl"), 1);
    chat.end().await;
}

#[tokio::test]
async fn what_is_still_being_written_and_what_is_no_bot_is_left_alone() {
    let chat = unfurling(&[]).await;
    shows_nothing(&chat, |event| event["event"]["source"] = "composer".into()).await;
    shows_nothing(&chat, |event| _ = event["event"].as_object_mut().unwrap().remove("source")).await;
    shows_nothing(&chat, |event| event["event"]["links"] = json!([{ "url": "https://docs.recall.ai/" }]))
        .await;
    shows_nothing(&chat, |event| event["event"]["links"] = json!([{}])).await;
    assert_eq!(chat.world.slack.calls("chat.unfurl"), 0);
    chat.end().await;
}

#[tokio::test]
async fn a_failure_shows_nothing_and_is_counted() {
    let chat = unfurling(&[]).await;
    let before = [chat.unfurls("unknown").await, chat.unfurls("refused").await, chat.unfurls("failed").await];
    chat.push(&shared(&chat.world, &[link(UNKNOWN)], "1.1")).await;
    chat.settled().await;
    chat.world.recall.fail_always(recall::Fault::Status(503));
    chat.push(&shared(&chat.world, &[link(DENIED)], "1.2")).await;
    chat.settled().await;
    chat.world.recall.recover();
    for (number, fault) in [
        Fault::Refused("cannot_unfurl_url"),
        Fault::Refused("not_in_channel"),
        Fault::Refused("missing_scope"),
        Fault::Refused("internal_error"),
        Fault::Busy(1),
        Fault::Status(502),
    ]
    .into_iter()
    .enumerate()
    {
        chat.world.slack.fails("chat.unfurl", fault);
        chat.push(&shared(&chat.world, &[link(DENIED)], &format!("2.{number}"))).await;
        chat.settled().await;
    }
    let after = [chat.unfurls("unknown").await, chat.unfurls("refused").await, chat.unfurls("failed").await];
    // Other tests of this process count too.
    assert!(after[0] >= before[0] + 2 && after[1] >= before[1] + 3 && after[2] >= before[2] + 3, "{after:?}");
    assert_eq!(chat.world.slack.calls("chat.unfurl"), 6);
    assert!(chat.world.slack.told().is_empty() && chat.world.slack.posted("C1").is_empty());
    assert!(chat.running.service.store.undelivered(10).await.unwrap().is_empty());
    chat.end().await;
}

#[tokio::test]
async fn only_links_of_people_who_may_ask_are_unfurled() {
    let chat = unfurling(&[("SLACK_ALLOWED_USERS", "U9")]).await;
    shows_nothing(&chat, |_| {}).await;
    let mut event = shared(&chat.world, &[link(DENIED)], "1.1");
    event["event"]["user"] = "U9".into();
    chat.push(&event).await;
    assert!(chat.below("1.1").await.is_object());
    chat.end().await;

    let chat = unfurling(&[("SLACK_ALLOWED_CHANNELS", "C7")]).await;
    shows_nothing(&chat, |_| {}).await;
    chat.end().await;

    // A person of another workspace, in a channel that both share.
    let chat = unfurling(&[]).await;
    chat.ready_says("slack identity", |state| state == "ok").await;
    let own = || json!([{ "team_id": "T1", "user_id": "UBOT", "is_bot": true }]);
    chat.push(&{
        let mut event = shared(&chat.world, &[link(DENIED)], "1.2");
        event["authorizations"] = own();
        event
    })
    .await;
    assert!(chat.below("1.2").await.is_object(), "the identity is learned, and one's own people are served");
    shows_nothing(&chat, |event| {
        event["team_id"] = "T2".into();
        event["authorizations"] = own();
    })
    .await;
    chat.end().await;
}

#[tokio::test]
async fn who_shared_a_link_is_in_the_audit_and_can_be_forgotten() {
    let chat = unfurling(&[]).await;
    chat.push(&shared(&chat.world, &[link(DENIED)], TS)).await;
    chat.below(TS).await;
    let audit = chat.world.database.texts("SELECT action FROM audit").await;
    assert_eq!(audit, [format!("unfurl {DENIED}")]);
    chat.end().await;
}

#[tokio::test]
async fn links_come_through_sockets_too() {
    let world = World::new().await;
    world.slack.grant("links:write");
    let chat = world.over_sockets().await;
    let connection = chat.world.slack.connections(1).await.remove(0);
    connection.deliver("events_api", "e1", &shared(&chat.world, &[link(DENIED)], TS)).await;
    assert!(chat.below(TS).await.is_object());
    chat.end().await;
}

/// A monitoring tool that posts a link for each failure uses up neither Slack's limit nor Recall.ai's.
#[tokio::test]
async fn a_flood_of_links_is_limited() {
    let chat = unfurling(&[]).await;
    for number in 0..60 {
        chat.push(&shared(&chat.world, &[link(DENIED)], &format!("3.{number}"))).await;
    }
    chat.settled().await;
    let calls = chat.world.slack.calls("chat.unfurl");
    assert!((1..=45).contains(&calls), "{calls}");
    chat.ask(NO_HOST).await;
    chat.posted(2).await;
    chat.end().await;
}

/// Slack gets its acknowledgement although Recall.ai hangs, and people get their answers.
#[tokio::test]
async fn a_recall_that_hangs_delays_no_acknowledgement() {
    let chat = unfurling(&[]).await;
    chat.world.recall.fail_always(recall::Fault::Silence);
    let begun = Instant::now();
    let mut event = shared(&chat.world, &[link(DENIED)], "4.1");
    event["event"]["thread_ts"] = TS.into();
    chat.push(&event).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    chat.world.recall.recover();
    chat.ask(NO_HOST).await;
    chat.posted(2).await;
    chat.end().await;
}
