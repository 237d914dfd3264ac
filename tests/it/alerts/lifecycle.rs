//! One message for one bot, from the first word to the last.

use serde_json::json;
use why_no_recording::chat::Message;
use why_no_recording::report::alert::AlertState;
use why_no_recording::store::DueBot;

use super::{Stage, alert, alerts, at, bot, status};
use crate::world::board::Said;
use crate::world::databases::{Place, on_each_database};
use crate::world::recall::FakeRecall;

on_each_database!(
    a_refusal_is_told_at_once_and_the_end_edits_it,
    a_bot_in_the_waiting_room_is_warned_of_while_it_can_be_let_in,
    a_bot_that_records_is_never_told_of,
    nobody_came_is_no_alarm,
    the_end_without_a_recording_is_told_within_seconds_though_recall_cannot_be_asked,
    what_recall_says_when_asked_makes_the_message_better,
    a_name_is_news_even_where_nothing_else_is,
    what_is_hours_old_is_told_as_late_and_mentions_nobody,
    a_message_that_somebody_deleted_stays_deleted,
    a_channel_that_is_gone_makes_the_fallback_say_so,
    a_channel_that_closes_later_moves_the_message,
    a_recording_that_could_not_be_made_is_told,
    what_was_not_told_is_told_by_whoever_starts_next,
    a_recording_that_expires_a_week_later_is_no_news,
    a_bot_that_is_never_heard_of_again_counts_as_lost_in_the_end,
    a_failure_that_is_known_at_once_is_one_message_and_its_details,
    every_change_of_state_that_people_must_hear_of_is_a_line_in_the_thread,
    what_changes_while_the_message_is_sent_is_a_line_in_its_thread,
    a_change_is_told_though_an_older_one_was_purged,
    what_recall_said_of_a_bot_that_records_is_not_kept,
    a_bot_that_records_in_time_is_not_looked_up,
);

/// The lines in the thread below a message, beside its details.
fn thread_lines(stage: &Stage, above: &Said) -> Vec<String> {
    let lines = stage.board.thread(above).into_iter().filter_map(|said| match said.message {
        Message::Notice(text) => Some(text),
        _ => None,
    });
    lines.collect()
}

async fn a_refusal_is_told_at_once_and_the_end_edits_it(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 0, "joining_call", "").await;
    stage.hear(&bot, 5, "in_call_not_recording", "").await;
    assert!(stage.alerts().is_empty(), "nothing is wrong yet");

    stage.hear(&bot, 9, "recording_permission_denied", "zoom_local_recording_disabled").await;
    let said = stage.only();
    assert_eq!(alert(&said).state, AlertState::Warning);
    assert_eq!(alert(&said).until, Some(at(39)), "thirty seconds are the default");
    let thread = stage.board.thread(&said);
    assert!(matches!(&thread[..], [details] if matches!(details.message, Message::Details { .. })));

    stage.hear(&bot, 40, "call_ended", "timeout_exceeded_recording_permission_denied").await;
    stage.hear(&bot, 45, "done", "").await;
    stage.pass(60).await;
    let said = stage.only();
    assert_eq!(alert(&said).state, AlertState::Failed);
    assert_eq!(alert(&said).report.cause, "zoom_local_recording_disabled");
    let thread = stage.board.thread(&said);
    assert!(matches!(thread[0].message, Message::Details { .. }), "{thread:#?}");
    assert!(thread[0].edits > 0, "the details are those of the end");
    assert_eq!(thread.len(), 2, "and one line: {thread:#?}");
    let title = &alert(&said).report.title;
    assert_eq!(thread_lines(&stage, &said), [format!("Not recorded: {title}.")]);
}

async fn a_bot_in_the_waiting_room_is_warned_of_while_it_can_be_let_in(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 0, "joining_call", "").await;
    stage.hear(&bot, 5, "in_waiting_room", "").await;
    stage.pass(184).await;
    assert!(stage.alerts().is_empty(), "three minutes are not over");
    stage.pass(185).await;
    let said = stage.only();
    assert_eq!(alert(&said).state, AlertState::Warning);
    assert_eq!(alert(&said).until, Some(at(5 + 20 * 60)));

    stage.hear(&bot, 200, "in_call_not_recording", "").await;
    assert_eq!(alert(&stage.only()).state, AlertState::Monitoring);
    stage.hear(&bot, 203, "in_call_recording", "").await;
    let said = stage.only();
    assert_eq!(alert(&said).state, AlertState::Resolved);
    assert!(alert(&said).notification_text().starts_with("Resolved: the bot is recording now"));
    stage.hear(&bot, 900, "call_ended", "call_ended_by_host").await;
    stage.hear(&bot, 905, "done", "").await;
    stage.pass(1_000).await;
    assert_eq!(alert(&stage.only()).title(), "the bot recorded the meeting");
}

