//! What only a server can do: keep others out, keep them waiting, and go away.

use sqlx::{Connection, Executor, PgConnection};
use tokio::task::JoinSet;
use why_no_recording::store::{Accepted, Store, StoreError};

use super::{LEASE, at, enqueue, open, outgoing};
use crate::world::databases::Place;

/// A password that would be noticed.
const PASSWORD: &str = "correct-horse-battery";

/// An error with all that led to it, as people and as programmers read it.
fn told(error: &StoreError) -> String {
    let mut told = format!("{error:?}");
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        told += &format!("\n{error}");
        next = error.source();
    }
    told
}

#[tokio::test]
async fn several_that_start_at_once_make_the_tables_once() {
    let Some(place) = Place::postgres().await else { return };
    let mut starting = JoinSet::new();
    for number in 0..4 {
        let url = place.url();
        starting.spawn(async move {
            let store = Store::open(&url).await.unwrap();
            store.accept(&format!("d{number}"), "body", at(0)).await.unwrap()
        });
    }
    assert_eq!(starting.join_all().await, [Accepted::New; 4]);
}

#[tokio::test]
async fn a_password_is_in_no_error() {
    let Some(url) = Place::guarded(PASSWORD).await else { return };
    let with = |password: &str| url.replacen('@', &format!(":{password}@"), 1);
    let store = Store::open(&with(PASSWORD)).await.unwrap();
    assert_eq!(store.accept("d", "body", at(0)).await.unwrap(), Accepted::New);
    let mut failures = Vec::new();
    for url in [
        with(&format!("wrong-{PASSWORD}")),
        with(PASSWORD).replacen(&format!("{PASSWORD}@"), &format!("{PASSWORD}%zz@"), 1),
        with(&format!("{PASSWORD}/{PASSWORD}")),
        with(&format!("{PASSWORD}?{PASSWORD}={PASSWORD}")),
        format!("{}?pasword={PASSWORD}", with(PASSWORD)),
        format!("{}?sslmode=require", with(PASSWORD)),
        format!("{}-that-is-not-there", with(PASSWORD)),
    ] {
        let refused = Store::open(&url).await.unwrap_err();
        assert!(matches!(refused, StoreError::Connect(_)), "{refused:?}");
        failures.push(told(&refused));
    }
    assert!(failures[0].contains("password authentication failed"), "{}", failures[0]);
    assert!(failures[4].contains("there are application_name, dbname"), "{}", failures[4]);
    assert!(failures[5].contains("does not support TLS"), "{}", failures[5]);
    assert!(failures[6].contains("does not exist"), "{}", failures[6]);
    for told in failures {
        assert!(!told.contains(PASSWORD), "{told}");
    }
}

/// A ordering key is free only as long as nobody else is choosing, and this is the name of the lock that says so. It
/// is the same in all versions, since two of them may run together.
#[tokio::test]
async fn choosing_a_lane_waits_for_its_turn_and_not_for_ever() {
    let Some(place) = Place::postgres().await else { return };
    enqueue(&open(&place).await, &[outgoing("d/00", "c", None)], at(0)).await;
    let store = Store::open(&format!("{}?options[statement_timeout]=50", place.url())).await.unwrap();
    let mut other = PgConnection::connect(&place.url()).await.unwrap();
    let mut choosing = other.begin().await.unwrap();
    choosing.execute("SELECT pg_advisory_xact_lock(131316242710529)").await.unwrap();
    let given_up = store.lease_outbox(at(1), LEASE).await.unwrap_err();
    assert!(told(&given_up).contains("statement timeout"), "{given_up:?}");
    choosing.commit().await.unwrap();
    assert!(store.lease_outbox(at(1), LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn what_another_process_is_just_recording_is_not_sent_again() {
    let Some(place) = Place::postgres().await else { return };
    let store = open(&place).await;
    store.accept("d", "body", at(0)).await.unwrap();
    enqueue(&store, &[outgoing("e/00", "c", None), outgoing("e/01", "c", None)], at(0)).await;
    let mut other = PgConnection::connect(&place.url()).await.unwrap();
    let mut recording = other.begin().await.unwrap();
    recording.execute("UPDATE inbox SET state = 'done' WHERE delivery_id = 'd'").await.unwrap();
    recording.execute("UPDATE outbox SET state = 'sent' WHERE id = 'e/00'").await.unwrap();
    assert_eq!(store.lease_item(at(1), LEASE).await.unwrap(), None);
    let leasing = store.clone();
    let leasing = tokio::spawn(async move { leasing.lease_outbox(at(1), LEASE).await.unwrap() });
    recording.commit().await.unwrap();
    assert_eq!(store.lease_item(at(1), LEASE).await.unwrap(), None);
    // Whichever was first: what was sent meanwhile is not sent again.
    let leased = match leasing.await.unwrap() {
        Some(leased) => leased,
        None => store.lease_outbox(at(1), LEASE).await.unwrap().unwrap(),
    };
    assert_eq!(leased.id(), "e/01");
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() {
    let Some(place) = Place::postgres().await else { return };
    let store = open(&place).await;
    store.accept("d", "body", at(0)).await.unwrap();
    let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    place.execute(all).await;
    assert_eq!(store.accept("d", "body", at(0)).await.unwrap(), Accepted::Duplicate);
}

#[tokio::test]
async fn another_kind_of_database_is_refused() {
    let refused = Store::open("mysql://db/wnr").await.unwrap_err();
    assert!(matches!(refused, StoreError::Unsupported), "{refused:?}");
}
