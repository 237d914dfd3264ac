//! Several processes on one database: two stores, and several tasks on each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;
use why_no_recording::store::{Accepted, NewOutboxRow, Postponement, Store};

use super::{LEASE, at, enqueue, open, outgoing};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    a_delivery_that_several_receive_is_accepted_once,
    an_item_is_leased_by_one_of_several,
    a_channel_is_kept_by_all_together,
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

/// What happens in the channels, as those see it who send there.
#[derive(Default)]
struct Channels {
    under_way: HashMap<String, String>,
    sent: Vec<String>,
}

/// Messages come while others are sent, and some are tried twice. At no time are two of a channel under way, and those
/// of one ordering key are sent in order.
async fn a_channel_is_kept_by_all_together(place: Place) {
    const CHANNELS: usize = 5;
    const EACH: usize = 6;
    let store = open(&place).await;
    for channel in 0..CHANNELS {
        for number in 0..EACH {
            let message = NewOutboxRow {
                ordering_key: format!("key {channel}"),
                ..outgoing(&format!("{channel}/{number}"), &format!("channel {channel}"), None)
            };
            enqueue(&store, &[message], at(50)).await;
        }
    }
    let channels = Arc::new(Mutex::new(Channels::default()));
    let all = CHANNELS * EACH + 2 * TASKS * CHANNELS;
    together(&place, |store, task| {
        let channels = channels.clone();
        async move {
            for channel in 0..CHANNELS {
                // A clock that is behind changes nothing.
                let id = format!("{channel}/late/{task}");
                let late = outgoing(&id, &format!("channel {channel}"), None);
                enqueue(&store, &[late], at(i64::try_from(task).unwrap())).await;
                send_one(&store, &channels).await;
            }
            while channels.lock().unwrap().sent.len() < all {
                send_one(&store, &channels).await;
            }
        }
    })
    .await;
    let sent = std::mem::take(&mut channels.lock().unwrap().sent);
    for channel in 0..CHANNELS {
        let in_time = |id: &&String| id.starts_with(&format!("{channel}/")) && !id.contains("late");
        let order: Vec<String> = (0..EACH).map(|number| format!("{channel}/{number}")).collect();
        assert_eq!(sent.iter().filter(in_time).cloned().collect::<Vec<_>>(), order);
    }
    assert_eq!(sent.len(), all);
}

async fn send_one(store: &Store, channels: &Mutex<Channels>) {
    let Some(leased) = store.lease_outbox(at(100), LEASE).await.unwrap() else {
        return tokio::task::yield_now().await;
    };
    let (channel, id) = (leased.channel.clone(), leased.id().to_owned());
    let before = channels.lock().unwrap().under_way.insert(channel.clone(), id.clone());
    assert_eq!(before, None, "{channel} is under way, and {id} begins");
    tokio::task::yield_now().await;
    channels.lock().unwrap().under_way.remove(&channel);
    if leased.lease.attempts == 1 && id.ends_with('3') {
        let later = Postponement { until: at(100), in_doubt: false, error: "busy".to_owned() };
        assert!(store.postpone_outbox(&leased.lease, &later, &[], at(100)).await.unwrap());
        return;
    }
    channels.lock().unwrap().sent.push(id);
    assert!(store.sent(&leased, None, &[], at(100)).await.unwrap());
}