async fn a_bot_that_records_is_never_told_of(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    for (seconds, code) in [
        (0, "joining_call"),
        (5, "in_waiting_room"),
        (60, "in_call_not_recording"),
        (61, "recording_permission_allowed"),
        (62, "in_call_recording"),
        (3_600, "call_ended"),
        (3_605, "done"),
    ] {
        stage.hear(&bot, seconds, code, "").await;
        stage.pass(seconds + 30).await;
    }
    stage.pass(8_000).await;
    assert!(stage.board.all().is_empty(), "{:#?}", stage.lines());
}

async fn nobody_came_is_no_alarm(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 0, "joining_call", "").await;
    stage.hear(&bot, 5, "in_call_not_recording", "").await;
    stage.hear(&bot, 100, "call_ended", "timeout_exceeded_noone_joined").await;
    stage.hear(&bot, 105, "done", "").await;
    stage.pass(400).await;
    assert!(stage.alerts().is_empty(), "{:?}", stage.lines());
}

async fn the_end_without_a_recording_is_told_within_seconds_though_recall_cannot_be_asked(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 0, "joining_call", "").await;
    stage.hear(&bot, 5, "in_call_not_recording", "").await;
    stage.hear(&bot, 100, "call_ended", "call_ended_by_host").await;
    stage.pass(103).await;
    let said = stage.only();
    assert_eq!(alert(&said).state, AlertState::Failed, "{:?}", stage.lines());
}

async fn what_recall_says_when_asked_makes_the_message_better(place: Place) {
    let recall = FakeRecall::start().await;
    let bot = bot(1);
    recall.add_bot(json!({
        "id": bot, "bot_name": "Acme Notetaker",
        "meeting_url": { "platform": "zoom" },
        "automatic_leave": { "waiting_room_timeout": 600 },
        "status_changes": [
            { "code": "joining_call", "created_at": at(0).to_string() },
            { "code": "in_waiting_room", "created_at": at(5).to_string() },
        ],
    }));
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    stage.hear(&bot, 5, "in_waiting_room", "").await;
    stage.pass(170).await;
    stage.pass(185).await;
    let said = stage.only();
    assert_eq!(alert(&said).until, Some(at(605)), "the bot's own time-out");
    assert_eq!(alert(&said).report.name(), "Acme Notetaker");
}

async fn a_name_is_news_even_where_nothing_else_is(place: Place) {
    let recall = FakeRecall::start().await;
    let bot = bot(1);
    recall.add_bot(json!({
        "id": bot, "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "status_changes": [{ "code": "fatal", "sub_code": "zoom_internal_error", "created_at": at(5).to_string() }],
    }));
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    stage.hear(&bot, 5, "fatal", "zoom_internal_error").await;
    assert_eq!(alert(&stage.only()).report.name(), "Acme Notetaker");
}

async fn what_is_hours_old_is_told_as_late_and_mentions_nobody(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear_at(&bot, 0, "fatal", "meeting_not_found", at(2 * 3_600)).await;
    stage.wait_until_idle(at(2 * 3_600 + 5)).await;
    let said = stage.only();
    assert_eq!(alert(&said).late, Some((at(0), at(2 * 3_600))));
    assert!(alert(&said).notification_text().starts_with("Late: "));
    assert_eq!(said.mention, None);
}

async fn a_message_that_somebody_deleted_stays_deleted(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 9, "recording_permission_denied", "zoom_local_recording_disabled").await;
    stage.board.delete(&stage.only().id);
    stage.hear(&bot, 12, "in_call_recording", "").await;
    stage.pass(60).await;
    assert!(stage.alerts().is_empty());
    assert!(stage.service.store.undelivered(10).await.unwrap().is_empty(), "and nothing is stuck");
}

