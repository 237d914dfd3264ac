//! Lookups: which bot is next, Recall.ai's response, and when it may be asked again.

use jiff::{SignedDuration, Timestamp};

use super::leader::sortable_millis;
use super::ownership::prove;
use super::{Store, StoreError, params};

/// How the rows start that say when a workspace may be asked again. The statement below counts its characters.
const NOT_BEFORE: &str = "recall/not_before/";
/// Pauses that are longer are mistakes: the clock has stepped back since.
const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(1);

/// A leased lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The bot.
    pub bot: String,
    /// Its workspace.
    pub workspace: String,
    /// How often it was asked about in vain since the last event.
    pub failures: i64,
}

/// Priority of a lookup; among equals, the one that has waited longest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LookupPriority {
    /// The bot can still be saved.
    AtRisk = 0,
    /// It failed, and has an alert that a lookup may make better.
    Alerted = 1,
    /// Everything else.
    Other = 2,
}

impl LookupPriority {
    const IN_ORDER: [Self; 3] = [Self::AtRisk, Self::Alerted, Self::Other];
}

/// When Recall.ai is to be asked about a bot, and before which others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedLookup {
    /// Not before this time.
    pub at: Timestamp,
    /// How urgent it is then.
    pub priority: LookupPriority,
}

impl Store {
    /// Leases the bot that Recall.ai is to be asked about first. Bots of a workspace that Recall.ai asked to leave
    /// alone for a while are left out meanwhile.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease_lookup(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<Lookup>, StoreError> {
        let mut transaction = self.database.begin().await?;
        // One query per priority: a single one would read all planned lookups, because those of a higher priority
        // that aren't due sort before due ones of a lower priority.
        let sql = "SELECT bot, workspace, lookup_failures FROM bots
                   WHERE lookup_priority = $4 AND lookup_at <= $1 AND lookup_lease_until <= $1
                     AND workspace NOT IN (
                       SELECT substr(name, 19) FROM service_state
                       WHERE substr(name, 1, 18) = 'recall/not_before/' AND value > $2 AND value <= $3)
                   ORDER BY lookup_at, bot LIMIT 1 FOR UPDATE SKIP LOCKED";
        let (paused_from, paused_to) = (sortable_millis(now), sortable_millis(now + PAUSE_MAX));
        for priority in LookupPriority::IN_ORDER {
            let values = params![now, &paused_from, &paused_to, priority as i64];
            let Some(row) = transaction.fetch_optional(sql, values).await? else { continue };
            let lookup = Lookup { bot: row.get(0)?, workspace: row.get(1)?, failures: row.get(2)? };
            let sql = "UPDATE bots SET lookup_lease_until = $2 WHERE bot = $1";
            transaction.execute(sql, params![&lookup.bot, now + length]).await?;
            transaction.commit().await?;
            return Ok(Some(lookup));
        }
        Ok(None)
    }

    /// Stores Recall.ai's response about a bot and its workspace, and makes the bot due. `strangers` are the
    /// workspaces that may not change this one's bots: if one of them had claimed the bot, its events are deleted.
    /// `recurrence_key` is what the response shows of whose bot it is, hashed.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn save_api_response(
        &self,
        bot: &str,
        (workspace, strangers): (&str, &[String]),
        api_response: &str,
        recurrence_key: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        prove(&mut transaction, bot, workspace, strangers).await?;
        let sql = "UPDATE bots SET api_response = $2, fetched_at = $3, due_at = $3, lookup_at = NULL,
                          lookup_lease_until = 0, lookup_failures = 0,
                          recurrence_key = COALESCE($4, recurrence_key) WHERE bot = $1";
        transaction.execute(sql, params![bot, api_response, now, recurrence_key]).await?;
        transaction.commit().await
    }

    /// Writes down that Recall.ai was asked in vain, and when to ask again, if at all.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lookup_failed(
        &self,
        bot: &str,
        again: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE bots SET lookup_failed_at = $2, lookup_at = $3, lookup_lease_until = 0,
                          lookup_failures = lookup_failures + 1 WHERE bot = $1";
        self.database.execute(sql, params![bot, now, again]).await?;
        Ok(())
    }

    /// Postpones a lookup to a time, without counting a failure.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn postpone_lookup(&self, bot: &str, until: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE bots SET lookup_lease_until = $2 WHERE bot = $1";
        self.database.execute(sql, params![bot, until]).await?;
        Ok(())
    }

    /// Returns when a workspace may be asked again; `None` if it never asked for a pause.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn not_before(&self, workspace: &str) -> Result<Option<Timestamp>, StoreError> {
        let until = self.fact(&format!("{NOT_BEFORE}{workspace}")).await?;
        let until = until.and_then(|until| until.parse().ok());
        Ok(until.and_then(|until| Timestamp::from_millisecond(until).ok()))
    }

    /// Stores until when a workspace may not be asked, for all instances.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn pause_until(&self, workspace: &str, until: Timestamp) -> Result<(), StoreError> {
        let name = format!("{NOT_BEFORE}{workspace}");
        let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2 WHERE service_state.value < $2";
        self.database.execute(sql, params![&name, &sortable_millis(until)]).await?;
        Ok(())
    }
}
