//! What Slack's refusals mean, by name: what happens next, and what a person does about it.

use std::time::Duration;

use slack_morphism::errors::SlackClientError;

use crate::chat::DeliveryError;

/// Waited for where Slack asks us to slow down and does not say for how long.
const PAUSE_DEFAULT: Duration = Duration::from_secs(30);

/// What a refusal means for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The channel does not take it.
    NotThere,
    /// There can be no thread.
    NoThread,
    /// The thread is gone, and its channel is not.
    ThreadClosed,
    /// The message to change is gone.
    Gone,
    /// The app itself is at fault.
    NotAllowed,
    /// Too much at once.
    Busy,
    /// Slack failed, and nobody knows how far it came.
    InDoubt,
    /// The message is at fault.
    Refused,
}

/// Slack's names for refusals, from the pages of the methods that we call, with what to do about each.
/// <https://docs.slack.dev/reference/methods/chat.postMessage#errors>
#[rustfmt::skip]
const REFUSALS: &[(&str, Meaning, &str)] = &[
    ("not_in_channel", Meaning::NotThere, "The app is not in the channel: invite it with /invite."),
    ("channel_not_found", Meaning::NotThere, "The channel is gone, or is private and the app is not in it: invite it with /invite."),
    ("is_archived", Meaning::NotThere, "The channel is archived: choose another, or unarchive it."),
    ("restricted_action", Meaning::NotThere, "The workspace does not let the app post in this channel: a channel manager can allow it."),
    ("restricted_action_read_only_channel", Meaning::NotThere, "Only some people may post in this channel: a channel manager can allow the app."),
    ("restricted_action_thread_only_channel", Meaning::NotThere, "Only threads are allowed in this channel."),
    ("restricted_action_non_threadable_channel", Meaning::NoThread, "This channel has no threads."),
    ("team_access_not_granted", Meaning::NotThere, "The app is not installed in the workspace of this channel."),
    ("cannot_reply_to_message", Meaning::NoThread, "This message can have no thread."),
    ("user_not_in_channel", Meaning::NotThere, "The person has left the channel."),
    ("messages_tab_disabled", Meaning::NotThere, "The app takes no direct messages."),
    ("message_not_found", Meaning::Gone, "The message was deleted."),
    ("cant_update_message", Meaning::Gone, "The message is not ours to change."),
    ("edit_window_closed", Meaning::Gone, "The workspace does not allow changes to messages of this age."),
    ("thread_not_found", Meaning::ThreadClosed, "The thread is gone."),
    ("expired_url", Meaning::NotThere, "The half hour for a private answer is over."),
    ("used_url", Meaning::NotThere, "All private answers to this question are used."),
    ("missing_scope", Meaning::NotAllowed, "The app lacks a permission: compare its scopes with `why-no-recording slack manifest`, and reinstall it."),
    ("token_revoked", Meaning::NotAllowed, "The bot token was revoked: reinstall the app, and set slack.bot_token."),
    ("token_expired", Meaning::NotAllowed, "The bot token has expired: switch token rotation off for this app, and set slack.bot_token."),
    ("account_inactive", Meaning::NotAllowed, "The app was removed from the workspace: install it again, and set slack.bot_token."),
    ("invalid_auth", Meaning::NotAllowed, "Slack does not know this token: copy slack.bot_token again from the app's page OAuth & Permissions."),
    ("not_authed", Meaning::NotAllowed, "No token reached Slack: set slack.bot_token."),
    ("not_allowed_token_type", Meaning::NotAllowed, "This is another kind of token: slack.bot_token begins with xoxb-, slack.app_token with xapp-."),
    ("no_permission", Meaning::NotAllowed, "The workspace token lacks a permission: reinstall the app."),
    ("org_login_required", Meaning::NotAllowed, "The workspace is being moved into an organisation: wait until that is done."),
    ("access_denied", Meaning::NotAllowed, "The workspace denies the app access: ask its administrators."),
    ("team_added_to_org", Meaning::NotAllowed, "The workspace is being moved into an organisation: wait until that is done."),
    ("ekm_access_denied", Meaning::NotAllowed, "An administrator has suspended posting with the organisation's own keys."),
    ("ratelimited", Meaning::Busy, "Slack asks us to slow down."),
    ("rate_limited", Meaning::Busy, "Slack asks us to slow down."),
    ("message_limit_exceeded", Meaning::Busy, "The workspace has too many messages in too short a time."),
    ("internal_error", Meaning::InDoubt, "Slack failed."),
    ("fatal_error", Meaning::InDoubt, "Slack failed."),
    ("service_unavailable", Meaning::InDoubt, "Slack is not available."),
    ("request_timeout", Meaning::InDoubt, "Slack did not get the whole request."),
    ("invalid_blocks", Meaning::Refused, "Slack doesn't accept the format of this message. This is a bug in why-no-recording; please report it."),
    ("invalid_blocks_format", Meaning::Refused, "Slack doesn't accept the format of this message. This is a bug in why-no-recording; please report it."),
    ("msg_blocks_too_long", Meaning::Refused, "The message is too long for Slack. This is a bug in why-no-recording; please report it."),
    ("msg_too_long", Meaning::Refused, "The message is too long for Slack. This is a bug in why-no-recording; please report it."),
    ("no_text", Meaning::Refused, "The message is empty. This is a bug in why-no-recording; please report it."),
    ("invalid_arguments", Meaning::Refused, "Slack doesn't accept the format of this message. This is a bug in why-no-recording; please report it."),
    ("metadata_too_large", Meaning::Refused, "The message's metadata is too large. This is a bug in why-no-recording; please report it."),
];

