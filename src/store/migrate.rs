//! The tables, step by step. A step that was released is never changed.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqlitePool;

use super::StoreError;

const STEPS: &[(i64, &str, &str)] = &[
    (1, "inbox and outbox", include_str!("migrations/0001_inbox_and_outbox.sql")),
    (2, "webhooks and alerts", include_str!("migrations/0002_webhooks_and_alerts.sql")),
];

pub(super) async fn run(pool: &SqlitePool) -> Result<(), StoreError> {
    let steps = STEPS.iter().map(|&(version, name, sql)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Ok(Migrator::with_migrations(steps.collect()).run(pool).await?)
}
