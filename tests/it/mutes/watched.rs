//! Which alerts a mute keeps back, on every path.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use why_no_recording::chat::Message;
use why_no_recording::chat::action::Action;
use why_no_recording::mutes::request::offered_by;
use why_no_recording::report::alert::AlertState;

use super::{command, mutes, others, perform, press, say, told, words};
use crate::alerts::recurring::{by_customer, fails};
use crate::alerts::{Stage, alert, alerts, at, bot, group, line, service_at};
use crate::world::board::Board;
use crate::world::databases::{Place, on_each_database};
use crate::world::recall::FakeRecall;

on_each_database!(
    a_muted_cause_is_silent_and_any_other_is_heard,
    a_storm_that_is_muted_fills_no_group_and_another_storm_does,
    a_customer_is_muted_by_one_of_its_bots,
    a_mute_ends_in_time_and_a_bot_that_can_be_saved_is_told_then,
    a_bot_that_failed_while_it_was_muted_stays_silent,
    a_muted_bot_whose_cause_changes_is_heard,
    what_stood_there_before_changes_quietly,
    a_fallback_channel_obeys_its_own_mutes,
    late_events_are_muted_like_others,
    what_only_a_list_tells_is_muted_like_what_a_webhook_tells,
    a_mute_that_ends_for_one_scope_still_holds_for_another,
    forgetting_a_bot_forgets_its_mutes_and_who_takes_care_of_it,
);

/// How many alerts of the channel are kept back.
async fn kept_back(stage: &Stage) -> usize {
    let alerts = stage.service.store.latest_alerts(&["console:alerts".to_owned()], 1_000).await.unwrap();
    alerts.iter().filter(|alert| alert.muted).count()
}

async fn a_muted_cause_is_silent_and_any_other_is_heard(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute zoom_internal_error 1h Zoom knows").await;
    for number in 0..3 {
        stage.hear(&bot(number), 10, "fatal", "zoom_internal_error").await;
    }
    stage.hear(&bot(7), 11, "fatal", "meeting_not_found").await;
    let heard = others(&stage);
    assert_eq!(heard.len(), 1, "{:?}", stage.lines_of(&heard));
    assert!(line(&heard[0]).contains(&bot(7)));
    assert_eq!(kept_back(&stage).await, 3);
    let said = mutes(&stage);
    assert_eq!(said.len(), 1);
    let announced = words(&said[0].1);
    for part in ["sam", "in this channel.", "Date(2026-11-18T11:00:00Z)", "Reason: Zoom knows", "[Unmute "] {
        assert!(announced.contains(part), "{part} in {announced}");
    }
}

async fn a_storm_that_is_muted_fills_no_group_and_another_storm_does(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute zoom_internal_error 1h").await;
    for number in 0..12 {
        stage.hear(&bot(number), 10, "fatal", "zoom_internal_error").await;
        stage.hear(&bot(100 + number), 10, "fatal", "bot_errored").await;
    }
    stage.pass(30).await;
    let heard = others(&stage);
    let own = heard.iter().filter(|said| matches!(said.message, Message::Alert(_))).count();
    let grouped: u64 = heard.iter().filter_map(group).map(|group| group.grouped).sum();
    assert_eq!((own, grouped), (5, 7), "{:?}", stage.lines_of(&heard));
    assert_eq!(kept_back(&stage).await, 12);
}

