//! The demo: sample bots, a Recall.ai of its own on a free port, real webhooks to the real endpoint on another,
//! the real fetcher and engine, and the console as the chat. Nothing leaves the machine.

mod answers;
mod bots;
mod recall;
mod unasked;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::chat::arrival::{Arrival, Pressed, Reader, Wish};
use crate::chat::console::{Console, render};
use crate::chat::question::Question;
use crate::chat::{Chat, Destination, MessageId, Messenger, Messengers};
use crate::clock;
use crate::diagnosis::catalogue::Catalogue;
use crate::flow::Answering;
use crate::gate::Gate;
use crate::recall::{Fetcher, Limits, WorkspaceAccess};
use crate::service::Service;
use crate::simulate::{Answer, Part, Sender};
use crate::store::Store;

pub use answers::sample_bots;

/// The one channel there is.
const CHANNEL: &str = "recordings";
/// On a terminal, an alert arrives by itself after this time, and changes after as long again.
const UNASKED_AFTER: Duration = Duration::from_secs(6);
/// A message that counts is written again after this time.
const WRITTEN_AGAIN: SignedDuration = SignedDuration::from_secs(6);
/// Enough for a storm, and few enough to read.
const STORM: usize = 12;
const COMMAND: &str = "/why-no-recording";

/// A chat with the sample bots, until `quit` or the end of the input.
///
/// # Errors
/// Where the demo could not start, or the terminal is gone.
pub async fn chat() -> anyhow::Result<()> {
    let demo = Arc::new(Demo::start(anstream::stdout(), render::columns()).await?);
    demo.console
        .line(&format!("Sample bots. Type {COMMAND} and an id, the number of a button, or quit.\n"))?;
    for bot in bots::SAMPLES {
        demo.console.line(&format!("  {}  {}", bot.id, bot.about))?;
    }
    demo.console.line("")?;
    tokio::spawn({
        let demo = demo.clone();
        async move { demo.told_unasked().await }
    });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match (line.trim(), line.trim().parse()) {
            ("", _) => {}
            ("quit" | "exit", _) => break,
            (_, Ok(number)) => {
                if !demo.press(number).await? {
                    demo.console.line("There is no button with this number.")?;
                }
            }
            (text, Err(_)) => demo.ask(text.strip_prefix(COMMAND).unwrap_or(text)).await?,
        }
    }
    Ok(())
}

/// A short tour: a denied permission; a host who was there all the time; a bot that recorded after all; an alert
/// that arrives by itself, and a storm.
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
    demo.console.line(
        "\n4. Nobody asks. A bot has been in the waiting room for ten minutes, and the channel is told:\n",
    )?;
    for (number, part) in unasked::story("saved", 1).iter().enumerate() {
        if number == 1 {
            demo.console.line("\n   Somebody lets it in, and it records:\n")?;
        }
        demo.hear(part).await?;
    }
    demo.console.line("\n5. Twelve meetings fail at once, on Zoom's side. The third begins to count:\n")?;
    for part in unasked::story("storm", STORM) {
        demo.hear(&part).await?;
    }
    demo.console.line("\nRun it on a terminal to ask for yourself.")?;
    Ok(())
}

struct Demo<W> {
    service: Service,
    console: Arc<Console<W>>,
    /// Sends webhooks as Recall.ai does.
    sender: Sender,
    /// The sample bots are kept nowhere for longer than the demo.
    _folder: TempDir,
    asked: AtomicUsize,
}

impl<W: Write + Send + 'static> Demo<W> {
    async fn start(out: W, columns: usize) -> anyhow::Result<Self> {
        let base_url = recall::start(clock::now()).await.context("the demo needs a free port on loopback")?;
        let access = WorkspaceAccess {
            name: "demo".to_owned(),
            base_url: base_url.clone(),
            api_key: SecretString::from(recall::KEY.to_owned()),
        };
        let answering = Answering {
            fetcher: Fetcher::new(vec![access], Vec::new(), Limits::default())?,
            catalogue: Catalogue::embedded()?,
        };
        let folder =
            TempDir::with_prefix("why-no-recording-demo-").context("the demo needs a temporary folder")?;
        let database = format!("sqlite://{}", folder.path().join("demo.db").display());
        let store = Store::open(&database).await?;
        let console = Arc::new(Console::new(out, columns));
        let messengers = Messengers::from([(Chat::Console, console.clone() as Arc<dyn Messenger>)]);
        let key = unasked::key()?;
        let unasked = unasked::unasked(&base_url, &key, CHANNEL);
        let service = Service::new(store, answering, messengers, Gate::default(), unasked);
        let sender = unasked::listen(&service, key)?;
        Ok(Self { service, console, sender, _folder: folder, asked: AtomicUsize::new(0) })
    }

    async fn ask(&self, what: &str) -> anyhow::Result<()> {
        let (question, privately) = Question::parse_command(what);
        self.wish(Wish::Ask { question, privately }, None).await
    }

    async fn type_and_ask(&self, what: &str) -> anyhow::Result<()> {
        self.console.line(&format!("> {COMMAND} {what}\n"))?;
        self.ask(what).await
    }

    /// Presses a button of the last message that had any, if there is one with this number.
    async fn press(&self, number: usize) -> anyhow::Result<bool> {
        let Some((action, at, message)) = self.console.choice(number) else { return Ok(false) };
        self.wish(Wish::Press { action, on: Pressed::Posted(message) }, at.thread).await?;
        Ok(true)
    }

    /// Webhooks come, and what follows from them is said.
    async fn hear(&self, part: &Part) -> anyhow::Result<()> {
        for webhook in part.webhooks(clock::now()) {
            let Answer { status, words, .. } = self.sender.send(&webhook, clock::now()).await?;
            anyhow::ensure!(status.is_success(), "the endpoint of the demo answered {status}: {words}");
            self.service.settle(clock::now()).await?;
        }
        // A message that counts is written again after some seconds; nobody waits for them here.
        Ok(self.service.settle(clock::now() + WRITTEN_AGAIN).await?)
    }

    /// An alert that arrives by itself while somebody types, and resolves.
    async fn told_unasked(&self) -> anyhow::Result<()> {
        for part in unasked::story("saved", 1) {
            tokio::time::sleep(UNASKED_AFTER).await;
            self.console.line("")?;
            self.hear(&part).await?;
        }
        Ok(())
    }

    /// The road that every chat takes: into the inbox, answered, into the outbox, delivered.
    async fn wish(&self, wish: Wish, thread: Option<MessageId>) -> anyhow::Result<()> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let place = Destination { channel: CHANNEL.to_owned(), thread };
        let arrival = Arrival {
            delivery_id: format!("console:{number}"),
            chat: Chat::Console,
            at: clock::now(),
            reader: Reader { person: "you".to_owned(), place, handle: None },
            wish,
        };
        self.service.inbox.accept(&arrival).await?;
        Ok(self.service.settle(clock::now()).await?)
    }
}
