//! A person asks again.

use jiff::SignedDuration;
use why_no_recording::chat::Message;
use why_no_recording::chat::action::Action;
use why_no_recording::report::rescue::{
    BEGUN, CANCELLED, IS_OFF, MAY_NOT_ACT, RescueButton, TOO_SOON, UNDERWAY,
};
use why_no_recording::rescue::Mode;

use super::{Stage, only_notice, written, zoom_bot};
use crate::alerts::{at, bot};
use crate::world::recall::meeting::{Host, Place};

#[tokio::test]
async fn a_host_declines_a_person_asks_again_and_it_records() {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 300).await;
    stage.pass(20).await;
    stage.declined(1).await;
    assert_eq!(stage.button(1), Some(RescueButton::Ask));
    stage.pass(25).await;

    let (preview, decision) = stage.preview("Ana", 1).await;
    assert_eq!(stage.reached(1), (0, 0, 0), "a preview sends nothing");
    assert_eq!(preview.bot_name, "Acme Notetaker");
    let times: Vec<String> = preview.times.iter().map(written).collect();
    assert_eq!(
        times,
        ["The bot has been in the call since 10:00:00.", "It leaves by itself at about 10:05:20."]
    );
    let text = preview.text.clone().unwrap();
    assert!(text.contains("Acme Notetaker") && text.contains("\"Allow Recording\""), "{text}");
    assert!(text.chars().count() <= 500);

    stage.recall.host_will(&bot(1), Host::Allows, 20);
    assert_eq!(stage.send("Ana", 1, decision).await, BEGUN);
    assert_eq!(stage.recall.messages_to_host(&bot(1)), [text]);
    assert_eq!(stage.reached(1), (1, 1, 0));
    let line = "Asked again by Ana, 10:00:45. Waiting for the host.";
    assert_eq!(stage.lines(1), [line, "The next attempt is possible at 10:02:45."]);
    assert_eq!(stage.button(1), None);

    stage.pass(25).await;
    stage.hear(1).await;
    assert_eq!(stage.lines(1), ["Asked again by Ana, 10:00:45. Recording since 10:01:06."]);
    assert_eq!(stage.button(1), None);
}

#[tokio::test]
async fn it_is_declined_again_and_after_two_attempts_nobody_asks_a_third_time() {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 3_600).await;
    stage.declined(1).await;
    stage.recall.host_will(&bot(1), Host::Denies, 5);
    stage.pass(10).await;
    stage.ask("Ana", 1).await;
    stage.pass(10).await;
    stage.hear(1).await;
    assert_eq!(
        stage.lines(1)[0],
        "Asked again by Ana, 10:00:10. Declined again or not answered in time, 10:00:15."
    );
    let told = only_notice(&stage.press("Ben", 1, Action::Rescue(bot(1).parse().unwrap())).await);
    assert_eq!(told, TOO_SOON);
    // The button comes back by itself.
    stage.pass(111).await;
    assert_eq!(stage.button(1), Some(RescueButton::Ask));
    stage.ask("Ben", 1).await;
    assert_eq!(stage.reached(1), (2, 2, 0));
    stage.pass(600).await;
    stage.hear(1).await;
    assert_eq!(stage.button(1), None);
    assert_eq!(stage.lines(1).last().unwrap(), "Both attempts for this bot are used.");
    stage.press("Ana", 1, Action::Rescue(bot(1).parse().unwrap())).await;
    assert_eq!(stage.reached(1), (2, 2, 0));
}

/// Recall.ai's times have microseconds.
#[tokio::test]
async fn a_refusal_before_an_attempt_is_not_what_came_of_it() {
    let stage = Stage::new(Mode::Button).await;
    stage.recall.set_clock(at(0) + SignedDuration::from_micros(123_456));
    stage.joins(1, 3_600).await;
    stage.declined(1).await;
    stage.pass(10).await;
    stage.recall.host_will(&bot(1), Host::Denies, 5);
    stage.ask("Ana", 1).await;
    assert_eq!(stage.lines(1)[0], "Asked again by Ana, 10:00:10. Waiting for the host.");
    stage.pass(130).await;
    stage.hear(1).await;
    stage.ask("Ben", 1).await;
    assert_eq!(
        stage.lines(1)[..2],
        [
            "Asked again by Ana, 10:00:10. Declined again or not answered in time, 10:00:15.",
            "Asked again by Ben, 10:02:20. Waiting for the host.",
        ]
    );
}

#[tokio::test]
async fn who_may_not_act_is_told_so_alone_and_nothing_is_sent() {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 300).await;
    stage.declined(1).await;
    let told = stage.press("Eve", 1, Action::Rescue(bot(1).parse().unwrap())).await;
    assert_eq!(only_notice(&told), MAY_NOT_ACT);
    // A decision copied from another person's preview.
    let (_, decision) = stage.preview("Ana", 1).await;
    assert_eq!(stage.send("Eve", 1, decision).await, MAY_NOT_ACT);
    assert_eq!(stage.reached(1), (0, 0, 0));
}

