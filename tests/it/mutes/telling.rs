//! What people are told: who muted, until when, who takes care, and what is muted.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::Connection;
use tokio::sync::Notify;
use why_no_recording::chat::action::Action;
use why_no_recording::chat::interaction::{ButtonOn, InteractionKind};
use why_no_recording::chat::{Chat, Message};
use why_no_recording::diagnosis::bot_id::BotId;
use why_no_recording::muting::Muting;
use why_no_recording::report::alert::AlertState;
use why_no_recording::rights::{ActingList, Right, Rights, Rules};

use super::{command, interaction, mutes, perform, press, say, told, words};
use crate::alerts::{Stage, alert, alerts, at, bot, line};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    a_second_mute_of_the_same_scope_extends_the_first_or_is_told_of_it,
    a_mute_is_set_once_however_often_its_delivery_is_tried,
    lists_show_this_channel_alone,
    who_takes_care_is_on_the_card_and_updates_are_quiet,
    pressing_again_gives_back_and_another_person_takes_over,
    a_list_changes_where_its_button_was_pressed,
);

async fn a_second_mute_of_the_same_scope_extends_the_first_or_is_told_of_it(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute channel 1h").await;
    perform(&stage.service, &command("alex", "alerts", 60, "mute here 2h still down")).await;
    assert_eq!(mutes(&stage).len(), 1);
    let (head, notice) = mutes(&stage).remove(0);
    assert!(
        words(&notice).contains("alex") && words(&notice).contains("2026-11-18T12:01:00Z"),
        "{}",
        words(&notice)
    );
    let below = stage.board.thread(&head);
    assert_eq!(below.len(), 1);
    assert!(words(super::mute(&below[0]).unwrap()).contains("Extended by "));

    say(&stage, 120, "mute channel 1h").await;
    assert!(
        told(&stage).contains("are muted already") && told(&stage).contains("[Unmute "),
        "{}",
        told(&stage)
    );
    say(&stage, 130, "mute bot_errored 1h").await;
    assert_eq!(mutes(&stage).len(), 2, "another scope is another mute");

    let id = notice.unmute.unwrap();
    say(&stage, 140, &format!("unmute {id}")).await;
    say(&stage, 150, &format!("unmute {id}")).await;
    assert!(told(&stage).contains("isn't active in this channel"), "{}", told(&stage));
    say(&stage, 160, "mute channel 1h").await;
    assert_eq!(mutes(&stage).len(), 3, "what has ended is not extended");
}

async fn a_mute_is_set_once_however_often_its_delivery_is_tried(place: Place) {
    let stage = Stage::on(place).await;
    let channels = BTreeSet::from(["console:alerts".to_owned()]);
    let answerer = Arc::new(crate::alerts::answerer());
    let muting = Muting::new(stage.service.store.clone(), answerer, channels, Arc::new(Notify::new()));
    let mute = command("sam", "alerts", 0, "mute channel 10m");
    // The process dies after each commit, before the answer is stored.
    for seconds in 0..3 {
        muting.answer(&mute, stage.board.as_ref(), at(seconds)).await.unwrap().unwrap();
    }
    let extend = command("sam", "alerts", 5, "mute channel 20m");
    for seconds in 5..8 {
        muting.answer(&extend, stage.board.as_ref(), at(seconds)).await.unwrap().unwrap();
    }
    stage.pass(10).await;
    let (head, notice) = mutes(&stage).remove(0);
    assert_eq!(mutes(&stage).len(), 1);
    assert!(words(&notice).contains("2026-11-18T10:20:05Z"), "from the first try on: {}", words(&notice));
    assert!(stage.board.thread(&head).len() <= 1);
    let unmute = press("sam", &head, 20, Action::Unmute(notice.unmute.unwrap().parse().unwrap()));
    for seconds in 20..23 {
        muting.answer(&unmute, stage.board.as_ref(), at(seconds)).await.unwrap().unwrap();
    }
    stage.pass(30).await;
    let ends = stage
        .board
        .thread(&head)
        .iter()
        .filter(|below| words(super::mute(below).unwrap()).contains("Ended by"))
        .count();
    assert_eq!(ends, 1);
    let stage = stage.restarted(alerts()).await;
    stage.pass(2_000).await;
    assert_eq!(mutes(&stage).len(), 1, "after a restart nothing is said again");
}

