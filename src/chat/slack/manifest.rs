//! The manifest from which Slack creates the app, with minimal permissions.
//! <https://docs.slack.dev/reference/app-manifest>

use serde_json::{Value, json};

use super::SHORTCUT;

/// The transport of Slack's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Over connections that the service opens.
    SocketMode,
    /// Over HTTP, at this public URL, without a slash at its end.
    Http(String),
}

/// The app's permissions, each with its reason.
pub const SCOPES: &[(&str, &str)] = &[
    ("app_mentions:read", "to be asked inside threads, where Slack has no commands"),
    ("chat:write", "to answer"),
    ("commands", "for /why-no-recording and the shortcut of messages"),
];

/// The permissions for reading threads, each with its reason.
pub const READING_SCOPES: &[(&str, &str)] = &[
    ("channels:history", "to find the bot ID in a thread's first message, and never to post an answer twice"),
    ("groups:history", "the same in private channels that the app was invited to"),
];

/// The permission for `slack.acting_groups`, with its reason.
pub const GROUP_SCOPES: &[(&str, &str)] =
    &[("usergroups:read", "to see who is in a user group whose members may act in meetings")];

/// What the app does beside answering questions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extras {
    /// It reads the channels that it has joined.
    pub reads_threads: bool,
    /// It reads the members of user groups.
    pub reads_groups: bool,
}

impl Extras {
    /// Returns the permissions that the app needs, each with its reason.
    pub fn scopes(self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let threads = if self.reads_threads { READING_SCOPES } else { &[] };
        let groups = if self.reads_groups { GROUP_SCOPES } else { &[] };
        SCOPES.iter().chain(threads).chain(groups)
    }
}

/// Returns the manifest of an app that also does this.
#[must_use]
pub fn manifest(transport: &Transport, extras: Extras) -> Value {
    let scopes: Vec<&str> = extras.scopes().map(|(scope, _)| *scope).collect();
    let url = |path: &str| match transport {
        Transport::SocketMode => None,
        Transport::Http(base) => Some(format!("{base}{path}")),
    };
    let mut command = json!({
        "command": "/why-no-recording",
        "description": "Why did this meeting bot not record?",
        "usage_hint": "<bot ID or link> | private <bot ID> | explain <code> | help",
        "should_escape": false,
    });
    let mut events = json!({ "bot_events": ["app_mention"] });
    let mut interactivity = json!({ "is_enabled": true });
    if let (Some(commands), Some(interactions), Some(requests)) =
        (url("/slack/commands"), url("/slack/interactions"), url("/slack/events"))
    {
        command["url"] = commands.into();
        interactivity["request_url"] = interactions.into();
        events["request_url"] = requests.into();
    }
    json!({
        "display_information": {
            "name": "Why no recording",
            "description": "Find out why a Recall.ai meeting bot didn't record, and how to fix it",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": { "home_tab_enabled": false, "messages_tab_enabled": false },
            "bot_user": { "display_name": "why-no-recording", "always_online": true },
            "shortcuts": [{
                "name": "Why no recording?",
                "type": "message",
                "callback_id": SHORTCUT,
                "description": "Explains the meeting bots that this message names",
            }],
            "slash_commands": [command],
        },
        "oauth_config": { "scopes": { "bot": scopes } },
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": false,
            "socket_mode_enabled": matches!(transport, Transport::SocketMode),
            "token_rotation_enabled": false,
        },
    })
}
