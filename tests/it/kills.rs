//! A hundred kills while questions are answered, for any platform. Figures, printed, and the rule that nothing
//! is lost and nothing doubled.

use std::time::Duration;

use serde_json::json;
use why_no_recording::clock;

use crate::alerts::serving::post;
use crate::alerts::{SECRET, bot, status};
use crate::slack::World;
use crate::slack::surviving::Program;
use crate::world::slack::FakeSlack;

const ROUNDS: usize = 100;
const QUESTIONS_A_ROUND: usize = 3;
/// The verdict, and the details in its thread.
const MESSAGES: usize = 2;

/// A platform on this machine, as somebody who asks in many channels sees it.
pub trait Platform {
    fn start(&self) -> Program;

    /// Asks in the channel with this number, where nobody else asks; ends when it is acknowledged.
    async fn ask(&self, program: &Program, channel: usize);

    /// Messages in the channel and its threads.
    fn messages(&self, channel: usize) -> usize;

    /// Ends when every one of so many channels has its answer.
    async fn answered(&self, channels: usize);

    /// Whether a channel has its answer.
    fn is_answered(&self, channel: usize) -> bool {
        self.messages(channel) >= MESSAGES
    }
}

/// Three questions a round; the program is killed while it answers them.
pub async fn measure(name: &str, platform: &impl Platform) {
    let all = ROUNDS * QUESTIONS_A_ROUND;
    for round in 0..ROUNDS {
        let program = platform.start();
        for question in 0..QUESTIONS_A_ROUND {
            platform.ask(&program, round * QUESTIONS_A_ROUND + question).await;
        }
        // Anywhere between the first acknowledgement and the last record.
        tokio::time::sleep(Duration::from_millis(round as u64 * 7919 % 120)).await;
        program.kill();
    }
    let before = (0..all).filter(|channel| platform.is_answered(*channel)).count();
    let _program = platform.start();
    platform.answered(all).await;
    let messages: Vec<usize> = (0..all).map(|channel| platform.messages(channel)).collect();
    let lost = messages.iter().filter(|many| **many < MESSAGES).count();
    let doubled = messages.iter().filter(|many| **many > MESSAGES).count();
    println!(
        "{name}: {ROUNDS} kills, {all} questions, {before} of them answered before the last start: {lost} lost, {doubled} doubled"
    );
    assert_eq!((lost, doubled), (0, 0));
}

/// Kills in the gate; the hundred are for whoever measures by hand.
const SOME: usize = 10;
/// Channels to which alerts go, so that none of them has to wait for another's pace.
const CUSTOMERS: usize = 4;

/// Questions are asked and bots fail while the program is killed, again and again, at varied moments: every question and
/// every alert is there once. A webhook without a response is sent again, as Recall.ai does.
#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_under_load_lose_nothing_and_double_nothing() {
    let world = World::new().await;
    world.slack.grant("channels:history");
    let mut routes = String::from("[alerts]\ngroup_after = 1000\n");
    for customer in 0..CUSTOMERS {
        world.slack.join(&format!("CA{customer}"));
        routes += &format!(
            "[[alerts.route]]\nmetadata.customer = \"{customer}\"\nslack_channel = \"CA{customer}\"\n"
        );
    }
    let file = world.folder.path().join("wnr.toml");
    std::fs::write(&file, routes).unwrap();
    let file: &'static str = file.display().to_string().leak();
    let more = [("RECALL_WEBHOOK_SECRET", SECRET), ("WHY_NO_RECORDING_CONFIG", file)];
    let mut unacknowledged: Vec<usize> = Vec::new();
    for round in 0..SOME {
        let program = Program::start_with(&world, &more);
        world.ask(&program, round).await;
        unacknowledged.extend([2 * round, 2 * round + 1]);
        let mut refused = Vec::new();
        for number in unacknowledged.drain(..) {
            let mut body = status(&bot(number), clock::now(), "fatal", "zoom_internal_error");
            body["data"]["bot"]["metadata"] = json!({ "customer": (number % CUSTOMERS).to_string() });
            let sent = post(&program.address, &format!("m{number}"), &body).send().await;
            if !sent.is_ok_and(|sent| sent.status().is_success()) {
                refused.push(number);
            }
        }
        unacknowledged = refused;
        // Anywhere between the first acknowledgement and the last record.
        tokio::time::sleep(Duration::from_millis(round as u64 * 7919 % 230)).await;
        program.kill();
    }
    assert!(unacknowledged.is_empty());
    let _program = Program::start_with(&world, &more);
    world.answered(SOME).await;
    let of = |slack: &FakeSlack, number: usize, thread: bool| {
        let posted = slack.posted(&format!("CA{}", number % CUSTOMERS));
        let own = posted.into_iter().filter(|posted| posted.thread_ts.is_some() == thread);
        own.filter(|posted| posted.body["text"].as_str().unwrap().contains(&bot(number))).count()
    };
    let all = |slack: &FakeSlack| {
        let both = |number| of(slack, number, false) > 0 && of(slack, number, true) > 0;
        (0..2 * SOME).all(both).then_some(())
    };
    world.slack.until_within(Duration::from_secs(60), "all alerts", all).await;
    for number in 0..2 * SOME {
        assert_eq!(
            (of(&world.slack, number, false), of(&world.slack, number, true)),
            (1, 1),
            "{}",
            bot(number)
        );
    }
    for channel in 0..SOME {
        assert_eq!(world.messages(channel), MESSAGES, "question {channel}");
    }
}
