//! The channels that are checked: those of the settings, and some of the table's.
//!
//! Of the table's, only what is wrong has a line of its own. The others are one line together.

use std::collections::HashSet;

use crate::report::finding::{CheckStatus, Finding};
use crate::settings::Settings;
use crate::settings::channels::ChannelRow;
use crate::settings::process::read_channels;

/// Most channels of the table that are checked on each platform. Slack allows 50 such requests a minute, and an
/// operator waits for the result.
const OF_TABLE_MAX: usize = 20;

/// What was found about the channels of the table on one platform.
#[derive(Debug, Default)]
pub(super) struct TableChannels {
    /// The file, as it appears in the names of findings.
    file: String,
    /// How many there are, and how many of them are checked.
    all: usize,
    checked: usize,
    passed: usize,
    skipped: usize,
    /// Why the first of those was skipped.
    why: String,
}

impl TableChannels {
    /// Adds the first channels of the table to those of the settings.
    pub(super) fn add_to(
        channels: &mut Vec<(String, String)>,
        settings: &Settings,
        of_row: impl Fn(ChannelRow) -> Option<String>,
    ) -> Self {
        let Some((file, _)) = settings.alerts.channels() else { return Self::default() };
        let file = file.display().to_string();
        let mut known: HashSet<String> = channels.iter().map(|(channel, _)| channel.clone()).collect();
        let mut of_table = Vec::new();
        // Mistakes in the table are a finding of the settings.
        for row in read_channels(settings).unwrap_or_default() {
            let line = row.line;
            let channel = of_row(row).filter(|channel| known.insert(channel.clone()));
            of_table.extend(channel.map(|channel| (channel, format!("{file}, line {line}"))));
        }
        let all = of_table.len();
        channels.extend(of_table.into_iter().take(OF_TABLE_MAX));
        Self { file, all, checked: all.min(OF_TABLE_MAX), ..Self::default() }
    }

    /// Takes a finding. Returns it if it has a line of its own.
    pub(super) fn take(&mut self, finding: Finding) -> Option<Finding> {
        let is_of_table = self.all > 0 && finding.part.contains(&format!("({}, line ", self.file));
        match finding.status {
            _ if !is_of_table => return Some(finding),
            CheckStatus::Fail => return Some(finding),
            CheckStatus::Pass => self.passed += 1,
            CheckStatus::Skipped => {
                if self.skipped == 0 {
                    self.why = finding.words;
                }
                self.skipped += 1;
            }
        }
        None
    }

    /// Returns the line about those that have none of their own.
    pub(super) fn others(self, platform: &str) -> Option<Finding> {
        let Self { file, all, checked, passed, skipped, why } = self;
        let part = format!("{platform} channels of {file}");
        if skipped > 0 {
            return Some(Finding::skipped(part, format!("{skipped} of the first {checked} {why}")));
        }
        if all > checked {
            let words = format!(
                "{passed} of the first {checked} are fine. The other {} aren't checked, because {platform} limits such \
                 requests. One that refuses an alert is listed under Database",
                all - checked
            );
            return Some(Finding::skipped(part, words));
        }
        (passed > 0).then(|| Finding::pass(part, format!("{passed} of {all} are fine")))
    }
}
