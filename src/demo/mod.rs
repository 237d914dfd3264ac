//! The demo: sample bots, the real fetcher and engine, and the console as the chat. Its own Recall.ai is on a
//! free port, and sends real webhooks to the real endpoint on another port. Nothing leaves the machine.

mod alerts;
mod answers;
mod bots;
mod chat;
mod recall;
mod tour;

use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use secrecy::SecretString;
use tempfile::TempDir;

use crate::answer::Answerer;
use crate::chat::console::{Console, render};
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind, Requester};
use crate::chat::question::Question;
use crate::chat::{Chat, Destination, MessageId, Messenger, Messengers};
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::vocabulary::ParticipantNames;
use crate::pages::Pages;
use crate::recall::{ClientConfig, Fetcher, WorkspaceAccess};
use crate::report::language::Language;
use crate::rescue::Mode;
use crate::rights::{ActingList, Rights, Rules};
use crate::service::Service;
use crate::simulate::{Answer, Sender, Step};
use crate::store::Store;
use crate::{clock, listener};
use recall::Recall;

pub use answers::sample_bots;
pub use chat::{ALERT_AFTER, chat};
pub use tour::tour;

/// The only channel.
const CHANNEL: &str = "recordings";
/// Seconds after which a group message is updated.
const WRITTEN_AGAIN: SignedDuration = SignedDuration::from_secs(6);
/// The person in front of the terminal, who may do everything.
const PERSON: &str = "You";
const COMMAND: &str = "/why-no-recording";

struct Demo<W> {
    service: Service,
    console: Arc<Console<W>>,
    recall: Recall,
    /// Sends webhooks in Recall.ai's format.
    sender: Sender,
    /// Where the pages for hosts are.
    public_url: String,
    /// The width of the terminal.
    columns: usize,
    /// The folder of the database, deleted when the demo ends.
    _folder: TempDir,
    asked: AtomicUsize,
}

impl<W: Write + Send + 'static> Demo<W> {
    async fn start(out: W, columns: usize) -> anyhow::Result<Self> {
        let recall = Recall::start(clock::now()).await.context("the demo needs a free port on loopback")?;
        let listener = listener::bind((Ipv4Addr::LOCALHOST, 0).into())
            .context("the demo needs a free port on loopback")?;
        let public_url = format!("http://{}", listener.local_addr()?);
        let access = WorkspaceAccess {
            name: "demo".to_owned(),
            base_url: recall.base_url.clone(),
            api_key: SecretString::from(recall::KEY.to_owned()),
        };
        // Responses are not cached, so that a question about an alert that has changed gets the current
        // state.
        let limits = ClientConfig { answers_kept_for: Duration::ZERO, ..ClientConfig::default() };
        let answerer = Answerer {
            fetcher: Fetcher::new(vec![access], Vec::new(), limits)?,
            catalogue: Catalogue::embedded()?,
            pages: Pages::shared()?,
            participant_names: ParticipantNames::Off,
            public_url: Some(public_url.clone()),
            rescue: Mode::Button,
        };
        let folder =
            TempDir::with_prefix("why-no-recording-demo-").context("the demo needs a temporary folder")?;
        let database = format!("sqlite://{}", folder.path().join("demo.db").display());
        let store = Store::open(&database).await?;
        let console = Arc::new(Console::new(out, columns));
        let messengers = Messengers::from([(Chat::Console, console.clone() as Arc<dyn Messenger>)]);
        let key = alerts::key()?;
        let alerts = alerts::alerts(&recall.base_url, &key, CHANNEL);
        let act = ActingList { users: [PERSON.to_owned()].into(), ..ActingList::default() };
        let rights = Rights::new([(Chat::Console, Rules { act, ..Rules::default() })]);
        let service = Service::new(store, answerer, messengers, rights, alerts);
        let sender = alerts::serve(&service, listener, &public_url, key)?;
        let asked = AtomicUsize::new(0);
        Ok(Self { service, console, recall, sender, public_url, columns, _folder: folder, asked })
    }

    async fn ask(&self, what: &str) -> anyhow::Result<()> {
        let (question, privately) = Question::parse_command(what);
        self.kind(InteractionKind::Ask { question, privately }, None).await
    }

    async fn type_and_ask(&self, what: &str) -> anyhow::Result<()> {
        self.console.say(&format!("> {COMMAND} {what}\n"))?;
        self.ask(what).await
    }

    /// Selects the button with this number in the last message that had buttons, if there is one.
    async fn press(&self, number: usize) -> anyhow::Result<bool> {
        let Some((action, at, message)) = self.console.choice(number) else { return Ok(false) };
        self.kind(InteractionKind::Press { action, on: ButtonOn::Posted(message) }, at.thread).await?;
        Ok(true)
    }

    /// Opens a page for hosts as a browser does, and writes its words, since a terminal can't show it.
    async fn open_page(&self, cause: &str, language: Language) -> anyhow::Result<()> {
        let address = format!("{}/h/{cause}?lang={language}", self.public_url);
        reqwest::get(&address).await?.error_for_status()?;
        let Answerer { catalogue, pages, .. } = self.service.answerer.as_ref();
        let cause = catalogue.by_id(cause).context("the catalogue has the demo's causes")?;
        let words = pages.explanation(cause, language).context("the demo's page is translated")?;
        self.console.say(&format!("> {address}\n\n{}", render::explanation(&words, self.columns)))?;
        Ok(())
    }

    /// Sends the webhooks of a step, and waits until the alerts that follow are delivered.
    async fn hear(&self, part: &Step) -> anyhow::Result<()> {
        for webhook in part.webhooks(clock::now()) {
            self.recall.learn(&webhook);
            let Answer { status, words, .. } = self.sender.send(&webhook, clock::now()).await?;
            anyhow::ensure!(status.is_success(), "the endpoint of the demo answered {status}: {words}");
            self.service.wait_until_idle(clock::now()).await?;
        }
        // A group message is updated after some seconds. The time is moved ahead, so that the demo does not
        // wait.
        Ok(self.service.wait_until_idle(clock::now() + WRITTEN_AGAIN).await?)
    }

    /// Takes an interaction along the path of every chat: into the inbox, answered, into the outbox, delivered.
    async fn kind(&self, kind: InteractionKind, thread: Option<MessageId>) -> anyhow::Result<()> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let place = Destination { channel: CHANNEL.to_owned(), thread };
        let interaction = Interaction {
            delivery_id: format!("console:{number}"),
            chat: Chat::Console,
            at: clock::now(),
            requester: Requester::new(PERSON.to_owned(), place),
            kind,
        };
        self.service.inbox.accept(&interaction).await?;
        Ok(self.service.wait_until_idle(clock::now()).await?)
    }
}
