//! Figures, and not rules: what a server costs, and what happens when it falls silent.
//! They run by hand: `cargo test --test it store::measured -- --ignored --nocapture --test-threads 1`.

use std::future::pending;
use std::time::Instant;

use sqlx::{Connection, Executor, PgConnection};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use why_no_recording::store::Store;

use super::{LEASE, at, open, outgoing};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    #[ignore = "measures"]
    measured_deliveries
);

/// From the arrival to the record of a delivery, one after the other.
async fn measured_deliveries(place: Place) {
    const MANY: u32 = 200;
    let store = open(&place).await;
    let begun = Instant::now();
    for number in 0..MANY {
        let id = format!("d{number}");
        store.accept(&id, "body", at(0)).await.unwrap();
        let item = store.lease_item(at(1), LEASE).await.unwrap().unwrap();
        store.finish(&item, &[outgoing(&format!("{id}/00"), "c", None)], at(1)).await.unwrap();
        let leased = store.lease_outbox(at(2), LEASE).await.unwrap().unwrap();
        assert!(store.sent(&leased, None, &[], at(3)).await.unwrap());
    }
    let url = place.url();
    println!("{}: {:?} for each question", url.split(':').next().unwrap(), begun.elapsed() / MANY);
}

/// The line to the server falls silent, and is mended again. Those who wait are told, and the places of the
/// connections that said nothing any more are free again.
#[tokio::test]
#[ignore = "measures"]
async fn measured_silence() {
    let Some(place) = Place::postgres().await else { return };
    let url = place.url();
    let address = url.split(['@', '/']).nth(3).unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let through = url.replacen(&address, &listener.local_addr().unwrap().to_string(), 1);
    let (silence, is_silent) = watch::channel(false);
    tokio::spawn(relay(listener, address, is_silent));
    let store = Store::open(&through).await.unwrap();
    // Statements that are under way: they wait for another one.
    let mut other = PgConnection::connect(&url).await.unwrap();
    let mut looking = PgConnection::connect(&url).await.unwrap();
    let mut blocking = other.begin().await.unwrap();
    blocking.execute("LOCK TABLE inbox").await.unwrap();
    let mut waiting = JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        waiting.spawn(async move {
            let begun = Instant::now();
            store.accept(&format!("d{number}"), "body", at(0)).await.unwrap_err();
            begun.elapsed()
        });
    }
    let blocked = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(blocked).fetch_one(&mut looking).await.unwrap() < 8 {}
    silence.send(true).unwrap();
    let mut told = waiting.join_all().await;
    told.sort();
    println!("silence: the first is told after {:?}, the last after {:?}", told[0], told[19]);
    blocking.rollback().await.unwrap();
    silence.send(false).unwrap();
    let begun = Instant::now();
    while let Err(error) = store.accept("after", "body", at(0)).await {
        println!("not yet after {:?}: {error:?}", begun.elapsed());
    }
    println!("silence: at work again after {:?}", begun.elapsed());
}

/// Passes on what is said, and from a moment on, and on connections that come then, nothing any more.
async fn relay(listener: TcpListener, address: String, is_silent: watch::Receiver<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (address, mut is_silent) = (address.clone(), is_silent.clone());
        tokio::spawn(async move {
            let mut far = TcpStream::connect(address).await.unwrap();
            let silent = *is_silent.borrow_and_update();
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far), if !silent => {}
                _ = is_silent.changed(), if !silent => pending::<()>().await,
                () = pending(), if silent => {}
            }
        });
    }
}
