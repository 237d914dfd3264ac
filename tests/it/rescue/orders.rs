//! In any order of presses, repetitions, deaths, hosts and time, nobody is asked more than twice.

use proptest::prelude::*;
use why_no_recording::chat::action::{Action, Decision};
use why_no_recording::chat::interaction::Interaction;
use why_no_recording::rescue::Mode;

use super::Stage;
use crate::alerts::bot;
use crate::world::databases::Place;
use crate::world::recall::commands::CommandFault;
use crate::world::recall::meeting::Host;

#[derive(Debug, Clone)]
enum Step {
    /// A person asks for a preview and sends it.
    Ask(usize),
    /// A decision of before comes again, as a new press.
    AskWithOld(usize),
    /// The last delivery comes again.
    Repeat,
    /// A decision is taken by a process that dies right after.
    AskAndDie(usize),
    /// The other instance works.
    OtherWorks,
    Pass(i64),
    HostWill(Host),
    Hear,
    Fault(CommandFault),
    Declined,
}

fn step() -> impl Strategy<Value = Step> {
    let host = prop_oneof![Just(Host::Denies), Just(Host::Ignores), Just(Host::Allows)];
    let fault = prop_oneof![
        Just(CommandFault::Reset),
        Just(CommandFault::DoneAndReset),
        Just(CommandFault::OutOfCapacity),
        Just(CommandFault::Refused("chat_disabled")),
    ];
    prop_oneof![
        3 => (0..3_usize).prop_map(Step::Ask),
        1 => (0..3_usize).prop_map(Step::AskWithOld),
        1 => Just(Step::Repeat),
        1 => (0..2_usize).prop_map(Step::AskAndDie),
        2 => Just(Step::OtherWorks),
        3 => (1..200_i64).prop_map(Step::Pass),
        2 => host.prop_map(Step::HostWill),
        2 => Just(Step::Hear),
        1 => fault.prop_map(Step::Fault),
        1 => Just(Step::Declined),
    ]
}

const PEOPLE: [&str; 3] = ["Ana", "Ben", "Eve"];

async fn run(mode: Mode, steps: Vec<Step>) {
    let stage = Stage::on(Place::sqlite(), mode).await;
    let other = stage.another().await;
    stage.joins(1, 3_600).await;
    stage.declined(1).await;
    let mut decisions: Vec<Decision> = Vec::new();
    let mut last: Option<Interaction> = None;
    for step in steps {
        match step {
            Step::Ask(who) => {
                let action = Action::Rescue(bot(1).parse().unwrap());
                let shown = stage.press(PEOPLE[who], 1, action).await;
                if let [why_no_recording::chat::Message::Preview { preview, card }] = &shown[..] {
                    let digest = preview.digest.clone();
                    let decision = Decision { bot: preview.bot, digest, card: card.clone() };
                    decisions.push(decision.clone());
                    let press = stage.interaction(PEOPLE[who], 1, Action::Send(decision));
                    stage.accept(&press).await;
                    stage.settle().await;
                    last = Some(press);
                }
            }
            Step::AskWithOld(who) | Step::AskAndDie(who) => {
                let Some(decision) = decisions.last().cloned() else { continue };
                let press = stage.interaction(PEOPLE[who], 1, Action::Send(decision));
                stage.accept(&press).await;
                if let Step::AskAndDie(_) = step {
                    if let Some(item) = stage.service.inbox.lease(stage.now()).await.unwrap() {
                        stage.service.inbox.work(item, stage.now()).await.unwrap();
                    }
                    // Leased, and never heard of again.
                    stage.service.acting.lease(stage.now()).await.unwrap();
                } else {
                    stage.settle().await;
                }
                last = Some(press);
            }
            Step::Repeat => {
                if let Some(press) = &last {
                    stage.accept(press).await;
                    stage.settle().await;
                }
            }
            Step::OtherWorks => other.settle().await,
            Step::Pass(seconds) => stage.pass(seconds).await,
            Step::HostWill(host) => stage.recall.host_will(&bot(1), host, 5),
            Step::Hear => stage.hear(1).await,
            Step::Fault(fault) => stage.recall.fail_commands([fault]),
            Step::Declined => {
                stage.recall.host_declined(&bot(1));
                stage.hear(1).await;
            }
        }
        let (messages, pop_ups, starts) = stage.reached(1);
        assert!(messages <= 2 && pop_ups <= 2 && starts == 0, "{messages} {pop_ups} {starts}");
        if mode == Mode::Off {
            assert_eq!((messages, pop_ups), (0, 0));
        }
    }
    let rows = stage.service.store.rescues_of(&bot(1)).await.unwrap();
    assert!(rows.iter().all(|row| row.user_id.as_deref() != Some("Eve")), "without the right");
    // Nothing waits for ever.
    stage.pass(120).await;
    let rows = stage.service.store.rescues_of(&bot(1)).await.unwrap();
    assert!(rows.iter().all(|row| row.is_over), "{rows:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_asked_more_than_twice(
        mode in prop_oneof![1 => Just(Mode::Off), 4 => Just(Mode::Button), 3 => Just(Mode::Automatic)],
        steps in prop::collection::vec(step(), 1..14),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(mode, steps));
    }
}
