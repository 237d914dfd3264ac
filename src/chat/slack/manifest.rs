//! The manifest from which Slack makes the app, with the fewest permissions.
//! <https://docs.slack.dev/reference/app-manifest>

use serde_json::{Value, json};

use super::SHORTCUT;

/// How Slack reaches us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Through connections that we open.
    SocketMode,
    /// Over HTTP, at this address from outside, without a slash at its end.
    Http(String),
}

/// Why the app asks for each permission.
pub const SCOPES: &[(&str, &str)] = &[
    ("app_mentions:read", "to be asked inside threads, where Slack has no commands"),
    ("chat:write", "to answer"),
    ("commands", "for /why-no-recording and the shortcut of messages"),
];

/// Why the app asks for these where it may read threads.
pub const READING_SCOPES: &[(&str, &str)] = &[
    ("channels:history", "to find the bot ID in a thread's first message, and never to post an answer twice"),
    ("groups:history", "the same in private channels that the app was invited to"),
];

/// The manifest. With `may_read`, it asks for the permission to read channels that the app is in.
#[must_use]
pub fn manifest(transport: &Transport, may_read: bool) -> Value {
    let scopes = SCOPES.iter().chain(if may_read { READING_SCOPES } else { &[] });
    let scopes: Vec<&str> = scopes.map(|(scope, _)| *scope).collect();
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
