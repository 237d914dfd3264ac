//! The contract of the store: what is accepted once, leased once, and never forgotten.

mod alerted_bots;
mod dead_letters;
mod measured;
mod migrating;
mod million;
mod model;
mod opening;
mod outbox;
mod plans;
mod purging;
mod recent;
mod server;
mod sharing;
mod upkeep;
mod webhooks;

use jiff::{SignedDuration, Timestamp};
use why_no_recording::clock;
use why_no_recording::store::{Accepted, AuditEntry, Backfill, NewEvent, NewOutboxRow, Store};

use crate::world::databases::{Place, on_each_database};

on_each_database!(
    a_delivery_is_accepted_once_and_for_all_restarts,
    an_item_is_leased_by_one_until_the_lease_ends,
    what_a_process_that_died_had_leased_can_be_taken_back,
    a_question_that_kills_the_process_takes_no_other_along,
    what_a_process_that_died_had_leased_comes_back_when_the_lease_ends,
    an_answer_is_committed_with_its_item_and_exists_once,
    who_answers_after_the_lease_ended_changes_nothing,
    a_clock_that_goes_back_delays_and_loses_nothing,
    what_is_old_is_purged_and_what_waits_is_not,
    the_last_answer_about_a_bot_holds_and_who_asked_is_written_down_once,
    what_no_database_keeps_in_a_text_is_kept_as_another_character,
    a_leader_lease_is_held_by_one_until_it_ends_or_is_released,
    a_turn_is_taken_once_in_a_while_by_anybody,
    it_says_whether_it_can_be_written_to,
    a_server_has_a_clock_and_a_file_has_none,
);

const LEASE: SignedDuration = SignedDuration::from_secs(60);
const DAY: SignedDuration = SignedDuration::from_hours(24);

struct Kept {
    store: Store,
    place: Place,
}

impl Kept {
    async fn new(place: Place) -> Self {
        Self { store: open(&place).await, place }
    }

    /// The process ends, and another one opens the same database.
    async fn reopened(self) -> Self {
        self.store.close().await;
        Self::new(self.place).await
    }

    async fn ids_of_messages(&self, now: Timestamp) -> Vec<String> {
        let mut ids = Vec::new();
        while let Some(outgoing) = self.store.lease_outbox(now, LEASE).await.unwrap() {
            ids.push(outgoing.lease.id);
        }
        ids
    }
}

async fn open(place: &Place) -> Store {
    Store::open(&place.url()).await.unwrap()
}

/// Seconds after noon.
fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_secs(seconds)
}

fn outgoing(id: &str, channel: &str, thread_parent: Option<&str>) -> NewOutboxRow {
    NewOutboxRow {
        id: id.to_owned(),
        channel: channel.to_owned(),
        thread_parent: thread_parent.map(ToOwned::to_owned),
        bot: "bot".to_owned(),
        kind: "verdict",
        body: format!("body of {id}").into(),
        ..NewOutboxRow::default()
    }
}

