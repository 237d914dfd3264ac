//! What is told without anybody having asked: from webhooks to messages, on a clock that is moved by hand.

mod addressing;
mod channel_table;
mod falling_silent;
mod groups;
mod heard_in_part;
mod lifecycle;
mod lookups;
mod measured;
mod owners;
mod policy;
mod receiving;
mod reconciling;
pub mod recurring;
mod reloading;
pub mod samples;
pub mod serving;
mod sharing;
mod simulated;
mod simulating;
mod surviving;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde_json::{Value, json};
use why_no_recording::alerts;
use why_no_recording::answer::Answerer;
use why_no_recording::chat::{Chat, Message, Messenger, Messengers};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::pages::Pages;
use why_no_recording::recall::webhook::WebhookKey;
use why_no_recording::recall::{ClientConfig, Fetcher, WorkspaceAccess};
use why_no_recording::report::alert::Alert;
use why_no_recording::report::alert_group::AlertGroup;
use why_no_recording::rescue::Mode;
use why_no_recording::rights::Rights;
use why_no_recording::service::Service;
use why_no_recording::store::{Accepted, Store};
use why_no_recording::watch::{AlertConfig, WatchedWorkspace, WebhookRejection};

use crate::world::board::{Board, Said};
use crate::world::databases::Place;
use crate::world::recall::{FakeRecall, KEY};

/// A secret that looks like one, and is none.
pub const SECRET: &str = "whsec_bm90LWEtcmVhbC1zZWNyZXQtb25seS1mb3ItdGVzdHM=";

pub fn key() -> WebhookKey {
    WebhookKey::of(&SecretString::from(SECRET.to_owned())).unwrap()
}

