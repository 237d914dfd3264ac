//! Whose bot it is. The first that tells of a bot claims it; Recall.ai has the last word.

use super::database::Transaction;
use super::{StoreError, params};

/// Writes down that Recall.ai says whose bot it is. What it was told by one of the strangers, who had claimed it, is
/// forgotten.
pub(super) async fn prove(
    transaction: &mut Transaction,
    bot: &str,
    workspace: &str,
    strangers: &[String],
) -> Result<(), StoreError> {
    let sql = "SELECT workspace FROM bots WHERE bot = $1 AND NOT workspace_proven";
    let Some(row) = transaction.fetch_optional(sql, params![bot]).await? else { return Ok(()) };
    let claimed: String = row.get(0)?;
    let sql = "UPDATE bots SET workspace = $2, workspace_proven = TRUE WHERE bot = $1";
    transaction.execute(sql, params![bot, workspace]).await?;
    if strangers.contains(&claimed) {
        transaction.execute("DELETE FROM events WHERE bot = $1", params![bot]).await?;
    }
    Ok(())
}
