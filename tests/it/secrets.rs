//! What is secret does not print: every type that can hold a secret, an address for answers or what somebody wrote is
//! built as the service builds it, and printed in both ways.

use std::error::Error;
use std::fmt::{self, Debug};

use secrecy::SecretString;
use serde_json::json;
use why_no_recording::chat::discord;
use why_no_recording::chat::interaction::{Interaction, InteractionKind, Requester};
use why_no_recording::chat::outbox_message::{Delivery, Draft, OutboxMessage};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::slack;
use why_no_recording::chat::{Chat, Message, SendRequest};
use why_no_recording::outbox::stored;
use why_no_recording::recall::webhook::WebhookKey;
use why_no_recording::recall::{ClientConfig, Fetcher, WorkspaceAccess};
use why_no_recording::settings::environment::Environment;
use why_no_recording::settings::{Sources, load};
use why_no_recording::store::{
    AlertGroupRow, Backfill, DueBot, Evaluation, NewEvent, NewOutboxRow, NewWebhook, Store, StoreError,
};
use why_no_recording::watch::WatchedWorkspace;

use crate::tidy::sources;
use crate::world::databases::{Place, on_each_database};

/// Nothing that is printed may contain it.
const MARK: &str = "marked-and-not-real";
/// The same in base64, as a signing secret of Recall.ai's is written.
const MARK_IN_BASE64: &str = "bWFya2VkLWFuZC1ub3QtcmVhbA==";

#[track_caller]
fn check(what: &str, value: &impl Debug) {
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        for mark in [MARK, MARK_IN_BASE64] {
            assert!(!printed.contains(mark), "{what} prints what is secret: {printed}");
        }
    }
}

