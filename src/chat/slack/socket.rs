//! Socket Mode: Slack's requests through connections that we open.
//!
//! slack-morphism keeps the connections: it opens a new one for each that Slack ends or that breaks,
//! and answers pings. Its callbacks run inside the reading loop, so they commit and return. An error
//! in one leaves the envelope without acknowledgement, and Slack sends it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use slack_morphism::listener::SlackClientEventsListenerEnvironment;
use slack_morphism::prelude::{
    SlackClientEventsUserState, SlackCommandEvent, SlackCommandEventResponse, SlackInteractionEvent,
    SlackInteractionResponse, SlackMessageContent, SlackPushEventCallback,
};
use slack_morphism::{
    SlackApiToken, SlackClient, SlackClientSocketModeConfig, SlackClientSocketModeListener,
    SlackSocketModeListenerCallbacks,
};
use url::Url;

use super::client::{Connector, client};
use super::inbound;
use crate::chat::interaction::Interaction;
use crate::chat::{InteractionSink, NotStored};
use crate::report::notices;

/// Two, so that there is one while the other is being renewed.
const CONNECTIONS: u32 = 2;
/// The second connection is opened at once.
const INITIAL_BACKOFF_SECS: u64 = 0;
/// Between two attempts to connect while Slack cannot be reached.
const RECONNECT_SECS: u64 = 5;

/// Connections to Slack that bring what people wish.
pub struct SocketMode {
    listener: SlackClientSocketModeListener<Connector>,
    connected: Arc<AtomicBool>,
}

/// What the greeting of a connection sets; the library hands it to functions that capture nothing.
struct Connected(Arc<AtomicBool>);

impl SocketMode {
    /// Opens the connections and keeps them open. Says nothing about whether they could be opened: see
    /// [`SocketMode::connected`].
    ///
    /// # Errors
    /// Where the library refuses its settings.
    pub async fn start(
        api_url: &Url,
        app_token: &SecretString,
        sink: Arc<dyn InteractionSink>,
        clock: fn() -> jiff::Timestamp,
    ) -> Result<Self, String> {
        let connected = Arc::new(AtomicBool::new(false));
        let environment = SlackClientEventsListenerEnvironment::new(client(api_url))
            .with_error_handler(on_error)
            .with_user_state(Connected(connected.clone()));
        let mut callbacks =
            SlackSocketModeListenerCallbacks::new().with_hello_events(|_, _, state| on_hello(state));
        let inbox = sink.clone();
        callbacks.command_callback = Box::new(move |event: SlackCommandEvent, _: Client, _: State| {
            let interaction = again(&event).map(|command| inbound::command(command, clock()));
            let inbox = inbox.clone();
            async move {
                let response = SlackCommandEventResponse::new(SlackMessageContent::new());
                match keep(inbox.as_ref(), interaction).await {
                    Ok(()) => Ok(response),
                    // Slack does not send a command again, so the person is told to.
                    Err(_) => Ok(SlackCommandEventResponse::new(
                        SlackMessageContent::new().with_text(notices::NOT_STORED.to_owned()),
                    )),
                }
            }
        });
        let inbox = sink.clone();
        callbacks.interaction_callback =
            Box::new(move |event: SlackInteractionEvent, _: Client, _: State| {
                let interaction =
                    again(&event).and_then(|interaction| inbound::interaction(interaction, clock()));
                let inbox = inbox.clone();
                async move {
                    keep(inbox.as_ref(), interaction).await?;
                    Ok(SlackInteractionResponse::Empty)
                }
            });
        callbacks.push_events_callback =
            Box::new(move |event: SlackPushEventCallback, _: Client, _: State| {
                let interaction = again(&event).and_then(|push| inbound::push(push, clock()));
                let inbox = sink.clone();
                async move { Ok(keep(inbox.as_ref(), interaction).await?) }
            });
        let settings = SlackClientSocketModeConfig::new()
            .with_max_connections_count(CONNECTIONS)
            .with_initial_backoff_in_seconds(INITIAL_BACKOFF_SECS)
            .with_reconnect_timeout_in_seconds(RECONNECT_SECS);
        let listener = SlackClientSocketModeListener::new(&settings, Arc::new(environment), callbacks);
        let token = SlackApiToken::new(app_token.expose_secret().into());
        listener.listen_for(&token).await.map_err(|_| "Socket Mode did not start".to_owned())?;
        listener.start().await;
        Ok(Self { listener, connected })
    }

    /// Whether Slack has greeted us on a connection.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Closes the connections.
    pub async fn stop(&self) {
        self.listener.shutdown().await;
    }
}

type Client = Arc<SlackClient<Connector>>;
type State = SlackClientEventsUserState;

async fn on_hello(state: State) {
    if let Some(Connected(connected)) = state.read().await.get_user_state() {
        connected.store(true, Ordering::Relaxed);
    }
    tracing::info!("Connected to Slack through Socket Mode.");
}

/// The library hands us its models; ours are read from the same JSON, so that both transports share one reading.
fn again<T: DeserializeOwned>(event: &impl Serialize) -> Option<T> {
    let read = serde_json::to_value(event).ok().and_then(|event| serde_json::from_value(event).ok());
    if read.is_none() {
        metrics::counter!("wnr_unparsed_requests_total", "chat" => "slack").increment(1);
    }
    read
}

async fn keep(inbox: &dyn InteractionSink, interaction: Option<Interaction>) -> Result<(), NotStored> {
    match interaction {
        Some(interaction) => inbox.receive(interaction).await,
        None => Ok(()),
    }
}

/// The envelope stays without acknowledgement where it was not kept, and Slack sends it again. Other
/// errors are the library's, whose texts hold whole bodies, and are counted instead of logged.
#[expect(clippy::needless_pass_by_value, reason = "the library says what the function takes")]
fn on_error(
    error: Box<dyn std::error::Error + Send + Sync>,
    _: Client,
    _: State,
) -> slack_morphism::listener::HttpStatusCode {
    metrics::counter!("wnr_socket_errors_total").increment(1);
    if error.is::<NotStored>() {
        return slack_morphism::listener::HttpStatusCode::SERVICE_UNAVAILABLE;
    }
    tracing::warn!("Socket Mode met something that it cannot read, or lost a connection.");
    slack_morphism::listener::HttpStatusCode::OK
}
