//! Which workspace a bot belongs to: that of its first webhook, until Recall.ai's response corrects it.

use super::database::Transaction;
use super::{StoreError, params};

/// Stores the workspace that Recall.ai names. Events from a stranger that had claimed the bot are deleted.
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
