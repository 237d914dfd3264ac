//! The manifest from which Slack creates the app, with minimal permissions.
//! <https://docs.slack.dev/reference/app-manifest>

use serde_json::{Value, json};

use super::SHORTCUT;
use super::inbound::RECALL;

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

/// The permissions for unfurling links, each with its reason.
pub const UNFURL_SCOPES: &[(&str, &str)] = &[
    ("links:read", "to hear of links to bots in Recall.ai's dashboard, and of no other links"),
    ("links:write", "to show the bot's outcome below the message"),
];

/// The permissions for listing channels, each with its reason.
pub const LISTING_SCOPES: &[(&str, &str)] = &[
    (
        "channels:read",
        "to check alert channels in `doctor`, and to show a person the last failures in their channels",
    ),
    ("groups:read", "the same in private channels that the app was invited to"),
];

/// What the app does besides answering and alerting. Each needs permissions of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extras {
    /// Reads the channels that it has joined.
    pub reads_threads: bool,
    /// Reads the members of user groups.
    pub reads_groups: bool,
    /// Unfurls links to bots.
    pub unfurls: bool,
    /// Lists channels, and who is in them.
    pub lists_channels: bool,
}

impl Extras {
    /// Everything.
    pub const ALL: Self =
        Self { reads_threads: true, reads_groups: true, unfurls: true, lists_channels: true };

    /// Returns the permissions that the app needs, each with its reason.
    pub fn scopes(self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let all = [
            (true, SCOPES),
            (self.reads_threads, READING_SCOPES),
            (self.reads_groups, GROUP_SCOPES),
            (self.unfurls, UNFURL_SCOPES),
            (self.lists_channels, LISTING_SCOPES),
        ];
        all.into_iter().filter(|(wanted, _)| *wanted).flat_map(|(_, scopes)| scopes)
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
    let mut bot_events = vec!["app_home_opened", "app_mention"];
    bot_events.extend(extras.unfurls.then_some("link_shared"));
    let mut events = json!({ "bot_events": bot_events });
    let mut interactivity = json!({ "is_enabled": true });
    if let (Some(commands), Some(interactions), Some(requests)) =
        (url("/slack/commands"), url("/slack/interactions"), url("/slack/events"))
    {
        command["url"] = commands.into();
        interactivity["request_url"] = interactions.into();
        events["request_url"] = requests.into();
    }
    let mut manifest = json!({
        "display_information": {
            "name": "Why no recording",
            "description": "Find out why a Recall.ai meeting bot didn't record, and how to fix it",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": { "home_tab_enabled": true, "messages_tab_enabled": false },
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
    });
    if extras.unfurls {
        manifest["features"]["unfurl_domains"] = json!([RECALL]);
    }
    manifest
}
