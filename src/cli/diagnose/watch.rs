//! `diagnose --watch`: fetches one bot repeatedly until it has ended.

use std::io::{self, Write};
use std::time::Duration;

use anstyle::Style;
use jiff::Timestamp;

use crate::recall::FetchError;
use crate::report::Report;
use crate::retry::Retry;

const FAINT: Style = Style::new().dimmed();

/// The pauses between fetches. Recall.ai allows 300 requests a minute to a whole workspace, and asks not to
/// be polled, so the pauses grow while nothing changes.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    /// The pause after a change.
    pub first: Duration,
    /// The longest pause, unless Recall.ai asks for a longer one.
    pub longest: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { first: Duration::from_secs(15), longest: Duration::from_secs(60) }
    }
}

/// The reason why a bot is no longer followed.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Recall.ai sent an error that a retry does not change.
    #[error(transparent)]
    Refused(FetchError),
    /// A line could not be written.
    #[error(transparent)]
    NotWritten(#[from] io::Error),
}

/// A bot that is followed.
#[derive(Debug)]
pub struct Watch<W> {
    out: W,
    pauses: Pauses,
    last: Option<Report>,
    /// `true` if Recall.ai did not respond to the last request, and the failure was printed.
    unanswered: bool,
}

impl<W: Write> Watch<W> {
    /// Creates a watch that writes lines to `out`.
    pub const fn new(out: W, pauses: Pauses) -> Self {
        Self { out, pauses, last: None, unanswered: false }
    }

    /// Returns the last report.
    #[must_use]
    pub const fn last(&self) -> Option<&Report> {
        self.last.as_ref()
    }

    /// Fetches the bot until nothing can change any more. Writes a line with the time for each change of the
    /// outcome, the cause or the status. May be dropped at any time; [`Self::last`] stays.
    ///
    /// # Errors
    /// Returns [`WatchError::Refused`] if a retry cannot help, and [`WatchError::NotWritten`] if a line could
    /// not be written. If Recall.ai cannot be reached, this is printed once, and is not an error.
    pub async fn until_it_ends<A, N>(&mut self, ask: A, now: N) -> Result<(), WatchError>
    where
        A: AsyncFn(Timestamp) -> Result<Report, FetchError>,
        N: Fn() -> Timestamp,
    {
        let mut pause = self.pauses.first;
        loop {
            let asked_for = match ask(now()).await {
                Ok(report) => {
                    if self.learn(report, now())? {
                        pause = self.pauses.first;
                    }
                    if self.last.as_ref().is_some_and(|report| !report.can_change) {
                        return Ok(());
                    }
                    Duration::ZERO
                }
                Err(error) if self.ends_with(&error) => return Err(WatchError::Refused(error)),
                Err(error) => {
                    self.miss(&error, now())?;
                    asked_pause(&error)
                }
            };
            tokio::time::sleep(pause.max(asked_for)).await;
            pause = (pause * 2).min(self.pauses.longest);
        }
    }

    /// Stores the report. Returns `true` if the bot's state has changed.
    fn learn(&mut self, report: Report, at: Timestamp) -> io::Result<bool> {
        if std::mem::take(&mut self.unanswered) {
            self.line(at, "Recall.ai answers again.")?;
        }
        let changed = self.last.as_ref().is_none_or(|last| state(last) != state(&report));
        if changed {
            let status = report.evidence.last().map(|line| format!("{}  ", line.code)).unwrap_or_default();
            self.line(at, &format!("{status}{}: {}", report.outcome_words(), report.title))?;
        }
        self.last = Some(report);
        Ok(changed)
    }

    fn miss(&mut self, error: &FetchError, at: Timestamp) -> io::Result<()> {
        if std::mem::replace(&mut self.unanswered, true) {
            return Ok(());
        }
        self.line(at, &format!("Recall.ai does not answer ({error}). Still trying."))
    }

    fn line(&mut self, at: Timestamp, words: &str) -> io::Result<()> {
        let at = at.strftime("%H:%M:%S");
        writeln!(self.out, "{FAINT}{at} UTC{FAINT:#}  {words}")?;
        self.out.flush()
    }

    /// Returns `true` if a retry cannot help. A workspace that has responded once may do so again.
    fn ends_with(&self, error: &FetchError) -> bool {
        let garbled = matches!(
            error,
            FetchError::Unreadable { .. } | FetchError::Unexpected { .. } | FetchError::TooLarge { .. }
        );
        error.retry() == Retry::Never && !(garbled && self.last.is_some())
    }
}

/// Returns how long Recall.ai asks to wait.
fn asked_pause(error: &FetchError) -> Duration {
    match error.retry() {
        Retry::After(pause) => pause,
        Retry::Now | Retry::Backoff | Retry::Never => Duration::ZERO,
    }
}

/// Returns the parts of a report whose change is worth a line.
fn state(report: &Report) -> (&'static str, &str, Option<(&str, Option<&str>)>) {
    let status = report.evidence.last().map(|line| (line.code.as_str(), line.sub_code.as_deref()));
    (report.outcome.as_str(), &report.cause, status)
}
