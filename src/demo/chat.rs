//! The demo on a terminal: a small chat that receives two alerts by itself.

use std::io::Write;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tokio::time::{Instant, sleep_until};

use super::{COMMAND, Demo, alerts, bots};

/// Seconds before an alert arrives, and between its two changes; long enough to read the list.
pub const ALERT_AFTER: Duration = Duration::from_secs(6);

/// Runs a chat with the sample bots, until `quit` or the end of the input.
///
/// # Errors
/// Returns an error if the demo can't start, or its database, its port or the terminal fails.
pub async fn chat<R, W>(input: R, out: W, columns: usize, alert_after: Duration) -> anyhow::Result<()>
where
    R: AsyncBufRead + Unpin,
    W: Write + Send + 'static,
{
    let demo = Demo::start(out, columns).await?;
    demo.list()?;
    demo.console.say(
        "\nAn alert arrives by itself in a moment. You can ask about its bot too.\n\
         If it arrives while you type, keep typing.",
    )?;
    let mut lines = input.lines();
    let mut story = alerts::scenario("saved", 1).into_iter();
    // The host of this one allows it once somebody asks again.
    let mut declined = alerts::scenario("asked-again", 1).into_iter();
    let mut has_declined = false;
    let mut due = Instant::now() + alert_after;
    // One input or event is handled at a time, so that no alert is written into an answer.
    loop {
        demo.console.prompt()?;
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return demo.leave() };
                demo.console.entered();
                match line.trim() {
                    "" => {}
                    "quit" | "exit" => return Ok(()),
                    text => demo.enter(text).await?,
                }
            }
            () = sleep_until(due), if !has_declined => {
                if let Some(part) = story.next() {
                    demo.hear(&part).await?;
                } else if let Some(part) = declined.next() {
                    has_declined = true;
                    demo.console.say("\nAnother host has declined. Select [1] to ask once more.")?;
                    demo.hear(&part).await?;
                }
                due = Instant::now() + alert_after;
            }
            () = demo.recall.host_asked(), if has_declined => {
                for part in declined.by_ref() {
                    demo.hear(&part).await?;
                }
            }
        }
    }
}

impl<W: Write + Send + 'static> Demo<W> {
    /// Prints the samples, and how to ask about them.
    fn list(&self) -> anyhow::Result<()> {
        self.console.say(&format!(
            "Sample bots:\n\n{}\n\
             Ask about one by its number or ID: {COMMAND} 3, or 3 alone.\n\
             If an answer has buttons, their numbers come first: 1 alone selects [1].\n\
             Type help to see this again, or quit.",
            bots::listed()
        ))?;
        Ok(())
    }

    /// Handles an input: the number of a button, or a question.
    async fn enter(&self, text: &str) -> anyhow::Result<()> {
        if let Ok(number) = text.parse()
            && self.press(number).await?
        {
            return Ok(());
        }
        self.ask_about(text.strip_prefix(COMMAND).unwrap_or(text).trim()).await
    }

    /// Asks the app a question. Numbers of samples are replaced by their IDs.
    async fn ask_about(&self, what: &str) -> anyhow::Result<()> {
        match with_ids(what) {
            Ok(what) => self.ask(&what).await?,
            Err(number) => {
                let last = bots::SAMPLES.len();
                self.console.say(&format!(
                    "There is no button or sample bot {number}. The sample bots are 1 to {last}. Type help to list them."
                ))?;
            }
        }
        if matches!(what, "" | "help") {
            self.console.say("")?;
            self.list()?;
        }
        Ok(())
    }

    /// Ends the prompt's line, so that later output on the terminal starts below it.
    fn leave(&self) -> anyhow::Result<()> {
        Ok(self.console.say("")?)
    }
}

/// Replaces the numbers of samples in the input by their IDs.
///
/// # Errors
/// Returns a number that no sample has.
fn with_ids(what: &str) -> Result<String, &str> {
    let id = |word| match str::parse(word) {
        Ok(number) => bots::numbered(number).map(|sample| sample.id).ok_or(word),
        Err(_) => Ok(word),
    };
    what.split_whitespace().map(id).collect::<Result<Vec<_>, _>>().map(|words| words.join(" "))
}