async fn lists_show_this_channel_alone(place: Place) {
    let mut settings = alerts();
    settings.policy.routes = vec![why_no_recording::alerts::route::Route {
        when: why_no_recording::alerts::route::Conditions {
            causes: vec!["meeting_not_found".to_owned()],
            ..Default::default()
        },
        channels: vec![why_no_recording::alerts::ChannelRef("console:other".to_owned())],
        mention: None,
    }];
    let stage = Stage::on_with(place, settings, None).await;
    say(&stage, 0, "mutes").await;
    assert_eq!(told(&stage).trim(), "Nothing is muted in this channel.");
    say(&stage, 0, "recent").await;
    assert!(told(&stage).starts_with("There were no alerts in this channel lately."), "{}", told(&stage));
    for number in 0..12 {
        stage.hear(&bot(number), 10 + i64::try_from(number).unwrap(), "fatal", "bot_errored").await;
    }
    stage.hear(&bot(50), 30, "fatal", "meeting_not_found").await;
    perform(&stage.service, &command("sam", "other", 31, "mute meeting_not_found 1h")).await;
    say(&stage, 32, "recent").await;
    let recent = told(&stage);
    assert!(recent.starts_with("The latest 10 alerts in this channel:"), "{recent}");
    assert!(recent.contains(&bot(11)) && !recent.contains(&bot(1)) && !recent.contains(&bot(50)), "{recent}");
    say(&stage, 33, "mutes").await;
    assert_eq!(told(&stage).trim(), "Nothing is muted in this channel.");
    let id = stage.board.channel("other").iter().find_map(|said| super::mute(said)?.unmute.clone()).unwrap();
    say(&stage, 34, &format!("unmute {id}")).await;
    assert!(told(&stage).contains("isn't active in this channel"), "nor is it ended from elsewhere");
    perform(&stage.service, &command("sam", "lobby", 35, "mute channel 1h")).await;
    assert!(told(&stage).contains("Alerts don't come to this channel"), "{}", told(&stage));
    assert!(stage.board.channel("lobby").is_empty());
}

async fn who_takes_care_is_on_the_card_and_updates_are_quiet(place: Place) {
    let stage = Stage::on(place).await;
    for number in [1, 2] {
        stage.hear(&bot(number), 1, "in_waiting_room", "").await;
    }
    stage.pass(200).await;
    for (said, number) in stage.alerts().iter().zip([1, 2]) {
        let id: BotId = bot(number).parse().unwrap();
        perform(&stage.service, &press("sam", said, 210, Action::Take(id))).await;
    }
    let stage = stage.restarted(alerts()).await;
    stage.hear(&bot(1), 300, "fatal", "zoom_internal_error").await;
    stage.hear(&bot(2), 300, "in_call_recording", "").await;
    let [failed, resolved] = stage.alerts().try_into().unwrap();
    let lines = |head| -> Vec<String> {
        let below = stage.board.thread(head);
        below.iter().filter(|below| matches!(below.message, Message::Notice(_))).map(line).collect()
    };
    assert_eq!(alert(&failed).state, AlertState::Failed);
    let taken = alert(&failed).report.taken.clone().expect("it survives a restart, and a change of state");
    assert_eq!((taken.person.as_str(), taken.at), ("sam", at(210)));
    assert_eq!(lines(&failed), Vec::<String>::new(), "somebody knows already");
    assert_eq!(alert(&resolved).state, AlertState::Resolved, "by itself");
    assert_eq!(lines(&resolved).len(), 1, "and that is said");
    assert!(alert(&resolved).buttons().is_empty());
}

async fn pressing_again_gives_back_and_another_person_takes_over(place: Place) {
    let stage = Stage::on(place).await;
    stage.hear(&bot(1), 1, "fatal", "zoom_internal_error").await;
    let head = stage.only();
    let take = async |person: &str, seconds: i64| {
        perform(&stage.service, &press(person, &head, seconds, Action::Take(bot(1).parse().unwrap()))).await;
        alert(&stage.only()).report.taken.clone().map(|taken| taken.person)
    };
    assert_eq!(take("sam", 10).await.as_deref(), Some("sam"));
    assert_eq!(take("sam", 12).await.as_deref(), Some("sam"), "a double click");
    assert_eq!(take("alex", 13).await.as_deref(), Some("alex"));
    assert_eq!(take("sam", 11).await.as_deref(), Some("alex"), "an older press that was answered late");
    assert_eq!(take("alex", 20).await, None, "given back");
    assert_eq!(take("alex", 30).await.as_deref(), Some("alex"));
    assert!(stage.board.ephemeral().is_empty());
}

