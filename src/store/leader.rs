//! Work that one of several instances does at a time: leader leases, and periodic runs that one of them claims.

use jiff::{SignedDuration, Timestamp};

use super::{Store, StoreError, params};

/// How the rows of leader leases start.
const PREFIX: &str = "leader/";
/// Frees every lease.
pub(super) const FREE_ALL: &str = "DELETE FROM service_state WHERE name LIKE 'leader/%'";

impl Store {
    /// Acquires or renews a lease until a time. Returns `false` while another instance holds it.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn acquire_or_renew(
        &self,
        lease: &str,
        holder: &str,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2
                   WHERE substr(service_state.value, 1, 15) <= $3 OR substr(service_state.value, 17) = $4";
        let (name, until) =
            (format!("{PREFIX}{lease}"), format!("{} {holder}", sortable_millis(now + length)));
        Ok(self.database.execute(sql, params![&name, &until, &sortable_millis(now), holder]).await? > 0)
    }

    /// Releases a lease, so that another instance can acquire it at once. Does nothing if another instance holds it.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; the lease is then free when its time ends.
    pub async fn release(&self, lease: &str, holder: &str) -> Result<(), StoreError> {
        let name = format!("{PREFIX}{lease}");
        let sql = "DELETE FROM service_state WHERE name = $1 AND substr(value, 17) = $2";
        self.database.execute(sql, params![&name, holder]).await?;
        Ok(())
    }

    /// Claims a periodic run. Returns `false` if any instance, this one included, claimed it less than `length` ago.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn claim_periodic_run(
        &self,
        name: &str,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2 WHERE service_state.value <= $3";
        let (until, now) = (sortable_millis(now + length), sortable_millis(now));
        Ok(self.database.execute(sql, params![name, &until, &now]).await? > 0)
    }
}

/// As wide as the longest, so that texts compare as numbers.
pub(super) fn sortable_millis(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond())
}
