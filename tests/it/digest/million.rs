//! Figures, and not rules: a week of a million bots.
//! It runs by hand: `cargo test --release --test it digest::million -- --ignored --nocapture --test-threads 1`.

use std::time::Instant;

use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::digest::period::Period;
use why_no_recording::digests::{View, read};
use why_no_recording::store::Store;

use super::{DAY, KEPT};
use crate::alerts::at;
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    #[ignore = "measures"]
    a_week_of_a_million_bots
);

const BOTS: &str = "WITH RECURSIVE numbered(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbered WHERE n < 1000000),
      numbers AS (SELECT n, CAST(10000000 + (n * 7919) % 89999999 AS TEXT) || '-0000-4000-8000-'
        || CAST(100000000000 + n AS TEXT) AS bot, 1795003200000 - (n % 7) * 86400000 AS at FROM numbered)
    INSERT INTO bots (bot, workspace, last_event_at) SELECT bot, 'default', at FROM numbers ORDER BY bot";
/// One in twenty failed, for one of twelve causes.
const COUNTED: &str = "UPDATE bots SET counted_day = last_event_at / 86400000,
    counted_as = CASE WHEN CAST(substr(bot, 36, 1) AS BIGINT) % 20 = 7
      THEN 'not_recorded/host/cause_number_' || substr(bot, 35, 1) ELSE 'recorded' END";

async fn compact(place: &Place) {
    place.execute("VACUUM").await;
    if let Place::Sqlite(_) = place {
        place.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    }
}

fn size(place: &Place) -> u64 {
    let Place::Sqlite(folder) = place else { return 0 };
    let files = std::fs::read_dir(folder.path()).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

async fn a_week_of_a_million_bots(place: Place) {
    Store::open(&place.url()).await.unwrap().close().await;
    place.execute(BOTS).await;
    compact(&place).await;
    let before = size(&place);
    place.execute(COUNTED).await;
    compact(&place).await;
    println!(
        "counts of a million bots: {} MB beside {} MB",
        (size(&place) - before) / 1_000_000,
        before / 1_000_000
    );
    let store = Store::open(&place.url()).await.unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    for _ in 0..3 {
        let begun = Instant::now();
        let period = Period::until(at(DAY), 7);
        let digest = read(&store, &catalogue, View::Service, period, KEPT, at(DAY)).await.unwrap().unwrap();
        println!(
            "its digest: {:?}, {} of {} bots",
            begun.elapsed(),
            digest.totals.recorded,
            digest.totals.expected()
        );
    }
    let begun = Instant::now();
    let purged = store.purge(at(40 * DAY), KEPT).await.unwrap();
    println!("deleted and folded: {purged} in {:?}", begun.elapsed());
    let begun = Instant::now();
    let period = Period::until(at(DAY), 7);
    let digest = read(&store, &catalogue, View::Service, period, KEPT, at(40 * DAY)).await.unwrap().unwrap();
    println!("its digest from daily counts: {:?}, {} bots", begun.elapsed(), digest.totals.expected());
}
