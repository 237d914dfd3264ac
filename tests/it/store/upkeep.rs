//! A copy of everything, and forgetting one bot.

use std::process::Command;

use sqlx::Connection;
use tempfile::TempDir;
use why_no_recording::store::{AuditEntry, NewEvent, NewOutboxRow, NewWebhook, Store, StoreError};

use super::{Kept, LEASE, at, backfill, enqueue, outgoing, send};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    what_is_forgotten_is_gone_and_everything_else_stays,
    a_file_is_copied_while_it_is_written_and_a_server_has_its_own_tools,
    what_was_given_up_and_names_the_bot_is_forgotten_too,
    whatever_names_the_bot_is_forgotten_and_found_by_an_index,
);

const BOT: &str = "00000000-0000-4000-8000-000000000001";
const OTHER: &str = "00000000-0000-4000-8000-000000000002";

async fn hear(store: &Store, bot: &str) {
    let event = NewEvent { bot: bot.to_owned(), name: "fatal".to_owned(), body: "{}".into() };
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
        let message = NewOutboxRow { bot: bot.to_owned(), ..outgoing(bot, "c", None) };
        enqueue(store, &[message], at(0)).await;
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
    let folder = TempDir::new().unwrap();
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
    copy.close().await;
    let mut copy = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut copy).await.unwrap();
    assert_eq!(whole, "ok");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "it holds what the database holds");
    }
}

/// The list of an alert group that was given up names the bot, and is not about it alone.
async fn what_was_given_up_and_names_the_bot_is_forgotten_too(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    for (id, body) in [("given-up", format!("[\"{BOT}\"]")), ("of-others", format!("[\"{OTHER}\"]"))] {
        let listed = NewOutboxRow { id: id.to_owned(), body: body.into(), ..outgoing(id, "c", None) };
        enqueue(store, &[listed], at(0)).await;
        let leased = store.lease_outbox(at(0), LEASE).await.unwrap().unwrap();
        assert!(store.dead_letter_outbox(&leased.lease, "refused", at(1)).await.unwrap());
    }
    store.forget(BOT).await.unwrap();
    let left = store.undelivered(9).await.unwrap();
    assert_eq!(left.iter().map(|left| left.id.as_str()).collect::<Vec<_>>(), ["of-others"]);
}

/// Questions, entries of the audit and webhooks that could not be read name bots within their texts, also several, and
/// in capitals.
async fn whatever_names_the_bot_is_forgotten_and_found_by_an_index(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let texts = [
        ("it", BOT.to_uppercase(), 3),
        ("both", format!("{OTHER} {BOT}"), 3),
        ("other", OTHER.to_owned(), 0),
    ];
    for (id, text, _) in &texts {
        store.accept(id, &format!("about {text}"), at(0)).await.unwrap();
        let entry = AuditEntry {
            delivery_id: (*id).to_owned(),
            chat: "slack",
            user_id: "U1".to_owned(),
            channel: "C1".to_owned(),
            action: format!("ask {text}"),
            allowed: true,
        };
        store.record(&entry, at(0)).await.unwrap();
        let body = Some(format!("{{\"of\":\"{text}\"}}"));
        let webhook =
            NewWebhook { id: format!("m-{id}"), body: body.map(Into::into), ..NewWebhook::default() };
        store.accept_webhook(webhook, at(0)).await.unwrap();
    }
    let forgotten = store.forget(BOT).await.unwrap();
    let many = forgotten.iter().map(|(_, many)| many).sum::<u64>();
    assert_eq!(many, texts.iter().map(|(.., rows)| rows).sum::<u64>(), "{forgotten:?}");
    assert_eq!(store.lease_item(at(1), super::LEASE).await.unwrap().unwrap().delivery_id, "other");
    assert_eq!(store.lease_item(at(1), super::LEASE).await.unwrap(), None);
    let forgotten = store.forget(OTHER).await.unwrap();
    assert_eq!(forgotten.iter().map(|(_, many)| many).sum::<u64>(), 3, "{forgotten:?}");
}

