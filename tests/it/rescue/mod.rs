//! Asking again while the meeting runs: a person, the service, Recall.ai and a host, on a clock that is moved by hand.

mod automatic;
mod broken;
mod button;
mod offers;
mod orders;
mod serving;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use why_no_recording::answer::Answerer;
use why_no_recording::chat::action::{Action, Decision};
use why_no_recording::chat::interaction::{ButtonOn, Interaction, InteractionKind, Requester};
use why_no_recording::chat::{Chat, Destination, Message, MessageId, Messenger, Messengers};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::pages::Pages;
use why_no_recording::recall::{ClientConfig, Fetcher, WorkspaceAccess};
use why_no_recording::report::alert::{BodyLine, Span};
use why_no_recording::report::rescue::{Preview, RescueButton, RescueCard};
use why_no_recording::rescue::Mode;
use why_no_recording::rights::{ActingList, Rights, Rules};
use why_no_recording::service::Service;
use why_no_recording::store::Store;

use crate::alerts::{alerts, at, bot, key, limits, signed, status};
use crate::world::board::{Board, Said};
use crate::world::databases::Place as DatabasePlace;
use crate::world::recall::meeting::Place;
use crate::world::recall::{FakeRecall, KEY};

/// The service, a chat, a Recall.ai whose meetings keep time, and a clock.
pub struct Stage {
    pub service: Service,
    pub recall: Arc<FakeRecall>,
    pub board: Arc<Board>,
    place: Arc<DatabasePlace>,
    mode: Mode,
    now: Arc<AtomicI64>,
    delivered: Arc<AtomicUsize>,
}

impl Stage {
    pub async fn new(mode: Mode) -> Self {
        Self::on(DatabasePlace::sqlite(), mode).await
    }

    pub async fn on(place: DatabasePlace, mode: Mode) -> Self {
        let recall = Arc::new(FakeRecall::start().await);
        recall.set_clock(at(0));
        let board = Arc::new(Board::default());
        let service = service(&place, &board, &recall, mode).await;
        let (now, delivered) = (Arc::default(), Arc::default());
        Self { service, recall, board, place: Arc::new(place), mode, now, delivered }
    }

    /// Another instance with the same database, clock and chat.
    pub async fn another(&self) -> Self {
        let service = service(&self.place, &self.board, &self.recall, self.mode).await;
        Self {
            service,
            recall: self.recall.clone(),
            board: self.board.clone(),
            place: self.place.clone(),
            mode: self.mode,
            now: self.now.clone(),
            delivered: self.delivered.clone(),
        }
    }

    pub fn now(&self) -> Timestamp {
        at(self.now.load(Ordering::Relaxed))
    }