async fn a_channel_that_is_gone_makes_the_fallback_say_so(place: Place) {
    let (stage, first, second) = (Stage::on(place).await, bot(1), bot(2));
    stage.board.close("alerts");
    stage.hear(&first, 9, "fatal", "meeting_not_found").await;
    stage.pass(15).await;
    let said = stage.board.channel("fallback");
    assert_eq!(said.len(), 1);
    let redirect_note = said[0].redirect_note.clone().unwrap();
    assert!(redirect_note.contains("alerts") && redirect_note.contains("archived"), "{redirect_note}");
    assert_eq!(stage.board.thread(&said[0]).len(), 1, "with its details");
    // The next one does not even try, and is kept up to date where it stands.
    stage.hear(&second, 20, "recording_permission_denied", "zoom_local_recording_disabled").await;
    stage.hear(&second, 25, "in_call_recording", "").await;
    stage.pass(60).await;
    let said = stage.board.channel("fallback");
    assert_eq!(said.len(), 2);
    assert_eq!(alert(&said[1]).state, AlertState::Resolved);
    assert!(said[1].redirect_note.is_some(), "it still says why it stands there");
}

async fn a_channel_that_closes_later_moves_the_message(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 9, "recording_permission_denied", "zoom_local_recording_disabled").await;
    stage.board.close("alerts");
    stage.hear(&bot, 40, "call_ended", "timeout_exceeded_recording_permission_denied").await;
    stage.pass(60).await;
    let said = stage.board.channel("fallback");
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!(alert(&said[0]).state, AlertState::Failed);
    assert!(stage.service.store.undelivered(10).await.unwrap().is_empty());
}

async fn a_recording_that_could_not_be_made_is_told(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    for (seconds, code) in [(0, "joining_call"), (5, "in_call_recording"), (900, "call_ended"), (905, "done")]
    {
        stage.hear(&bot, seconds, code, "").await;
    }
    let failed = json!({
        "event": "recording.failed",
        "data": {
            "bot": { "id": bot, "metadata": {} },
            "recording": { "id": "r1", "metadata": {} },
            "data": { "code": "failed", "sub_code": "internal_error", "updated_at": at(930).to_string() },
        },
    });
    stage.deliver("media", &failed, at(931)).await.unwrap();
    stage.pass(931).await;
    stage.pass(935).await;
    assert_eq!(alert(&stage.only()).report.cause, "recording_media_failed");
}

async fn what_was_not_told_is_told_by_whoever_starts_next(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.deliver("d", &status(&bot, at(0), "fatal", "meeting_not_found"), at(1)).await.unwrap();
    let stage = stage.restarted(alerts()).await;
    stage.pass(5).await;
    assert_eq!(stage.only().edits, 0);
}

async fn a_recording_that_expires_a_week_later_is_no_news(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 9, "recording_permission_denied", "zoom_local_recording_disabled").await;
    for (seconds, code) in [(20, "in_call_recording"), (900, "call_ended"), (905, "done")] {
        stage.hear(&bot, seconds, code, "").await;
    }
    let before = stage.only();
    stage.hear(&bot, 7 * 86_400, "media_expired", "").await;
    stage.pass(7 * 86_400 + 60).await;
    assert_eq!(stage.only().edits, before.edits);
    assert_eq!(alert(&stage.only()).state, AlertState::Resolved);
}

async fn a_bot_that_is_never_heard_of_again_counts_as_lost_in_the_end(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 5, "in_waiting_room", "").await;
    for minutes in 0..60 {
        stage.pass(minutes * 60).await;
    }
    let said = stage.only();
    assert_eq!(alert(&said).state, AlertState::Failed, "{:?}", stage.lines());
    assert_eq!(alert(&said).report.cause, "stuck_no_end_status");
}

async fn a_failure_that_is_known_at_once_is_one_message_and_its_details(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 0, "joining_call", "").await;
    stage.hear(&bot, 5, "in_call_not_recording", "").await;
    stage.hear(&bot, 100, "call_ended", "call_ended_by_host").await;
    stage.pass(103).await;
    let first = alert(&stage.only()).report.cause.clone();
    stage.hear(&bot, 104, "fatal", "zoom_internal_error").await;
    stage.hear(&bot, 105, "done", "").await;
    stage.pass(120).await;
    let said = stage.only();
    assert_ne!(alert(&said).report.cause, first, "the message says the better cause");
    assert_eq!(stage.board.thread(&said).len(), 1, "{:#?}", stage.board.thread(&said));
}

/// A bot with this number goes through these states, ten seconds apart; its alert ends with these lines below it.
async fn check_lines(stage: &Stage, number: u32, story: &[(&str, &str)], expect: &[&str]) {
    let bot = bot(usize::try_from(number).unwrap());
    for (step, (code, sub_code)) in (0..).zip(story) {
        stage.hear(&bot, i64::from(number) * 1_000 + step * 10, code, sub_code).await;
    }
    let lines = thread_lines(stage, &stage.alerts().pop().unwrap());
    assert_eq!(lines.len(), expect.len(), "{story:?}: {lines:?}");
    assert!(lines.iter().zip(expect).all(|(line, expect)| line.starts_with(expect)), "{lines:?}");
}