/// Nothing of the id is left in the file, nor in the one beside it: not of rows that were changed, emptied or
/// deleted, and not where pages were split and joined meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_forgotten_bot_is_left_in_the_file() {
    const BOTS: usize = 600;
    let kept = Kept::new(Place::sqlite()).await;
    let store = &kept.store;
    let Place::Sqlite(folder) = &kept.place else { unreachable!("it is a file") };
    // As random ids are: neighbours in time are not neighbours in the tables.
    let bots: Vec<String> = (0..BOTS)
        .map(|number| format!("{:08x}-0000-4000-8000-{number:012x}", (number * 2_654_435_761) % 0xffff_ffff))
        .collect();
    for round in 0..3 {
        let events: Vec<_> = bots
            .iter()
            .map(|bot| NewEvent {
                bot: bot.clone(),
                name: format!("e{round}"),
                body: bot.repeat(1 + round * 3).into(),
            })
            .collect();
        backfill(store, &events, at(round.try_into().unwrap())).await;
        for (number, bot) in bots.iter().enumerate().skip(round).step_by(3) {
            let id = format!("alert/{bot}");
            let message =
                NewOutboxRow { bot: bot.clone(), body: bot.repeat(9).into(), ..outgoing(&id, bot, None) };
            enqueue(store, &[message], at(0)).await;
            if number % 2 == 0 {
                send(store, &id, "1.1", at(1)).await;
            }
            store.accept(&format!("q{number}"), bot, at(0)).await.unwrap();
            store.remember_answer(bot, true, "U1", at(0)).await.unwrap();
        }
    }
    let copies = |bot: &str| -> usize {
        let files =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()));
        let text = bot.as_bytes();
        files.map(|bytes| bytes.unwrap().windows(text.len()).filter(|here| *here == text).count()).sum()
    };
    assert!(copies(&bots[0]) > 0);
    for bot in bots.iter().take(40) {
        store.forget(bot).await.unwrap();
        assert_eq!(copies(bot), 0, "{bot}");
    }
    assert!(store.events_of(&bots[41]).await.unwrap().len() == 3);
}

/// The program with this database.
fn run(folder: &TempDir, url: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    let output = command.args(arguments).env_clear().env("DATABASE_URL", url).current_dir(folder).output();
    let output = output.unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code(), said)
}

#[tokio::test]
async fn the_commands_say_what_they_did() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("s.db").display());
    for arguments in [["backup", "copy.db"], ["forget", BOT]] {
        let (code, said) = run(&folder, &url, &arguments);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("s.db"), "it names the database that is not there: {said}");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "and creates none");
    }
    let store = Store::open(&url).await.unwrap();
    hear(&store, BOT).await;
    let (code, said) = run(&folder, &url, &["backup", "copy.db"]);
    assert!(code == Some(0) && said.contains("Copied the database to copy.db"), "{said}");
    let (code, said) = run(&folder, &url, &["backup", "copy.db"]);
    assert!(code == Some(2) && said.contains("already exists"), "{said}");
    let (code, said) = run(&folder, &url, &["backup", "no-folder/copy.db"]);
    assert!(code == Some(1) && said.contains("no-folder/copy.db can't be written: No such file"), "{said}");
    assert!(!said.contains("database"), "the database is not to blame: {said}");
    let link = format!("https://us-west-2.recall.ai/dashboard/explorer/bot/{BOT}");
    let (code, said) = run(&folder, &url, &["forget", &link]);
    assert_eq!(code, Some(0));
    assert!(said.contains("1  events") && said.contains("1  what is known of it"), "{said}");
    let (code, said) = run(&folder, &url, &["forget", BOT]);
    assert!(code == Some(0) && said.contains("Nothing is stored"), "{said}");
    let (code, said) = run(&folder, "postgres://wnr@127.0.0.1:1/wnr", &["backup", "other.db"]);
    assert!(code == Some(2) && said.contains("pg_dump"), "{said}");
    assert_eq!(run(&folder, &url, &["forget", "nonsense"]).0, Some(2));
}