fn now() -> jiff::Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn command_of_slack(text: &str) -> Interaction {
    let fields = [
        ("channel_id", "C1"),
        ("user_id", "U1"),
        ("text", text),
        ("trigger_id", "1.2"),
        ("response_url", &format!("https://hooks.slack.example/{MARK}")),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    match slack::http::parse(slack::http::Endpoint::Commands, &body, None, now()) {
        slack::http::SlackRequest::Interaction(interaction) => *interaction,
        other => panic!("{other:?}"),
    }
}

fn command_of_discord() -> Interaction {
    let body = json!({
        "type": 2, "id": "1", "application_id": "2", "token": MARK, "channel_id": "3",
        "member": { "user": { "id": "4" } },
        "data": { "name": "why-no-recording", "options": [{ "name": "id", "value": "help" }] },
    });
    match discord::http::parse(body.to_string().as_bytes(), now()) {
        discord::http::DiscordRequest::Interaction(interaction, _) => *interaction,
        other => panic!("{other:?}"),
    }
}

/// A message to whoever asked, which carries their address for answers.
fn message_to(requester: &Requester) -> OutboxMessage {
    OutboxMessage {
        chat: Chat::Slack,
        delivery: Delivery::Ephemeral(requester.clone()),
        message: Message::Notice(MARK.to_owned()),
        asker: Some(requester.clone()),
        replaces_placeholder: false,
        mention: None,
        fallback_channel: None,
        last_event_at: None,
        trace: None,
    }
}

#[test]
fn what_a_person_did_prints_without_the_address_for_answers_and_without_what_they_wrote() {
    for interaction in [command_of_slack(&format!("explain {MARK}")), command_of_discord()] {
        let kept = serde_json::to_string(&interaction).unwrap();
        assert!(kept.contains(MARK), "it is kept: {kept}");
        check("an interaction", &interaction);
        let outgoing = message_to(&interaction.requester);
        check("a message on its way", &outgoing);
        check("what is said", &outgoing.message);
        check("a draft", &Draft { outgoing: outgoing.clone(), thread_parent: None });
        check("what becomes of it elsewhere", &outgoing.fallback());
        let request =
            SendRequest { asker: Some(&interaction.requester), ..SendRequest::plain(&outgoing.message, "1") };
        check("a request to send", &request);
        check("a new row", &stored(&outgoing, "1".to_owned(), None, String::new()));
    }
    let InteractionKind::Ask { question, .. } = command_of_slack(&format!("explain {MARK}")).kind else {
        panic!("it asks")
    };
    assert_eq!(question, Question::Explain(MARK.into()));
}

#[test]
fn a_request_of_a_platform_prints_without_the_address_for_answers() {
    let interaction = Box::new(command_of_slack("help"));
    check("a request of Slack", &slack::http::SlackRequest::Interaction(interaction));
    let interaction = Box::new(command_of_discord());
    check("a request of Discord", &discord::http::DiscordRequest::Interaction(interaction, json!({})));
}

#[test]
fn what_is_to_be_stored_prints_without_its_text() {
    let body = || MARK.into();
    let event = NewEvent { body: body(), ..NewEvent::default() };
    check("a new message", &NewOutboxRow { body: body(), ..NewOutboxRow::default() });
    check("an event", &event);
    let webhook = NewWebhook { body: Some(body()), happening: Some(event.clone()), ..NewWebhook::default() };
    check("a webhook", &webhook);
    check("an evaluation", &Evaluation { last_alert: Some(body()), ..Evaluation::default() });
    let (last_alert, api_response, events) = (Some(body()), Some(body()), vec![body()]);
    check("a bot", &DueBot { last_alert, api_response, events, ..DueBot::default() });
    let (bot, workspace) = ("b".to_owned(), "w".to_owned());
    let backfill = Backfill {
        bot,
        workspace,
        events: vec![event],
        api_response: body(),
        recurrence_key: None,
        fetched_at: now(),
        strangers: Vec::new().into(),
    };
    check("what a list tells", &backfill);
    let group = AlertGroupRow {
        id: "g".to_owned(),
        channel: "c".to_owned(),
        cause: None,
        body: body(),
        single: 0,
        grouped: 0,
        resolved: 0,
        since: 0,
        last_at: 0,
    };
    check("an alert group", &group);
}

on_each_database!(what_comes_out_of_the_store_prints_without_its_text);

async fn what_comes_out_of_the_store_prints_without_its_text(place: Place) {
    let store = Store::open(&place.url()).await.unwrap();
    let lease = jiff::SignedDuration::from_secs(60);
    let interaction = command_of_slack("help");
    store.accept("d", &serde_json::to_string(&interaction).unwrap(), now()).await.unwrap();
    let item = store.lease_item(now(), lease).await.unwrap().unwrap();
    assert!(item.body.contains(MARK));
    check("a leased question", &item);
    let row = stored(&message_to(&interaction.requester), "m".to_owned(), None, String::new());
    assert!(store.finish(&item, &[row], now()).await.unwrap());
    let leased = store.lease_outbox(now(), lease).await.unwrap().unwrap();
    assert!(leased.body.contains(MARK));
    check("a leased message", &leased);
    check("the store", &store);
}

/// A refusal that tells the row which was refused, as PostgreSQL does.
struct WithDetail;

impl Debug for WithDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PgDatabaseError {{ detail: Some(\"Failing row contains (d, {MARK}).\") }}")
    }
}

impl fmt::Display for WithDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value breaks a rule")
    }
}

impl Error for WithDetail {}

impl sqlx::error::DatabaseError for WithDetail {
    fn message(&self) -> &'static str {
        "the value breaks a rule"
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> sqlx::error::ErrorKind {
        sqlx::error::ErrorKind::Other
    }
}

#[test]
fn a_refusal_of_the_database_prints_its_reason_and_not_the_row() {
    let refused = || sqlx::Error::Database(Box::new(WithDetail));
    assert!(format!("{:?}", refused()).contains(MARK), "the library prints it");
    for error in [StoreError::from(refused()), StoreError::Open(refused()), StoreError::Connect(refused())] {
        check("an error of the store", &error);
        assert!(format!("{error:?}").contains("breaks a rule"), "{error:?}");
    }
}

