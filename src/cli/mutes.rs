//! `mutes`: lists what is muted, and ends a mute.

use std::path::Path;

use super::database::Access;
use super::{CommandError, database, settings};
use crate::muting::{Ender, end_in, facts_of};
use crate::report::format_utc;
use crate::store::{MuteRow, Store, StoreError};
use crate::{clock, mutes};

/// Most mutes that are listed.
const LISTED_MAX: i64 = 200;

#[derive(Debug, clap::Subcommand)]
pub(super) enum MutesCommand {
    /// List active mutes
    #[command(after_help = "Example:\n  why-no-recording mutes list")]
    List,
    /// End a mute before its time
    #[command(
        after_help = "The running service says so in the channel.\n\nExample:\n  why-no-recording mutes end 3f2b8c1e7a"
    )]
    End {
        /// ID from `mutes list`
        id: String,
    },
}

pub(super) fn run(command: &MutesCommand, config: Option<&Path>) -> Result<String, CommandError> {
    let url = settings(config)?.database.url;
    let access = match command {
        MutesCommand::List => Access::Read,
        MutesCommand::End { .. } => Access::Write,
    };
    database::answer(&url, access, async |store| answer(command, store).await)
}

async fn answer(command: &MutesCommand, store: &Store) -> Result<String, CommandError> {
    match command {
        MutesCommand::List => {
            let mutes = store.mutes_in(None, clock::now(), LISTED_MAX).await.map_err(anyhow::Error::from)?;
            Ok(if mutes.is_empty() { "Nothing is muted.\n".to_owned() } else { table(&mutes) })
        }
        MutesCommand::End { id } => {
            let ended = end(store, id).await.map_err(anyhow::Error::from)?;
            let ended = ended.ok_or_else(|| {
                anyhow::anyhow!("There is no active mute {id}. Run `mutes list` to see the IDs.")
            })?;
            Ok(format!("Ended. The running service will say so in {}.\n", ended.channel))
        }
    }
}

async fn end(store: &Store, id: &str) -> Result<Option<MuteRow>, StoreError> {
    let Ok(id) = id.parse::<mutes::MuteId>() else { return Ok(None) };
    let mut tx = store.begin_alerts().await?;
    let ended = end_in(&mut tx, id.as_str(), None, Ender::Terminal, clock::now()).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Returns one line for each mute, in columns.
fn table(mutes: &[MuteRow]) -> String {
    let width =
        |of: fn(&MuteRow) -> &str| mutes.iter().map(|mute| of(mute).chars().count()).max().unwrap_or(0);
    let (channels, authors) = (width(|mute| &mute.channel), width(|mute| &mute.author));
    let line = |mute: &MuteRow| {
        let reason = mute.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!(
            "{}  until {} UTC  {:channels$}  by {:authors$}  {}{reason}\n",
            mute.id,
            format_utc(mute.ends_at),
            mute.channel,
            mute.author,
            facts_of(mute).muted.words()
        )
    };
    mutes.iter().map(line).collect()
}
