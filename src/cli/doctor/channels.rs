//! The channels that are checked: those of the settings, and some of the table's.

use crate::report::finding::Finding;
use crate::settings::Settings;
use crate::settings::channels::ChannelRow;
use crate::settings::process::read_channels;

/// Most channels of the table that are checked on each platform. Slack allows 50 such requests a minute, and an
/// operator waits for the result.
const OF_TABLE_MAX: usize = 20;

/// Adds the first channels of the table to those of the settings. Returns a remark about the others, if there are any.
pub(super) fn with_table(
    settings: &Settings,
    platform: &str,
    mut channels: Vec<(String, String)>,
    of_row: impl Fn(ChannelRow) -> Option<String>,
) -> (Vec<(String, String)>, Option<Finding>) {
    // Mistakes in the table are a finding of the settings.
    let rows = read_channels(settings).unwrap_or_default();
    let Some((file, _)) = settings.alerts.channels().filter(|_| !rows.is_empty()) else {
        return (channels, None);
    };
    let mut of_table: Vec<(u64, String)> = Vec::new();
    for row in rows {
        let line = row.line;
        of_table.extend(of_row(row).map(|channel| (line, channel)));
    }
    let mut known: std::collections::HashSet<String> =
        channels.iter().map(|(channel, _)| channel.clone()).collect();
    of_table.retain(|(_, channel)| known.insert(channel.clone()));
    let (all, file) = (of_table.len(), file.display());
    let first = of_table.into_iter().take(OF_TABLE_MAX);
    channels.extend(first.map(|(line, channel)| (channel, format!("{file}, line {line}"))));
    let rest = (all > OF_TABLE_MAX).then(|| {
        let words = format!(
            "only the first {OF_TABLE_MAX} of {all} channels were checked, because {platform} limits such requests. A \
             channel that refuses an alert is listed under Database"
        );
        Finding::skipped(format!("{platform} channels of {file}"), words)
    });
    (channels, rest)
}
