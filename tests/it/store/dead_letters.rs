//! What is ended by hand.

use std::process::Command;

use tempfile::TempDir;
use why_no_recording::store::{Dropped, NewOutboxRow, OutboxState, Store};

use super::{Kept, LEASE, at, enqueue, outgoing};
use crate::world::databases::{Place, on_each_database};
use jiff::SignedDuration;

on_each_database!(
    a_message_ends_with_all_that_hangs_on_it,
    what_is_being_sent_is_not_dropped,
    a_question_that_was_given_up_is_listed_and_ends,
);

/// A message, another in its thread, one that edits that, and one that has nothing to do with them.
fn family() -> [NewOutboxRow; 4] {
    [
        outgoing("a", "c", None),
        outgoing("a/thread", "c", Some("a")),
        NewOutboxRow { edits: Some("a/thread".to_owned()), ..outgoing("a/edit", "c", None) },
        outgoing("b", "c", None),
    ]
}

async fn a_message_ends_with_all_that_hangs_on_it(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    for is_dead in [false, true] {
        enqueue(store, &family(), at(0)).await;
        if is_dead {
            for id in ["a", "b"] {
                let leased = store.lease_outbox(at(1), LEASE).await.unwrap().unwrap();
                assert_eq!(leased.id(), id);
                assert!(store.dead_letter_outbox(&leased.lease, "no such channel", at(1)).await.unwrap());
            }
        }
        assert_eq!(store.drop_outbox("a", at(2)).await.unwrap(), Dropped::Ended(3));
        for id in ["a", "a/thread", "a/edit"] {
            let (row, body) = store.outbox_row(id).await.unwrap().unwrap();
            assert_eq!((row.state, body.as_str()), (OutboxState::Superseded, ""), "{id}");
            assert_eq!(row.last_error.as_deref(), Some("dropped by hand"), "{id}");
        }
        let left = store.undelivered(9).await.unwrap();
        assert_eq!(left.iter().map(|left| left.id.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(store.drop_outbox("a", at(3)).await.unwrap(), Dropped::Finished);
        assert_eq!(store.drop_outbox("b", at(3)).await.unwrap(), Dropped::Ended(1));
        assert_eq!(store.drop_outbox("c", at(3)).await.unwrap(), Dropped::Unknown);
        // Once they are purged, the same names may be used again.
        store.purge(at(60), SignedDuration::ZERO).await.unwrap();
    }
}

async fn what_is_being_sent_is_not_dropped(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    enqueue(store, &family(), at(0)).await;
    assert_eq!(store.lease_outbox(at(1), LEASE).await.unwrap().unwrap().id(), "a");
    assert_eq!(store.drop_outbox("a", at(2)).await.unwrap(), Dropped::UnderWay);
    assert_eq!(store.undelivered(9).await.unwrap().len(), 4);
    // Whoever sent it died, or still records it: then it is in doubt, and may be dropped all the same.
    assert_eq!(store.drop_outbox("a", at(61)).await.unwrap(), Dropped::Ended(3));
}

async fn a_question_that_was_given_up_is_listed_and_ends(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    for id in ["waits", "dead"] {
        store.accept(id, "body", at(if id == "dead" { 0 } else { 1 })).await.unwrap();
    }
    let item = store.lease_item(at(0), LEASE).await.unwrap().unwrap();
    store.dead_letter_item(&item, "its platform is off", &[], at(0)).await.unwrap();
    let [question] = &store.dead_questions(9).await.unwrap()[..] else { panic!("one question") };
    assert_eq!((question.id.as_str(), question.received_at, question.attempts), ("dead", at(0), 1));
    assert!(!store.drop_question("waits").await.unwrap());
    assert!(store.drop_question("dead").await.unwrap());
    assert!(!store.drop_question("dead").await.unwrap());
    assert_eq!(store.inbox_backlog().await.unwrap().dead, 0);
}

#[tokio::test]
async fn the_command_says_what_ended_and_what_did_not() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("s.db").display());
    let store = Store::open(&url).await.unwrap();
    enqueue(&store, &family(), at(0)).await;
    store.accept("q", "body", at(0)).await.unwrap();
    let item = store.lease_item(at(0), LEASE).await.unwrap().unwrap();
    store.dead_letter_item(&item, "its platform is off", &[], at(0)).await.unwrap();
    for (arguments, code, words) in [
        (
            &["outbox", "list"][..],
            0,
            "q  2026-11-18 12:00:00 UTC  given up  question, 1 try: its platform is off",
        ),
        (&["outbox", "drop", "a"], 0, "Dropped, with 2 messages that belong to it."),
        (&["outbox", "drop", "a"], 1, "already delivered or replaced"),
        (&["outbox", "drop", "q"], 0, "Dropped. The question won't be answered."),
        (&["outbox", "drop", "q"], 1, "There is no message q"),
        (&["outbox", "drop", "b"], 0, "Dropped. The message won't be delivered."),
        (&["outbox", "list"], 0, "Everything is delivered."),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
        let output =
            command.args(arguments).env_clear().env("DATABASE_URL", &url).current_dir(&folder).output();
        let output = output.unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.code() == Some(code) && told.contains(words), "{arguments:?}: {told}");
    }
}
