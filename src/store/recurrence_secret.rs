//! The secret of this database with which recurrence keys are hashed. It is made when it is first needed, once for all
//! instances, and never changes: with another one, earlier failures could not be found.

use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Store, StoreError, params};

/// Its row.
const NAME: &str = "recurrence/secret";

/// The secret, once it was read.
pub(super) type Cell = Arc<OnceCell<SecretString>>;

impl Store {
    /// Returns the secret of this database, and makes it if there is none yet.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn recurrence_secret(&self) -> Result<SecretString, StoreError> {
        let read = async || {
            if self.fact(NAME).await?.is_none() {
                // Two random UUIDs have 244 random bits. Of two instances, the first one's counts.
                let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
                let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                self.database.execute(sql, params![NAME, &secret]).await?;
            }
            let row = self
                .database
                .fetch_one("SELECT value FROM service_state WHERE name = $1", params![NAME])
                .await?;
            Ok::<_, StoreError>(SecretString::from(row.get::<String>(0)?))
        };
        self.recurrence_secret.get_or_try_init(read).await.cloned()
    }
}
