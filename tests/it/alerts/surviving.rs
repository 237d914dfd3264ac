//! Failures of everything around, and still one alert for each bot.

use why_no_recording::store::NewWebhook;

use super::{Stage, alerts, at, bot, status};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    an_answer_that_is_lost_makes_no_second_message,
    a_platform_that_fails_for_a_while_gets_it_later_and_in_its_last_form,
    dying_at_every_step_neither_loses_nor_doubles_an_alert,
    a_burst_is_committed_together_and_each_of_it_once,
    a_clock_that_is_minutes_off_changes_no_verdict,
);

async fn an_answer_that_is_lost_makes_no_second_message(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.board.swallow_answers(1);
    stage.hear(&bot, 0, "fatal", "meeting_not_found").await;
    for seconds in 1..40 {
        stage.pass(seconds).await;
    }
    assert_eq!(stage.only().edits, 0);
    assert_eq!(stage.board.thread(&stage.only()).len(), 1);
}

async fn a_platform_that_fails_for_a_while_gets_it_later_and_in_its_last_form(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.board.fail(3);
    stage.hear(&bot, 0, "recording_permission_denied", "zoom_local_recording_disabled").await;
    stage.hear(&bot, 4, "in_call_recording", "").await;
    for seconds in 5..60 {
        stage.pass(seconds).await;
    }
    assert!(stage.lines()[0].starts_with("Resolved"), "{:?}", stage.lines());
    assert_eq!(stage.alerts().len(), 1);
}

async fn dying_at_every_step_neither_loses_nor_doubles_an_alert(place: Place) {
    for step in 0..5 {
        let (mut stage, bot) = (Stage::on(place.another().await).await, bot(1));
        let body = status(&bot, at(0), "recording_permission_denied", "zoom_local_recording_disabled");
        stage.deliver("a", &body, at(0)).await.unwrap();
        // Dies after the commit, after thinking, after leasing, after posting, after recording.
        if step >= 1 {
            stage.service.watch.evaluate_due(at(0)).await.unwrap();
        }
        let mut leased = None;
        if step >= 2 {
            leased = stage.service.outbox.lease(at(0)).await.unwrap();
            assert!(leased.is_some());
        }
        if step >= 3 {
            stage.board.swallow_answers(usize::from(step == 3));
            stage.service.outbox.deliver(leased.unwrap(), at(0)).await.unwrap();
        }
        stage = stage.restarted(alerts()).await;
        // Whoever sent it did not learn that it arrived.
        let _ = stage.deliver("a", &body, at(1)).await;
        // On a server, what was leased comes back when its lease ends.
        for seconds in (1..20).chain(61..80) {
            stage.pass(seconds).await;
        }
        assert_eq!(stage.alerts().len(), 1, "step {step}");
        assert_eq!(stage.board.thread(&stage.only()).len(), 1, "step {step}");
    }
}

async fn a_burst_is_committed_together_and_each_of_it_once(place: Place) {
    let stage = Stage::on(place).await;
    let webhook = |number: usize| NewWebhook {
        id: format!("m{}", number % 400),
        workspace: "default".to_owned(),
        event: "bot.log".to_owned(),
        ..NewWebhook::default()
    };
    let store = &stage.service.store;
    let all = (0..800).map(|number| store.accept_webhook(webhook(number), at(0)));
    let accepted = futures_util::future::join_all(all).await;
    let new = accepted
        .iter()
        .filter(|accepted| matches!(accepted, Ok(why_no_recording::store::Accepted::New)))
        .count();
    assert!(accepted.iter().all(Result::is_ok));
    assert_eq!(new, 400);
}

async fn a_clock_that_is_minutes_off_changes_no_verdict(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    // The times of the events lie ten minutes ahead of ours.
    stage.hear_at(&bot, 600, "joining_call", "", at(0)).await;
    stage.hear_at(&bot, 605, "in_waiting_room", "", at(5)).await;
    assert!(stage.alerts().is_empty());
    stage.hear_at(&bot, 620, "fatal", "zoom_internal_error", at(20)).await;
    stage.pass(30).await;
    assert_eq!(stage.alerts().len(), 1);
    assert!(!stage.lines()[0].starts_with("Late"));
}
