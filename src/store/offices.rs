//! Work that one of several instances does at a time: offices that are held, and turns that are taken.

use jiff::{SignedDuration, Timestamp};

use super::{Store, StoreError, params};

/// What the rows of offices are called in the table of facts.
const PREFIX: &str = "office/";
/// Frees every office.
pub(super) const FREE_ALL: &str = "DELETE FROM facts WHERE name LIKE 'office/%'";

impl Store {
    /// Takes an office for a time, or keeps it for so much longer; false while somebody else holds it.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn take_office(
        &self,
        office: &str,
        holder: &str,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO facts (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2
                   WHERE substr(facts.value, 1, 15) <= $3 OR substr(facts.value, 17) = $4";
        let (name, until) = (format!("{PREFIX}{office}"), format!("{} {holder}", written(now + length)));
        Ok(self.database.execute(sql, params![&name, &until, &written(now), holder]).await? > 0)
    }

    /// Lays an office down, so that another can take it at once. Nothing happens where somebody else holds it.
    ///
    /// # Errors
    /// Where it could not be committed; the office is then free when its time ends.
    pub async fn lay_down_office(&self, office: &str, holder: &str) -> Result<(), StoreError> {
        let name = format!("{PREFIX}{office}");
        let sql = "DELETE FROM facts WHERE name = $1 AND substr(value, 17) = $2";
        self.database.execute(sql, params![&name, holder]).await?;
        Ok(())
    }

    /// Takes the turn to do what is done once in a while; false where somebody, we included, took it less than
    /// `length` ago.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn take_turn(
        &self,
        name: &str,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO facts (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2 WHERE facts.value <= $3";
        let (until, now) = (written(now + length), written(now));
        Ok(self.database.execute(sql, params![name, &until, &now]).await? > 0)
    }
}

/// As wide as the longest, so that texts compare as numbers.
fn written(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond())
}
