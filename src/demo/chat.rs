//! The demo on a terminal: a small chat, into which an alert comes by itself.

use std::io::Write;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tokio::time::{Instant, sleep_until};

use super::{COMMAND, Demo, alerts, bots};

/// An alert arrives by itself after this time, and changes after as long again, twice: time to read the list.
pub const ALERT_AFTER: Duration = Duration::from_secs(6);

/// A chat with the sample bots, until `quit` or the end of the input.
///
/// # Errors
/// Where the demo could not start, its database or its port is gone, or the terminal is.
pub async fn chat<R, W>(input: R, out: W, columns: usize, alert_after: Duration) -> anyhow::Result<()>
where
    R: AsyncBufRead + Unpin,
    W: Write + Send + 'static,
{
    let demo = Demo::start(out, columns).await?;
    demo.console
        .say(&format!("Sample bots. Type {COMMAND} and an id, the number of a button, or quit.\n"))?;
    for bot in bots::SAMPLES {
        demo.console.say(&format!("  {}  {}", bot.id, bot.about))?;
    }
    demo.console.say(
        "\nAn alert comes by itself in a moment, and you can ask about its bot as well.\n\
         What you are typing meanwhile still counts.",
    )?;
    let mut lines = input.lines();
    let mut story = alerts::scenario("saved", 1).into_iter();
    let mut due = Instant::now() + alert_after;
    // One thing after the other, so that nothing is written into an answer.
    loop {
        demo.console.prompt()?;
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return demo.leave() };
                demo.console.entered();
                match (line.trim(), line.trim().parse()) {
                    ("", _) => {}
                    ("quit" | "exit", _) => return Ok(()),
                    (_, Ok(number)) => demo.choose(number).await?,
                    (text, Err(_)) => demo.ask(text.strip_prefix(COMMAND).unwrap_or(text)).await?,
                }
            }
            () = sleep_until(due), if story.len() > 0 => {
                if let Some(part) = story.next() {
                    demo.hear(&part).await?;
                }
                due = Instant::now() + alert_after;
            }
        }
    }
}

impl<W: Write + Send + 'static> Demo<W> {
    async fn choose(&self, number: usize) -> anyhow::Result<()> {
        if !self.press(number).await? {
            self.console.say("There is no button with this number.")?;
        }
        Ok(())
    }

    /// The input ended behind the prompt, and whatever comes next on the terminal begins below it.
    fn leave(&self) -> anyhow::Result<()> {
        Ok(self.console.say("")?)
    }
}
