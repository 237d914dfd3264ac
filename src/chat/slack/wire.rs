//! Slack's payloads, as far as they are used. Parsing is tolerant: unknown members are ignored, and members
//! may be missing.

use serde::Deserialize;
use serde_json::Value;

/// A slash command. <https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling>
#[derive(Deserialize)]
pub(super) struct Command {
    pub channel_id: String,
    pub user_id: String,
    pub text: Option<String>,
    pub response_url: Option<String>,
    pub trigger_id: Option<String>,
}

/// A button or a shortcut. <https://docs.slack.dev/reference/interaction-payloads>
#[derive(Deserialize)]
pub(super) struct InteractionPayload {
    #[serde(rename = "type")]
    pub kind: String,
    pub callback_id: Option<String>,
    pub trigger_id: Option<String>,
    pub response_url: Option<String>,
    pub user: Option<User>,
    pub channel: Option<Named>,
    pub container: Option<Container>,
    /// The message of the shortcut. Its text can be in any of its members.
    pub message: Option<Value>,
    #[serde(default)]
    pub actions: Vec<Pushed>,
    /// The form that was submitted.
    pub view: Option<View>,
}

/// A form. <https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload>
#[derive(Deserialize)]
pub(super) struct View {
    pub id: String,
    #[serde(default)]
    pub callback_id: String,
    #[serde(default)]
    pub private_metadata: String,
    /// What was selected and typed, by block and action.
    #[serde(default)]
    pub state: Value,
}

/// A person, with the workspace that they belong to.
#[derive(Deserialize)]
pub(super) struct User {
    pub id: String,
    pub team_id: Option<String>,
    /// Their time zone. Slack sends it with some payloads.
    pub tz: Option<String>,
}

/// An object with an ID.
#[derive(Deserialize)]
pub(super) struct Named {
    pub id: String,
}

/// The message with a button.
#[derive(Deserialize)]
pub(super) struct Container {
    #[serde(rename = "type", default)]
    pub kind: String,
    pub message_ts: Option<String>,
    pub thread_ts: Option<String>,
    pub channel_id: Option<String>,
    #[serde(default)]
    pub is_ephemeral: bool,
}

/// A selected button.
#[derive(Deserialize)]
pub(super) struct Pushed {
    pub action_id: Option<String>,
    pub action_ts: Option<String>,
}

/// A delivery of the Events API. <https://docs.slack.dev/apis/events-api#callback-field>
#[derive(Deserialize)]
pub(super) struct Push {
    #[serde(rename = "type", default)]
    pub kind: String,
    pub challenge: Option<String>,
    pub event_id: Option<String>,
    /// The workspace of the author, if it is a shared channel and the event doesn't name one.
    pub team_id: Option<String>,
    pub event: Option<Event>,
}

/// The event in a delivery.
#[derive(Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type", default)]
    pub kind: String,
    pub user: Option<String>,
    /// The workspace of the author, in a channel that is shared with another one.
    pub user_team: Option<String>,
    pub source_team: Option<String>,
    pub team: Option<String>,
    pub bot_id: Option<String>,
    pub text: Option<String>,
    pub channel: Option<String>,
    pub ts: Option<String>,
    pub thread_ts: Option<String>,
    /// The message with the links.
    pub message_ts: Option<String>,
    /// Where the links are: in a message that was sent, or in one that is still being written.
    pub source: Option<String>,
    #[serde(default)]
    pub links: Vec<Link>,
    /// The opened tab of the app.
    pub tab: Option<String>,
}

/// A link in a message. <https://docs.slack.dev/reference/events/link_shared>
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    pub url: String,
}
