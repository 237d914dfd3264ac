//! Once a week, once in each channel, whatever happens to the service.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use why_no_recording::chat::Chat;

use super::{DAY, HOUR, KEPT, MONDAY, counted, fails, posted, records, weekly};
use crate::alerts::{Stage, at, service_at};
use crate::world::board::Board;
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    it_is_posted_once,
    a_service_that_was_down_posts_it_within_a_day,
    an_empty_week_says_nothing,
    it_is_posted_once_however_short_records_are_kept,
    each_channel_gets_its_own,
);

async fn passes(stage: &Stage, seconds: i64) {
    stage.service.digests.post_due(at(seconds)).await.unwrap();
    stage.pass(seconds).await;
}

async fn it_is_posted_once(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    records(&stage, 1, 0).await;
    fails(&stage, 2, 60, "zoom_internal_error").await;
    passes(&stage, HOUR).await;
    passes(&stage, MONDAY - 1).await;
    assert!(posted(&stage).is_empty(), "a service that is new has missed nothing");
    passes(&stage, MONDAY).await;
    let [digest] = posted(&stage).try_into().unwrap();
    assert_eq!(digest.title(), "16–22 Nov: 1 of 2 bots recorded (50%)");
    assert_eq!(digest.before, None, "there was no week before");
    assert_eq!(Some(digest), counted(&stage, 7, MONDAY).await);
    passes(&stage, MONDAY + 60).await;
    let stage = stage.restarted(weekly()).await;
    passes(&stage, MONDAY + 2 * HOUR).await;
    // What becomes known later doesn't post it again.
    fails(&stage, 3, 120, "zoom_internal_error").await;
    passes(&stage, MONDAY + 3 * HOUR).await;
    assert_eq!(posted(&stage).len(), 1);
    passes(&stage, MONDAY + 7 * DAY).await;
    assert_eq!(posted(&stage).len(), 1, "nothing ended in the second week");
}

async fn a_service_that_was_down_posts_it_within_a_day(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    passes(&stage, 0).await;
    records(&stage, 1, HOUR).await;
    passes(&stage, MONDAY + 24 * HOUR).await;
    assert_eq!(posted(&stage).len(), 1);
    records(&stage, 2, MONDAY + 25 * HOUR).await;
    passes(&stage, MONDAY + 8 * DAY + 1).await;
    assert_eq!(posted(&stage).len(), 1, "more than a day late");
    records(&stage, 3, MONDAY + 8 * DAY + HOUR).await;
    passes(&stage, MONDAY + 14 * DAY).await;
    let third = posted(&stage).remove(1);
    assert_eq!(third.days_in_words(), "30 Nov – 6 Dec");
    assert_eq!(third.before.unwrap().recorded, 1, "the week that was skipped is counted");
}

async fn an_empty_week_says_nothing(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    passes(&stage, 0).await;
    passes(&stage, MONDAY).await;
    // It isn't posted as soon as there is something: that was not known at its time.
    records(&stage, 1, HOUR).await;
    passes(&stage, MONDAY + HOUR).await;
    assert!(posted(&stage).is_empty());
    assert_eq!(counted(&stage, 7, MONDAY).await.unwrap().totals.recorded, 1);
}

/// The message is purged within the hour, and what is remembered of it is not.
async fn it_is_posted_once_however_short_records_are_kept(place: Place) {
    let mut config = weekly();
    config.digest.kept = SignedDuration::ZERO;
    let stage = Stage::on_with(place, config, None).await;
    records(&stage, 1, 0).await;
    passes(&stage, MONDAY).await;
    assert_eq!(posted(&stage).len(), 1);
    stage.service.store.purge(at(MONDAY + HOUR), SignedDuration::ZERO).await.unwrap();
    stage.execute("DELETE FROM outbox").await;
    passes(&stage, MONDAY + HOUR).await;
    assert_eq!(posted(&stage).len(), 1);
}

async fn each_channel_gets_its_own(place: Place) {
    let mut config = weekly();
    config.digest.channels.push((Chat::Console, "managers".to_owned()));
    let stage = Stage::on_with(place, config, None).await;
    records(&stage, 1, 0).await;
    passes(&stage, MONDAY).await;
    passes(&stage, MONDAY + 60).await;
    assert_eq!(stage.board.channel("managers").len(), 1);
    assert_eq!(posted(&stage).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_instances_post_it_once() {
    let Some(place) = Place::postgres().await else { return };
    let board = Arc::new(Board::default());
    let url = place.url();
    let first = Stage::on_with(place, weekly(), None).await;
    records(&first, 1, 0).await;
    let services = join_all((0..4).map(|_| service_at(&url, &board, weekly(), None))).await;
    join_all(services.iter().map(async |service| {
        for minute in 0..3 {
            service.digests.post_due(at(MONDAY + 60 * minute)).await.unwrap();
            service.wait_until_idle(at(MONDAY + 60 * minute)).await.unwrap();
        }
    }))
    .await;
    join_all(services.iter().map(async |service| service.wait_until_idle(at(MONDAY + HOUR)).await.unwrap()))
        .await;
    assert_eq!(board.channel("digest").len(), 1);
    // Two purges at the same time fold each bot once.
    let before = counted(&first, 7, MONDAY).await;
    let late = at(40 * DAY);
    join_all(services.iter().map(async |service| service.store.purge(late, KEPT).await.unwrap())).await;
    let after = counted(&first, 7, MONDAY).await.unwrap();
    assert_eq!(after.totals, before.unwrap().totals);
}