async fn a_customer_is_muted_by_one_of_its_bots(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    fails(&stage, 1, "acme", 1, "zoom_internal_error").await;
    let head = others(&stage).remove(0);
    perform(&stage.service, &press("sam", &head, 5, Action::Mute(bot(1).parse().unwrap()))).await;
    let offered = stage.board.ephemeral();
    let Some(Message::MuteForm(form)) = offered.last() else { panic!("{offered:?}") };
    let scopes = offered_by(form);
    let (label, scope) = &scopes[2];
    assert_eq!(
        (label.as_str(), scope.to_string()),
        ("Bots with the same customer", format!("same={}", bot(1)))
    );

    say(&stage, 6, &format!("mute {scope} 1h")).await;
    let said = words(&mutes(&stage)[0].1);
    assert!(said.contains(&format!("alerts about bots with the same customer as {}", bot(1))), "{said}");
    assert!(!said.contains("acme"), "the name itself is in no record: {said}");
    fails(&stage, 2, "acme", 10, "zoom_join_timeout").await;
    fails(&stage, 3, "globex", 11, "zoom_join_timeout").await;
    let heard = others(&stage);
    assert!(heard.iter().all(|said| !line(said).contains(&bot(2))), "{:?}", stage.lines_of(&heard));
    assert!(heard.iter().any(|said| line(said).contains(&bot(3))), "another customer is heard");
    assert_eq!(kept_back(&stage).await, 1);

    say(&stage, 20, &format!("mute same={} 1h", bot(9))).await;
    assert!(told(&stage).contains("which customer or host"), "{}", told(&stage));
    let forgotten = stage.service.store.forget(&bot(1)).await.unwrap();
    assert!(forgotten.contains(&("mutes", 1)), "{forgotten:?}");
}

async fn a_mute_ends_in_time_and_a_bot_that_can_be_saved_is_told_then(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute channel 10m").await;
    stage.hear(&bot(1), 1, "in_waiting_room", "").await;
    stage.pass(300).await;
    assert!(others(&stage).is_empty(), "the warning is kept back");
    stage.pass(599).await;
    assert!(mutes(&stage)[0].1.unmute.is_some());

    stage.pass(600).await;
    let (head, notice) = mutes(&stage).remove(0);
    assert_eq!(notice.unmute, None, "the button goes");
    let below = stage.board.thread(&head);
    assert_eq!(below.len(), 1, "{below:?}");
    let ended = words(super::mute(&below[0]).unwrap());
    assert!(ended.contains("Its time ended at") && ended.contains("1 alert was muted"), "{ended}");
    let heard = others(&stage);
    assert_eq!(heard.len(), 1);
    assert_eq!(alert(&heard[0]).state, AlertState::Warning);
    assert_eq!(alert(&heard[0]).late, None, "it was heard of in time");
    assert_eq!(kept_back(&stage).await, 0);

    stage.hear(&bot(1), 700, "in_call_recording", "").await;
    assert_eq!(
        alert(&others(&stage)[0]).state,
        AlertState::Resolved,
        "from now on it is an alert like any other"
    );
    stage.pass(800).await;
    assert_eq!(stage.board.thread(&head).len(), 1, "and the end is said once");
}

async fn a_bot_that_failed_while_it_was_muted_stays_silent(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute here 1h").await;
    stage.hear(&bot(1), 10, "fatal", "zoom_internal_error").await;
    let (head, notice) = mutes(&stage).remove(0);
    let id = notice.unmute.unwrap().parse().unwrap();
    perform(&stage.service, &press("alex", &head, 60, Action::Unmute(id))).await;
    stage.pass(120).await;
    assert!(others(&stage).is_empty());
    assert_eq!(kept_back(&stage).await, 1, "it is still counted as muted");
    let (head, notice) = mutes(&stage).remove(0);
    assert!(words(&notice).contains("Words(\"Ended by \"), Person(\"alex\")"), "{}", words(&notice));
    assert!(words(super::mute(&stage.board.thread(&head)[0]).unwrap()).contains("alex"));
    stage.hear(&bot(2), 130, "fatal", "zoom_internal_error").await;
    assert_eq!(others(&stage).len(), 1, "the next one is told");
}

async fn a_muted_bot_whose_cause_changes_is_heard(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute waiting_room_now 1h").await;
    stage.hear(&bot(1), 1, "in_waiting_room", "").await;
    stage.pass(200).await;
    assert!(others(&stage).is_empty());
    assert_eq!(kept_back(&stage).await, 1);
    stage.hear(&bot(1), 300, "fatal", "zoom_internal_error").await;
    let heard = others(&stage);
    assert_eq!(heard.len(), 1, "a mute never swallows another cause");
    assert_eq!(alert(&heard[0]).state, AlertState::Failed);
    assert_eq!(kept_back(&stage).await, 0);
}

