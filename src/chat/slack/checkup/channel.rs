//! Checks that the app can send alerts to a channel.
//!
//! The minimal permissions do not allow this check. Slack shows the members of a channel only to an app with
//! `channels:read`, or in effect with `channels:history`, which `slack manifest --read-threads` asks for.

use serde::Deserialize;

use super::call::call;
use super::{Access, Answer};
use crate::chat::slack::token::TokenKind;
use crate::report::finding::Finding;

/// Slack's data about a channel.
/// <https://docs.slack.dev/reference/methods/conversations.info>
#[derive(Deserialize)]
pub(super) struct Channel {
    name: Option<String>,
    #[serde(default)]
    is_member: bool,
    #[serde(default)]
    is_archived: bool,
    /// `true` for a direct message, which needs no invitation.
    #[serde(default)]
    is_im: bool,
}

/// Checks a channel. `named_by` are the settings that name it.
pub(super) async fn examine(access: &Access<'_>, channel: &str, named_by: &str) -> Finding {
    let part = format!("Slack channel {channel} ({named_by})");
    if channel.starts_with('#') {
        let words = "not checked: Slack can't look up a channel by name. Use its ID (channel details, at the bottom), \
            or run /invite in the channel to be sure";
        return Finding::skipped(part, words);
    }
    let asked = ask(access, "conversations.info", &[("channel", channel)]).await;
    match asked {
        Err(Refusal::MayNotLook) => {}
        Err(Refusal::Other(words)) => return Finding::fail(part, words),
        Ok(answer) => return judge(part, answer.channel),
    }
    let first = [("channel", channel), ("limit", "1")];
    match ask(access, "conversations.history", &first).await {
        Ok(_) => Finding::pass(part, "the app is in it"),
        Err(Refusal::Other(words)) => Finding::fail(part, words),
        Err(Refusal::MayNotLook) => {
            let words = "not checked: the app lacks the scope channels:read (groups:read for a private channel). Run \
                /invite in the channel to be sure, or add the scope at https://api.slack.com/apps > your app > OAuth & \
                Permissions, and select Reinstall";
            Finding::skipped(part, words)
        }
    }
}

fn judge(part: String, channel: Option<Channel>) -> Finding {
    let Some(channel) = channel else {
        return Finding::fail(part, "Slack returned no details. Check the channel's ID");
    };
    let name = channel.name.map_or_else(|| "the channel".to_owned(), |name| format!("#{name}"));
    if channel.is_archived {
        return Finding::fail(part, format!("{name} is archived. Unarchive it, or set another channel"));
    }
    if !channel.is_member && !channel.is_im {
        return Finding::fail(part, format!("the app isn't in {name}. Run /invite with its name there"));
    }
    Finding::pass(part, format!("the app is in {name}"))
}

enum Refusal {
    /// The app lacks the permission for this check.
    MayNotLook,
    Other(String),
}

async fn ask(access: &Access<'_>, method: &str, parameters: &[(&str, &str)]) -> Result<Answer, Refusal> {
    let (answer, _) =
        call(access.api_url, method, access.bot_token, parameters).await.map_err(Refusal::Other)?;
    match answer.error.as_deref() {
        _ if answer.ok => Ok(answer),
        Some("missing_scope" | "no_permission") => Err(Refusal::MayNotLook),
        code => Err(Refusal::Other(TokenKind::Bot.refused(code))),
    }
}
