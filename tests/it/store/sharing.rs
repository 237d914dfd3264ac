//! Several processes on one database: two stores, and several tasks on each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;
use why_no_recording::store::{Accepted, Store};

use super::{LEASE, at, enqueue, open, outgoing};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    a_delivery_that_several_receive_is_accepted_once,
    an_item_is_leased_by_one_of_several,
    a_lane_is_kept_by_all_together,
);

/// Tasks on each of the two stores.
const TASKS: usize = 4;

/// Runs the same on two stores, several times on each. Ends with what each came to, or fails with the first.
async fn together<T: Send + 'static, Task: Future<Output = T> + Send + 'static>(
    place: &Place,
    task: impl Fn(Store, usize) -> Task,
) -> Vec<T> {
    let stores = [open(place).await, open(place).await];
    let mut tasks = JoinSet::new();
    for (number, store) in stores.iter().cycle().take(2 * TASKS).enumerate() {
        tasks.spawn(task(store.clone(), number));
    }
    let mut results = Vec::new();
    while let Some(result) = tasks.join_next().await {
        results.push(result.unwrap());
    }
    results
}

async fn a_delivery_that_several_receive_is_accepted_once(place: Place) {
    let accepted = together(&place, async |store: Store, task| {
        let mut new = Vec::new();
        for delivery in 0..20 {
            let (id, body) = (format!("d{delivery}"), format!("as task {task} received it"));
            if store.accept(&id, &body, at(0)).await.unwrap() == Accepted::New {
                new.push(id);
            }
        }
        new
    });
    let mut accepted = accepted.await.concat();
    accepted.sort();
    let mut all: Vec<String> = (0..20).map(|delivery| format!("d{delivery}")).collect();
    all.sort();
    assert_eq!(accepted, all);
}

async fn an_item_is_leased_by_one_of_several(place: Place) {
    let store = open(&place).await;
    let mut all: Vec<String> = (10..70).map(|number| format!("d{number}")).collect();
    for id in &all {
        store.accept(id, "body", at(0)).await.unwrap();
    }
    let leased = together(&place, async |store: Store, _| {
        let mut leased = Vec::new();
        while let Some(item) = store.lease_item(at(1), LEASE).await.unwrap() {
            assert_eq!(item.attempts, 1);
            leased.push(item.delivery_id);
        }
        leased
    });
    let mut leased = leased.await.concat();
    leased.sort();
    all.sort();
    assert_eq!(leased, all);
}

/// What happens in the keys, as those see it who read there.
#[derive(Default)]
struct Keys {
    under_way: HashMap<String, String>,
    delivered: Vec<String>,
}

/// Messages come late while others are delivered, and some are tried twice. At no time are two of an ordering key under
/// way, and those that were there from the beginning are delivered in order.
async fn a_lane_is_kept_by_all_together(place: Place) {
    const KEYS: usize = 5;
    const EACH: usize = 6;
    let store = open(&place).await;
    for ordering_key in 0..KEYS {
        for number in 0..EACH {
            let outgoing =
                outgoing(&format!("{ordering_key}/{number}"), &format!("ordering_key {ordering_key}"), None);
            enqueue(&store, &[outgoing], at(50 + i64::try_from(number).unwrap())).await;
        }
    }
    let keys = Arc::new(Mutex::new(Keys::default()));
    let all = KEYS * EACH + 2 * TASKS * KEYS;
    together(&place, |store, task| {
        let keys = keys.clone();
        async move {
            for ordering_key in 0..KEYS {
                // Older than what is there, so it goes before that.
                let late = outgoing(
                    &format!("{ordering_key}/late/{task}"),
                    &format!("ordering_key {ordering_key}"),
                    None,
                );
                enqueue(&store, &[late], at(i64::try_from(task).unwrap())).await;
                deliver_one(&store, &keys).await;
            }
            while keys.lock().unwrap().delivered.len() < all {
                deliver_one(&store, &keys).await;
            }
        }
    })
    .await;
    let delivered = std::mem::take(&mut keys.lock().unwrap().delivered);
    for ordering_key in 0..KEYS {
        let in_time = |id: &&String| id.starts_with(&format!("{ordering_key}/")) && !id.contains("late");
        let order: Vec<String> = (0..EACH).map(|number| format!("{ordering_key}/{number}")).collect();
        assert_eq!(delivered.iter().filter(in_time).cloned().collect::<Vec<_>>(), order);
    }
    assert_eq!(delivered.len(), all);
}

async fn deliver_one(store: &Store, keys: &Mutex<Keys>) {
    let Some(outgoing) = store.lease_outbox(at(100), LEASE).await.unwrap() else {
        return tokio::task::yield_now().await;
    };
    let before = keys.lock().unwrap().under_way.insert(outgoing.ordering_key.clone(), outgoing.id.clone());
    assert_eq!(before, None, "{} is under way, and {} begins", outgoing.ordering_key, outgoing.id);
    tokio::task::yield_now().await;
    keys.lock().unwrap().under_way.remove(&outgoing.ordering_key);
    if outgoing.attempts == 1 && outgoing.id.ends_with('3') {
        return store.postpone_outbox(&outgoing.id, 1, at(100), false, "busy").await.unwrap();
    }
    keys.lock().unwrap().delivered.push(outgoing.id.clone());
    store.delivered(&outgoing.id, None, at(100)).await.unwrap();
}
