//! Short answers that are no diagnosis: how to ask, and why there is nothing to tell.

/// How to ask. `in_threads` says which way works inside threads.
#[must_use]
pub fn help(in_threads: &str) -> String {
    format!(
        "To find out why a bot didn't record, type /why-no-recording and its bot ID, or paste a link from Recall.ai's \
         dashboard (up to 5 bots at once). Example: /why-no-recording 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417. \
         To see the answer alone, start with \"private\". To look up a code, type \"explain\" and the code.{}{in_threads}",
        if in_threads.is_empty() { "" } else { " " }
    )
}

/// There is no id in what was asked.
#[must_use]
pub fn no_id(in_threads: &str) -> String {
    format!("I couldn't find a bot ID in that. {}", help(in_threads))
}

/// More bots than one question may be about.
#[must_use]
pub fn too_many(asked: usize, at_most: usize) -> String {
    format!("That's {asked} bots. I can check up to {at_most} at a time.")
}

/// The first message of the thread has no id.
pub const NO_ID_IN_THREAD: &str =
    "I couldn't find a bot ID in this thread's first message. Mention me again with the ID.";

/// The app may not read the thread.
pub const THREAD_UNREADABLE: &str =
    "I can't read this thread. Mention me again with the bot ID and I'll answer here.";

/// The requester or the channel is not on the list of those who may ask.
pub const MAY_NOT_ASK: &str = "You can't use this app here. The person who manages it can add you or this channel to \
    its allowlist.";

/// There is no text for the host.
pub const NO_HOST_MESSAGE: &str =
    "The host can't change anything about this, so there is no message for them.";

/// The answer failed again and again.
pub const GAVE_UP: &str = "Something went wrong and I couldn't answer. Ask again in a few minutes. If it keeps \
    failing, the reason is in the app's log.";

/// The question could not be stored.
pub const NOT_STORED: &str = "I couldn't save your question. Ask again in a minute.";

/// Why only the requester sees an answer in Slack.
pub const NOT_IN_CHANNEL: &str = "Only you can see this, because I'm not in this channel. To show answers to everyone \
    here, add me with `/invite`.";

/// Who answered the question whether the host was there. `who` is a mention or a name.
#[must_use]
pub fn answered_by(who: &str) -> String {
    format!("{who} answered the question about the host.")
}

/// The same on a platform where the person's id means nothing.
#[must_use]
pub fn answered_in(chat: &str) -> String {
    format!("The question about the host was answered in {chat}.")
}

/// The answer is longer than a message can be.
pub const TOO_LONG: &str = "This answer is too long for one message. The rest is in Recall.ai's dashboard.";

/// No catalogue entry has this name.
#[must_use]
pub fn not_in_the_catalogue(word: &str, did_you_mean: Option<&str>) -> String {
    let hint = did_you_mean.unwrap_or("You can copy a code from the timeline of any answer.");
    format!("I don't know \"{word}\". {hint}")
}

/// An interaction that is not ours.
pub const NOT_UNDERSTOOD: &str = "I don't recognise that command or button. It may be from an older version. Ask \
    again with /why-no-recording.";

/// Why only the requester sees an answer, on a platform without invitations of apps.
pub const CANNOT_POST: &str = "Only you can see this, because I don't have permission to post here.";

/// Why an alert is in another channel than the one that it was meant for.
#[must_use]
pub fn meant_for(channel: &str, why: &str) -> String {
    format!("I couldn't post in {channel}, so this alert is here instead. Reason: {why}")
}

/// The first line of the first alert in a channel that refused some before.
#[must_use]
pub fn missed(alerts: i64) -> String {
    let missed = if alerts == 1 { "1 alert".to_owned() } else { format!("{alerts} alerts") };
    format!(
        "I couldn't post {missed} here before this one. The person who runs this app can list them with \
         `why-no-recording outbox list`."
    )
}

/// No webhooks arrive, though bots are in meetings.
#[must_use]
pub fn no_webhooks(workspace: &str, last: Option<jiff::Timestamp>) -> String {
    let since = last.map_or_else(
        || format!("Recall.ai has never sent a webhook for workspace \"{workspace}\", although its bots are in meetings."),
        |last| {
            let last = super::format_utc(last);
            format!("Recall.ai stopped sending webhooks for workspace \"{workspace}\" at {last} UTC.")
        },
    );
    format!(
        "{since} Until this is fixed, alerts are a few minutes late. Check the endpoint in Recall.ai's dashboard under \
         Webhooks: it is turned off after five days of failures, or its secret may have changed."
    )
}

/// Webhooks arrive again.
#[must_use]
pub fn webhooks_again(workspace: &str) -> String {
    format!("Webhooks for workspace \"{workspace}\" are back. Alerts are on time again.")
}
