//! Discord's gateway: interactions through a connection that we open, with serenity.

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use serenity::all::{Client, Context, EventHandler, GatewayIntents, Interaction, Ready};
use serenity::http::HttpBuilder;
use tokio_util::sync::CancellationToken;

use super::api::DiscordApi;
use super::http::alone;
use super::inbound::{Read, read};
use crate::chat::{DeliveryError, Reception};
use crate::report::notices;

/// Where Discord's API is when nobody says otherwise; serenity knows that by itself.
const API_DEFAULT: &str = "https://discord.com";

/// What a connection needs.
pub struct Gateway {
    /// Scheme, host and port of the API.
    pub api_url: String,
    /// The bot's token.
    pub token: SecretString,
    /// Answers interactions.
    pub api: Arc<DiscordApi>,
    /// Where questions go.
    pub reception: Arc<dyn Reception>,
    /// Reads the time.
    pub clock: fn() -> Timestamp,
}

impl Gateway {
    /// Holds a connection until told to stop. serenity resumes and reconnects by itself.
    ///
    /// # Errors
    /// Where no connection can be had at all, in words without the token.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) -> Result<(), String> {
        let mut http = HttpBuilder::new(self.token.expose_secret());
        if self.api_url != API_DEFAULT {
            // With its own limiter on, serenity would not use the proxy and go to the real Discord.
            http = http.proxy(&self.api_url).ratelimiter_disabled(true);
        }
        let http = http.build();
        // serenity goes to the real gateway where it cannot learn the address.
        let address =
            http.get_gateway().await.map_err(|_| "Discord does not tell where its gateway is".to_owned())?;
        tracing::debug!(address = address.url, "Connecting to Discord's gateway.");
        let client = serenity::client::ClientBuilder::new_with_http(http, GatewayIntents::empty());
        let handler = Handler(self.clone());
        let mut client: Client = client
            .event_handler(handler)
            .await
            .map_err(|_| "the gateway client could not be built".to_owned())?;
        let shards = client.shard_manager.clone();
        tokio::select! {
            ended = client.start() => ended.map_err(|_| "the gateway connection ended; is discord.token valid?".to_owned()),
            () = stop.cancelled() => {
                shards.shutdown_all().await;
                Ok(())
            }
        }
    }

    /// Keeps an interaction, then acknowledges it.
    async fn receive(&self, interaction: &Value) {
        let Some(Read { arrival, acknowledgement }) = read(interaction, (self.clock)()) else {
            return self.answer(interaction, &alone(notices::NOT_UNDERSTOOD)).await;
        };
        match self.reception.receive(arrival).await {
            Ok(()) => self.answer(interaction, &acknowledgement).await,
            Err(_) => self.answer(interaction, &alone(notices::NOT_KEPT)).await,
        }
    }

    async fn answer(&self, interaction: &Value, body: &Value) {
        let (Some(id), Some(token)) = (interaction["id"].as_str(), interaction["token"].as_str()) else {
            return;
        };
        let path = format!("/interactions/{id}/{token}/callback");
        if let Err(refusal) = self.api.call(Method::POST, &path, Some(body)).await {
            let error: DeliveryError = refusal.into();
            tracing::warn!(why = %error, "An interaction could not be acknowledged; its answer goes to the channel.");
        }
    }
}

struct Handler(Arc<Gateway>);

#[serenity::async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _: Context, _: Ready) {
        tracing::info!("Connected to Discord's gateway.");
    }

    async fn interaction_create(&self, _: Context, interaction: Interaction) {
        // serenity leaves out of its models what the enum already says.
        let kind = u8::from(interaction.kind());
        match serde_json::to_value(&interaction) {
            Ok(mut interaction) => {
                interaction["type"] = kind.into();
                self.0.receive(&interaction).await;
            }
            Err(_) => metrics::counter!("wnr_unreadable_total", "chat" => "discord").increment(1),
        }
    }
}
