//! The meaning of Slack's error codes: what happens next, and what the operator has to do.

use std::time::Duration;

use slack_morphism::errors::SlackClientError;

use crate::chat::DeliveryError;

/// Seconds to wait if Slack asks to slow down without a duration.
const PAUSE_DEFAULT: Duration = Duration::from_secs(30);

/// The consequence of an error for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The channel refuses it.
    NotThere,
    /// No thread is possible.
    NoThread,
    /// The thread is gone, and its channel is not.
    ThreadClosed,
    /// The message to edit is gone.
    Gone,
    /// The app itself is at fault.
    NotAllowed,
    /// Too many messages at once.
    Busy,
    /// Slack failed, and it is unknown how far it came.
    InDoubt,
    /// The message is at fault.
    Refused,
}

/// Slack's error codes, from the pages of the methods that are called, with the fix for each.
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
    ("cannot_unfurl_url", Meaning::Refused, "Slack doesn't let the app unfurl this link: compare the app's unfurl domains with `why-no-recording slack manifest --unfurl`."),
    ("cannot_unfurl_message", Meaning::Refused, "Links in this message can't be unfurled."),
    ("cannot_find_message", Meaning::Gone, "The message was deleted."),
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

/// Returns the fix for an error code, for the operator.
#[must_use]
pub fn advice(code: &str) -> Option<&'static str> {
    REFUSALS.iter().find(|(name, ..)| *name == code).map(|(_, _, advice)| *advice)
}

/// Returns `true` if a refused message may be accepted as plain text.
pub(super) fn is_about_blocks(error: &DeliveryError) -> bool {
    matches!(error, DeliveryError::Refused(why) if why.contains("blocks"))
}

/// Returns the meaning of a failed call. The library's own errors print whole bodies, so none of their text
/// is kept.
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

/// Returns the meaning of a response with an error status. Slack's own responses contain an error code. One
/// without a code may be a page of a proxy in between, and is never final.
fn page(status: u16, body: &str) -> DeliveryError {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    // Responses of a `response_url` contain the code as plain text.
    let code = json["error"].as_str().unwrap_or_else(|| body.trim());
    if json["ok"] == false || advice(code).is_some() {
        return refused(code);
    }
    match status {
        400..500 => DeliveryError::Failed(format!("HTTP {status}, and not from Slack")),
        _ => DeliveryError::InDoubt(format!("HTTP {status}")),
    }
}

/// Returns the meaning of an unknown code, which is retried: it is more often new than final.
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
