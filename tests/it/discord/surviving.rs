//! The real program is killed, and people still get their answer, once.

use std::time::Duration;

use ed25519_dalek::Signer;
use serde_json::{Value, json};

use super::{command, key};
use crate::kills::{Platform, measure};
use crate::slack::measured::acknowledged;
use crate::slack::surviving::Program;
use crate::slack::{DENIED, World};
use crate::world::discord::{APPLICATION, CHANNEL, FakeDiscord, Fault, TOKEN};
use crate::world::recall;
use why_no_recording::clock;

fn start(world: &World, discord: &FakeDiscord) -> Program {
    let public_key = hex::encode(key().verifying_key().to_bytes());
    let variables = [
        ("DISCORD_TOKEN", TOKEN),
        ("DISCORD_API_URL", discord.origin.as_str()),
        ("DISCORD_APPLICATION_ID", APPLICATION),
        ("DISCORD_PUBLIC_KEY", &public_key),
    ];
    Program::start_with(world, &variables)
}

/// A command on its way to the program, signed now.
fn request(http: &reqwest::Client, program: &Program, command: &Value) -> reqwest::RequestBuilder {
    let (timestamp, body) = (clock::now().as_second().to_string(), command.to_string());
    let signature = hex::encode(key().sign(format!("{timestamp}{body}").as_bytes()).to_bytes());
    let request = http.post(format!("http://{}/discord/interactions", program.address));
    request.header("x-signature-timestamp", timestamp).header("x-signature-ed25519", signature).body(body)
}

/// Asks, and stands "thinking…" where Discord does when it has the acknowledgement.
async fn ask(program: &Program, discord: &FakeDiscord, command: &Value) {
    let answer = request(&reqwest::Client::new(), program, command).send().await.unwrap();
    assert!(answer.status().is_success());
    discord.acknowledged(command, &json!({ "type": 5 })).unwrap();
}

/// One verdict, and one message in its thread.
async fn answered_once(discord: &FakeDiscord) {
    let both = |discord: &FakeDiscord| {
        let verdict = discord.posted(CHANNEL).into_iter().next()?;
        (!discord.posted(&verdict.id).is_empty()).then_some(verdict)
    };
    let verdict = discord.until("the answer", both).await;
    assert_eq!(discord.posted(CHANNEL).len(), 1);
    assert_eq!(discord.posted(&verdict.id).len(), 1);
}

#[tokio::test]
async fn killed_between_acknowledgement_and_answer() {
    let (world, discord) = (World::new().await, FakeDiscord::start().await);
    world.recall.fail_always(recall::Fault::Silence);
    let program = start(&world, &discord);
    ask(&program, &discord, &command(0, DENIED)).await;
    program.kill();
    assert!(discord.posted(CHANNEL).is_empty());
    world.recall.recover();
    let _program = start(&world, &discord);
    answered_once(&discord).await;
}

#[tokio::test]
async fn killed_between_post_and_record() {
    let (world, discord) = (World::new().await, FakeDiscord::start().await);
    // The details are posted, and nobody hears of it.
    discord.fails("/messages", Fault::DoneAndSilent);
    let program = start(&world, &discord);
    ask(&program, &discord, &command(0, DENIED)).await;
    let details = |discord: &FakeDiscord| {
        let verdict = discord.posted(CHANNEL).into_iter().next()?;
        (!discord.posted(&verdict.id).is_empty()).then_some(())
    };
    discord.until("the details", details).await;
    program.kill();
    let program = start(&world, &discord);
    // Discord recognises the repetition by its nonce.
    let again = |discord: &FakeDiscord| {
        let verdict = discord.posted(CHANNEL).into_iter().next()?;
        (discord.calls(&format!("POST /channels/{}/messages", verdict.id)) == 2).then_some(())
    };
    discord.until("the repetition", again).await;
    answered_once(&discord).await;
    drop(program);
}

/// Figures, and no rules, as for Slack.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_acknowledgements() {
    let (world, discord) = (World::new().await, FakeDiscord::start().await);
    let (program, http) = (start(&world, &discord), reqwest::Client::new());
    let commands = |numbers: std::ops::Range<usize>| -> Vec<reqwest::RequestBuilder> {
        numbers.map(|number| request(&http, &program, &command(number, DENIED))).collect()
    };
    acknowledged("Discord, idle, 10 a second", commands(0..100), Duration::from_millis(100)).await;
    acknowledged("Discord, 50 a second", commands(100..1100), Duration::from_millis(20)).await;
    world.recall.fail_always(recall::Fault::Silence);
    acknowledged("Discord, 50 a second, Recall hangs", commands(1100..1600), Duration::from_millis(20)).await;
}

/// Where everybody asks in a channel of their own.
struct Channels {
    world: World,
    discord: FakeDiscord,
}

fn channel_id(number: usize) -> String {
    format!("2400000000000{number:05}")
}

impl Platform for Channels {
    fn start(&self) -> Program {
        start(&self.world, &self.discord)
    }

    async fn ask(&self, program: &Program, channel: usize) {
        let id = channel_id(channel);
        self.discord.channel(&id, 0);
        let mut command = command(channel, DENIED);
        command["channel"] = self.discord.described(&id);
        command["channel_id"] = id.into();
        ask(program, &self.discord, &command).await;
    }

    fn messages(&self, channel: usize) -> usize {
        let verdicts = self.discord.posted(&channel_id(channel));
        let below = verdicts.iter().map(|verdict| self.discord.posted(&verdict.id).len());
        verdicts.len() + below.sum::<usize>()
    }

    async fn answered(&self, channels: usize) {
        let all = |_: &FakeDiscord| (0..channels).all(|channel| self.is_answered(channel)).then_some(());
        self.discord.until("all answers", all).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_kills() {
    let channels = Channels { world: World::new().await, discord: FakeDiscord::start().await };
    measure("Discord", &channels).await;
    assert_eq!(channels.discord.thinking(), 0, "nobody is left waiting");
}