    /// Time passes in the meeting and here, with all that is due in it, and nothing is heard of it.
    pub async fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
        self.recall.advance(seconds);
        self.settle().await;
    }

    pub async fn settle(&self) {
        self.service.wait_until_idle(self.now()).await.unwrap();
    }

    /// A bot on Zoom comes into a call, and stays this long after a refusal.
    pub async fn joins(&self, number: usize, denied_timeout: i64) {
        self.recall.join_meeting(zoom_bot(number, denied_timeout), Place::InCall);
        self.hear(number).await;
    }

    /// The host declines what the bot asked by itself, and the webhook comes.
    pub async fn declined(&self, number: usize) {
        self.recall.host_declined(&bot(number));
        self.hear(number).await;
    }

    /// Webhooks tell each status that the bot has by now; those told before are duplicates.
    pub async fn hear(&self, number: usize) {
        self.hear_unsettled(number).await;
        self.settle().await;
    }

    pub async fn hear_unsettled(&self, number: usize) {
        let told = self.recall.bot(&bot(number));
        for (place, change) in told["status_changes"].as_array().unwrap().iter().enumerate() {
            let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
            let happened: Timestamp = text("created_at").parse().unwrap();
            let body = status(&bot(number), happened, &text("code"), &text("sub_code")).to_string();
            let id = format!("msg_{number}_{place}");
            let headers = signed(&key(), &id, body.as_bytes(), self.now());
            self.service.watch.receive(None, &headers, body.as_bytes(), self.now()).await.unwrap();
        }
    }

    /// The details of a bot's alert, which are its card.
    pub fn card(&self, number: usize) -> Said {
        let id = bot(number);
        let about = |said: &Said| match &said.message {
            Message::Details { report, .. } => report.bot_id.is_some_and(|bot| bot.to_string() == id),
            _ => false,
        };
        self.board.all().into_iter().rfind(about).expect("no card")
    }

    /// What the card says of asking again.
    pub fn on_card(&self, number: usize) -> RescueCard {
        let said = self.card(number);
        said.message.report().unwrap().rescue.clone().unwrap_or_default()
    }

    pub fn lines(&self, number: usize) -> Vec<String> {
        self.on_card(number).lines.iter().map(written).collect()
    }

    pub fn button(&self, number: usize) -> Option<RescueButton> {
        self.on_card(number).button
    }

    /// A person selects a button on a bot's card; what they alone are shown for it.
    pub async fn press(&self, who: &str, number: usize, action: Action) -> Vec<Message> {
        let before = self.board.ephemeral().len();
        self.accept(&self.interaction(who, number, action)).await;
        self.settle().await;
        self.board.ephemeral().split_off(before)
    }

    pub async fn accept(&self, interaction: &Interaction) {
        self.service.inbox.accept(interaction).await.unwrap();
    }

    pub fn interaction(&self, who: &str, number: usize, action: Action) -> Interaction {
        let card = self.card(number);
        let destination = Destination { channel: card.channel, thread: card.thread.map(MessageId) };
        let on = match action {
            Action::Send(_) | Action::Cancel(_) => ButtonOn::Ephemeral,
            _ => ButtonOn::Posted(MessageId(card.id)),
        };
        Interaction {
            delivery_id: format!("press:{}", self.delivered.fetch_add(1, Ordering::Relaxed)),
            chat: Chat::Console,
            at: self.now(),
            requester: Requester::new(who.to_owned(), destination),
            kind: InteractionKind::Press { action, on },
        }
    }

    /// A person asks for the preview, and gets it.
    pub async fn preview(&self, who: &str, number: usize) -> (Preview, Decision) {
        let shown = self.press(who, number, Action::Rescue(bot(number).parse().unwrap())).await;
        let [Message::Preview { preview, card }] = &shown[..] else { panic!("{:?}", said(&shown)) };
        let decision = Decision { bot: preview.bot, digest: preview.digest.clone(), card: card.clone() };
        ((**preview).clone(), decision)
    }

    /// A person asks for the preview and sends it; what they are told.
    pub async fn ask(&self, who: &str, number: usize) -> String {
        let (_, decision) = self.preview(who, number).await;
        self.send(who, number, decision).await
    }

    pub async fn send(&self, who: &str, number: usize, decision: Decision) -> String {
        let before = self.board.replaced().len();
        let refused = self.press(who, number, Action::Send(decision)).await;
        let told = self.board.replaced().split_off(before);
        only_notice(&[told, refused].concat())
    }

    /// What reached the meeting: messages to the host, pop-ups, starts.
    pub fn reached(&self, number: usize) -> (usize, usize, usize) {
        let id = bot(number);
        assert!(self.recall.messages_to_everyone(&id).is_empty(), "others could read it");
        assert_eq!(self.recall.overwritten(&id), 0, "a recording was overwritten");
        (self.recall.messages_to_host(&id).len(), self.recall.pop_ups(&id), self.recall.starts(&id))
    }
}

async fn service(place: &DatabasePlace, board: &Arc<Board>, recall: &FakeRecall, mode: Mode) -> Service {
    let access = WorkspaceAccess {
        name: "default".to_owned(),
        base_url: recall.base_url.clone(),
        api_key: SecretString::from(KEY.to_owned()),
    };
    let plenty = std::num::NonZeroU32::new(1_000_000).unwrap();
    let limits = ClientConfig { actions_per_minute: plenty, ..limits() };
    let answerer = Answerer {
        fetcher: Fetcher::new(vec![access], Vec::new(), limits).unwrap(),
        catalogue: Catalogue::embedded().unwrap(),
        pages: Pages::shared().unwrap(),
        participant_names: ParticipantNames::Off,
        public_url: None,
        rescue: mode,
    };
    let act = ActingList {
        users: ["Ana".to_owned(), "Ben".to_owned()].into(),
        groups: ["leads".to_owned()].into(),
    };
    let rights = Rights::new([(Chat::Console, Rules { act, ..Rules::default() })]);
    let messengers = Messengers::from([(Chat::Console, board.clone() as Arc<dyn Messenger>)]);
    let store = Store::open(&place.url()).await.unwrap();
    Service::new(store, answerer, messengers, rights, alerts())
}

pub fn zoom_bot(number: usize, denied_timeout: i64) -> Value {
    json!({
        "id": bot(number),
        "bot_name": "Acme Notetaker",
        "meeting_url": { "platform": "zoom", "meeting_id": "1" },
        "automatic_leave": { "recording_permission_denied_timeout": denied_timeout },
        "recording_config": { "start_recording_on": "call_join" },
        "recordings": [],
    })
}

pub fn written(line: &BodyLine) -> String {
    let span = |span: &Span| match span {
        Span::Words(words) | Span::Person(words) | Span::Code(words) => words.clone(),
        Span::Time(at) | Span::Date(at) | Span::LinkedDay { at, .. } => at.strftime("%H:%M:%S").to_string(),
    };
    line.0.iter().map(span).collect()
}

/// What a person was told, in words.
pub fn said(messages: &[Message]) -> Vec<String> {
    let words = |message: &Message| match message {
        Message::Notice(text) => text.clone(),
        other => format!("{other:?}"),
    };
    messages.iter().map(words).collect()
}

pub fn only_notice(messages: &[Message]) -> String {
    let [Message::Notice(text)] = messages else { panic!("{:?}", said(messages)) };
    text.clone()
}
