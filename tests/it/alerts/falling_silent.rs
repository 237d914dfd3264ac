//! Nothing falls silent: channels that refuse, threads that are closed, platforms that ask to wait, many at once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use why_no_recording::app::{self, Running};
use why_no_recording::clock;
use why_no_recording::store::OutboxState;

use super::serving::{HEARING, post};
use super::{SECRET, bot, status};
use crate::discord;
use crate::slack::{World, settled, shown};
use crate::world::discord::{CHANNEL, FakeDiscord, Fault as DiscordFault};
use crate::world::slack::{FakeSlack, Fault, Posted};

/// A failure that is known at once.
fn failed(number: usize) -> Value {
    status(&bot(number), clock::now(), "fatal", "zoom_internal_error")
}

async fn send(running: &Running, id: &str, body: &Value) {
    let sent = post(&running.address.to_string(), id, body).send().await.unwrap();
    assert_eq!(sent.status(), 204);
}

async fn fails(running: &Running, number: usize) {
    send(running, &format!("fatal {number}"), &failed(number)).await;
}

/// A failure of another cause for each number.
async fn fails_differently(running: &Running, number: usize) {
    let causes = ["zoom_internal_error", "meeting_not_found", "zoom_registration_required"];
    let body = status(&bot(number), clock::now(), "fatal", causes[number % causes.len()]);
    send(running, &format!("fatal {number}"), &body).await;
}

fn heads(slack: &FakeSlack, channel: &str) -> Vec<Posted> {
    slack.posted(channel).into_iter().filter(|posted| posted.thread_ts.is_none()).collect()
}

fn text(posted: &Posted) -> &str {
    posted.body["text"].as_str().unwrap()
}

/// How many bots the headlines in a channel stand for.
fn counted(heads: &[Posted]) -> usize {
    heads
        .iter()
        .map(|head| {
            let words: Vec<&str> = text(head).split_whitespace().collect();
            let bots = words.windows(2).find(|pair| pair[1].starts_with("bots"));
            let more = words.windows(3).find(|three| three[1] == "more" && three[2].starts_with("bot"));
            let said = bots.map(|pair| pair[0]).or(more.map(|three| three[0]));
            match said.and_then(|count| count.parse::<usize>().ok()) {
                // A group of one cause counts those with a message of their own as well.
                Some(count) if more.is_none() => count - 5,
                Some(count) => count,
                None => 1,
            }
        })
        .sum()
}

/// So many bots fail at once, and each has a headline in the channel, or a group that counts it, in time; the channel
/// never had to refuse one for its pace.
async fn check_burst(many: usize) -> Duration {
    let world = World::new().await;
    for channel in ["C9", "C8"] {
        world.slack.join(channel);
    }
    const ROUTES: &str = "[[alerts.route]]\nmetadata.customer = \"other\"\nslack_channel = \"C8\"\n";
    let running = app::start(&world.settings_with_file(ROUTES, &HEARING)).await.unwrap();
    let started = Instant::now();
    let burst = (0..many).map(|number| fails(&running, number));
    futures_util::future::join_all(burst).await;
    let mut elsewhere = failed(many);
    elsewhere["data"]["bot"]["metadata"] = json!({ "customer": "other" });
    send(&running, "elsewhere", &elsewhere).await;
    world.slack.until("the other channel", |slack| (!heads(slack, "C8").is_empty()).then_some(())).await;
    assert!(started.elapsed() < Duration::from_secs(5), "other channels are unhindered");
    let limit = Duration::from_secs(many as u64 + 2);
    let all = |slack: &FakeSlack| (counted(&heads(slack, "C9")) >= many).then(|| started.elapsed());
    let took = world.slack.until_within(limit * 2, "all headlines", all).await;
    settled(&running).await;
    assert_eq!(world.slack.too_fast(), 0, "nothing is refused for pace");
    assert_eq!(counted(&heads(&world.slack, "C9")), many);
    // Headlines first: those that had one of their own got their details after all of them.
    let posted = world.slack.posted("C9");
    let first_details = posted.iter().position(|posted| posted.thread_ts.is_some()).unwrap();
    assert!(posted[first_details..].iter().all(|posted| posted.thread_ts.is_some()), "{posted:#?}");
    running.stop().await;
    assert!(took <= limit, "{many} at once took {took:?}");
    took
}

