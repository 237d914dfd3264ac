//! Figures, and not rules: how long an acknowledgement takes; and a hundred kills.
//! They run by hand: `cargo test --test it measured_ -- --ignored --nocapture --test-threads 1`.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use reqwest::RequestBuilder;
use tokio::task::JoinSet;

use super::surviving::Program;
use super::{DENIED, World, form, sign};
use crate::kills::{Platform, measure};
use crate::world::recall::Fault;
use crate::world::slack::FakeSlack;
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

/// Answers, each in a channel of its own, about a bot that is known already: what the rest of the way takes. How
/// often Recall.ai may be asked is another limit.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_answers() {
    const QUESTIONS: usize = 1000;
    let world = World::new().await;
    let begun = Instant::now();
    let program = Program::start(&world);
    println!("Start, with a new database: {:?}", begun.elapsed());
    let begun = Instant::now();
    let asked = (0..QUESTIONS).map(|channel| world.ask(&program, channel));
    futures_util::stream::iter(asked).buffer_unordered(16).collect::<Vec<()>>().await;
    println!("{QUESTIONS} questions: acknowledged after {:?}", begun.elapsed());
    world.answered(QUESTIONS).await;
    let took = begun.elapsed();
    println!(
        "Each answered in two messages after {took:?}: {:.0} a second",
        QUESTIONS as f64 / took.as_secs_f64()
    );
    let again = Instant::now();
    program.kill();
    let _program = Program::start(&world);
    println!("Start, with these in the database: {:?}", again.elapsed());
}

impl Platform for World {
    fn start(&self) -> Program {
        Program::start(self)
    }

    async fn ask(&self, program: &Program, channel: usize) {
        let channel = format!("C{channel}x");
        self.slack.join(&channel);
        let mut command = self.command(DENIED, &channel);
        command["channel_id"] = channel.into();
        program.send(&command).await;
    }

    fn messages(&self, channel: usize) -> usize {
        self.slack.posted(&format!("C{channel}x")).len()
    }

    async fn answered(&self, channels: usize) {
        let all = |_: &FakeSlack| (0..channels).all(|channel| self.is_answered(channel)).then_some(());
        self.slack.until("all answers", all).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_kills() {
    let world = World::new().await;
    world.slack.grant("channels:history");
    measure("Slack", &world).await;
}
