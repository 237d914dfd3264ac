//! Three real processes on one PostgreSQL, one of which dies: everything happens, and once.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::StatusCode;
use why_no_recording::clock;

use crate::alerts::serving::{HEARING, denied, post};
use crate::alerts::{bot, status};
use crate::discord::command;
use crate::slack::surviving::Program;
use crate::slack::{DENIED, World};
use crate::world::databases::Place;
use crate::world::discord::{CHANNEL, FakeDiscord, TOKEN};
use crate::world::recall::Fault;
use crate::world::slack::{FakeSlack, Posted};

/// A lease of a minute, and time for what is then done; a busy machine gets some more.
const A_LEASE_LATER: Duration = Duration::from_secs(100);
/// Questions, each in a channel of its own.
const QUESTIONS: usize = 36;
/// Those that the process has in its hands that dies.
const IN_HAND: usize = 8;
/// Bots that fail, and bots that wait until it is worth a warning.
const FAILURES: usize = 8;
const WAITING: usize = 4;

fn channel(question: usize) -> String {
    format!("C{question}x")
}

/// Asks in a channel where nobody else asks. Slack did not hear one process, so it asks another as well.
async fn ask(world: &World, programs: &[&Program], question: usize) {
    let channel = channel(question);
    world.slack.join(&channel);
    let mut command = world.command(DENIED, &channel);
    command["channel_id"] = channel.into();
    for program in programs {
        program.send(&command).await;
    }
}

/// What a process hears of a bot, and another process hears again.
async fn tell(programs: [&Program; 2], number: usize, waits: bool) {
    let waiting = status(&bot(number), clock::now(), "in_waiting_room", "");
    let body = if waits { waiting } else { denied(number) };
    for program in programs {
        let told = post(&program.address, &format!("m{number}"), &body).send().await.unwrap();
        assert_eq!(told.status(), StatusCode::NO_CONTENT);
    }
}

/// The messages that stand in the channel of the alerts, and not in a thread.
fn alerts(slack: &FakeSlack) -> Vec<Posted> {
    slack.posted("C9").into_iter().filter(|posted| posted.thread_ts.is_none()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_everything_happens_once_though_one_of_three_dies() {
    let Some(place) = Place::postgres().await else { return };
    let world = World::on(place).await;
    world.slack.grant("channels:history");
    world.slack.join("C9");
    let more = [&HEARING[..], &[("ALERTS_GROUP_AFTER", "1000"), ("ALERTS_WARN_AFTER_SECS", "5")]].concat();
    let start = || Program::start_with(&world, &more);
    let (dies, second, third) = (start(), start(), start());

    // It has questions in its hands, heard of a failure and of a bot that waits, and then it is gone.
    world.recall.fail_always(Fault::Silence);
    for question in 0..IN_HAND {
        ask(&world, &[&dies], question).await;
    }
    while world.recall.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    tell([&dies, &second], 0, false).await;
    tell([&dies, &third], FAILURES, true).await;
    dies.kill();
    world.recall.recover();

    for question in IN_HAND..QUESTIONS {
        ask(&world, &[&second, &third], question).await;
    }
    for number in 1..FAILURES + WAITING {
        let [first, again] = if number % 2 == 0 { [&second, &third] } else { [&third, &second] };
        if number != FAILURES {
            tell([first, again], number, number > FAILURES).await;
        }
    }

    let happened = |slack: &FakeSlack| {
        let answered = (0..QUESTIONS).all(|question| slack.posted(&channel(question)).len() >= 2);
        let threads = slack.posted("C9").len() >= 2 * (FAILURES + WAITING);
        (answered && threads).then_some(())
    };
    world.slack.until_within(A_LEASE_LATER, "every answer and every alert", happened).await;
    second.stop().await;
    third.stop().await;
    for question in 0..QUESTIONS {
        assert_eq!(world.slack.posted(&channel(question)).len(), 2, "question {question}");
    }
    let alerts = alerts(&world.slack);
    assert_eq!(alerts.len(), FAILURES + WAITING, "{alerts:#?}");
    let about: HashSet<usize> = (0..FAILURES + WAITING)
        .filter(|number| alerts.iter().any(|alert| alert.body.to_string().contains(&bot(*number))))
        .collect();
    assert_eq!(about.len(), FAILURES + WAITING, "each is about another bot");
    assert_eq!(world.slack.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_held_by_one_and_taken_over_when_it_ends_or_dies() {
    let Some(place) = Place::postgres().await else { return };
    let (world, discord) = (World::on(place).await, FakeDiscord::start().await);
    let variables = [("DISCORD_TOKEN", TOKEN), ("DISCORD_API_URL", discord.origin.as_str())];
    let start = || Program::start_with(&world, &variables);
    let connected = async |times: usize| {
        let identified = |discord: &FakeDiscord| (discord.identified() == times).then_some(());
        discord.until_within(A_LEASE_LATER, "a connection", identified).await;
    };
    let first = start();
    connected(1).await;
    let (second, third) = (start(), start());
    for program in [&first, &second, &third] {
        let ready = reqwest::get(format!("http://{}/readyz", program.address)).await.unwrap();
        assert_eq!(ready.status(), StatusCode::OK, "who stands by is ready, too");
    }
    first.stop().await;
    connected(2).await;
    discord.dispatch("INTERACTION_CREATE", &command(0, DENIED)).await;
    let answered =
        |many: usize| move |discord: &FakeDiscord| (discord.posted(CHANNEL).len() == many).then_some(());
    discord.until("the answer", answered(1)).await;

    // Which of the two has it does not show; a fourth stands by when both are gone.
    let fourth = start();
    second.kill();
    third.kill();
    connected(3).await;
    discord.dispatch("INTERACTION_CREATE", &command(1, DENIED)).await;
    discord.until("the answer of the last", answered(2)).await;
    fourth.stop().await;
    assert_eq!(discord.identified(), 3, "nobody else ever connected");
}