/// The bot with this number.
pub fn bot(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Ten o'clock and so many seconds.
pub fn at(seconds: i64) -> Timestamp {
    let ten: Timestamp = "2026-11-18T10:00:00Z".parse().unwrap();
    ten + SignedDuration::from_secs(seconds)
}

/// The service, a chat and perhaps a Recall.ai.
pub struct Stage {
    pub service: Service,
    pub board: Arc<Board>,
    place: Place,
    delivered: AtomicUsize,
}

pub fn alerts() -> AlertConfig {
    let mut alerts = AlertConfig {
        workspaces: vec![WatchedWorkspace {
            name: "default".to_owned(),
            base_url: "https://us-east-1.recall.ai".to_owned(),
            keys: vec![key()],
        }],
        fallbacks: HashMap::from([(Chat::Console, "fallback".to_owned())]),
        ..AlertConfig::default()
    };
    alerts.policy.default_channels = vec![alerts::ChannelRef("console:alerts".to_owned())];
    alerts
}

impl Stage {
    /// Without a Recall.ai that could be asked.
    pub async fn new() -> Self {
        Self::with(alerts(), None).await
    }

    pub async fn with(alerts: AlertConfig, recall: Option<&FakeRecall>) -> Self {
        Self::on_with(Place::sqlite(), alerts, recall).await
    }

    /// With the database there, and without a Recall.ai that could be asked.
    pub async fn on(place: Place) -> Self {
        Self::on_with(place, alerts(), None).await
    }

    pub async fn on_with(place: Place, alerts: AlertConfig, recall: Option<&FakeRecall>) -> Self {
        Self::limited(place, alerts, recall, limits()).await
    }

    /// With these limits of Recall.ai.
    pub async fn limited(
        place: Place,
        alerts: AlertConfig,
        recall: Option<&FakeRecall>,
        limits: ClientConfig,
    ) -> Self {
        let board = Arc::new(Board::default());
        let service = limited_service_at(&place.url(), &board, alerts, recall, limits).await;
        Self { service, board, place, delivered: AtomicUsize::new(0) }
    }

    /// With these rights of people.
    pub async fn with_rights(rights: Rights) -> Self {
        let (board, place) = (Arc::new(Board::default()), Place::sqlite());
        let service = service_with_rights(&place.url(), &board, alerts(), None, limits(), rights).await;
        Self { service, board, place, delivered: AtomicUsize::new(0) }
    }

    /// The process ends, and another one begins with the same database.
    pub async fn restarted(self, alerts: AlertConfig) -> Self {
        self.restarted_with(alerts, None).await
    }

    /// The same, with a Recall.ai that can be asked.
    pub async fn restarted_with(self, alerts: AlertConfig, recall: Option<&FakeRecall>) -> Self {
        self.service.store.close().await;
        let service = service_at(&self.place.url(), &self.board, alerts, recall).await;
        if matches!(self.place, Place::Sqlite(_)) {
            service.store.release_leases().await.unwrap();
        }
        Self { service, ..self }
    }

    /// A webhook comes, signed, at this time.
    pub async fn deliver(
        &self,
        id: &str,
        body: &Value,
        now: Timestamp,
    ) -> Result<Accepted, WebhookRejection> {
        let body = body.to_string();
        let headers = signed(&key(), id, body.as_bytes(), now);
        self.service.watch.receive(None, &headers, body.as_bytes(), now).await
    }

    /// A status of a bot, told as it happens; then everything that follows.
    pub async fn hear(&self, bot: &str, seconds: i64, code: &str, sub_code: &str) {
        self.hear_at(bot, seconds, code, sub_code, at(seconds)).await;
    }

    /// A status of a bot that happened at ten and so many seconds, told at another time.
    pub async fn hear_at(&self, bot: &str, seconds: i64, code: &str, sub_code: &str, now: Timestamp) {
        let id = format!("msg_{}", self.delivered.fetch_add(1, Ordering::Relaxed));
        self.deliver(&id, &status(bot, at(seconds), code, sub_code), now).await.unwrap();
        self.wait_until_idle(now).await;
    }

    pub async fn wait_until_idle(&self, now: Timestamp) {
        self.service.wait_until_idle(now).await.unwrap();
    }

    /// Time passes.
    pub async fn pass(&self, seconds: i64) {
        self.wait_until_idle(at(seconds)).await;
    }

    /// What stands in the channel, threads aside.
    pub fn alerts(&self) -> Vec<Said> {
        self.board.channel("alerts")
    }

    /// The one message in the channel.
    pub fn only(&self) -> Said {
        let mut said = self.alerts();
        assert_eq!(said.len(), 1, "{said:#?}");
        said.remove(0)
    }

    /// The message with this id.
    pub fn only_of(&self, id: &str) -> Said {
        self.board.all().into_iter().find(|said| said.id == id).unwrap()
    }

    /// Runs a statement past the store.
    pub async fn execute(&self, sql: &'static str) {
        self.place.execute(sql).await;
    }

    /// How some messages read in a notification.
    pub fn lines_of(&self, said: &[Said]) -> Vec<String> {
        said.iter().map(line).collect()
    }

    /// How each message in the channel reads in a notification.
    pub fn lines(&self) -> Vec<String> {
        self.alerts().iter().map(line).collect()
    }
}

/// A service whose database is at this URL.
pub async fn service_at(
    database: &str,
    board: &Arc<Board>,
    alerts: AlertConfig,
    recall: Option<&FakeRecall>,
) -> Service {
    limited_service_at(database, board, alerts, recall, limits()).await
}

async fn limited_service_at(
    database: &str,
    board: &Arc<Board>,
    alerts: AlertConfig,
    recall: Option<&FakeRecall>,
    limits: ClientConfig,
) -> Service {
    service_with_rights(database, board, alerts, recall, limits, Rights::default()).await
}

async fn service_with_rights(
    database: &str,
    board: &Arc<Board>,
    alerts: AlertConfig,
    recall: Option<&FakeRecall>,
    limits: ClientConfig,
    rights: Rights,
) -> Service {
    let answerer = answerer_with(recall, limits);
    let store = Store::open(database).await.unwrap();
    let messengers = Messengers::from([(Chat::Console, board.clone() as Arc<dyn Messenger>)]);
    Service::new(store, answerer, messengers, rights, alerts)
}

/// What composes reports, without a Recall.ai that could be asked.
pub fn answerer() -> Answerer {
    answerer_with(None, limits())
}

fn answerer_with(recall: Option<&FakeRecall>, limits: ClientConfig) -> Answerer {
    let access = recall.map(|recall| WorkspaceAccess {
        name: "default".to_owned(),
        base_url: recall.base_url.clone(),
        api_key: SecretString::from(KEY.to_owned()),
    });
    Answerer {
        fetcher: Fetcher::new(access.into_iter().collect(), Vec::new(), limits).unwrap(),
        catalogue: Catalogue::embedded().unwrap(),
        pages: Pages::shared().unwrap(),
        participant_names: ParticipantNames::Off,
        public_url: None,
        rescue: Mode::Off,
    }
}

/// Recall.ai's own limits would make these tests wait.
pub fn limits() -> ClientConfig {
    let plenty = std::num::NonZeroU32::new(1_000_000).unwrap();
    ClientConfig { list_per_minute: plenty, retrieve_per_minute: plenty, ..ClientConfig::default() }
}

pub fn signed(key: &WebhookKey, id: &str, body: &[u8], now: Timestamp) -> HeaderMap {
    let value = |text: &str| HeaderValue::from_str(text).unwrap();
    HeaderMap::from_iter([
        ("webhook-id".parse().unwrap(), value(id)),
        ("webhook-timestamp".parse().unwrap(), value(&now.as_second().to_string())),
        ("webhook-signature".parse().unwrap(), value(&key.sign(id, now, body))),
    ])
}

pub fn status(bot: &str, at: Timestamp, code: &str, sub_code: &str) -> Value {
    let sub_code = (!sub_code.is_empty()).then_some(sub_code);
    json!({
        "event": format!("bot.{code}"),
        "data": {
            "bot": { "id": bot, "metadata": {} },
            "data": { "code": code, "sub_code": sub_code, "updated_at": at.to_string() },
        },
    })
}

pub fn line(said: &Said) -> String {
    match &said.message {
        Message::Alert(alert) => alert.notification_text(),
        Message::AlertGroup(group) => group.notification_text(),
        Message::Notice(text) => text.clone(),
        other => panic!("{other:?} stands in the channel"),
    }
}

pub fn alert(said: &Said) -> &Alert {
    match &said.message {
        Message::Alert(alert) => alert,
        other => panic!("{other:?} is no alert"),
    }
}

pub fn group(said: &Said) -> Option<&AlertGroup> {
    match &said.message {
        Message::AlertGroup(group) => Some(group),
        _ => None,
    }
}
