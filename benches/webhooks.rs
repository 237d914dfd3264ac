//! What one process does with webhooks: committed to a file with `synchronous = FULL`, 32 senders at a time, each of
//! whom waits for its answer. `cargo bench --bench webhooks`.
#![expect(clippy::unwrap_used, reason = "what fails here is a mistake in the bench")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;
use divan::counter::ItemsCount;
use futures_util::future::join_all;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use uuid::Uuid;
use why_no_recording::answer::Answerer;
use why_no_recording::clock;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::pages::Pages;
use why_no_recording::recall::webhook::WebhookKey;
use why_no_recording::recall::{ClientConfig, Fetcher};
use why_no_recording::rescue::Mode;
use why_no_recording::store::{NewEvent, NewWebhook, Store};
use why_no_recording::watch::{AlertConfig, Watch, WatchedWorkspace};

/// Webhooks in one measurement.
const MANY: usize = 2_048;
/// Who sends at the same time.
const SENDERS: usize = 32;

fn main() {
    divan::main();
}

/// A new id each time, so that none is a repetition.
fn next() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &LAST.fetch_add(1, Ordering::Relaxed).to_be_bytes())
}

fn store(runtime: &Runtime) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    let store = runtime.block_on(Store::open(&url)).unwrap();
    (folder, store)
}

/// Runs the work of each sender, and waits for the last one.
fn together<T>(runtime: &Runtime, mut work: Vec<T>, each: impl AsyncFn(T)) {
    let mut of_each: Vec<Vec<T>> = (0..SENDERS).map(|_| Vec::new()).collect();
    for (number, item) in work.drain(..).enumerate() {
        of_each[number % SENDERS].push(item);
    }
    runtime.block_on(join_all(of_each.into_iter().map(async |items| {
        for item in items {
            each(item).await;
        }
    })));
}

/// The store alone.
#[divan::bench(sample_count = 10)]
fn committed(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().unwrap();
    let (_folder, store) = store(&runtime);
    let webhook = |_: usize| {
        let (bot, name) = (next().to_string(), "in_call_recording - 1795003200000000".to_owned());
        let body = format!(
            r#"{{"bot":"{bot}","metadata":{{}},"kind":{{"status":{{"code":"in_call_recording"}}}}}}"#
        );
        NewWebhook {
            id: format!("msg_{}", next().simple()),
            workspace: "default".to_owned(),
            event: name.clone(),
            happening: Some(NewEvent { bot, name, body: body.into() }),
            ..NewWebhook::default()
        }
    };
    bencher
        .counter(ItemsCount::new(MANY))
        .with_inputs(|| (0..MANY).map(webhook).collect::<Vec<_>>())
        .bench_values(|webhooks| {
            together(&runtime, webhooks, async |webhook| {
                store.accept_webhook(webhook, clock::now()).await.unwrap();
            });
        });
}

/// All but HTTP: verified, read and committed.
#[divan::bench(sample_count = 10)]
fn received(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().unwrap();
    let (_folder, store) = store(&runtime);
    let key = WebhookKey::of(&SecretString::from("whsec_bm90LWEtcmVhbC1zZWNyZXQ".to_owned())).unwrap();
    let answerer = Answerer {
        fetcher: Fetcher::new(Vec::new(), Vec::new(), ClientConfig::default()).unwrap(),
        catalogue: Catalogue::embedded().unwrap(),
        pages: Pages::shared().unwrap(),
        participant_names: ParticipantNames::Off,
        public_url: None,
        rescue: Mode::Off,
    };
    let workspace = WatchedWorkspace {
        name: "default".to_owned(),
        base_url: "https://us-east-1.recall.ai".to_owned(),
        keys: vec![key.clone()],
    };
    let alerts = AlertConfig { workspaces: vec![workspace], ..AlertConfig::default() };
    let watch =
        Watch::new(store, Arc::new(answerer), alerts, Arc::new(Notify::new()), Arc::new(Notify::new()));
    let request = |_: usize| {
        let (id, now) = (format!("msg_{}", next().simple()), clock::now());
        let body = format!(
            r#"{{"event":"bot.in_call_recording","data":{{"bot":{{"id":"{}","metadata":{{}}}},"data":{{"code":"in_call_recording","sub_code":null,"updated_at":"2026-11-18T10:00:00Z"}}}}}}"#,
            next()
        );
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        let headers = HeaderMap::from_iter([
            ("webhook-id".parse().unwrap(), value(&id)),
            ("webhook-timestamp".parse().unwrap(), value(&now.as_second().to_string())),
            ("webhook-signature".parse().unwrap(), value(&key.sign(&id, now, body.as_bytes()))),
        ]);
        (headers, body)
    };
    bencher
        .counter(ItemsCount::new(MANY))
        .with_inputs(|| (0..MANY).map(request).collect::<Vec<_>>())
        .bench_values(|requests| {
            together(&runtime, requests, async |(headers, body)| {
                watch.receive(None, &headers, body.as_bytes(), clock::now()).await.unwrap();
            });
        });
}
