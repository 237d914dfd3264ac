//! Figures, and not rules: how long an acknowledgement takes, and what a hundred kills do.
//! They run by hand: `cargo test --test it measured -- --ignored --nocapture --test-threads 1`.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use super::surviving::Program;
use super::{DENIED, World, form, sign};
use crate::world::recall::Fault;
use why_no_recording::clock;

/// Sends commands, so many a second, and prints how long the acknowledgements took.
async fn acknowledged(name: &str, address: &str, commands: Vec<Value>, every: Duration) {
    let http = reqwest::Client::new();
    let mut sent = JoinSet::new();
    let mut tick = tokio::time::interval(every);
    for command in commands {
        tick.tick().await;
        let (http, url, body) = (http.clone(), format!("http://{address}/slack/commands"), form(&command));
        sent.spawn(async move {
            let timestamp = clock::now().as_second().to_string();
            let signature = sign(&timestamp, &body);
            let begun = Instant::now();
            let request = http.post(url).header("x-slack-request-timestamp", timestamp);
            let answer = request.header("x-slack-signature", signature).body(body).send().await.unwrap();
            assert!(answer.status().is_success());
            begun.elapsed()
        });
    }
    let mut took = sent.join_all().await;
    took.sort();
    println!(
        "{name}: {} acknowledgements, median {:?}, worst {:?}",
        took.len(),
        took[took.len() / 2],
        took[took.len() - 1]
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_acknowledgements() {
    let world = World::new().await;
    let program = Program::start(&world);
    let commands = |many: usize| (0..many).map(|n| world.command(DENIED, &format!("m{n}"))).collect();
    acknowledged("idle, 10 a second", &program.address, commands(100), Duration::from_millis(100)).await;
    acknowledged("50 a second", &program.address, commands(1000), Duration::from_millis(20)).await;
    world.recall.fail_always(Fault::Silence);
    acknowledged("50 a second, Recall hangs", &program.address, commands(500), Duration::from_millis(20))
        .await;
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
