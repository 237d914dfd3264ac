//! Which bots the texts of rows name, so that [`super::Store::forget`] finds the rows without reading all texts.
//!
//! The texts aren't interpreted: a bot ID is recognised by its shape.

use super::StoreError;
use super::database::Transaction;
use crate::diagnosis::bot_id::BotId;

/// The tables whose texts are looked through. As each is called in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Inbox,
    Audit,
    Webhooks,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Audit => "audit",
            Self::Webhooks => "webhooks",
        }
    }
}

/// Writes down which bots the texts of some rows name. Rows that were there already are passed over.
pub(super) async fn insert(
    transaction: &mut Transaction,
    kind: Kind,
    rows: &[(&str, &str)],
) -> Result<(), StoreError> {
    let named: Vec<(String, &str)> = rows
        .iter()
        .flat_map(|(id, text)| BotId::find_all(text).into_iter().map(|bot| (bot.to_string(), *id)))
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO mentions (bot, kind, row_id) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING";
    let rows: Vec<_> = named.iter().map(|(bot, id)| (bot, kind.as_str(), id)).collect();
    transaction.execute_each(sql, &rows).await?;
    Ok(())
}

/// Forgets which bots these rows name, since the rows or their texts are gone.
pub(super) async fn delete(
    transaction: &mut Transaction,
    kind: Kind,
    row_ids: &[String],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM mentions WHERE (kind, row_id) IN (
                 SELECT value ->> 0, value ->> 1 FROM json_each($1))";
    let rows: Vec<_> = row_ids.iter().map(|id| (kind.as_str(), id)).collect();
    transaction.execute_each(sql, &rows).await?;
    Ok(())
}