#[tokio::test]
async fn ten_at_once_have_their_headlines_in_time() {
    println!("10 at once: {:?}", check_burst(10).await);
}

#[tokio::test]
async fn a_hundred_at_once_have_their_headlines_in_time() {
    println!("100 at once: {:?}", check_burst(100).await);
}

#[tokio::test]
async fn a_failure_that_is_known_at_once_is_one_headline_and_one_details_message() {
    let world = World::new().await;
    world.slack.join("C9");
    let running = app::start(&world.settings(&HEARING)).await.unwrap();
    fails(&running, 1).await;
    world.slack.until("both", |slack| (slack.posted("C9").len() == 2).then_some(())).await;
    // What is known better edits these.
    send(&running, "done", &status(&bot(1), clock::now(), "done", "")).await;
    settled(&running).await;
    assert_eq!(world.slack.posted("C9").len(), 2);
    running.stop().await;
}

/// How many alerts a message says were missed.
fn missed(said: &str) -> usize {
    let Some((_, missed)) = said.split_once("I couldn't post ") else { return 0 };
    missed.split_whitespace().next().unwrap().parse().unwrap()
}

/// The app is not in the channel, and there is no other. Then it is invited, and nobody restarts anything.
#[tokio::test]
async fn an_app_that_is_invited_late_gets_every_alert_from_then_on() {
    let world = World::new().await;
    world.slack.channel("C9");
    let running = app::start(&world.settings(&HEARING)).await.unwrap();
    for number in [1, 2] {
        fails_differently(&running, number).await;
    }
    // A webhook that is stored is evaluated a little later.
    let refused = |slack: &FakeSlack| (slack.calls("chat.postMessage") == 2).then_some(());
    world.slack.until("both attempts", refused).await;
    settled(&running).await;
    // What becomes known of a bot whose alert was refused holds up nobody.
    send(&running, "done", &status(&bot(1), clock::now(), "done", "")).await;
    // News is worth another attempt, and one more is what it gets.
    let tried = |slack: &FakeSlack| (slack.calls("chat.postMessage") == 3).then_some(());
    world.slack.until("another attempt", tried).await;
    settled(&running).await;
    assert!(world.slack.posted("C9").is_empty());
    let dead = running.service.store.undelivered(100).await.unwrap();
    assert!(!dead.is_empty() && dead.iter().all(|row| row.state == OutboxState::Dead), "{dead:?}");

    world.slack.join("C9");
    for number in [3, 4] {
        fails_differently(&running, number).await;
    }
    let both = |slack: &FakeSlack| {
        let heads = heads(slack, "C9");
        let about = |number| heads.iter().any(|head| text(head).contains(&bot(number)));
        (about(3) && about(4)).then_some(heads)
    };
    let heads = world.slack.until("both alerts", both).await;
    let missed: Vec<usize> = heads.iter().map(|head| missed(&shown(&head.body))).collect();
    assert!(shown(&heads[0].body).contains("outbox list"), "{heads:#?}");
    assert_eq!(missed[1..].iter().sum::<usize>(), 0, "it is said once, and first: {heads:#?}");
    // What becomes known later may have sent one of them after all.
    assert_eq!(heads.len() + missed[0], 4, "{heads:#?}");
    running.stop().await;
}

