//! The only module that knows SQL: what arrived, what is to be said, who asked.
//!
//! It knows nothing of what it keeps: bodies are text that others write and read. It is kept in a file
//! (SQLite) or on a server (PostgreSQL); `database/` makes one of the two.

mod alert_groups;
mod alert_load;
mod alert_transaction;
mod alert_write;
mod audit;
mod backfill;
mod channels;
mod database;
mod dead_letters;
mod group;
mod inbox;
mod leader;
mod lookups;
mod migrate;
mod outbox;
mod outbox_reading;
mod outbox_rows;
mod upkeep;
mod webhooks;

use jiff::{SignedDuration, Timestamp};

pub use alert_groups::{AlertGroupRow, GroupCount, GroupDue, UnlistedBot};
pub use alert_load::{CountingGroup, DueBot, PostedAlert, RecentSingles};
pub use alert_transaction::AlertTransaction;
pub use alert_write::{Evaluation, NewAlertRow, ResolvedAlert};
pub use audit::AuditEntry;
pub use backfill::Backfill;
pub use dead_letters::{DeadQuestion, Dropped};
pub use group::GroupCommitter;
pub use inbox::{Accepted, LeasedItem};
pub use lookups::{Lookup, LookupPriority, PlannedLookup};
pub use outbox::{
    LeasedOutboxRow, MessageClass, NewOutboxRow, OutboxLease, OutboxRow, OutboxState, Pause, Postponement,
    Retried,
};
pub use webhooks::{NewEvent, NewWebhook};

use database::{Database, Row, params, postgres, sqlite};
use group::GroupCommit;

/// What is kept.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    group: GroupCommit,
}

/// The store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file could not be opened.
    #[error("the database could not be opened; is the folder there, and may we write to it?")]
    Open(#[source] sqlx::Error),
    /// The server could not be reached, or does not let us in.
    #[error("the database server could not be reached, or does not let us in")]
    Connect(#[source] sqlx::Error),
    /// Its tables could not be brought up to date.
    #[error("the tables of the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A statement failed: the disk is full, the file is locked or damaged, the server is gone.
    #[error("the database refused a statement")]
    Statement(#[from] sqlx::Error),
    /// The file for a copy could not be created.
    #[error("the copy could not be written")]
    CopyNotWritten(#[source] std::io::Error),
    /// More waits to be committed than is taken at a time.
    #[error("more waits to be stored than the disk takes")]
    Overloaded,
    /// The URL names another kind of database.
    #[error("only sqlite:// and postgres:// databases can be used")]
    Unsupported,
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
    /// Opens the database that a `sqlite:` or `postgres:` URL leads to, and brings its tables up to date.
    /// A file is created where there is none.
    ///
    /// # Errors
    /// Where it cannot be opened, or was written by a later version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let database = Self::open_database(url).await?;
        Ok(Self { group: GroupCommit::start(database.clone()), database })
    }

    /// The same, where somebody looks after who commits webhooks: none is accepted while [`GroupCommitter::run`]
    /// does not run.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with_committer(url: &str) -> Result<(Self, GroupCommitter), StoreError> {
        let database = Self::open_database(url).await?;
        let (group, committer) = GroupCommit::new(database.clone());
        Ok((Self { database, group }, committer))
    }

    async fn open_database(url: &str) -> Result<Database, StoreError> {
        let database = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => sqlite::open(url).await?,
            Some("postgres" | "postgresql") => postgres::open(url).await?,
            _ => return Err(StoreError::Unsupported),
        };
        Ok(database)
    }

    /// Takes back what a process that died had leased. For databases that one process uses alone.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn release_leases(&self) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for statement in [
            "UPDATE inbox SET lease_until = 0 WHERE state = 'waiting'",
            // Still leased: that it ended without a word is counted when it is leased again.
            "UPDATE outbox SET lease_until = 0 WHERE state = 'leased'",
            "UPDATE bots SET lookup_lease_until = 0 WHERE lookup_lease_until > 0",
            leader::FREE_ALL,
        ] {
            transaction.execute(statement, params![]).await?;
        }
        transaction.commit().await
    }

    /// Whether it can be written to.
    ///
    /// # Errors
    /// Where it cannot.
    pub async fn probe(&self) -> Result<(), StoreError> {
        // Begins as a writer and changes nothing.
        let mut transaction = self.database.begin().await?;
        let nothing = "UPDATE inbox SET attempts = attempts WHERE delivery_id = ''";
        transaction.execute(nothing, params![]).await?;
        transaction.commit().await
    }

    /// How far our clock is ahead of the server's (behind it, if negative), where there is a server. Leases are
    /// times, so those who share it have to agree about the time.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn clock_off(&self, now: Timestamp) -> Result<Option<SignedDuration>, StoreError> {
        let time = self.database.server_time().await?;
        Ok(time.map(|milliseconds| now.duration_since(self::time(milliseconds))))
    }

    /// Deletes what was settled before a moment, and the ids of deliveries from before another one.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn purge(&self, before: Timestamp, ids_before: Timestamp) -> Result<u64, StoreError> {
        let mut purged = 0;
        for (statement, before) in [
            ("DELETE FROM inbox WHERE state <> 'waiting' AND received_at < $1", ids_before),
            (
                "DELETE FROM outbox WHERE state IN ('sent', 'superseded', 'dead') AND finished_at < $1
                   AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.state IN ('due', 'leased')
                     AND (o.thread_parent = outbox.id OR o.edits = outbox.id))",
                before,
            ),
            ("DELETE FROM host_answers WHERE answered_at < $1", before),
            ("DELETE FROM audit WHERE at < $1", before),
            ("UPDATE webhooks SET body = NULL WHERE body IS NOT NULL AND received_at < $1", before),
            ("DELETE FROM webhooks WHERE received_at < $1", ids_before),
            ("DELETE FROM events WHERE bot IN (SELECT bot FROM bots WHERE last_event_at < $1)", before),
            ("DELETE FROM alerts WHERE bot IN (SELECT bot FROM bots WHERE last_event_at < $1)", before),
            ("DELETE FROM bots WHERE last_event_at < $1", before),
            ("DELETE FROM alert_groups WHERE last_at < $1", before),
            (
                "DELETE FROM channels WHERE set_at < $1 AND not_before < $1
                   AND (refused_at IS NULL OR refused_at < $1)",
                before,
            ),
        ] {
            purged += self.database.execute(statement, params![before]).await?;
        }
        Ok(purged)
    }

    /// Finishes what is under way and closes the connections.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// Milliseconds as they are stored, as a time. What no time can be is the beginning of time.
fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
