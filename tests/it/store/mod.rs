//! The contract of the store: what is accepted once, leased once, and never forgotten.

mod measured;
mod migrating;
mod million;
mod plans;
mod purging;
mod server;
mod sharing;
mod upkeep;
mod webhooks;

use jiff::{SignedDuration, Timestamp};
use why_no_recording::clock;
use why_no_recording::store::{Accepted, AuditEntry, NewOutboxRow, OutboxState, Store};

use crate::world::databases::{Place, on_each_database};

on_each_database!(
    a_delivery_is_accepted_once_and_for_all_restarts,
    an_item_is_leased_by_one_until_the_lease_ends,
    what_a_process_that_died_had_leased_can_be_taken_back,
    what_a_process_that_died_had_leased_comes_back_when_the_lease_ends,
    an_answer_is_committed_with_its_item_and_exists_once,
    messages_of_a_key_go_in_order_and_other_keys_are_not_held_up,
    a_message_that_comes_late_waits_for_the_one_that_is_under_way,
    who_comes_back_after_the_lease_ended_frees_no_lane,
    a_message_in_a_thread_waits_for_the_message_above_and_learns_its_name,
    what_was_under_way_when_the_process_died_is_in_doubt,
    what_is_given_up_takes_its_thread_along_and_can_be_retried_with_it,
    what_is_replaced_is_gone_and_its_place_is_taken,
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
            ids.push(outgoing.id);
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

fn outgoing(id: &str, ordering_key: &str, thread_parent: Option<&str>) -> NewOutboxRow {
    NewOutboxRow {
        id: id.to_owned(),
        ordering_key: ordering_key.to_owned(),
        thread_parent: thread_parent.map(ToOwned::to_owned),
        bot: "bot".to_owned(),
        kind: "verdict",
        body: format!("body of {id}"),
        ..NewOutboxRow::default()
    }
}

async fn a_delivery_is_accepted_once_and_for_all_restarts(place: Place) {
    let kept = Kept::new(place).await;
    assert_eq!(kept.store.accept("d", "first", at(0)).await.unwrap(), Accepted::New);
    assert_eq!(kept.store.accept("d", "again", at(1)).await.unwrap(), Accepted::Duplicate);
    let kept = kept.reopened().await;
    assert_eq!(kept.store.accept("d", "again", at(2)).await.unwrap(), Accepted::Duplicate);
    let item = kept.store.lease_item(at(3), LEASE).await.unwrap().unwrap();
    assert_eq!((item.body.as_str(), item.attempts), ("first", 1));
    kept.store.finish("d", &[], at(4)).await.unwrap();
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
    kept.store.finish("e", &[outgoing("e/00", "c", None)], at(0)).await.unwrap();
    kept.store.lease_item(at(1), LEASE).await.unwrap().unwrap();
    kept.store.lease_outbox(at(1), LEASE).await.unwrap().unwrap();
    let kept = kept.reopened().await;
    kept.store.release_leases().await.unwrap();
    assert!(kept.store.lease_item(at(2), LEASE).await.unwrap().is_some());
    assert!(kept.store.lease_outbox(at(2), LEASE).await.unwrap().is_some());
}

async fn what_a_process_that_died_had_leased_comes_back_when_the_lease_ends(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    kept.store.finish("e", &[outgoing("e/00", "c", None)], at(0)).await.unwrap();
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
    // Killed after the answer, and answered again.
    for _ in 0..2 {
        kept.store.finish("d", &[outgoing("d/00", "c", None)], at(1)).await.unwrap();
    }
    assert_eq!(kept.ids_of_messages(at(2)).await, ["d/00"]);
}

async fn messages_of_a_key_go_in_order_and_other_keys_are_not_held_up(place: Place) {
    let kept = Kept::new(place).await;
    let rows = [outgoing("d/00", "c", None), outgoing("d/01", "c", None), outgoing("d/02", "other", None)];
    kept.store.finish("d", &rows, at(0)).await.unwrap();
    assert_eq!(kept.ids_of_messages(at(1)).await, ["d/00", "d/02"]);
    kept.store.postpone_outbox("d/00", 1, at(3600), false, "busy").await.unwrap();
    kept.store.delivered("d/02", None, at(2)).await.unwrap();
    assert!(kept.ids_of_messages(at(3)).await.is_empty());
    kept.store.delivered("d/00", Some("m"), at(4)).await.unwrap();
    assert_eq!(kept.ids_of_messages(at(5)).await, ["d/01"]);
}

async fn a_message_that_comes_late_waits_for_the_one_that_is_under_way(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.finish("d", &[outgoing("d/00", "c", None)], at(5)).await.unwrap();
    assert_eq!(kept.ids_of_messages(at(6)).await, ["d/00"]);
    // Whoever wrote it began before, and committed only now.
    kept.store.finish("e", &[outgoing("e/00", "c", None)], at(0)).await.unwrap();
    assert!(kept.ids_of_messages(at(7)).await.is_empty());
    kept.store.postpone_outbox("d/00", 1, at(8), false, "busy").await.unwrap();
    assert_eq!(kept.ids_of_messages(at(8)).await, ["e/00"]);
    kept.store.delivered("e/00", None, at(9)).await.unwrap();
    assert_eq!(kept.ids_of_messages(at(10)).await, ["d/00"]);
}

async fn who_comes_back_after_the_lease_ended_frees_no_lane(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.finish("d", &[outgoing("d/00", "c", None), outgoing("d/01", "c", None)], at(0)).await.unwrap();
    let slow = kept.store.lease_outbox(at(0), LEASE).await.unwrap().unwrap();
    let other = kept.store.lease_outbox(at(60), LEASE).await.unwrap().unwrap();
    assert_eq!((slow.attempts, other.attempts), (1, 2));
    kept.store.postpone_outbox("d/00", slow.attempts, at(61), false, "busy").await.unwrap();
    assert!(kept.ids_of_messages(at(62)).await.is_empty());
    kept.store.postpone_outbox("d/00", other.attempts, at(61), false, "busy").await.unwrap();
    assert_eq!(kept.ids_of_messages(at(62)).await, ["d/00"]);
}

async fn a_message_in_a_thread_waits_for_the_message_above_and_learns_its_name(place: Place) {
    let kept = Kept::new(place).await;
    let rows = [outgoing("d/00", "c", None), outgoing("d/01", "c", Some("d/00"))];
    kept.store.finish("d", &rows, at(0)).await.unwrap();
    assert_eq!(kept.ids_of_messages(at(1)).await, ["d/00"]);
    kept.store.delivered("d/00", Some("message 7"), at(2)).await.unwrap();
    let below = kept.store.lease_outbox(at(3), LEASE).await.unwrap().unwrap();
    assert_eq!(below.thread.as_deref(), Some("message 7"));
    assert_eq!(kept.store.verdict_at("c", "message 7").await.unwrap().as_deref(), Some("bot"));
}

async fn what_was_under_way_when_the_process_died_is_in_doubt(place: Place) {
    let kept = Kept::new(place).await;
    kept.store.finish("d", &[outgoing("d/00", "c", None)], at(0)).await.unwrap();
    assert!(!kept.store.lease_outbox(at(1), LEASE).await.unwrap().unwrap().in_doubt);
    let kept = kept.reopened().await;
    kept.store.release_leases().await.unwrap();
    assert!(kept.store.lease_outbox(at(2), LEASE).await.unwrap().unwrap().in_doubt);
    // The platform said that it did nothing.
    kept.store.postpone_outbox("d/00", 2, at(3), false, "busy").await.unwrap();
    assert!(!kept.store.lease_outbox(at(4), LEASE).await.unwrap().unwrap().in_doubt);
}

async fn what_is_given_up_takes_its_thread_along_and_can_be_retried_with_it(place: Place) {
    let kept = Kept::new(place).await;
    let rows = [outgoing("d/00", "c", None), outgoing("d/01", "c", Some("d/00"))];
    kept.store.finish("d", &rows, at(0)).await.unwrap();
    kept.store.lease_outbox(at(1), LEASE).await.unwrap().unwrap();
    kept.store.dead_letter_outbox("d/00", "no such channel", at(2)).await.unwrap();
    assert!(kept.ids_of_messages(at(3)).await.is_empty());
    let listed = kept.store.undelivered(10).await.unwrap();
    assert!(
        listed.len() == 2 && listed.iter().all(|outgoing| outgoing.state == OutboxState::Dead),
        "{listed:?}"
    );
    assert!(kept.store.retry_dead_letter("d/00", at(4)).await.unwrap());
    assert!(!kept.store.retry_dead_letter("d/00", at(5)).await.unwrap());
    assert_eq!(kept.ids_of_messages(at(6)).await, ["d/00"]);
}

async fn what_is_replaced_is_gone_and_its_place_is_taken(place: Place) {
    let kept = Kept::new(place).await;
    let rows = [outgoing("d/00", "c", None), outgoing("d/01", "c", Some("d/00"))];
    kept.store.finish("d", &rows, at(0)).await.unwrap();
    kept.store.lease_outbox(at(1), LEASE).await.unwrap().unwrap();
    let stuck = kept.store.with_its_thread("d/00").await.unwrap();
    assert_eq!(stuck, rows.map(|outgoing| (outgoing.id, outgoing.body)));
    let ids: Vec<String> = stuck.into_iter().map(|(id, _)| id).collect();
    kept.store
        .supersede(&ids, &[outgoing("d/00/ephemeral", "U1", None)], "no such channel", at(2))
        .await
        .unwrap();
    assert_eq!(kept.ids_of_messages(at(3)).await, ["d/00/ephemeral"]);
    let (replaced, body) = kept.store.outbox_row("d/01").await.unwrap().unwrap();
    assert_eq!(
        (replaced.state, replaced.last_error.as_deref()),
        (OutboxState::Superseded, Some("no such channel"))
    );
    assert_eq!((replaced.created_at, body.as_str()), (at(0), ""));
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
    kept.store
        .finish("done", &[outgoing("sent", "c", None), outgoing("due", "c", None)], at(0))
        .await
        .unwrap();
    kept.store.delivered("sent", None, at(1)).await.unwrap();
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
    kept.store.dead_letter_item(&item.delivery_id, "why\0", &[], at(2)).await.unwrap();
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