#[tokio::test]
async fn on_discord_too() {
    let told = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_DISCORD_CHANNEL", CHANNEL)];
    let talking = discord::Talking::over_http_with(&told).await;
    talking.discord.hides(CHANNEL, true);
    fails_differently(&talking.running, 1).await;
    settled(&talking.running).await;
    talking.discord.hides(CHANNEL, false);
    fails_differently(&talking.running, 2).await;
    let about = |discord: &FakeDiscord| {
        let heads = discord.posted(CHANNEL);
        heads.iter().any(|head| head.body["content"].as_str().unwrap().contains(&bot(2))).then_some(heads)
    };
    let heads = talking.discord.until("the alert", about).await;
    let missed = missed(heads[0].body["content"].as_str().unwrap());
    assert_eq!(heads.len() + missed, 2, "{heads:#?}");
    settled(&talking.running).await;
    for head in talking.discord.posted(CHANNEL) {
        assert_eq!(talking.discord.posted(&head.id).len(), 1, "and its details are in the thread");
    }
    assert_eq!(talking.discord.too_fast(), 0);
    talking.running.stop().await;
}

/// A thread that is locked, or deleted with its message, ends what belongs into it. The channel is as it was.
#[tokio::test]
async fn a_closed_thread_closes_nothing_else() {
    const FALLBACK: &str = "240000000000000001";
    let told = [
        ("RECALL_WEBHOOK_SECRET", SECRET),
        ("ALERTS_DISCORD_CHANNEL", CHANNEL),
        ("ALERTS_FALLBACK_DISCORD_CHANNEL", FALLBACK),
    ];
    let talking = discord::Talking::over_http_with(&told).await;
    talking.discord.channel(FALLBACK, 0);
    let (running, discord) = (&talking.running, &talking.discord);
    send(running, "denied", &super::serving::denied(1)).await;
    let (head, _) = talking.answered().await;
    discord.locks(&head.id);
    send(running, "recording", &status(&bot(1), clock::now(), "in_call_recording", "")).await;
    let resolved = |discord: &FakeDiscord| {
        let head = discord.posted(CHANNEL).into_iter().next()?;
        head.body["content"].as_str()?.starts_with("🟢").then_some(())
    };
    discord.until("the headline to say so", resolved).await;
    settled(running).await;
    fails(running, 2).await;
    let second = |discord: &FakeDiscord| (discord.posted(CHANNEL).len() == 2).then_some(());
    discord.until("the next alert, in the same channel", second).await;
    assert!(discord.posted(FALLBACK).is_empty(), "{:#?}", discord.posted(FALLBACK));
    talking.running.stop().await;
}

#[tokio::test]
async fn in_slack_a_deleted_alert_closes_nothing_else() {
    let world = World::new().await;
    for channel in ["C9", "C8"] {
        world.slack.join(channel);
    }
    let mut variables = HEARING.to_vec();
    variables.push(("ALERTS_FALLBACK_SLACK_CHANNEL", "C8"));
    let running = app::start(&world.settings(&variables)).await.unwrap();
    send(&running, "denied", &super::serving::denied(1)).await;
    let posted = world.slack.until("the alert", |slack| {
        let posted = slack.posted("C9");
        (posted.len() == 2).then_some(posted)
    });
    let posted = posted.await;
    world.slack.deletes(&posted[0].ts);
    send(&running, "recording", &status(&bot(1), clock::now(), "in_call_recording", "")).await;
    settled(&running).await;
    fails(&running, 2).await;
    world.slack.until("the next", |slack| (!heads(slack, "C9").is_empty()).then_some(())).await;
    assert!(world.slack.posted("C8").is_empty());
    running.stop().await;
}

/// Where no thread can be started, an alert is one message with everything, and it is edited.
#[tokio::test]
async fn without_threads_an_alert_is_one_message_that_is_edited() {
    let told = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_DISCORD_CHANNEL", CHANNEL)];
    let talking = discord::Talking::over_http_with(&told).await;
    let (running, discord) = (&talking.running, &talking.discord);
    discord.allows_no_threads(CHANNEL);
    send(running, "denied", &super::serving::denied(1)).await;
    let with_details = |discord: &FakeDiscord, sign: &str| {
        let [only] = discord.posted(CHANNEL).try_into().ok()?;
        let only: crate::world::discord::Posted = only;
        let says = only.body["content"].as_str()?.contains(sign);
        let details = !only.body["embeds"].as_array()?.is_empty();
        (says && details).then_some(only)
    };
    discord.until("headline and details in one", |discord| with_details(discord, "")).await;
    send(running, "recording", &status(&bot(1), clock::now(), "in_call_recording", "")).await;
    let only = discord.until("the end of it, with details", |discord| with_details(discord, "🟢")).await;
    settled(running).await;
    assert!(with_details(discord, "🟢").is_some(), "{only:#?}");
    assert_eq!(discord.posted(CHANNEL).len(), 1);
    assert!(running.service.store.undelivered(9).await.unwrap().is_empty(), "and nothing is given up");
    assert_eq!(discord.violations(), Vec::<String>::new());
    talking.running.stop().await;
}

