//! The tables, step by step, in words that both databases share. A step that was released is never changed.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

const STEPS: &[(i64, &str, &str)] = &[
    (1, "inbox and outbox", include_str!("migrations/0001_inbox_and_outbox.sql")),
    (2, "webhooks and alerts", include_str!("migrations/0002_webhooks_and_alerts.sql")),
];

/// All steps. Each is committed with the note that it was done; on PostgreSQL, processes that start at the
/// same time wait for the one that takes them.
pub(super) fn steps() -> Migrator {
    let steps = STEPS.iter().map(|&(version, name, sql)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(steps.collect())
}
