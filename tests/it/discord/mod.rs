//! The whole service with a Discord and a Recall.ai on this machine, held as conversations.

mod asking;
mod channels;
mod checkup;
mod failing;
mod gateway;
mod rendering;
mod requests;
mod rescuing;
mod sessions;
mod surviving;

use std::sync::atomic::{AtomicUsize, Ordering};

use ed25519_dalek::{Signer, SigningKey};
use reqwest::StatusCode;
use serde_json::{Value, json};
use why_no_recording::app::{self, Running};
use why_no_recording::clock;

use crate::slack::World;
use crate::world::discord::{APPLICATION, CHANNEL, FakeDiscord, GUILD, Posted, TOKEN};

/// Everything that takes part.
pub struct Talking {
    pub world: World,
    pub discord: FakeDiscord,
    pub running: Running,
    number: AtomicUsize,
}

/// A key for these tests alone.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

impl Talking {
    /// With Discord's interactions over HTTP.
    pub async fn over_http() -> Self {
        Self::over_http_with(&[]).await
    }

    pub async fn over_http_with(more: &[(&'static str, &str)]) -> Self {
        let public_key = hex::encode(key().verifying_key().to_bytes());
        let mut variables =
            vec![("DISCORD_PUBLIC_KEY", public_key.as_str()), ("DISCORD_APPLICATION_ID", APPLICATION)];
        variables.extend_from_slice(more);
        Self::start(&variables, |_| ()).await
    }

    /// With Discord's interactions through the gateway.
    pub async fn over_gateway() -> Self {
        Self::over_gateway_of(|_| ()).await
    }

    /// The same with a Discord that was made so before.
    pub async fn over_gateway_of(prepare: impl FnOnce(&FakeDiscord)) -> Self {
        Self::start(&[], prepare).await
    }

    /// The same with these settings as well.
    pub async fn over_gateway_with(more: &[(&'static str, &str)]) -> Self {
        Self::start(more, |_| ()).await
    }

    async fn start(more: &[(&'static str, &str)], prepare: impl FnOnce(&FakeDiscord)) -> Self {
        let (world, discord) = (World::new().await, FakeDiscord::start().await);
        prepare(&discord);
        let mut variables = vec![("DISCORD_TOKEN", TOKEN), ("DISCORD_API_URL", discord.origin.as_str())];
        variables.extend_from_slice(more);
        let running = app::start(&world.settings(&variables)).await.unwrap();
        Self { world, discord, running, number: AtomicUsize::new(0) }
    }

    /// An interaction of this kind with all that Discord sends along.
    pub fn interaction(&self, kind: u64, data: &Value) -> Value {
        interaction(self.number.fetch_add(1, Ordering::Relaxed), kind, data)
    }

    pub fn command(&self, what: &str) -> Value {
        command(self.number.fetch_add(1, Ordering::Relaxed), what)
    }

    /// The command in this channel or thread.
    pub fn command_in(&self, channel: &str, what: &str) -> Value {
        let mut command = self.command(what);
        command["channel_id"] = channel.into();
        command["channel"] = self.discord.described(channel);
        command
    }

    pub fn press(&self, button: &str, message: &Posted) -> Value {
        let mut press = self.interaction(3, &json!({ "custom_id": button, "component_type": 2 }));
        press["message"] = json!({ "id": message.id, "flags": if message.alone { 64 } else { 0 } });
        press["channel_id"] = message.channel.clone().into();
        press["channel"] = self.discord.described(&message.channel);
        press
    }

    /// Sends an interaction over HTTP, as Discord does, and does with the answer what Discord does.
    pub async fn interact(&self, interaction: &Value) -> Value {
        let (status, body) = self.post(&interaction.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        self.discord.acknowledged(interaction, &answer).unwrap();
        answer
    }

    pub async fn post(&self, body: &str) -> (StatusCode, String) {
        let timestamp = clock::now().as_second().to_string();
        let signature = hex::encode(key().sign(format!("{timestamp}{body}").as_bytes()).to_bytes());
        self.post_signed(body, &timestamp, &signature).await
    }

    pub async fn post_signed(&self, body: &str, timestamp: &str, signature: &str) -> (StatusCode, String) {
        let request = reqwest::Client::new()
            .post(format!("http://{}/discord/interactions", self.running.address))
            .header("x-signature-timestamp", timestamp)
            .header("x-signature-ed25519", signature)
            .body(body.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// The verdict, and the details in its thread.
    pub async fn answered(&self) -> (Posted, Posted) {
        let both = |discord: &FakeDiscord| {
            let verdict = discord.posted(CHANNEL).into_iter().next()?;
            let details = discord.posted(&verdict.id).into_iter().next()?;
            Some((verdict, details))
        };
        self.discord.until("verdict and details", both).await
    }

    /// All that everybody sees, in the channel and in the threads.
    pub fn said(&self) -> String {
        let verdicts = self.discord.posted(CHANNEL);
        let with_thread = |verdict: &Posted| {
            let below: String = self.discord.posted(&verdict.id).iter().map(shown).collect();
            format!("{}\n{below}\n", shown(verdict))
        };
        verdicts.iter().map(with_thread).collect()
    }

    pub async fn told(&self) -> Posted {
        self.discord.until("a private answer", |discord| discord.told().into_iter().next()).await
    }

    /// Ends when the inbox and the outbox are empty.
    pub async fn settled(&self) {
        crate::slack::settled(&self.running).await;
    }

    /// Ends well when nobody waits for anything, and Discord had nothing to complain about.
    pub async fn end(self) {
        self.settled().await;
        assert_eq!(self.discord.violations(), Vec::<String>::new());
        assert_eq!(self.discord.thinking(), 0, "nobody is left waiting");
        self.running.stop().await;
    }
}

fn interaction(number: usize, kind: u64, data: &Value) -> Value {
    json!({
        "id": format!("4000000000000{number:05}"), "application_id": APPLICATION, "type": kind, "version": 1,
        "token": format!("interaction-token-{number}"), "data": data,
        "guild_id": GUILD, "channel_id": CHANNEL, "channel": { "id": CHANNEL, "type": 0, "name": "recordings" },
        "member": {
            "user": { "id": "600000000000000001", "username": "sam", "discriminator": "0", "avatar": null, "global_name": null },
            "roles": [], "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "permissions": "2048", "flags": 0,
        },
        "locale": "en-US", "entitlements": [], "app_permissions": "2048", "attachment_size_limit": 1000,
        "authorizing_integration_owners": {},
    })
}

/// The command with this text, as Discord sends it.
pub fn command(number: usize, what: &str) -> Value {
    let options = json!([{ "name": "id", "type": 3, "value": what }]);
    let data =
        json!({ "id": "700000000000000001", "name": "why-no-recording", "type": 1, "options": options });
    interaction(number, 2, &data)
}

/// All that a message says.
pub fn shown(posted: &Posted) -> String {
    let mut shown = posted.body["content"].as_str().unwrap_or_default().to_owned();
    for embed in posted.body["embeds"].as_array().into_iter().flatten() {
        shown.push_str(&format!(
            "\n# {}\n{}",
            embed["title"].as_str().unwrap_or_default(),
            embed["description"].as_str().unwrap()
        ));
    }
    let rows = posted.body["components"].as_array().into_iter().flatten();
    for menu in rows.map(|row| &row["components"][0]).filter(|component| component["type"] == 3) {
        for option in menu["options"].as_array().unwrap() {
            let mark = if option["default"] == true { "(x)" } else { "( )" };
            shown.push_str(&format!("\n{mark} {}", option["label"].as_str().unwrap()));
        }
    }
    let buttons = posted.body["components"][0]["components"].as_array().into_iter().flatten();
    for button in buttons.filter(|component| component["type"] == 2) {
        shown.push_str(&format!("\n[{}] {}", button["label"].as_str().unwrap(), button["custom_id"]));
    }
    shown
}
