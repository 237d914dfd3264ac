//! The contract of the store: what is accepted once, leased once, and never forgotten.

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use why_no_recording::store::{Accepted, NewParcel, ParcelState, Store};

const LEASE: SignedDuration = SignedDuration::from_secs(60);

struct Kept {
    store: Store,
    folder: TempDir,
}

impl Kept {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { store: open(&folder).await, folder }
    }

    /// The process ends, and another one opens the same file.
    async fn reopened(self) -> Self {
        self.store.close().await;
        let store = open(&self.folder).await;
        store.take_back_leases().await.unwrap();
        Self { store, folder: self.folder }
    }

    async fn ids_of_parcels(&self, now: Timestamp) -> Vec<String> {
        let mut ids = Vec::new();
        while let Some(parcel) = self.store.lease_parcel(now, LEASE).await.unwrap() {
            ids.push(parcel.id);
        }
        ids
    }
}

async fn open(folder: &TempDir) -> Store {
    Store::open(&format!("sqlite://{}", folder.path().join("store.db").display())).await.unwrap()
}

/// Seconds after noon.
fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_secs(seconds)
}

fn parcel(id: &str, lane: &str, below: Option<&str>) -> NewParcel {
    NewParcel {
        id: id.to_owned(),
        lane: lane.to_owned(),
        below: below.map(ToOwned::to_owned),
        subject: "bot".to_owned(),
        kind: "verdict",
        body: format!("body of {id}"),
        ..NewParcel::default()
    }
}

#[tokio::test]
async fn a_delivery_is_accepted_once_and_for_all_restarts() {
    let kept = Kept::new().await;
    assert_eq!(kept.store.accept("d", "first", at(0)).await.unwrap(), Accepted::New);
    assert_eq!(kept.store.accept("d", "again", at(1)).await.unwrap(), Accepted::Known);
    let kept = kept.reopened().await;
    assert_eq!(kept.store.accept("d", "again", at(2)).await.unwrap(), Accepted::Known);
    let item = kept.store.lease_item(at(3), LEASE).await.unwrap().unwrap();
    assert_eq!((item.body.as_str(), item.attempts), ("first", 1));
    kept.store.finish("d", &[], at(4)).await.unwrap();
    assert_eq!(kept.store.accept("d", "again", at(5)).await.unwrap(), Accepted::Known);
    assert_eq!(kept.store.lease_item(at(6), LEASE).await.unwrap(), None);
}

#[tokio::test]
async fn an_item_is_leased_by_one_until_the_lease_ends() {
    let kept = Kept::new().await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    assert!(kept.store.lease_item(at(1), LEASE).await.unwrap().is_some());
    assert_eq!(kept.store.lease_item(at(60), LEASE).await.unwrap(), None);
    assert_eq!(kept.store.lease_item(at(61), LEASE).await.unwrap().unwrap().attempts, 2);
}

