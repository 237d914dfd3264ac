//! A copy of everything, and forgetting one bot.

use why_no_recording::store::{NewEvent, NewWebhook, Store, StoreError};

use super::{Kept, at, parcel};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    what_is_forgotten_is_gone_and_everything_else_stays,
    a_file_is_copied_while_it_is_written_and_a_server_has_its_own_tools,
);

const BOT: &str = "00000000-0000-4000-8000-000000000001";
const OTHER: &str = "00000000-0000-4000-8000-000000000002";

async fn hear(store: &Store, bot: &str) {
    let event = NewEvent { bot: bot.to_owned(), name: "fatal".to_owned(), body: "{}".to_owned() };
    let webhook = NewWebhook { id: format!("m-{bot}"), happening: Some(event), ..NewWebhook::default() };
    store.accept_webhook(webhook, at(0)).await.unwrap();
}

async fn what_is_forgotten_is_gone_and_everything_else_stays(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    for bot in [BOT, OTHER] {
        hear(store, bot).await;
        store.remember_answer(bot, true, "U1", at(0)).await.unwrap();
        store.accept(&format!("q-{bot}"), &format!("about {bot}"), at(0)).await.unwrap();
        let message =
            why_no_recording::store::NewParcel { subject: bot.to_owned(), ..parcel(bot, "c", None) };
        store.finish("nothing", &[message], at(0)).await.unwrap();
    }
    let forgotten = store.forget(BOT).await.unwrap();
    assert_eq!(forgotten.iter().map(|(_, many)| many).sum::<u64>(), 5, "{forgotten:?}");
    assert!(store.events_of(BOT).await.unwrap().is_empty());
    assert_eq!(store.answer_about(BOT).await.unwrap(), None);
    assert_eq!(store.events_of(OTHER).await.unwrap().len(), 1);
    assert!(store.answer_about(OTHER).await.unwrap().is_some());
    assert_eq!(store.undelivered(9).await.unwrap().len(), 1);
    assert_eq!(store.forget(BOT).await.unwrap().iter().map(|(_, many)| many).sum::<u64>(), 0);
}

async fn a_file_is_copied_while_it_is_written_and_a_server_has_its_own_tools(place: Place) {
    let is_a_file = matches!(place, Place::Sqlite(_));
    let kept = Kept::new(place).await;
    let store = &kept.store;
    hear(store, BOT).await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("copy.db");
    let writes = futures_util::future::join_all((0..50).map(async |number: usize| {
        store.accept(&format!("d{number}"), "body", at(0)).await.unwrap();
    }));
    let (copied, _) = tokio::join!(store.back_up(&file), writes);
    if !is_a_file {
        assert!(matches!(copied, Err(StoreError::Unsupported)));
        return;
    }
    copied.unwrap();
    assert!(store.back_up(&file).await.is_err(), "a copy is never written over");
    let copy = Store::open(&format!("sqlite://{}", file.display())).await.unwrap();
    assert_eq!(copy.events_of(BOT).await.unwrap(), ["{}"]);
    copy.probe().await.unwrap();
}
