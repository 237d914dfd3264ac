//! `doctor`: checks the setup with every service that takes part, and prints each finding as soon as it is
//! made.

mod channels;
mod digest;
mod discord;
mod recall;
mod rescue;
mod signatures;
mod slack;
mod stored;

use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{CommandError, nobody_reads, runtime, settings, spinner};
use crate::clock;
use crate::report::finding::{CheckStatus, Finding};
use crate::settings::Settings;
use crate::settings::process::read_channels;

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const BOLD: Style = Style::new().bold();

pub(super) fn run(config: Option<&Path>) -> Result<String, CommandError> {
    let settings = settings(config)?;
    let counted = runtime()?.block_on(examine(&settings, anstream::stdout()));
    match counted.map_err(anyhow::Error::from) {
        Ok(count) if count.failed > 0 => Err(CommandError::ChecksFailed(count.in_words())),
        Ok(count) => Ok(count.in_words()),
        Err(error) if nobody_reads(&error) => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}

/// Runs all checks concurrently. Lines always have the same order; each is printed once those above it are
/// complete.
async fn examine(settings: &Settings, out: impl Write) -> io::Result<Count> {
    let mut sections = Vec::new();
    let mut section = |title| {
        let (found, findings) = unbounded_channel();
        sections.push(Section { title, findings });
        Found(found)
    };
    let now = clock::now();
    let checks = (
        complete(settings, section("Settings")),
        recall::examine(settings, section("Recall.ai")),
        slack::examine(settings, now, section("Slack")),
        discord::examine(settings, now, section("Discord")),
        stored::examine(settings, now, section("Database")),
        rescue::examine(settings, now, section("Asking again in a meeting")),
        section("Digest"),
    );
    let (own, recall, slack, discord, stored, rescue, weekly) = checks;
    digest::examine(settings, now, &weekly);
    drop(weekly);
    let made = async {
        tokio::join!(own, recall, slack, discord, stored, rescue);
        Ok(())
    };
    // If the output is closed, the checks are cancelled.
    let (count, ()) = tokio::try_join!(print(sections, out), made)?;
    Ok(count)
}

/// Checks that belong together. A section ends when the last of them is complete.
struct Section {
    title: &'static str,
    findings: UnboundedReceiver<Finding>,
}

/// Collects the findings of a section.
struct Found(UnboundedSender<Finding>);

impl Found {
    fn tell(&self, finding: Finding) {
        // If the printer has ended, these checks end with it.
        let _ = self.0.send(finding);
    }
}

async fn complete(settings: &Settings, found: Found) {
    found.tell(match settings.ready_to_serve().and_then(|()| read_channels(settings).map(drop)) {
        Ok(()) => Finding::pass("Settings", "complete"),
        Err(problems) => Finding::fail("Settings", problems.to_string()),
    });
}

async fn print(sections: Vec<Section>, mut out: impl Write) -> io::Result<Count> {
    let mut count = Count::default();
    for Section { title, mut findings } in sections {
        let mut is_first = true;
        let next = async |findings: &mut UnboundedReceiver<Finding>| {
            spinner::during(format!("Checking {title}"), async |_| findings.recv().await).await
        };
        while let Some(finding) = next(&mut findings).await {
            if std::mem::take(&mut is_first) {
                let space = if count.all > 0 { "\n" } else { "" };
                writeln!(out, "{space}{BOLD}{title}{BOLD:#}")?;
            }
            count.add(finding.status);
            out.write_all(line(&finding).as_bytes())?;
            out.flush()?;
        }
    }
    Ok(count)
}

fn line(finding: &Finding) -> String {
    let (style, word) = match finding.status {
        CheckStatus::Pass => (GREEN, "ok"),
        CheckStatus::Fail => (RED, "FAIL"),
        CheckStatus::Skipped => (YELLOW, "?"),
    };
    format!("{style}{word:<4}{style:#}  {}: {}\n", finding.part, finding.words)
}

/// Returns a time as `18 Nov at 10:00 UTC`. Stored times are rarely older than a month.
fn day_and_time(at: Timestamp) -> String {
    at.strftime("%-d %b at %H:%M UTC").to_string()
}

/// The results of the checks.
#[derive(Debug, Default)]
struct Count {
    all: usize,
    failed: usize,
    skipped: usize,
}

impl Count {
    fn add(&mut self, status: CheckStatus) {
        self.all += 1;
        match status {
            CheckStatus::Pass => {}
            CheckStatus::Fail => self.failed += 1,
            CheckStatus::Skipped => self.skipped += 1,
        }
    }

    /// Returns the last line, below a blank one.
    fn in_words(&self) -> String {
        let Self { all, failed, skipped } = self;
        let passed = all - failed - skipped;
        let words = match (failed, skipped) {
            (0, 0) => format!("All {all} checks passed."),
            (0, _) => {
                let checks = if passed == 1 { "check" } else { "checks" };
                format!("{passed} {checks} passed; check {skipped} yourself (marked ?).")
            }
            (_, 0) => format!("{failed} of {all} checks failed."),
            (_, _) => format!("{failed} of {all} checks failed; check {skipped} yourself (marked ?)."),
        };
        format!("\n{words}\n")
    }
}