async fn every_change_of_state_that_people_must_hear_of_is_a_line_in_the_thread(place: Place) {
    let stage = Stage::on(place).await;
    let denied = ("recording_permission_denied", "zoom_local_recording_disabled");
    let allowed = ("recording_permission_allowed", "");
    let records = ("in_call_recording", "");
    let recorded = ("done", "");
    let failed = ("call_ended", "timeout_exceeded_recording_permission_denied");
    let resolved = "Resolved: the bot is recording now.";
    check_lines(&stage, 1, &[denied], &[]).await;
    check_lines(&stage, 2, &[denied, allowed], &[]).await;
    check_lines(&stage, 3, &[denied, allowed, records, recorded], &[resolved]).await;
    check_lines(&stage, 4, &[denied, records, recorded], &[resolved]).await;
    check_lines(&stage, 5, &[denied, failed], &["Not recorded: "]).await;
}

async fn what_changes_while_the_message_is_sent_is_a_line_in_its_thread(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    let denied = status(&bot, at(0), "recording_permission_denied", "zoom_local_recording_disabled");
    stage.deliver("a", &denied, at(0)).await.unwrap();
    stage.service.watch.evaluate_due(at(0)).await.unwrap();
    let leased = stage.service.outbox.lease(at(0)).await.unwrap().unwrap();
    stage.deliver("b", &status(&bot, at(1), "in_call_recording", ""), at(1)).await.unwrap();
    stage.service.watch.evaluate_due(at(1)).await.unwrap();
    stage.service.outbox.deliver(leased, at(1)).await.unwrap();
    stage.pass(10).await;
    let said = stage.only();
    assert_eq!(alert(&said).state, AlertState::Resolved);
    assert_eq!(thread_lines(&stage, &said), ["Resolved: the bot is recording now."]);
}

async fn a_change_is_told_though_an_older_one_was_purged(place: Place) {
    let (stage, bot) = (Stage::on(place).await, bot(1));
    stage.hear(&bot, 9, "recording_permission_denied", "zoom_local_recording_disabled").await;
    stage.hear(&bot, 20, "in_call_recording", "").await;
    stage.hear(&bot, 900, "call_ended", "call_ended_by_host").await;
    let before = stage.only().edits;
    // A purge deletes the first change alone; it was delivered before 10:01.
    stage.execute("DELETE FROM outbox WHERE edits IS NOT NULL AND finished_at < 1794996060000").await;
    stage.hear(&bot, 905, "done", "").await;
    stage.pass(1_000).await;
    assert_eq!(stage.only().edits, before + 1);
}

/// What is stored of the only bot.
async fn stored(stage: &Stage, bot: &str, now: i64) -> DueBot {
    stage.service.store.mark_due(bot, at(now)).await.unwrap();
    let mut tx = stage.service.store.begin_alerts().await.unwrap();
    tx.due_bots(at(now), 9).await.unwrap().remove(0)
}

async fn what_recall_said_of_a_bot_that_records_is_not_kept(place: Place) {
    let recall = FakeRecall::start().await;
    let bot = bot(1);
    recall.add_bot(json!({
        "id": bot, "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "status_changes": [{ "code": "in_waiting_room", "created_at": at(5).to_string() }],
    }));
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    stage.hear(&bot, 5, "in_waiting_room", "").await;
    stage.pass(171).await;
    assert!(stored(&stage, &bot, 172).await.api_response.is_some(), "it waits, and its name may be needed");
    stage.hear(&bot, 175, "in_call_recording", "").await;
    let stored = stored(&stage, &bot, 176).await;
    assert_eq!((stored.api_response, stored.lookup_at), (None, None));
}

async fn a_bot_that_records_in_time_is_not_looked_up(place: Place) {
    let recall = FakeRecall::start().await;
    let bot = bot(1);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    stage.hear(&bot, 5, "in_waiting_room", "").await;
    assert!(stored(&stage, &bot, 6).await.lookup_at.is_some(), "it may have to be warned of");
    stage.hear(&bot, 60, "in_call_recording", "").await;
    assert_eq!(stored(&stage, &bot, 61).await.lookup_at, None);
    stage.pass(10_000).await;
    assert!(recall.seen().is_empty());
}