#[tokio::test]
async fn a_process_that_starts_takes_back_what_one_that_died_had_leased() {
    let kept = Kept::new().await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    kept.store.lease_item(at(1), LEASE).await.unwrap().unwrap();
    let kept = kept.reopened().await;
    assert!(kept.store.lease_item(at(2), LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn an_answer_is_committed_with_its_item_and_exists_once() {
    let kept = Kept::new().await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    // Killed after the answer, and answered again.
    for _ in 0..2 {
        kept.store.finish("d", &[parcel("d/00", "c", None)], at(1)).await.unwrap();
    }
    assert_eq!(kept.ids_of_parcels(at(2)).await, ["d/00"]);
}

#[tokio::test]
async fn parcels_of_a_lane_go_in_order_and_other_lanes_are_not_held_up() {
    let kept = Kept::new().await;
    let parcels = [parcel("d/00", "c", None), parcel("d/01", "c", None), parcel("d/02", "other", None)];
    kept.store.finish("d", &parcels, at(0)).await.unwrap();
    assert_eq!(kept.ids_of_parcels(at(1)).await, ["d/00", "d/02"]);
    kept.store.postpone_parcel("d/00", at(3600), false, "busy").await.unwrap();
    kept.store.delivered("d/02", None, at(2)).await.unwrap();
    assert!(kept.ids_of_parcels(at(3)).await.is_empty());
    kept.store.delivered("d/00", Some("m"), at(4)).await.unwrap();
    assert_eq!(kept.ids_of_parcels(at(5)).await, ["d/01"]);
}

#[tokio::test]
async fn a_parcel_in_a_thread_waits_for_the_message_above_and_learns_its_name() {
    let kept = Kept::new().await;
    let parcels = [parcel("d/00", "c", None), parcel("d/01", "c", Some("d/00"))];
    kept.store.finish("d", &parcels, at(0)).await.unwrap();
    assert_eq!(kept.ids_of_parcels(at(1)).await, ["d/00"]);
    kept.store.delivered("d/00", Some("message 7"), at(2)).await.unwrap();
    let below = kept.store.lease_parcel(at(3), LEASE).await.unwrap().unwrap();
    assert_eq!(below.thread.as_deref(), Some("message 7"));
    assert_eq!(kept.store.verdict_at("c", "message 7").await.unwrap().as_deref(), Some("bot"));
}

#[tokio::test]
async fn what_was_under_way_when_the_process_died_is_in_doubt() {
    let kept = Kept::new().await;
    kept.store.finish("d", &[parcel("d/00", "c", None)], at(0)).await.unwrap();
    assert!(!kept.store.lease_parcel(at(1), LEASE).await.unwrap().unwrap().in_doubt);
    let kept = kept.reopened().await;
    assert!(kept.store.lease_parcel(at(2), LEASE).await.unwrap().unwrap().in_doubt);
    // The platform said that it did nothing.
    kept.store.postpone_parcel("d/00", at(3), false, "busy").await.unwrap();
    assert!(!kept.store.lease_parcel(at(4), LEASE).await.unwrap().unwrap().in_doubt);
}

#[tokio::test]
async fn what_is_given_up_takes_its_thread_along_and_can_be_revived_with_it() {
    let kept = Kept::new().await;
    let parcels = [parcel("d/00", "c", None), parcel("d/01", "c", Some("d/00"))];
    kept.store.finish("d", &parcels, at(0)).await.unwrap();
    kept.store.lease_parcel(at(1), LEASE).await.unwrap().unwrap();
    kept.store.bury_parcel("d/00", "no such channel", at(2)).await.unwrap();
    assert!(kept.ids_of_parcels(at(3)).await.is_empty());
    let listed = kept.store.undelivered(10).await.unwrap();
    assert!(
        listed.len() == 2 && listed.iter().all(|parcel| parcel.state == ParcelState::Buried),
        "{listed:?}"
    );
    assert!(kept.store.revive("d/00", at(4)).await.unwrap());
    assert!(!kept.store.revive("d/00", at(5)).await.unwrap());
    assert_eq!(kept.ids_of_parcels(at(6)).await, ["d/00"]);
}

#[tokio::test]
async fn a_clock_that_goes_back_delays_and_loses_nothing() {
    let kept = Kept::new().await;
    kept.store.accept("d", "body", at(100)).await.unwrap();
    assert_eq!(kept.store.lease_item(at(50), LEASE).await.unwrap(), None);
    assert!(kept.store.lease_item(at(100), LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_old_is_purged_and_what_waits_is_not() {
    let kept = Kept::new().await;
    kept.store.accept("done", "body", at(0)).await.unwrap();
    kept.store.accept("waits", "body", at(0)).await.unwrap();
    kept.store.finish("done", &[parcel("sent", "c", None), parcel("due", "c", None)], at(0)).await.unwrap();
    kept.store.delivered("sent", None, at(1)).await.unwrap();
    kept.store.remember_answer("bot", true, "U1", at(1)).await.unwrap();
    kept.store.purge(at(3600), at(3600)).await.unwrap();
    assert_eq!(kept.store.accept("done", "body", at(3601)).await.unwrap(), Accepted::New);
    assert_eq!(kept.store.accept("waits", "body", at(3601)).await.unwrap(), Accepted::Known);
    assert_eq!(kept.store.parcel("sent").await.unwrap(), None);
    assert!(kept.store.parcel("due").await.unwrap().is_some());
    assert_eq!(kept.store.answer_about("bot").await.unwrap(), None);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let kept = Kept::new().await;
    kept.store.accept("d", "body", at(0)).await.unwrap();
    for entry in std::fs::read_dir(kept.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}
