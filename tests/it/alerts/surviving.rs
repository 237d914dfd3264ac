//! Failures of everything around, and still one alert for each bot.

use std::fmt::Debug;

use metrics_exporter_prometheus::PrometheusBuilder;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use why_no_recording::store::NewWebhook;

use super::{Stage, alert, alerts, at, bot, status};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    an_answer_that_is_lost_makes_no_second_message,
    a_platform_that_fails_for_a_while_gets_it_later_and_in_its_last_form,
    dying_at_every_step_neither_loses_nor_doubles_an_alert,
    a_burst_is_committed_together_and_each_of_it_once,
    a_clock_that_is_minutes_off_changes_no_verdict,
    a_bot_that_breaks_its_evaluation_stops_no_other,
    a_clock_that_was_years_ahead_holds_nothing_up,
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
    assert_eq!(stage.board.thread(&stage.only()).len(), 1, "the message says it, so its thread does not");
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

/// Whatever is done for one bot panics: everything that is done for a bot is done inside its span.
struct BreaksAt(String);

impl Visit for BreaksAt {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        assert!(field.name() != "bot.id" || !value.contains(&self.0), "on purpose: {value}");
    }
}

impl Subscriber for BreaksAt {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        if span.metadata().name() == "evaluate bot" {
            span.record(&mut Self(self.0.clone()));
        }
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

async fn a_bot_that_breaks_its_evaluation_stops_no_other(place: Place) {
    let mut stage = Stage::on(place).await;
    // It has an alert, which stays what it is.
    stage.hear(&bot(2), 0, "recording_permission_denied", "zoom_local_recording_disabled").await;
    let before = stage.only();
    let breaks = tracing::subscriber::set_default(BreaksAt(bot(2)));
    for number in 1..=3 {
        let body = status(&bot(number), at(10), "fatal", "meeting_not_found");
        stage.deliver(&format!("m{number}"), &body, at(10)).await.unwrap();
    }
    stage.pass(10).await;
    assert_eq!(stage.alerts().len(), 3, "{:?}", stage.lines());
    assert_eq!(stage.only_of(&before.id).edits, before.edits);

    stage = stage.restarted(alerts()).await;
    stage.deliver("m4", &status(&bot(4), at(20), "fatal", "meeting_not_found"), at(20)).await.unwrap();
    // It is tried again after ten minutes, and not before.
    for seconds in [21, 611, 620] {
        stage.pass(seconds).await;
        assert_eq!(stage.alerts().len(), 4, "{:?}", stage.lines());
        assert_eq!(stage.only_of(&before.id).edits, before.edits);
    }
    drop(breaks);
    stage.pass(10 + 2 * 600 - 10).await;
    assert_eq!(stage.only_of(&before.id).edits, before.edits, "put aside a second time");
    stage.pass(1_300).await;
    assert_eq!(alert(&stage.only_of(&before.id)).report.cause, "meeting_not_found");
}

async fn a_clock_that_was_years_ahead_holds_nothing_up(place: Place) {
    let stage = Stage::on(place).await;
    for number in 1..=3 {
        let body = status(&bot(number), at(10), "fatal", "meeting_not_found");
        stage.deliver(&format!("m{number}"), &body, at(10)).await.unwrap();
    }
    // A day ahead, and when no time can be told any more.
    stage.execute("UPDATE bots SET last_event_at = 1795082400000 WHERE bot LIKE '%1'").await;
    stage.execute("UPDATE bots SET last_event_at = 253402207200999 WHERE bot LIKE '%2'").await;
    stage.pass(10).await;
    stage.pass(13).await;
    assert_eq!(stage.alerts().len(), 3, "{:?}", stage.lines());
}

#[tokio::test]
async fn what_was_not_committed_is_not_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let stage = Stage::new().await;
    for number in 1..=7 {
        let body = status(&bot(number), at(0), "fatal", "zoom_internal_error");
        stage.deliver(&format!("m{number}"), &body, at(0)).await.unwrap();
    }
    // The last thing that an evaluation writes.
    stage
        .execute(
            "CREATE TRIGGER full BEFORE UPDATE OF last_alert ON bots BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
        .await;
    for _ in 0..3 {
        stage.service.watch.evaluate_due(at(1)).await.unwrap_err();
    }
    stage.execute("DROP TRIGGER full").await;
    stage.pass(2).await;
    let text = recorder.handle().render();
    let counted = |name: &str| -> u64 {
        let lines = text.lines().filter(|line| line.starts_with(name));
        lines.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
    };
    assert_eq!(counted("wnr_alerts_total{kind=\"single\"}"), 5, "{text}");
    assert_eq!(counted("wnr_alerts_total{kind=\"grouped\"}"), 2, "{text}");
    assert_eq!(counted("wnr_alert_groups_total"), 1, "{text}");
    assert_eq!(counted("wnr_verdicts_total"), 7, "{text}");
}