#[test]
fn settings_and_what_is_made_of_them_print_without_secrets() {
    let webhook_secret = format!("whsec_{MARK_IN_BASE64}");
    let database = format!("postgres://wnr:{MARK}@db.example/wnr");
    let (bot, app, header) =
        (format!("xoxb-{MARK}"), format!("xapp-{MARK}"), format!("authorization={MARK}"));
    let tokens = format!("triage:{MARK}");
    let environment = Environment::of(&[
        ("RECALL_API_KEY", MARK),
        ("RECALL_WEBHOOK_SECRET", &webhook_secret),
        ("SLACK_BOT_TOKEN", &bot),
        ("SLACK_APP_TOKEN", &app),
        ("SLACK_SIGNING_SECRET", MARK),
        ("DISCORD_TOKEN", MARK),
        ("DATABASE_URL", &database),
        ("MCP_TOKENS", &tokens),
        ("OTEL_EXPORTER_OTLP_HEADERS", &header),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example"),
    ])
    .with_file("/run/secrets/key", MARK);
    check("the environment", &environment);
    let loaded = load(&Sources { file: None, environment }).unwrap();
    check("the settings", &loaded);
    check("the settings of a platform", &loaded.settings.slack);

    let key = WebhookKey::of(&SecretString::from(webhook_secret)).unwrap();
    check("the key of webhooks", &key);
    let (name, base_url) = ("main".to_owned(), "https://us-east-1.recall.ai".to_owned());
    check("a watched workspace", &WatchedWorkspace { name, base_url, keys: vec![key] });
    let (name, base_url) = ("main".to_owned(), "https://us-east-1.recall.ai".to_owned());
    let access = WorkspaceAccess { name, base_url, api_key: MARK.into() };
    check("the access to a workspace", &access);
    let fetcher = Fetcher::new(vec![access], Vec::new(), ClientConfig::default()).unwrap();
    check("what asks Recall.ai", &fetcher);
}

#[test]
fn settings_that_are_wrong_print_without_secrets() {
    for (variable, value) in [
        ("RECALL_API_KEY", format!("{MARK} with a space")),
        ("RECALL_WEBHOOK_SECRET", MARK.to_owned()),
        ("DISCORD_TOKEN", format!("{MARK}\n{MARK}")),
        ("DATABASE_URL", format!("mysql://wnr:{MARK}@db.example/wnr")),
        ("MCP_TOKENS", MARK.to_owned()),
        ("MCP_TOKENS", format!("triage:{MARK},triage:{MARK}")),
        ("OTEL_EXPORTER_OTLP_HEADERS", MARK.to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("https://wnr:{MARK}@collector.example")),
        ("RECALL_BASE_URL", format!("https://wnr:{MARK}@recall.example")),
    ] {
        let environment = Environment::of(&[(variable, &value)]);
        let problems = load(&Sources { file: None, environment }).unwrap_err();
        check(variable, &problems);
        assert!(!problems.to_string().contains(MARK), "{problems}");
    }
}

/// Names of fields that hold what must not print.
const HOLD_SECRETS: &[&str] = &[
    "api_key",
    "api_response",
    "app_token",
    "authorization",
    "body",
    "bot_token",
    "last_alert",
    "password",
    "reply_handle",
    "response_url",
    "secret",
    "signing_secret",
    "token",
    "trigger_id",
    "webhook_secret",
];
/// Types that print what they hold.
const PRINT: &[&str] = &["String", "str", "Value", "Vec<u8>", "Bytes"];

/// The fields of a struct that derives `Debug`, as far as a reader of lines can tell: name and type.
fn printed_fields(text: &str) -> Vec<(&str, &str)> {
    let mut fields = Vec::new();
    let mut derives = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[derive(") {
            derives = line.contains("Debug");
        } else if line == "}" {
            derives = false;
        } else if derives && !line.starts_with("//") {
            let line = line.trim_start_matches("pub(super) ").trim_start_matches("pub ");
            fields.extend(line.trim_end_matches(',').split_once(": "));
        }
    }
    fields
}

#[test]
fn a_field_that_holds_a_secret_has_a_type_that_does_not_print() {
    let words = |kind: &str| {
        kind.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        for (name, kind) in printed_fields(&text) {
            let prints =
                words(kind).iter().any(|word| PRINT.contains(&word.as_str())) || kind.contains("Vec<u8>");
            assert!(!(HOLD_SECRETS.contains(&name) && prints), "{}: {name}: {kind} prints", path.display());
        }
        if path.file_name().is_some_and(|name| name == "wire.rs") {
            assert!(!text.contains("Debug"), "{}: what platforms send does not print", path.display());
        }
    }
    let rule = "#[derive(Debug, Clone)]\nstruct Row {\n    /// All.\n    pub body: Option<String>,\n}\n";
    assert_eq!(printed_fields(rule), [("body", "Option<String>")]);
}