async fn what_stood_there_before_changes_quietly(place: Place) {
    let stage = Stage::on(place).await;
    for number in 1..=4 {
        stage.hear(&bot(number), 1, "in_waiting_room", "").await;
    }
    stage.pass(200).await;
    for number in [1, 2] {
        say(&stage, 210, &format!("mute {} 1h", bot(number))).await;
    }
    for number in [1, 3] {
        stage.hear(&bot(number), 300, "fatal", "zoom_internal_error").await;
        stage.hear(&bot(number + 1), 300, "in_call_recording", "").await;
    }
    let heard = others(&stage);
    assert_eq!(heard.len(), 4);
    for said in &heard {
        let below = stage.board.thread(said);
        let updates = below.iter().filter(|below| matches!(below.message, Message::Notice(_))).count();
        let is = |number| line(said).contains(&bot(number));
        let state = if is(1) || is(3) { AlertState::Failed } else { AlertState::Resolved };
        assert_eq!(alert(said).state, state, "each card is kept up to date");
        assert_eq!(updates, usize::from(is(3) || is(4)), "{}", line(said));
    }
}

async fn a_fallback_channel_obeys_its_own_mutes(place: Place) {
    let stage = Stage::on(place).await;
    stage.board.close("alerts");
    perform(&stage.service, &command("sam", "fallback", 0, "mute zoom_internal_error 10m")).await;
    stage.hear(&bot(1), 10, "fatal", "zoom_internal_error").await;
    stage.hear(&bot(2), 10, "fatal", "meeting_not_found").await;
    let there: Vec<_> =
        stage.board.channel("fallback").into_iter().filter(|said| super::mute(said).is_none()).collect();
    assert_eq!(there.len(), 1, "{there:#?}");
    assert!(line(&there[0]).contains(&bot(2)));
    assert_eq!(kept_back(&stage).await, 1);
    assert!(stage.service.store.undelivered(9).await.unwrap().is_empty());
    // Its card is as up to date as any other, where there is one.
    stage.hear(&bot(1), 20, "call_ended", "").await;
    assert!(stage.service.store.undelivered(9).await.unwrap().is_empty());

    stage.hear(&bot(3), 30, "in_waiting_room", "").await;
    perform(&stage.service, &command("sam", "fallback", 31, "mute channel 10m")).await;
    stage.pass(300).await;
    assert_eq!(kept_back(&stage).await, 2);
    stage.pass(700).await;
    let there = stage.board.channel("fallback");
    let saved = there
        .iter()
        .any(|said| matches!(&said.message, Message::Alert(alert) if alert.state == AlertState::Warning));
    assert!(saved, "once the mute has ended: {there:#?}");
}

async fn late_events_are_muted_like_others(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 9_000, "mute here 1h").await;
    stage.hear_at(&bot(1), 0, "fatal", "zoom_internal_error", at(9_010)).await;
    assert!(others(&stage).is_empty());
    assert_eq!(kept_back(&stage).await, 1);
}

async fn what_only_a_list_tells_is_muted_like_what_a_webhook_tells(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    let compare = async |seconds: i64| {
        stage.service.watch.reconcile(at(seconds)).await.unwrap();
        stage.pass(seconds + 5).await;
    };
    compare(0).await;
    say(&stage, 10, "mute meeting_not_found 1h").await;
    for (number, sub_code) in [(1, "meeting_not_found"), (2, "zoom_internal_error")] {
        recall.add_bot(json!({
            "id": bot(number), "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
            "status_changes": [
                { "code": "joining_call", "created_at": at(50).to_string() },
                { "code": "fatal", "sub_code": sub_code, "created_at": at(60).to_string() },
            ],
        }));
    }
    compare(300).await;
    compare(600).await;
    let heard = others(&stage);
    assert_eq!(heard.len(), 1, "{:?}", stage.lines_of(&heard));
    assert!(line(&heard[0]).contains(&bot(2)));
    assert_eq!(kept_back(&stage).await, 1);
}

