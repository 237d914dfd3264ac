//! Figures, and not rules: how long an acknowledgement takes, and what a hundred kills do.
//! They run by hand: `cargo test --test it measured_ -- --ignored --nocapture --test-threads 1`.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use tokio::task::JoinSet;

use super::surviving::Program;
use super::{DENIED, World, form, sign};
use crate::world::recall::Fault;
use why_no_recording::clock;

/// Sends requests, so many a second, and prints how long the acknowledgements took.
pub async fn acknowledged(name: &str, requests: Vec<RequestBuilder>, every: Duration) {
    let mut sent = JoinSet::new();
    let mut tick = tokio::time::interval(every);
    for request in requests {
        tick.tick().await;
        sent.spawn(async move {
            let begun = Instant::now();
            assert!(request.send().await.unwrap().status().is_success());
            begun.elapsed()
        });
    }
    let mut took = sent.join_all().await;
    took.sort();
    let (many, median, worst) = (took.len(), took[took.len() / 2], took[took.len() - 1]);
    println!("{name}: {many} acknowledgements, median {median:?}, worst {worst:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_acknowledgements() {
    let world = World::new().await;
    let program = Program::start(&world);
    let http = reqwest::Client::new();
    let commands = |many: usize| {
        let command = |number| {
            let body = form(&world.command(DENIED, &format!("m{number}")));
            let timestamp = clock::now().as_second().to_string();
            let request = http.post(format!("http://{}/slack/commands", program.address));
            let request = request.header("x-slack-signature", sign(&timestamp, &body));
            request.header("x-slack-request-timestamp", timestamp).body(body)
        };
        (0..many).map(command).collect()
    };
    acknowledged("Slack, idle, 10 a second", commands(100), Duration::from_millis(100)).await;
    acknowledged("Slack, 50 a second", commands(1000), Duration::from_millis(20)).await;
    world.recall.fail_always(Fault::Silence);
    acknowledged("Slack, 50 a second, Recall hangs", commands(500), Duration::from_millis(20)).await;
}

/// Three questions a round in channels of their own; the program is killed while it answers them.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_kills() {
    const ROUNDS: u64 = 100;
    let world = World::new().await;
    world.slack.grant("channels:history");
    let mut channels = Vec::new();
    for round in 0..ROUNDS {
        let program = Program::start(&world);
        for question in 0..3 {
            let channel = format!("C{round}x{question}");
            world.slack.join(&channel);
            let mut command = world.command(DENIED, &channel);
            command["channel_id"] = channel.clone().into();
            program.send(&command).await;
            channels.push(channel);
        }
        // Anywhere between the first acknowledgement and the last record.
        let moment = Duration::from_millis(round * 7919 % 120);
        tokio::time::sleep(moment).await;
        program.kill();
    }
    let _program = Program::start(&world);
    let all_there = |slack: &crate::world::slack::FakeSlack| {
        channels.iter().all(|channel| slack.posted(channel).len() >= 2).then_some(())
    };
    world.slack.until("all answers", all_there).await;
    let posted: Vec<usize> = channels.iter().map(|channel| world.slack.posted(channel).len()).collect();
    let lost = posted.iter().filter(|many| **many < 2).count();
    let doubled = posted.iter().filter(|many| **many > 2).count();
    println!("{ROUNDS} kills, {} questions: {lost} lost, {doubled} doubled", channels.len());
    assert_eq!((lost, doubled), (0, 0));
}
