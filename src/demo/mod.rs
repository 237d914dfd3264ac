//! The demo: sample bots, a Recall.ai of its own on a free port, real webhooks to the real endpoint on another,
//! the real fetcher and engine, and the console as the chat. Nothing leaves the machine.

mod answers;
mod bots;
mod chat;
mod recall;
mod tour;
mod unasked;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use secrecy::SecretString;
use tempfile::TempDir;

use crate::chat::arrival::{Arrival, Pressed, Reader, Wish};
use crate::chat::console::Console;
use crate::chat::question::Question;
use crate::chat::{Chat, Destination, MessageId, Messenger, Messengers};
use crate::clock;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::vocabulary::ParticipantNames;
use crate::flow::Answering;
use crate::gate::Gate;
use crate::recall::{Fetcher, Limits, WorkspaceAccess};
use crate::service::Service;
use crate::simulate::{Answer, Part, Sender};
use crate::store::Store;
use recall::Recall;

pub use answers::sample_bots;
pub use chat::{UNASKED_AFTER, chat};
pub use tour::tour;

/// The one channel there is.
const CHANNEL: &str = "recordings";
/// A message that counts is written again after this time.
const WRITTEN_AGAIN: SignedDuration = SignedDuration::from_secs(6);
const COMMAND: &str = "/why-no-recording";

struct Demo<W> {
    service: Service,
    console: Arc<Console<W>>,
    recall: Recall,
    /// Sends webhooks as Recall.ai does.
    sender: Sender,
    /// The sample bots are kept nowhere for longer than the demo.
    _folder: TempDir,
    asked: AtomicUsize,
}

impl<W: Write + Send + 'static> Demo<W> {
    async fn start(out: W, columns: usize) -> anyhow::Result<Self> {
        let recall = Recall::start(clock::now()).await.context("the demo needs a free port on loopback")?;
        let access = WorkspaceAccess {
            name: "demo".to_owned(),
            base_url: recall.base_url.clone(),
            api_key: SecretString::from(recall::KEY.to_owned()),
        };
        // Whoever asks about an alert that has just changed is told what it says, and not what was so before.
        let limits = Limits { answers_kept_for: Duration::ZERO, ..Limits::default() };
        let answering = Answering {
            fetcher: Fetcher::new(vec![access], Vec::new(), limits)?,
            catalogue: Catalogue::embedded()?,
            participant_names: ParticipantNames::Off,
        };
        let folder =
            TempDir::with_prefix("why-no-recording-demo-").context("the demo needs a temporary folder")?;
        let database = format!("sqlite://{}", folder.path().join("demo.db").display());
        let store = Store::open(&database).await?;
        let console = Arc::new(Console::new(out, columns));
        let messengers = Messengers::from([(Chat::Console, console.clone() as Arc<dyn Messenger>)]);
        let key = unasked::key()?;
        let unasked = unasked::unasked(&recall.base_url, &key, CHANNEL);
        let service = Service::new(store, answering, messengers, Gate::default(), unasked);
        let sender = unasked::listen(&service, key)?;
        Ok(Self { service, console, recall, sender, _folder: folder, asked: AtomicUsize::new(0) })
    }

    async fn ask(&self, what: &str) -> anyhow::Result<()> {
        let (question, privately) = Question::parse_command(what);
        self.wish(Wish::Ask { question, privately }, None).await
    }

    async fn type_and_ask(&self, what: &str) -> anyhow::Result<()> {
        self.console.say(&format!("> {COMMAND} {what}\n"))?;
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
            self.recall.learn(&webhook);
            let Answer { status, words, .. } = self.sender.send(&webhook, clock::now()).await?;
            anyhow::ensure!(status.is_success(), "the endpoint of the demo answered {status}: {words}");
            self.service.settle(clock::now()).await?;
        }
        // A message that counts is written again after some seconds; nobody waits for them here.
        Ok(self.service.settle(clock::now() + WRITTEN_AGAIN).await?)
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
