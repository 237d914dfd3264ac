//! What can go wrong between a press and what reaches the host.

use jiff::SignedDuration;
use why_no_recording::chat::action::Action;
use why_no_recording::recall::{IdempotencyKey, MeetingAction, Recipient};
use why_no_recording::report::rescue::{NO_SUCH_STEP, NOTHING_TO_ASK, RescueButton};
use why_no_recording::rescue::Mode;
use why_no_recording::store::{LeasedRescue, RescueStep};

use super::{Stage, only_notice};
use crate::alerts::bot;
use crate::world::recall::commands::CommandFault;

async fn declined(denied_timeout: i64) -> Stage {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, denied_timeout).await;
    stage.declined(1).await;
    stage
}

#[tokio::test]
async fn the_bot_left_between_preview_and_decision() {
    let stage = declined(30).await;
    let (_, decision) = stage.preview("Ana", 1).await;
    stage.pass(40).await;
    assert_eq!(stage.send("Ana", 1, decision).await, NOTHING_TO_ASK);
    assert_eq!(stage.reached(1), (0, 0, 0));
}

#[tokio::test]
async fn the_bot_left_between_decision_and_call() {
    let stage = declined(30).await;
    let (_, decision) = stage.preview("Ana", 1).await;
    let press = stage.interaction("Ana", 1, Action::Send(decision));
    stage.accept(&press).await;
    let item = stage.service.inbox.lease(stage.now()).await.unwrap().unwrap();
    stage.service.inbox.work(item, stage.now()).await.unwrap();
    stage.recall.advance(40);
    stage.settle().await;
    assert_eq!(stage.reached(1), (0, 0, 0));
    let line =
        "Tried to ask again by Ana, 10:00:00. Nothing was sent, because the bot was no longer in the call.";
    assert_eq!(stage.lines(1)[0], line);
    assert!(stage.service.store.rescues_of(&bot(1)).await.unwrap()[0].is_over);
}

/// The results of both calls, and what the card says then.
struct Case {
    faults: Vec<CommandFault>,
    reached: (usize, usize, usize),
    line: &'static str,
    button_later: bool,
}

#[tokio::test]
async fn each_end_of_the_calls_has_a_sentence() {
    const WHEN: &str = ", 10:00:00";
    let cases = [
        Case {
            faults: vec![CommandFault::Refused("chat_disabled")],
            reached: (0, 1, 0),
            line: "Asked again by Ana@, without the message, which didn't get through. Waiting for the host.",
            button_later: true,
        },
        Case {
            // The response is lost after the effect, and the same key tells what came of it.
            faults: vec![CommandFault::DoneAndReset],
            reached: (1, 1, 0),
            line: "Asked again by Ana@. Waiting for the host.",
            button_later: true,
        },
        Case {
            faults: vec![CommandFault::OutOfCapacity],
            reached: (1, 1, 0),
            line: "Asked again by Ana@. Waiting for the host.",
            button_later: true,
        },
        Case {
            faults: vec![CommandFault::OutOfCapacity, CommandFault::OutOfCapacity],
            reached: (0, 1, 0),
            line: "Asked again by Ana@, without the message, which didn't get through. Waiting for the host.",
            button_later: true,
        },
    ];
    for case in cases {
        let stage = declined(3_600).await;
        stage.recall.fail_commands(case.faults.clone());
        stage.ask("Ana", 1).await;
        assert_eq!(stage.reached(1), case.reached, "{:?}", case.faults);
        assert_eq!(stage.lines(1)[0], case.line.replace('@', WHEN), "{:?}", case.faults);
        stage.pass(125).await;
        assert_eq!(stage.button(1).is_some(), case.button_later, "{:?}", case.faults);
    }
}

#[tokio::test]
async fn a_key_that_may_only_read_is_named() {
    let stage = declined(300).await;
    stage.recall.key_may_only_read();
    stage.ask("Ana", 1).await;
    assert_eq!(stage.reached(1), (0, 0, 0));
    assert!(stage.lines(1)[0].contains("the API key may only read"), "{:?}", stage.lines(1));
    // Nothing was sent, so the attempt is not used.
    assert_eq!(stage.button(1), Some(RescueButton::Ask));
}

#[tokio::test]
async fn bots_without_the_step_are_remembered_for_the_workspace() {
    for status in [404, 405] {
        let stage = declined(300).await;
        stage.recall.without_permission_step(status);
        stage.ask("Ana", 1).await;
        assert!(stage.lines(1)[0].contains("this workspace's bots can't ask again"), "{:?}", stage.lines(1));
        stage.joins(2, 300).await;
        stage.declined(2).await;
        assert_eq!(stage.button(2), None);
        assert_eq!(stage.lines(2), [NO_SUCH_STEP]);
        let told = only_notice(&stage.press("Ana", 2, Action::Rescue(bot(2).parse().unwrap())).await);
        assert_eq!(told, NO_SUCH_STEP);
    }
}

