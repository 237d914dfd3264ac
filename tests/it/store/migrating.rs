//! The tables are made from nothing, and from what every earlier version has kept.

use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;
use why_no_recording::store::{Accepted, Store, StoreError};

use super::{DAY, LEASE, at, open};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    what_any_earlier_version_has_kept_is_still_there,
    tables_that_are_up_to_date_are_left_alone,
    a_database_of_a_later_version_is_refused,
);

/// The steps that were there, and what was kept then. A further step is one more line.
const VERSIONS: &[(i64, &[&str])] = &[(1, &[KEPT_BY_1]), (2, &[KEPT_BY_1, KEPT_BY_2])];

const KEPT_BY_1: &str = "
    INSERT INTO inbox (delivery_id, body, state, received_at, due_at, lease_until, attempts, last_error) VALUES
      ('waits', 'question', 'waiting', 1795003200000, 1795003200000, 0, 2, 'busy'),
      ('done', '', 'done', 1795003200000, 1795003200000, 0, 1, NULL);
    INSERT INTO outbox (id, ordering_key, thread_parent, bot, kind, body, state, created_at, due_at, in_doubt, platform_message_id) VALUES
      ('d/00', 'c', NULL, 'bot', 'verdict', '', 'delivered', 1795003200000, 1795003200000, FALSE, 'message 7'),
      ('d/01', 'c', 'd/00', 'bot', 'details', 'body', 'due', 1795003200000, 1795003200000, TRUE, NULL);
    INSERT INTO host_answers (bot, host_was_present, user_id, answered_at) VALUES ('bot', TRUE, 'U1', 1795003200000);
    INSERT INTO audit (delivery_id, at, chat, user_id, channel, action, allowed) VALUES
      ('done', 1795003200000, 'slack', 'U1', 'C1', 'ask', TRUE);
";

/// What came with version 2.
const KEPT_BY_2: &str = "
    INSERT INTO webhooks (id, workspace, event, body, received_at) VALUES
      ('msg', 'default', 'bot.fatal', NULL, 1795003200000);
    INSERT INTO events (bot, name, body, received_at) VALUES ('b', 'fatal', '{}', 1795003200000);
    INSERT INTO bots (bot, workspace, last_event_at, due_at, last_alert) VALUES
      ('b', 'default', 1795003200000, 1795003200000, 'told');
    INSERT INTO alerts (bot, channel, cause, group_id, alerted_at, resolved, listed, mention) VALUES
      ('b', 'c', 'cause', 's', 1795003200000, FALSE, FALSE, NULL);
    INSERT INTO alert_groups (id, channel, cause, body, single, grouped, resolved, since, last_at, due_at) VALUES
      ('s', 'c', 'cause', '{}', 5, 1, 0, 1795003200000, 1795003200000, 1795003200000);
    INSERT INTO unavailable_channels (channel, since, reason) VALUES ('c', 1795003200000, 'gone');
    INSERT INTO service_state (name, value) VALUES ('webhooks/watched_since/default', 'then');
";

fn steps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations")
}

#[test]
fn no_version_is_left_out() {
    assert_eq!(std::fs::read_dir(steps()).unwrap().count(), VERSIONS.len());
}

async fn what_any_earlier_version_has_kept_is_still_there(place: Place) {
    for &(version, kept) in VERSIONS {
        let place = place.another().await;
        let migrator = Migrator::new(steps()).await.unwrap();
        place.migrate(&migrator, version).await;
        for statements in kept {
            place.execute(statements).await;
        }
        let store = open(&place).await;
        if version >= 2 {
            what_was_told_is_still_known(&store).await;
        }
        assert_eq!(store.accept("done", "again", at(0)).await.unwrap(), Accepted::Duplicate, "{version}");
        let item = store.lease_item(at(0), LEASE).await.unwrap().unwrap();
        assert_eq!((item.delivery_id.as_str(), item.body.as_str(), item.attempts), ("waits", "question", 3));
        assert_eq!(store.verdict_at("c", "message 7").await.unwrap().as_deref(), Some("bot"));
        let outgoing = store.lease_outbox(at(0), LEASE).await.unwrap().unwrap();
        assert_eq!((outgoing.id.as_str(), outgoing.body.as_str(), outgoing.in_doubt), ("d/01", "body", true));
        assert_eq!(outgoing.thread.as_deref(), Some("message 7"));
        assert_eq!(store.answer_about("bot").await.unwrap(), Some((true, "U1".to_owned())));
        // The bot and the alert group are due, and so they live.
        assert_eq!(store.purge(at(8 * 86_400), DAY).await.unwrap(), if version == 1 { 3 } else { 5 });
    }
}

async fn what_was_told_is_still_known(store: &Store) {
    assert_eq!(store.events_of("b").await.unwrap(), ["{}"]);
    assert_eq!(store.fact("webhooks/watched_since/default").await.unwrap().as_deref(), Some("then"));
    assert_eq!(store.last_webhook("default").await.unwrap(), Some(at(0)));
    let mut tx = store.begin_alerts().await.unwrap();
    assert_eq!(tx.due_bots(at(0), 9).await.unwrap()[0].last_alert.as_deref(), Some("told"));
    assert_eq!(tx.alerts_of("b").await.unwrap()[0].group_id.as_deref(), Some("s"));
    assert_eq!(tx.due_groups(at(0), 9).await.unwrap()[0].single, 5);
    assert_eq!(tx.unavailable_since("c", at(-1)).await.unwrap().as_deref(), Some("gone"));
}

async fn tables_that_are_up_to_date_are_left_alone(place: Place) {
    let store = open(&place).await;
    store.accept("d", "body", at(0)).await.unwrap();
    let again = open(&place).await;
    assert_eq!(again.lease_item(at(0), LEASE).await.unwrap().unwrap().body, "body");
}

async fn a_database_of_a_later_version_is_refused(place: Place) {
    open(&place).await.close().await;
    let later = "INSERT INTO _sqlx_migrations
                 SELECT 9999, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations
                 WHERE version = 1";
    place.execute(later).await;
    let refused = Store::open(&place.url()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Migrate(_)), "{refused:?}");
}