#[tokio::test]
async fn a_person_of_a_group_may_act_while_they_are_in_it() {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 300).await;
    stage.declined(1).await;
    let mut press = stage.interaction("Lea", 1, Action::Rescue(bot(1).parse().unwrap()));
    press.requester.roles = vec!["leads".to_owned()];
    stage.accept(&press).await;
    stage.settle().await;
    assert!(matches!(stage.board.ephemeral().last(), Some(Message::Preview { .. })));
    let told = stage.press("Lea", 1, Action::Rescue(bot(1).parse().unwrap())).await;
    assert_eq!(only_notice(&told), MAY_NOT_ACT, "without the role");
}

#[tokio::test]
async fn with_the_mode_off_there_is_no_button_and_a_press_does_nothing() {
    let stage = Stage::new(Mode::Off).await;
    stage.joins(1, 300).await;
    stage.declined(1).await;
    assert_eq!(stage.on_card(1), why_no_recording::report::rescue::RescueCard::default());
    let told = stage.press("Ana", 1, Action::Rescue(bot(1).parse().unwrap())).await;
    assert_eq!(only_notice(&told), IS_OFF);
    let told = stage.press("Ana", 1, Action::Start(bot(1).parse().unwrap())).await;
    assert_eq!(only_notice(&told), IS_OFF);
    assert_eq!(stage.reached(1), (0, 0, 0));
}

#[tokio::test]
async fn cancelling_sends_nothing_and_uses_no_attempt() {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 300).await;
    stage.declined(1).await;
    stage.preview("Ana", 1).await;
    stage.press("Ana", 1, Action::Cancel(bot(1).parse().unwrap())).await;
    assert_eq!(only_notice(&stage.board.replaced()), CANCELLED);
    assert_eq!(stage.reached(1), (0, 0, 0));
    assert_eq!(stage.button(1), Some(RescueButton::Ask));
}

#[tokio::test]
async fn two_people_press_at_the_same_time_and_the_host_is_asked_once() {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 300).await;
    stage.declined(1).await;
    let (_, of_ana) = stage.preview("Ana", 1).await;
    let (_, of_ben) = stage.preview("Ben", 1).await;
    let presses = [
        stage.interaction("Ana", 1, Action::Send(of_ana)),
        stage.interaction("Ben", 1, Action::Send(of_ben)),
    ];
    for press in &presses {
        stage.accept(press).await;
        // Slack repeats itself.
        stage.accept(press).await;
    }
    stage.settle().await;
    assert_eq!(stage.reached(1), (1, 1, 0));
    let told = stage.board.replaced();
    let told = super::said(&told);
    assert!(told.contains(&BEGUN.to_owned()), "{told:?}");
    assert!(told.contains(&UNDERWAY.to_owned()) || told.contains(&TOO_SOON.to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_setting_first_and_then_asked_again() {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 300).await;
    stage.recall.host_will(&bot(1), Host::DeniesAll, 1);
    stage.declined(1).await;
    stage.ask("Ana", 1).await;
    stage.pass(150).await;
    stage.hear(1).await;
    // The host declined it for all future requests: a setting of this meeting comes first.
    assert_eq!(stage.button(1), Some(RescueButton::AskAfterChange));
    let (preview, _) = stage.preview("Ana", 1).await;
    assert!(preview.text.unwrap().contains("Zoom setting"));
}

#[tokio::test]
async fn a_bot_that_records_on_command_is_told_to_record_once() {
    let stage = Stage::new(Mode::Button).await;
    let mut manual = zoom_bot(1, 300);
    manual["recording_config"]["start_recording_on"] = "manual".into();
    stage.recall.join_meeting(manual, Place::InCall);
    stage.hear(1).await;
    stage.pass(200).await;
    assert_eq!(stage.button(1), Some(RescueButton::Start));
    let shown = stage.press("Ana", 1, Action::Start(bot(1).parse().unwrap())).await;
    let [Message::Preview { preview, card }] = &shown[..] else { panic!("{:?}", super::said(&shown)) };
    assert_eq!(preview.text, None, "nobody gets a message");
    let decision = why_no_recording::chat::action::Decision {
        bot: preview.bot,
        digest: preview.digest.clone(),
        card: card.clone(),
    };
    stage.send("Ana", 1, decision.clone()).await;
    assert_eq!(stage.reached(1), (0, 0, 1));
    // The preview is still open in another window, and the bot records by now.
    stage.send("Ana", 1, decision).await;
    assert_eq!(stage.reached(1), (0, 0, 1));
    stage.hear(1).await;
    assert_eq!(stage.lines(1), ["Told to record by Ana, 10:03:20. Recording since 10:03:20."]);
}
