//! What is old goes, in slices; what lives stays, also where nothing is to be kept.

use jiff::{SignedDuration, Timestamp};
use why_no_recording::store::{Accepted, Evaluation, NewAlertRow, NewEvent, NewOutboxRow, NewWebhook, Store};

use super::{DAY, LEASE, at, backfill, enqueue, open, outgoing, send};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    what_lives_is_kept_where_nothing_is_to_be_kept,
    what_another_message_refers_to_goes_after_it,
    many_rows_go_in_slices,
);

const NOTHING: SignedDuration = SignedDuration::ZERO;
/// The purges of these tests, in seconds after noon.
const NOW: i64 = 30 * 86_400;

/// A bot with an event and an alert that was delivered, last heard of so many hours before [`NOW`].
async fn alerted(store: &Store, bot: &str, hours: i64, due_at: Option<Timestamp>) {
    let heard = at(NOW - hours * 3600);
    let event = NewEvent { bot: bot.to_owned(), name: "fatal".to_owned(), body: "{}".into() };
    let webhook = NewWebhook { id: format!("m-{bot}"), happening: Some(event), ..NewWebhook::default() };
    store.accept_webhook(webhook, heard).await.unwrap();
    store.remember_answer(bot, true, "U1", heard).await.unwrap();
    let mut tx = store.begin_alerts().await.unwrap();
    let message = NewOutboxRow { bot: bot.to_owned(), ..outgoing(&format!("alert/{bot}"), bot, None) };
    tx.enqueue(&message, heard).await.unwrap();
    let alert = NewAlertRow {
        bot: bot.to_owned(),
        channel: "c".to_owned(),
        cause: "cause".to_owned(),
        group_id: None,
        mention: None,
        muted_by: None,
    };
    tx.insert_alerts(&[&alert], heard).await.unwrap();
    let evaluation = Evaluation { bot: bot.to_owned(), due_at, ..Evaluation::default() };
    tx.save_evaluations([&evaluation], heard).await.unwrap();
    tx.commit().await.unwrap();
    send(store, &message.id, "1.1", heard).await;
}

async fn what_lives_is_kept_where_nothing_is_to_be_kept(place: Place) {
    let store = open(&place).await;
    let soon = Some(at(NOW + 60));
    let bots = [
        ("live", 1, soon, true),
        ("stands", 23, None, true),
        ("waits", 700, soon, true),
        ("gone", 25, None, false),
    ];
    for (bot, hours, due_at, _) in bots {
        alerted(&store, bot, hours, due_at).await;
    }
    store.accept("question", "body", at(0)).await.unwrap();
    enqueue(&store, &[outgoing("due", "c", None)], at(0)).await;
    store.purge(at(NOW), NOTHING).await.unwrap();
    let alerts = place.texts("SELECT bot FROM alerts").await;
    let alerts: Vec<_> = alerts.iter().map(String::as_str).collect();
    for (bot, _, _, lives) in bots {
        assert_eq!(store.events_of(bot).await.unwrap().len(), usize::from(lives), "{bot}");
        assert_eq!(store.answer_about(bot).await.unwrap().is_some(), lives, "{bot}");
        assert_eq!(store.outbox_row(&format!("alert/{bot}")).await.unwrap().is_some(), lives, "{bot}");
        assert_eq!(alerts.contains(&bot), lives, "{bot}");
    }
    assert_eq!(store.accept("question", "again", at(NOW)).await.unwrap(), Accepted::Duplicate);
    assert!(store.outbox_row("due").await.unwrap().is_some());
    assert_eq!(store.purge(at(NOW), NOTHING).await.unwrap(), 0, "and nothing is deleted twice");
}

/// An edit that waits needs the message that it edits, and the one in whose thread that is.
async fn what_another_message_refers_to_goes_after_it(place: Place) {
    let store = open(&place).await;
    let below = outgoing("below", "c", Some("above"));
    let edit = NewOutboxRow { edits: Some("below".to_owned()), ..outgoing("edit", "c", None) };
    enqueue(&store, &[outgoing("above", "c", None), below, edit], at(0)).await;
    send(&store, "above", "1.1", at(1)).await;
    send(&store, "below", "1.2", at(2)).await;
    store.purge(at(NOW), NOTHING).await.unwrap();
    let edit = store.lease_outbox(at(NOW), LEASE).await.unwrap().unwrap();
    assert_eq!((edit.edited.as_deref(), edit.thread.as_deref()), (Some("1.2"), Some("1.1")));
    assert!(store.sent(&edit, None, &[], at(NOW)).await.unwrap());
    assert_eq!(store.purge(at(NOW) + DAY, NOTHING).await.unwrap(), 3);
}

async fn many_rows_go_in_slices(place: Place) {
    const MANY: usize = 1_300;
    let store = open(&place).await;
    let events: Vec<_> = (0..MANY)
        .map(|number| NewEvent { bot: format!("b{number:04}"), name: "e".to_owned(), body: "".into() })
        .collect();
    assert_eq!(backfill(&store, &events, at(0)).await, MANY);
    place.execute("UPDATE bots SET due_at = NULL WHERE bot <> 'b0700'").await;
    let message = |number: usize| {
        let above = (number % 2 == 1).then(|| format!("o{:04}", number - 1));
        outgoing(&format!("o{number:04}"), "c", above.as_deref())
    };
    enqueue(&store, &(0..MANY).map(message).collect::<Vec<_>>(), at(0)).await;
    place.execute("UPDATE outbox SET state = 'sent', finished_at = 1795003200000").await;
    let expect = 2 * u64::try_from(MANY).unwrap() - 1;
    assert_eq!(store.purge(at(NOW), DAY).await.unwrap(), expect);
    assert_eq!(store.events_of("b0700").await.unwrap().len(), 1);
    assert!(store.events_of("b0701").await.unwrap().is_empty());
}