/// Puts messages into the outbox, as an answer does.
async fn enqueue(store: &Store, rows: &[NewOutboxRow], now: Timestamp) {
    let mut tx = store.begin_alerts().await.unwrap();
    for row in rows {
        tx.enqueue(row, now).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Sends this message; what goes before it stays leased.
async fn send(store: &Store, id: &str, platform_message_id: &str, now: Timestamp) {
    loop {
        let leased = store.lease_outbox(now, LEASE).await.unwrap();
        let leased = leased.unwrap_or_else(|| panic!("{id} cannot be leased"));
        if leased.id() == id {
            assert!(store.sent(&leased, Some(platform_message_id), &[], now).await.unwrap());
            return;
        }
    }
}

/// Stores what a list tells, and says how much of it was news.
async fn backfill(store: &Store, events: &[NewEvent], now: Timestamp) -> usize {
    let backfill = Backfill {
        bot: "listed".to_owned(),
        workspace: "w".to_owned(),
        strangers: [].into(),
        events: events.to_vec(),
        api_response: "{}".into(),
        recurrence_key: None,
        fetched_at: now,
    };
    store.backfill(&backfill, now).await.unwrap()
}

async fn a_delivery_is_accepted_once_and_for_all_restarts(place: Place) {
    let kept = Kept::new(place).await;
    assert_eq!(kept.store.accept("d", "first", at(0)).await.unwrap(), Accepted::New);
    assert_eq!(kept.store.accept("d", "again", at(1)).await.unwrap(), Accepted::Duplicate);
    let kept = kept.reopened().await;
    assert_eq!(kept.store.accept("d", "again", at(2)).await.unwrap(), Accepted::Duplicate);
    let item = kept.store.lease_item(at(3), LEASE).await.unwrap().unwrap();
    assert_eq!((item.body.as_str(), item.attempts), ("first", 1));
    assert!(kept.store.finish(&item, &[], at(4)).await.unwrap());
    assert_eq!(kept.store.accept("d", "again", at(5)).await.unwrap(), Accepted::Duplicate);
    assert_eq!(kept.store.lease_item(at(6), LEASE).await.unwrap(), None);
}

async fn an_item_is_leased_by_one_until_the_lease_ends(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    assert!(kept.store.lease_item(at(1), LEASE).await.unwrap().is_some());
    assert_eq!(kept.store.lease_item(at(60), LEASE).await.unwrap(), None);
    assert_eq!(kept.store.lease_item(at(61), LEASE).await.unwrap().unwrap().attempts, 2);
}

async fn what_a_process_that_died_had_leased_can_be_taken_back(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    enqueue(&kept.store, &[outgoing("e/00", "c", None)], at(0)).await;
    kept.store.lease_item(at(1), LEASE).await.unwrap().unwrap();
    kept.store.lease_outbox(at(1), LEASE).await.unwrap().unwrap();
    let kept = kept.reopened().await;
    kept.store.release_leases().await.unwrap();
    assert!(kept.store.lease_item(at(2), LEASE).await.unwrap().is_some());
    assert!(kept.store.lease_outbox(at(2), LEASE).await.unwrap().is_some());
}

/// Many questions are answered whenever the process dies, and one of them is the reason.
async fn a_question_that_kills_the_process_takes_no_other_along(place: Place) {
    let kept = Kept::new(place).await;
    for number in 0..9 {
        kept.store.accept(&format!("{number}"), "body", at(0)).await.unwrap();
    }
    let (mut answered, mut most) = (0, 0);
    for _ in 0..6 {
        let mut under_way = Vec::new();
        while let Some(item) = kept.store.lease_item(at(1), LEASE).await.unwrap() {
            under_way.push(item);
        }
        if under_way.iter().any(|item| item.delivery_id == "4") {
            kept.store.release_leases().await.unwrap();
        } else {
            for item in &under_way {
                most = most.max(item.attempts);
                assert!(kept.store.finish(item, &[], at(1)).await.unwrap());
                answered += 1;
            }
        }
    }
    while answered < 8 {
        let item = kept.store.lease_item(at(1), LEASE).await.unwrap().unwrap();
        most = most.max(item.attempts);
        assert!(kept.store.finish(&item, &[], at(1)).await.unwrap());
        answered += usize::from(item.delivery_id != "4");
    }
    assert!(most <= 3, "one of the others was tried {most} times");
}

async fn what_a_process_that_died_had_leased_comes_back_when_the_lease_ends(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    enqueue(&kept.store, &[outgoing("e/00", "c", None)], at(0)).await;
    kept.store.lease_item(at(1), LEASE).await.unwrap().unwrap();
    kept.store.lease_outbox(at(1), LEASE).await.unwrap().unwrap();
    let kept = kept.reopened().await;
    assert_eq!(kept.store.lease_item(at(60), LEASE).await.unwrap(), None);
    assert_eq!(kept.store.lease_outbox(at(60), LEASE).await.unwrap(), None);
    assert_eq!(kept.store.lease_item(at(61), LEASE).await.unwrap().unwrap().attempts, 2);
    assert!(kept.store.lease_outbox(at(61), LEASE).await.unwrap().unwrap().in_doubt);
}

async fn an_answer_is_committed_with_its_item_and_exists_once(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    let item = kept.store.lease_item(at(1), LEASE).await.unwrap().unwrap();
    // The answer was committed, and whoever gave it did not learn that.
    for first in [true, false] {
        let finished = kept.store.finish(&item, &[outgoing("d/00", "c", None)], at(1)).await.unwrap();
        assert_eq!(finished, first);
    }
    assert_eq!(kept.ids_of_messages(at(2)).await, ["d/00"]);
}

/// A worker that was too slow, while another has the item, and after the other has finished it.
async fn who_answers_after_the_lease_ended_changes_nothing(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    store.accept("d", "body", at(0)).await.unwrap();
    let slow = store.lease_item(at(0), LEASE).await.unwrap().unwrap();
    let other = store.lease_item(at(60), LEASE).await.unwrap().unwrap();
    let late = [outgoing("d/late", "c", None)];
    assert!(!store.postpone_item(&slow, at(61), "it took too long").await.unwrap());
    assert_eq!(store.lease_item(at(61), LEASE).await.unwrap(), None, "it is leased by the other");
    assert!(!store.dead_letter_item(&slow, "given up", &late, at(61)).await.unwrap());
    assert!(!store.finish(&slow, &late, at(61)).await.unwrap());
    assert_eq!(store.inbox_backlog().await.unwrap().waiting, 1);
    assert!(store.finish(&other, &[outgoing("d/00", "c", None)], at(62)).await.unwrap());
    for late_again in [&slow, &other] {
        assert!(!store.postpone_item(late_again, at(63), "it took too long").await.unwrap());
        assert!(!store.dead_letter_item(late_again, "given up", &late, at(63)).await.unwrap());
    }
    assert_eq!(store.lease_item(at(200), LEASE).await.unwrap(), None);
    assert_eq!(kept.ids_of_messages(at(200)).await, ["d/00"]);
}

async fn a_clock_that_goes_back_delays_and_loses_nothing(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.accept("d", "body", at(100)).await.unwrap();
    assert_eq!(kept.store.lease_item(at(50), LEASE).await.unwrap(), None);
    assert!(kept.store.lease_item(at(100), LEASE).await.unwrap().is_some());
}

async fn what_is_old_is_purged_and_what_waits_is_not(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.accept("done", "body", at(0)).await.unwrap();
    kept.store.accept("waits", "body", at(0)).await.unwrap();
    let item = kept.store.lease_item(at(0), LEASE).await.unwrap().unwrap();
    assert_eq!(item.delivery_id, "done");
    let rows = [outgoing("sent", "c", None), outgoing("due", "c", None)];
    kept.store.finish(&item, &rows, at(0)).await.unwrap();
    let sent = kept.store.lease_outbox(at(0), LEASE).await.unwrap().unwrap();
    assert!(kept.store.sent(&sent, None, &[], at(1)).await.unwrap());
    kept.store.remember_answer("bot", true, "U1", at(1)).await.unwrap();
    kept.store.purge(at(4 * 86_400), DAY).await.unwrap();
    assert_eq!(kept.store.accept("done", "body", at(3601)).await.unwrap(), Accepted::New);
    assert_eq!(kept.store.accept("waits", "body", at(3601)).await.unwrap(), Accepted::Duplicate);
    assert_eq!(kept.store.outbox_row("sent").await.unwrap(), None);
    assert!(kept.store.outbox_row("due").await.unwrap().is_some());
    assert_eq!(kept.store.answer_about("bot").await.unwrap(), None);
}

async fn the_last_answer_about_a_bot_holds_and_who_asked_is_written_down_once(place: Place) {
    let kept = Kept::new(place).await;
    assert_eq!(kept.store.answer_about("bot").await.unwrap(), None);
    for (present, user_id) in [(true, "U1"), (false, "U2")] {
        kept.store.remember_answer("bot", present, user_id, at(0)).await.unwrap();
        assert_eq!(kept.store.answer_about("bot").await.unwrap(), Some((present, user_id.to_owned())));
    }
    let entry = AuditEntry {
        delivery_id: "d".to_owned(),
        chat: "slack",
        user_id: "U1".to_owned(),
        channel: "C1".to_owned(),
        action: "ask".to_owned(),
        allowed: true,
    };
    for _ in 0..2 {
        kept.store.record(&entry, at(0)).await.unwrap();
    }
    assert_eq!(kept.store.purge(at(2 * 86_400), DAY).await.unwrap(), 2, "the answer, and the entry once");
}

async fn what_no_database_keeps_in_a_text_is_kept_as_another_character(place: Place) {
    let kept = Kept::new(place).await;
    assert_eq!(kept.store.accept("d\0", "b\0dy", at(0)).await.unwrap(), Accepted::New);
    assert_eq!(kept.store.accept("d\0", "b\0dy", at(0)).await.unwrap(), Accepted::Duplicate);
    let item = kept.store.lease_item(at(1), LEASE).await.unwrap().unwrap();
    assert_eq!((item.delivery_id.as_str(), item.body.as_str()), ("d\u{fffd}", "b\u{fffd}dy"));
    kept.store.dead_letter_item(&item, "why\0", &[], at(2)).await.unwrap();
    let backlog = kept.store.inbox_backlog().await.unwrap();
    assert_eq!((backlog.waiting, backlog.dead, backlog.oldest), (0, 1, None));
}

async fn it_says_whether_it_can_be_written_to(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.probe().await.unwrap();
    kept.store.close().await;
    assert!(kept.store.probe().await.is_err());
}

async fn a_server_has_a_clock_and_a_file_has_none(place: Place) {
    let kept = Kept::new(place).await;
    let ahead = clock::now() + SignedDuration::from_secs(60);
    match (&kept.place, kept.store.clock_off(ahead).await.unwrap()) {
        (Place::Sqlite(_), off) => assert_eq!(off, None),
        (Place::Postgres(_), off) => assert!((50..70).contains(&off.unwrap().as_secs()), "{off:?}"),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let Place::Sqlite(folder) = &place else { unreachable!("it is a file") };
    let store = open(&place).await;
    store.accept("d", "body", at(0)).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

async fn a_leader_lease_is_held_by_one_until_it_ends_or_is_released(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let take = async |who: &str, when| store.acquire_or_renew("gateway", who, at(when), LEASE).await.unwrap();
    assert!(take("a", 0).await);
    assert!(!take("b", 59).await, "it is held");
    assert!(store.acquire_or_renew("another", "b", at(59), LEASE).await.unwrap(), "and another one is not");
    assert!(take("a", 59).await, "who holds it keeps it");
    assert!(!take("b", 118).await);
    assert!(take("b", 119).await, "who died holds it no longer than that");
    assert!(!take("a", 120).await);
    store.release("gateway", "a").await.unwrap();
    assert!(!take("a", 121).await, "nobody lays down what others hold");
    store.release("gateway", "b").await.unwrap();
    assert!(take("a", 122).await);
    store.release_leases().await.unwrap();
    assert!(take("b", 123).await, "a file has one process, and it is a new one");
}

async fn a_turn_is_taken_once_in_a_while_by_anybody(place: Place) {
    let kept = Kept::new(place).await;
    let take = async |when| kept.store.claim_periodic_run("reconcile/run", at(when), LEASE).await.unwrap();
    assert!(take(0).await);
    assert!(!take(59).await);
    assert!(take(60).await);
    assert!(!take(61).await);
}
