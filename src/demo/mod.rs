//! The demo: sample bots, a Recall.ai of its own on a free port, the real fetcher and engine, and the
//! console as the chat. Nothing leaves the machine.

mod answers;
mod bots;
mod recall;

use std::io::Write;

use anyhow::Context;
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::chat::Destination;
use crate::chat::console::{Console, render};
use crate::chat::question::Question;
use crate::clock;
use crate::diagnosis::catalogue::Catalogue;
use crate::flow::Answering;
use crate::recall::{Fetcher, Limits, WorkspaceAccess};

pub use answers::sample_bots;

const COMMAND: &str = "/why-no-recording";

/// A chat with the sample bots, until `quit` or the end of the input.
///
/// # Errors
/// Where the demo could not start, or the terminal is gone.
pub async fn chat() -> anyhow::Result<()> {
    let demo = Demo::start(anstream::stdout(), render::columns()).await?;
    demo.console
        .line(&format!("Sample bots. Type {COMMAND} and an id, the number of a button, or quit.\n"))?;
    for bot in bots::SAMPLES {
        demo.console.line(&format!("  {}  {}", bot.id, bot.about))?;
    }
    demo.console.line("")?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.trim() {
            "" => {}
            "quit" | "exit" => break,
            number if number.parse::<usize>().is_ok() => {
                let number = number.parse().unwrap_or_default();
                if !demo.press(number).await? {
                    demo.console.line("There is no button with this number.")?;
                }
            }
            text => demo.ask(text.strip_prefix(COMMAND).unwrap_or(text)).await?,
        }
    }
    Ok(())
}

/// A short tour: a denied permission; a host who was there all the time; a bot that recorded after all.
///
/// # Errors
/// Where the demo could not start, or nobody reads what it writes.
pub async fn tour() -> anyhow::Result<()> {
    let demo = Demo::start(anstream::stdout(), render::columns()).await?;
    demo.console.line("1. A bot came back without a recording. Support asks why.\n")?;
    demo.type_and_ask(bots::DENIED).await?;
    demo.console
        .line("\n2. This one was in the call for an hour. \"But the host was there all the time!\"\n")?;
    demo.type_and_ask(bots::HOST_NOT_SEEN).await?;
    demo.console.line("\n> 1\n")?;
    demo.press(1).await?;
    demo.console.line("\n3. And this one recorded after all.\n")?;
    demo.type_and_ask(bots::RECORDED).await?;
    demo.console.line("\nRun it on a terminal to ask for yourself.")?;
    Ok(())
}

struct Demo<W> {
    answering: Answering,
    console: Console<W>,
    channel: Destination,
}

impl<W: Write + Send> Demo<W> {
    async fn start(out: W, columns: usize) -> anyhow::Result<Self> {
        let base_url = recall::start(clock::now()).await.context("the demo needs a free port on loopback")?;
        let access = WorkspaceAccess {
            name: "demo".to_owned(),
            base_url,
            api_key: SecretString::from(recall::KEY.to_owned()),
        };
        Ok(Self {
            answering: Answering {
                fetcher: Fetcher::new(vec![access], Vec::new(), Limits::default())?,
                catalogue: Catalogue::embedded()?,
            },
            console: Console::new(out, columns),
            channel: Destination { channel: "recordings".to_owned(), thread: None },
        })
    }

    async fn ask(&self, what: &str) -> anyhow::Result<()> {
        let question = Question::parse(what);
        Ok(self.answering.answer(&question, &self.channel, &self.console, clock::now()).await?)
    }

    async fn type_and_ask(&self, what: &str) -> anyhow::Result<()> {
        self.console.line(&format!("> {COMMAND} {what}\n"))?;
        self.ask(what).await
    }

    /// Presses a button of the last message that had any, if there is one with this number.
    async fn press(&self, number: usize) -> anyhow::Result<bool> {
        let Some((action, at, message)) = self.console.choice(number) else { return Ok(false) };
        self.answering.act(action, (&at, &message), "you", &self.console, clock::now()).await?;
        Ok(true)
    }
}
