//! Figures, and not rules: a million bots are known, and the work goes on as with none.
//! It runs by hand: `cargo test --release --test it million -- --ignored --nocapture --test-threads 1`.

use std::time::Instant;

use why_no_recording::store::{Evaluation, NewEvent, NewWebhook, Store};

use super::{DAY, LEASE, at, enqueue, open, outgoing};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    #[ignore = "measures"]
    a_million_bots_hold_nobody_up
);

/// Numbers from one to a million with bot ids of no order, as real ones are.
macro_rules! for_a_million_bots {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " WITH RECURSIVE numbered(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbered WHERE n < 1000000),
              numbers AS (SELECT n, CAST(10000000 + (n * 7919) % 89999999 AS TEXT) || '-0000-4000-8000-'
                || CAST(100000000000 + n AS TEXT) AS bot, 1795003200000 - n * 2592 AS at FROM numbered) ",
            $after
        )
    };
}

const FILL: &[&str] = &[
    for_a_million_bots!(
        "INSERT INTO bots (bot, workspace, last_event_at)",
        "SELECT bot, 'default', at FROM numbers ORDER BY bot"
    ),
    for_a_million_bots!(
        "INSERT INTO events (bot, name, body, received_at)",
        "SELECT bot, name, '{}', at FROM numbers, (SELECT 'a' AS name UNION ALL SELECT 'b' UNION ALL SELECT 'c') each
         ORDER BY bot, name"
    ),
    for_a_million_bots!(
        "INSERT INTO webhooks (id, workspace, event, received_at)",
        "SELECT 'msg_' || substr(bot, 1, 8) || CAST(n AS TEXT), 'default', 'bot.done', at FROM numbers ORDER BY bot"
    ),
    for_a_million_bots!(
        "INSERT INTO alerts (bot, channel, cause, alerted_at)",
        "SELECT bot, 'slack:C' || CAST(n % 10 AS TEXT), 'cause', at FROM numbers WHERE n % 5 = 0"
    ),
    for_a_million_bots!(
        "INSERT INTO outbox (id, channel, ordering_key, class, bot, kind, body, state, created_at, due_at, finished_at)",
        "SELECT 'alert/' || bot, 'slack:C' || CAST(n % 10 AS TEXT), 'alert/' || bot, 0, bot, 'alert', '', 'sent', at, at, at
         FROM numbers WHERE n % 5 = 0"
    ),
    for_a_million_bots!(
        "INSERT INTO audit (delivery_id, at, chat, user_id, channel, action, allowed)",
        "SELECT 'd' || CAST(n AS TEXT), at, 'slack', 'U1', 'C1', 'ask ' || bot, TRUE FROM numbers WHERE n % 5 = 0"
    ),
    for_a_million_bots!(
        "INSERT INTO mentions (bot, kind, row_id)",
        "SELECT bot, 'audit', 'd' || CAST(n AS TEXT) FROM numbers WHERE n % 5 = 0"
    ),
];

async fn a_million_bots_hold_nobody_up(place: Place) {
    let empty = open(&place).await;
    measured(&empty, "nothing is known").await;
    empty.close().await;
    let begun = Instant::now();
    for sql in FILL {
        place.execute(sql).await;
    }
    println!("filled in {:?}", begun.elapsed());
    if let Place::Sqlite(folder) = &place {
        let size = std::fs::metadata(folder.path().join("store.db")).unwrap().len();
        println!("the file has {} MB", size / 1_000_000);
    }
    let begun = Instant::now();
    let store = open(&place).await;
    store.release_leases().await.unwrap();
    println!("opened in {:?}", begun.elapsed());
    measured(&store, "a million bots are known").await;
    let bot = "10007919-0000-4000-8000-100000000001";
    let begun = Instant::now();
    println!("forgotten: {:?}, {:?}", store.forget(bot).await.unwrap(), begun.elapsed());
    // A hundredth of them is older than that.
    let begun = Instant::now();
    let purged = store.purge(at(0), DAY * 30 - DAY * 30 / 100).await.unwrap();
    println!("purged: {purged} rows in {:?}", begun.elapsed());
}

async fn measured(store: &Store, what: &str) {
    const MANY: usize = 200;
    println!("{what}:");
    let begun = Instant::now();
    for number in 0..MANY {
        let event = NewEvent { bot: format!("{what} {number}"), name: "e".to_owned(), body: "{}".into() };
        let id = format!("{what} {number}");
        let webhook = NewWebhook { id, happening: Some(event), ..NewWebhook::default() };
        store.accept_webhook(webhook, at(0)).await.unwrap();
    }
    println!("  a webhook alone: {:?}", begun.elapsed() / 200);
    let begun = Instant::now();
    let mut tx = store.begin_alerts().await.unwrap();
    let due = tx.due_bots(at(1), 200).await.unwrap();
    tx.recent_singles(&["slack:C1"], at(-600)).await.unwrap();
    tx.counting_groups(&["slack:C1"], at(-600)).await.unwrap();
    let evaluations: Vec<_> =
        due.iter().map(|due| Evaluation { bot: due.bot.clone(), ..Evaluation::default() }).collect();
    tx.save_evaluations(&evaluations, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    println!("  an evaluation: {:?}", begun.elapsed() / 200);
    let begun = Instant::now();
    enqueue(store, &[outgoing(what, "slack:C1", None)], at(0)).await;
    let leased = store.lease_outbox(at(1), LEASE).await.unwrap().unwrap();
    assert!(store.sent(&leased, None, &[], at(1)).await.unwrap());
    println!("  a message, put in, leased and delivered: {:?}", begun.elapsed());
    let begun = Instant::now();
    store.watch_backlog(at(1)).await.unwrap();
    store.outbox_backlog().await.unwrap();
    store.inbox_backlog().await.unwrap();
    store.lease_lookup(at(1), LEASE).await.unwrap();
    store.last_webhook("default").await.unwrap();
    store.probe().await.unwrap();
    println!("  what metrics, readiness and lookups ask: {:?}", begun.elapsed());
}
