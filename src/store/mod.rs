//! The only module that knows SQL: inbox, outbox, webhooks, alerts, rescues, audit.
//!
//! It doesn't read what it stores: bodies are text that others write and read. The database is a file (SQLite) or a
//! server (PostgreSQL); `database/` makes them look the same.

mod alert_groups;
mod alert_load;
mod alert_transaction;
mod alert_write;
mod alerted_bots;
mod audit;
mod backfill;
mod body;
mod channels;
mod daily_counts;
mod database;
mod dead_questions;
mod failures;
mod forget;
mod group;
mod inbox;
mod leader;
mod lookups;
mod mentions;
mod migrate;
mod mutes;
mod opening;
mod outbox;
mod ownership;
mod purge;
mod recent;
mod recurrence_secret;
mod rescues;
mod upkeep;
mod webhooks;

use std::error::Error;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

pub use alert_groups::{AlertGroupRow, GroupCount, GroupDue, UnlistedBot};
pub use alert_load::{CountingGroup, DueBot, PostedAlert, RecentSingles};
pub use alert_transaction::AlertTransaction;
pub use alert_write::{Evaluation, NewAlertRow, ResolvedAlert};
pub use alerted_bots::AlertedBot;
pub use audit::AuditEntry;
pub use backfill::Backfill;
pub use body::Body;
pub use daily_counts::{Counted, DailyCount, KeyCount};
pub use dead_questions::DeadQuestion;
pub use failures::{
    CauseTally, FailureChange, FailureRow, PastFailure, PastFailures, PastQuery, PlatformMessage,
};
pub use group::GroupCommitter;
pub use inbox::{Accepted, LeasedItem};
pub use lookups::{Lookup, LookupPriority, PlannedLookup};
pub use mutes::{MuteRow, SetMute};
pub use outbox::{
    Dropped, LeasedOutboxRow, MessageClass, NewOutboxRow, OutboxLease, OutboxRow, OutboxState, Pause,
    Postponement, Retried,
};
pub use recent::{RecentAlert, RecentGroup, UsedApp};
pub use rescues::{LeasedRescue, NewRescue, RescueEnd, RescueRow, RescueStep};
pub use webhooks::{NewEvent, NewWebhook};

use database::{Database, Row, params};
use group::GroupCommit;

/// The store.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    group: GroupCommit,
    recurrence_secret: recurrence_secret::Cell,
}

/// The store did not do what it was asked.
#[derive(thiserror::Error)]
pub enum StoreError {
    /// The file could not be opened.
    #[error("the database could not be opened; is the folder there, and may we write to it?")]
    Open(#[source] sqlx::Error),
    /// There is no file at this path.
    #[error("there is no database at {0}")]
    NotThere(String),
    /// The file holds something else.
    #[error("the file is no SQLite database")]
    NoDatabase,
    /// It is there, and the service has not made its tables.
    #[error("the database holds nothing of why-no-recording yet; `serve` creates its tables")]
    NoTables,
    /// The tables are of another program, or of a version that was never released.
    #[error("the tables of the database are not those of why-no-recording")]
    OtherTables,
    /// Migrations are missing that only the service applies.
    #[error(
        "the database is of an earlier version, and the service has not brought it up to date yet; start `serve` of this version first"
    )]
    EarlierVersion,
    /// Migrations were applied that this version doesn't know.
    #[error("the database was written by a later version of why-no-recording; use that version for it")]
    LaterVersion,
    /// The file or its folder is not ours to write to.
    #[error(
        "the file of the database, or its folder, may not be written to; use the user that the service runs as"
    )]
    NotWritable,
    /// The file, or one of those that SQLite keeps beside it, is not ours to read.
    #[error(
        "the file of the database, or one that SQLite keeps beside it, may not be read; run this as the user that the service runs as"
    )]
    NotReadable(#[source] sqlx::Error),
    /// The server could not be reached, or does not let us in.
    #[error("the database server could not be reached, or does not let us in")]
    Connect(#[source] sqlx::Error),
    /// Its tables could not be brought up to date.
    #[error("the tables of the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A statement failed: the disk is full, the file is locked or damaged, the server is gone.
    #[error("the database refused a statement: {0}")]
    Statement(sqlx::Error),
    /// The file for a copy could not be created.
    #[error("the copy could not be written")]
    CopyNotWritten(#[source] std::io::Error),
    /// A process started to write while an unused file was copied.
    #[error("the service was started while the copy was made; make it again")]
    CopyTorn,
    /// Too many rows wait for a commit.
    #[error("more waits to be stored than the disk takes")]
    Overloaded,
    /// Other processes stored the same at the same time, again and again.
    #[error("other processes store the same at the same time")]
    Raced,
    /// The write-ahead log may still contain deleted data, because readers use it.
    #[error(
        "it is deleted, and may still stand in the file beside the database, since others read there; forget it again"
    )]
    LogInUse,
    /// The URL names another kind of database.
    #[error("only sqlite:// and postgres:// databases can be used")]
    Unsupported,
}