#[tokio::test]
async fn without_threads_the_list_of_a_group_leaves_its_count_alone() {
    let told = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_DISCORD_CHANNEL", CHANNEL)];
    let talking = discord::Talking::over_http_with(&told).await;
    talking.discord.allows_no_threads(CHANNEL);
    for number in 0..9 {
        fails(&talking.running, number).await;
    }
    let counts = |discord: &FakeDiscord| {
        let all = discord.posted(CHANNEL);
        let group = |content: &str| content.contains("9 bots") && content.contains("not listed");
        all.iter().any(|head| group(head.body["content"].as_str().unwrap())).then_some(all)
    };
    talking.discord.until("the group, which says that it lists nobody", counts).await;
    settled(&talking.running).await;
    let all = counts(&talking.discord).expect("it still says so");
    assert_eq!(all.len(), 6, "{all:#?}");
    talking.running.stop().await;
}

/// A proxy that lets nothing through is not the platform's last word.
#[tokio::test]
async fn somebody_elses_page_is_never_final() {
    for page in [403, 404] {
        let world = World::new().await;
        world.slack.join("C9");
        world.slack.fails_always("chat.postMessage", Fault::Status(page));
        let running = app::start(&world.settings(&HEARING)).await.unwrap();
        fails(&running, 1).await;
        world.slack.until("an attempt", |slack| (slack.calls("chat.postMessage") > 0).then_some(())).await;
        world.slack.works_again("chat.postMessage");
        world.slack.until("the alert", |slack| (slack.posted("C9").len() == 2).then_some(())).await;
        running.stop().await;

        let told = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_DISCORD_CHANNEL", CHANNEL)];
        let talking = discord::Talking::over_http_with(&told).await;
        let path = format!("/channels/{CHANNEL}/messages");
        talking.discord.fails_always(&path, DiscordFault::Page(page));
        fails(&talking.running, 1).await;
        let tried = |discord: &FakeDiscord| (discord.calls(&format!("POST {path}")) > 0).then_some(());
        talking.discord.until("an attempt", tried).await;
        talking.discord.works_again(&path);
        talking.answered().await;
        talking.running.stop().await;
    }
}

/// What a platform asked for holds after a restart, and for whoever else sends.
#[tokio::test]
async fn nothing_is_sent_before_its_retry_after_not_even_by_another_process() {
    const WAIT: u64 = 3;
    let world = World::new().await;
    world.slack.join("C9");
    world.slack.fails("chat.postMessage", Fault::Busy(WAIT));
    let running = app::start(&world.settings(&HEARING)).await.unwrap();
    fails(&running, 1).await;
    world.slack.until("the refusal", |slack| (slack.calls("chat.postMessage") == 1).then_some(())).await;
    let refused = Instant::now();
    fails_differently(&running, 2).await;
    running.stop().await;
    let running = app::start(&world.settings(&HEARING)).await.unwrap();
    fails_differently(&running, 4).await;
    let all = |slack: &FakeSlack| (heads(slack, "C9").len() == 3).then(|| slack.posted("C9"));
    let posted = world.slack.until("the alerts", all).await;
    let first = posted.iter().map(|posted| posted.at).min().unwrap();
    assert!(first.duration_since(refused) >= Duration::from_millis(WAIT * 1000 - 50), "{posted:#?}");
    assert_eq!(world.slack.too_fast(), 0);
    running.stop().await;
}