async fn a_list_changes_where_its_button_was_pressed(place: Place) {
    let stage = Stage::on(place).await;
    say(&stage, 0, "mute channel 1h").await;
    let id = mutes(&stage)[0].1.unmute.clone().unwrap();
    let action = Action::Unmute(id.parse().unwrap());
    let kind = InteractionKind::Press { action, on: ButtonOn::Ephemeral };
    perform(&stage.service, &interaction("sam", "alerts", 10, kind)).await;
    assert_eq!(mutes(&stage)[0].1.unmute, None);
    let lists = stage.board.replaced();
    let Some(Message::Listing(list)) = lists.last() else { panic!("{lists:?}") };
    assert!(list.entries.is_empty());
}

#[tokio::test]
async fn words_that_say_too_little_are_answered_with_what_to_type() {
    let stage = Stage::new().await;
    for (words, expect) in [
        ("mute", "To mute alerts in this channel, type"),
        ("mute channel", "To mute alerts in this channel, type"),
        ("mute channel soon", "I can't read when it should end"),
        ("mute channel 7d", "Add a reason"),
        ("mute channel 91d for ever", "at most 90 days"),
        ("mute channel 2020-01-01T00:00:00Z", "That time has passed"),
        ("mute zoom_internal_eror 1h", "zoom_internal_error"),
        ("unmute", "To end a mute, type"),
        ("unmute everything", "To end a mute, type"),
        ("unmute 0123456789", "isn't active in this channel"),
    ] {
        say(&stage, 0, words).await;
        assert!(told(&stage).contains(expect), "{words}: {}", told(&stage));
    }
    assert!(mutes(&stage).is_empty());
    say(&stage, 0, "help").await;
    for command in ["mute", "mutes", "unmute", "recent"] {
        assert!(told(&stage).contains(command), "{command} in {}", told(&stage));
    }
}

#[tokio::test]
async fn a_setting_gives_the_right_to_people_who_may_act() {
    let acting = ActingList { users: ["sam".to_owned()].into(), ..ActingList::default() };
    let rules = Rules { act: acting, ..Rules::default() };
    let rights = Rights::new([(Chat::Console, rules)]).with_muting(Right::Act);
    let stage = Stage::with_rights(rights).await;
    stage.hear(&bot(1), 1, "fatal", "zoom_internal_error").await;
    let (head, id) = (stage.only(), bot(1).parse().unwrap());
    for interaction in [
        command("alex", "alerts", 2, "mute channel 1h"),
        press("alex", &head, 2, Action::Mute(id)),
        press("alex", &head, 2, Action::Take(id)),
    ] {
        perform(&stage.service, &interaction).await;
        assert!(told(&stage).contains("alerts.mute_right"), "{}", told(&stage));
    }
    assert!(mutes(&stage).is_empty());
    perform(&stage.service, &command("alex", "alerts", 3, "mutes")).await;
    assert_eq!(told(&stage).trim(), "Nothing is muted in this channel.", "reading is for all who may ask");
    say(&stage, 4, "mute channel 1h").await;
    assert_eq!(mutes(&stage).len(), 1);
}

#[tokio::test]
async fn without_a_form_a_button_is_answered_with_choices() {
    let stage = Stage::new().await;
    stage.hear(&bot(1), 1, "fatal", "zoom_internal_error").await;
    perform(&stage.service, &press("sam", &stage.only(), 2, Action::Mute(bot(1).parse().unwrap()))).await;
    let told = stage.board.ephemeral();
    let Some(Message::MuteForm(form)) = told.last() else { panic!("{told:?}") };
    assert_eq!(form.cause.as_deref(), Some("zoom_internal_error"));
    assert_eq!(form.zone, "UTC");
}

#[tokio::test]
async fn the_audit_has_what_and_until_when_and_no_typed_words() {
    let place = Place::sqlite();
    let url = place.url();
    let stage = Stage::on(place).await;
    for (words, action) in [
        ("mute zoom_internal_error 1h Dana knows", "mute cause=zoom_internal_error until 1h"),
        ("mute dana@acme.example 1h", "mute cause until 1h"),
        ("mute channel tomorrow Dana knows", "mute channel until tomorrow"),
        ("mutes", "mutes"),
        ("unmute everything of Dana", "unclear mute"),
    ] {
        let typed = command("sam", "alerts", 0, words);
        perform(&stage.service, &typed).await;
        let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let sql = "SELECT action FROM audit WHERE delivery_id = $1";
        let found: String =
            sqlx::query_scalar(sql).bind(&typed.delivery_id).fetch_one(&mut database).await.unwrap();
        assert_eq!(found, action, "{words}");
    }
}