/// In its own words and those of what is beneath. The database's own `Debug` prints more: PostgreSQL's detail of a
/// refusal is the row, with all that was to be stored.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut below = self.source();
        while let Some(error) = below {
            write!(f, ": {error}")?;
            below = error.source();
        }
        Ok(())
    }
}

/// The reason is part of the sentence and not beneath it, since a log and `/readyz` show the sentence alone.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Statement(error)
    }
}

/// Counts and ages, for metrics and readiness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many wait.
    pub waiting: i64,
    /// How many were given up and lie there to be looked at.
    pub dead: i64,
    /// When the oldest that waits came in.
    pub oldest: Option<Timestamp>,
}

impl Backlog {
    /// From a row of two counts and the oldest time.
    fn read(row: &Row) -> Result<Self, StoreError> {
        let oldest: Option<i64> = row.get(2)?;
        Ok(Self { waiting: row.get(0)?, dead: row.get(1)?, oldest: oldest.map(time) })
    }
}

impl Store {
    /// Takes back what a process that died had leased. For databases that one process uses alone.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn release_leases(&self) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for statement in [
            "UPDATE inbox SET lease_until = 0 WHERE state = 'waiting'",
            // Still leased: a lease that ended without a result is counted when the item is leased again.
            "UPDATE outbox SET lease_until = 0 WHERE state = 'leased'",
            "UPDATE rescues SET lease_until = 0 WHERE finished_at IS NULL AND created_at > 0",
            "UPDATE bots SET lookup_lease_until = 0 WHERE lookup_lease_until > 0",
            leader::FREE_ALL,
        ] {
            transaction.execute(statement, params![]).await?;
        }
        transaction.commit().await
    }

    /// Checks that the database can be written to, by writing a value. Starting a transaction alone wouldn't notice a
    /// full disk.
    ///
    /// # Errors
    /// Returns [`StoreError`] if it can't.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let sql = "INSERT INTO service_state (name, value) VALUES ('probe', '1')
                   ON CONFLICT (name) DO UPDATE
                   SET value = CASE service_state.value WHEN '1' THEN '2' ELSE '1' END";
        let mut transaction = self.database.begin().await?;
        transaction.execute(sql, params![]).await?;
        transaction.commit().await
    }

    /// Returns how far our clock is ahead of the server's (behind it, if negative); `None` without a server. Leases
    /// are times, so instances have to agree about the time.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn clock_off(&self, now: Timestamp) -> Result<Option<SignedDuration>, StoreError> {
        let time = self.database.server_time().await?;
        Ok(time.map(|milliseconds| now.duration_since(self::time(milliseconds))))
    }

    /// Finishes what is under way and closes the connections.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// Converts stored milliseconds to a time; an invalid value becomes the earliest time.
fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