async fn a_mute_that_ends_for_one_scope_still_holds_for_another(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute channel 10m").await;
    stage.hear(&bot(1), 1, "in_waiting_room", "").await;
    stage.pass(300).await;
    say(&stage, 310, &format!("mute {} 1h", bot(1))).await;
    stage.pass(700).await;
    assert!(others(&stage).is_empty());
    assert_eq!(kept_back(&stage).await, 1);
    stage.pass(310 + 3_600).await;
    assert_eq!(kept_back(&stage).await, 0);
    assert_eq!(others(&stage).len(), 1);
}

async fn forgetting_a_bot_forgets_its_mutes_and_who_takes_care_of_it(place: Place) {
    let stage = Stage::on(place).await;
    stage.hear(&bot(1), 1, "fatal", "zoom_internal_error").await;
    let head = others(&stage).remove(0);
    perform(&stage.service, &press("sam", &head, 5, Action::Take(bot(1).parse().unwrap()))).await;
    say(&stage, 6, &format!("mute {} 1h", bot(1))).await;
    say(&stage, 7, "mute channel 1h").await;
    let forgotten = stage.service.store.forget(&bot(1)).await.unwrap();
    let many = |what: &str| forgotten.iter().find(|(kind, _)| *kind == what).unwrap().1;
    assert_eq!((many("mutes"), many("notes who takes care of it")), (1, 1));
    say(&stage, 8, "mutes").await;
    assert!(told(&stage).starts_with("1 mute is active"), "{}", told(&stage));
    assert!(!told(&stage).contains(&bot(1)));
    perform(&stage.service, &press("sam", &head, 9, Action::Take(bot(1).parse().unwrap()))).await;
    assert!(told(&stage).contains("no longer have records"), "{}", told(&stage));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_instances_one_ends_a_mute() {
    let board = Arc::new(Board::default());
    let Some(place) = Place::postgres().await else { return };
    let url = place.url();
    let services = join_all((0..3).map(|_| service_at(&url, &board, alerts(), None))).await;
    let mute = command("sam", "alerts", 0, "mute channel 10m");
    join_all(services.iter().map(async |service| {
        service.inbox.accept(&mute).await.unwrap();
        service.wait_until_idle(at(0)).await.unwrap();
    }))
    .await;
    for seconds in [599, 600, 601] {
        join_all(services.iter().map(async |service| service.wait_until_idle(at(seconds)).await.unwrap()))
            .await;
    }
    let said = board.channel("alerts");
    assert_eq!(said.len(), 1, "one announcement: {said:#?}");
    assert_eq!(super::mute(&said[0]).unwrap().unmute, None);
    assert_eq!(board.thread(&said[0]).len(), 1, "and one end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_end_and_an_extension_at_once_leave_one_truth() {
    let board = Arc::new(Board::default());
    let Some(place) = Place::postgres().await else { return };
    let url = place.url();
    let services = join_all((0..2).map(|_| service_at(&url, &board, alerts(), None))).await;
    let one = &services[0];
    for round in 0..6 {
        let start = round * 100;
        perform(one, &command("sam", "alerts", start, "mute channel 1h")).await;
        let active = one.store.mutes_in(None, at(start), 9).await.unwrap();
        assert_eq!(active.len(), 1);
        let both = [
            command("sam", "alerts", start + 1, &format!("unmute {}", active[0].id)),
            command("alex", "alerts", start + 1, "mute channel 2h"),
        ];
        join_all(services.iter().zip(&both).map(async |(service, both)| perform(service, both).await)).await;
        one.wait_until_idle(at(start + 2)).await.unwrap();
        let active = one.store.mutes_in(None, at(start + 2), 9).await.unwrap();
        let said = board.channel("alerts");
        let buttons: Vec<_> = said.iter().filter_map(|said| super::mute(said)?.unmute.clone()).collect();
        let ids: Vec<_> = active.iter().map(|mute| mute.id.clone()).collect();
        assert_eq!(buttons, ids, "what has a button is active, and the reverse");
        for id in ids {
            perform(one, &command("sam", "alerts", start + 3, &format!("unmute {id}"))).await;
        }
    }
}