/// What to do about a refusal, for the person who runs the app.
#[must_use]
pub fn advice(code: &str) -> Option<&'static str> {
    REFUSALS.iter().find(|(name, ..)| *name == code).map(|(_, _, advice)| *advice)
}

/// Whether a refused message may get through as plain text.
pub(super) fn is_about_blocks(error: &DeliveryError) -> bool {
    matches!(error, DeliveryError::Refused(why) if why.contains("blocks"))
}

/// What a failed call means. The library's own errors print whole bodies; nothing of them is kept.
pub(super) fn delivery_error(error: &SlackClientError) -> DeliveryError {
    match error {
        SlackClientError::ApiError(refusal) => refused(&refusal.code),
        SlackClientError::RateLimitError(limit) => {
            DeliveryError::Busy(limit.retry_after.unwrap_or(PAUSE_DEFAULT))
        }
        SlackClientError::HttpError(answer) => {
            page(answer.status_code.as_u16(), answer.http_response_body.as_deref().unwrap_or_default())
        }
        SlackClientError::ProtocolError(_) => DeliveryError::InDoubt("Slack's answer is no JSON".to_owned()),
        SlackClientError::HttpProtocolError(_)
        | SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_)
        | SlackClientError::SocketModeProtocolError(_) => {
            DeliveryError::InDoubt("the connection to Slack broke".to_owned())
        }
    }
}

/// What an answer with a status of failure means. Slack's own has a name for the refusal; without one it may be the
/// page of a proxy on the way, and that is nobody's last word.
fn page(status: u16, body: &str) -> DeliveryError {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    // Addresses for private answers say it in plain text.
    let code = json["error"].as_str().unwrap_or_else(|| body.trim());
    if json["ok"] == false || advice(code).is_some() {
        return refused(code);
    }
    match status {
        400..500 => DeliveryError::Failed(format!("HTTP {status}, and not from Slack")),
        _ => DeliveryError::InDoubt(format!("HTTP {status}")),
    }
}

/// A refusal that we do not know is tried again: it is more often new than final.
fn refused(code: &str) -> DeliveryError {
    let Some((name, meaning, advice)) = REFUSALS.iter().find(|(name, ..)| *name == code) else {
        let known: String =
            code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
        return DeliveryError::Failed(format!("Slack answered {known}"));
    };
    let why = format!("{name}: {advice}");
    match meaning {
        Meaning::NotThere => DeliveryError::NotThere(why),
        Meaning::NoThread => DeliveryError::NoThread(why),
        Meaning::ThreadClosed => DeliveryError::ThreadClosed(why),
        Meaning::Gone => DeliveryError::MessageGone(why),
        Meaning::NotAllowed => DeliveryError::NotAllowed(why),
        Meaning::Busy => DeliveryError::Busy(PAUSE_DEFAULT),
        Meaning::InDoubt => DeliveryError::InDoubt(why),
        Meaning::Refused => DeliveryError::Refused(why),
    }
}