/// The process ends right after it wrote down that a step begins, or right after the call.
#[tokio::test]
async fn a_process_that_dies_between_the_calls_repeats_nothing() {
    for calls_before_death in [0, 1, 2] {
        let stage = declined(3_600).await;
        let (preview, decision) = stage.preview("Ana", 1).await;
        let press = stage.interaction("Ana", 1, Action::Send(decision));
        stage.accept(&press).await;
        let item = stage.service.inbox.lease(stage.now()).await.unwrap().unwrap();
        stage.service.inbox.work(item, stage.now()).await.unwrap();

        let leased = stage.service.acting.lease(stage.now()).await.unwrap().unwrap();
        let store = &stage.service.store;
        let note = async |leased: &LeasedRescue, step, word| {
            assert!(store.note_rescue_step(leased, step, word).await.unwrap());
        };
        let message =
            MeetingAction::SendChatMessage { to: Recipient::Host, text: preview.text.clone().unwrap() };
        note(&leased, RescueStep::Message, "begun").await;
        if calls_before_death >= 1 {
            act(&stage, &leased, &message, "message").await;
        }
        if calls_before_death >= 2 {
            note(&leased, RescueStep::Message, "done").await;
            note(&leased, RescueStep::Request, "begun").await;
            act(&stage, &leased, &MeetingAction::RequestRecordingPermission, "request").await;
        }
        // Another process begins. A lease ends by the clock.
        stage.pass(46).await;
        assert_eq!(stage.reached(1), (1, 1, 0), "{calls_before_death}");
        assert_eq!(stage.lines(1)[0], "Asked again by Ana, 10:00:00. Waiting for the host.");
        // The one that was thought dead comes back, and changes nothing.
        assert!(!store.note_rescue_step(&leased, RescueStep::Request, "refused").await.unwrap());
    }
}

/// Makes a call as the worker makes it, in a process of its own.
async fn act(stage: &Stage, leased: &LeasedRescue, action: &MeetingAction, step: &str) {
    let key = IdempotencyKey::of(&leased.row.press, step);
    let other = stage.another().await;
    let fetcher = &other.service.watch.answerer().fetcher;
    fetcher.act("default", bot(1).parse().unwrap(), action, key, stage.now()).await.unwrap();
}

#[tokio::test]
async fn a_step_whose_end_is_unknown_for_an_hour_is_told_as_unknown() {
    let stage = declined(86_400).await;
    let (_, decision) = stage.preview("Ana", 1).await;
    let press = stage.interaction("Ana", 1, Action::Send(decision));
    stage.accept(&press).await;
    let item = stage.service.inbox.lease(stage.now()).await.unwrap().unwrap();
    stage.service.inbox.work(item, stage.now()).await.unwrap();
    let leased = stage.service.acting.lease(stage.now()).await.unwrap().unwrap();
    stage.service.store.note_rescue_step(&leased, RescueStep::Message, "done").await.unwrap();
    stage.service.store.note_rescue_step(&leased, RescueStep::Request, "begun").await.unwrap();
    stage.pass(3_600).await;
    assert_eq!(stage.reached(1), (0, 0, 0), "nothing was repeated");
    assert!(stage.lines(1)[0].contains("I don't know if it reached the meeting"), "{:?}", stage.lines(1));
}

#[tokio::test]
async fn a_decision_that_waited_too_long_is_not_carried_out() {
    let stage = declined(3_600).await;
    let (_, decision) = stage.preview("Ana", 1).await;
    let press = stage.interaction("Ana", 1, Action::Send(decision));
    stage.accept(&press).await;
    let item = stage.service.inbox.lease(stage.now()).await.unwrap().unwrap();
    stage.service.inbox.work(item, stage.now()).await.unwrap();
    stage.pass(120).await;
    assert_eq!(stage.reached(1), (0, 0, 0));
    assert!(stage.lines(1)[0].contains("it couldn't be done in time"), "{:?}", stage.lines(1));
    assert_eq!(stage.button(1), Some(RescueButton::Ask), "it doesn't count");
}

#[tokio::test]
async fn everything_is_in_the_audit_and_can_be_forgotten() {
    let stage = declined(300).await;
    stage.ask("Ana", 1).await;
    let rows = stage.service.store.rescues_of(&bot(1)).await.unwrap();
    assert_eq!((rows[0].user_id.as_deref(), rows[0].is_over), (Some("Ana"), true));
    let forgotten = stage.service.store.forget(&bot(1)).await.unwrap();
    let many = |what: &str| forgotten.iter().find(|(name, _)| *name == what).unwrap().1;
    assert_eq!(many("attempts to ask again"), 1);
    // The preview, the decision, and what came of it.
    assert_eq!(many("entries of the audit"), 3);
    assert!(stage.service.store.rescues_of(&bot(1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn old_attempts_are_purged() {
    let stage = declined(300).await;
    stage.ask("Ana", 1).await;
    let later = stage.now() + SignedDuration::from_hours(24 * 31);
    stage.service.store.purge(later, SignedDuration::from_hours(24 * 30)).await.unwrap();
    assert!(stage.service.store.rescues_of(&bot(1)).await.unwrap().is_empty());
}
