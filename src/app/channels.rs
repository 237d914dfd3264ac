//! The table of channels: built at the start, and read again on SIGHUP.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::signals::Hangups;
use super::supervise::{Handle, Supervisor, Task};
use super::watch::channels;
use crate::alerts::channel_table::{ChannelTable, TableRow};
use crate::clock;
use crate::report::format_utc;
use crate::settings::Settings;
use crate::settings::channels::ChannelRow;
use crate::settings::problem::Problems;
use crate::settings::process::read_channels;
use crate::watch::Watch;

/// Builds the table from its rows.
pub(super) fn table(settings: &Settings, rows: Vec<ChannelRow>) -> ChannelTable {
    let Some((_, key)) = settings.alerts.channels() else { return ChannelTable::default() };
    let rows = rows.into_iter().map(|row| {
        let channels = channels(row.slack_channel.as_deref(), row.discord_channel.as_deref());
        (row.value, TableRow { channels, mention: row.mention })
    });
    ChannelTable::new(key.to_owned(), rows)
}

/// Listens for SIGHUP if there is a table. Without one, the signal ends the process, as it does by default.
pub(super) fn hangups(settings: &Settings) -> io::Result<Option<Hangups>> {
    settings.alerts.channels().map(|_| Hangups::new()).transpose()
}

/// Reads the table again on each SIGHUP. A table with a mistake changes nothing.
pub(super) fn start(
    settings: &Settings,
    hangups: Option<Hangups>,
    watch: &Arc<Watch>,
    supervisor: &Supervisor,
) {
    let Some(hangups) = hangups else { return };
    let (settings, watch) = (Arc::new(settings.clone()), watch.clone());
    let first = Mutex::new(Some(hangups));
    supervisor.keep(Task::optional("channels file"), move |task| {
        let (settings, watch) = (settings.clone(), watch.clone());
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            let mut hangups = first.map_or_else(Hangups::new, Ok)?;
            while task.stop.run_until_cancelled(hangups.next()).await.is_some() {
                let own = settings.clone();
                let read =
                    tokio::task::spawn_blocking(move || read_channels(&own).map(|rows| table(&own, rows)));
                replace(read.await.map_err(io::Error::other)?, &watch, &task);
            }
            Ok::<(), io::Error>(())
        }
    });
}

fn replace(read: Result<ChannelTable, Problems>, watch: &Watch, task: &Handle) {
    match read {
        Ok(table) => {
            let rows = table.len();
            watch.replace_channel_table(table);
            task.trouble(None);
            tracing::info!(rows, "Channels file reloaded.");
        }
        Err(problems) => {
            tracing::error!(error = %problems, "Channels file not reloaded; the earlier table is still used.");
            task.trouble(Some(trouble(&problems)));
        }
    }
}

/// The first mistake. The log and `config check` have all of them.
fn trouble(problems: &Problems) -> String {
    let first = problems.0.first().map(ToString::to_string).unwrap_or_default();
    let more = match problems.0.len() {
        0 | 1 => "",
        _ => " `config check` lists the others.",
    };
    format!(
        "not reloaded at {} UTC, the earlier table is still used. {first}{more}",
        format_utc(clock::now())
    )
}
