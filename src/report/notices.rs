//! Short answers without a diagnosis: how to ask, and why there is no answer.

/// Returns how to ask. `in_threads` names the way that works inside threads.
#[must_use]
pub fn help(in_threads: &str) -> String {
    format!(
        "To find out why a bot didn't record, type /why-no-recording and its bot ID, or paste a link from Recall.ai's \
         dashboard (up to 5 bots at once). Example: /why-no-recording 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417. \
         To see the answer alone, start with \"private\". To look up a code, type \"explain\" and the code. \
         To count the last days, type \"digest 7d\". \
         In a channel that receives alerts: \"recent\", \"mutes\", \"mute\" and \"unmute\".{}{in_threads}",
        if in_threads.is_empty() { "" } else { " " }
    )
}

/// Returns the answer to a question without a bot ID.
#[must_use]
pub fn no_id(in_threads: &str) -> String {
    format!("I couldn't find a bot ID in that. {}", help(in_threads))
}

/// Returns the answer to a question about more bots than are allowed.
#[must_use]
pub fn too_many(asked: usize, at_most: usize) -> String {
    format!("That's {asked} bots. I can check up to {at_most} at a time.")
}

/// Answers that the first message of the thread has no bot ID.
pub const NO_ID_IN_THREAD: &str =
    "I couldn't find a bot ID in this thread's first message. Mention me again with the ID.";

/// Answers that the app may not read the thread.
pub const THREAD_UNREADABLE: &str =
    "I can't read this thread. Mention me again with the bot ID and I'll answer here.";

/// Answers that neither the requester nor the channel is on the allowlist.
pub const MAY_NOT_ASK: &str = "You can't use this app here. The person who manages it can add you or this channel to \
    its allowlist.";

/// Answers that there is no message for the host.
pub const NO_HOST_MESSAGE: &str =
    "The host can't change anything about this, so there is no message for them.";

/// Answers that several attempts at an answer failed.
pub const GAVE_UP: &str = "Something went wrong and I couldn't answer. Ask again in a few minutes. If it keeps \
    failing, the reason is in the app's log.";

/// Answers that the question could not be stored.
pub const NOT_STORED: &str = "I couldn't save your question. Ask again in a minute.";

/// Explains why only the requester sees an answer in Slack.
pub const NOT_IN_CHANNEL: &str = "Only you can see this, because I'm not in this channel. To show answers to everyone \
    here, add me with `/invite`.";

/// Returns who answered the question about the host. `who` is a mention or a name.
#[must_use]
pub fn answered_by(who: &str) -> String {
    format!("{who} answered the question about the host.")
}

/// Returns that the question was answered, for a platform where the person's ID means nothing.
#[must_use]
pub fn answered_in(chat: &str) -> String {
    format!("The question about the host was answered in {chat}.")
}

/// Says that the answer exceeds the length of a message.
pub const TOO_LONG: &str = "This answer is too long for one message. The rest is in Recall.ai's dashboard.";

/// Returns the answer to an unknown word, with a suggestion if there is one.
#[must_use]
pub fn not_in_the_catalogue(word: &str, did_you_mean: Option<&str>) -> String {
    let hint = did_you_mean.unwrap_or("You can copy a code from the timeline of any answer.");
    format!("I don't know \"{word}\". {hint}")
}

/// Answers an interaction that the app does not recognise.
pub const NOT_UNDERSTOOD: &str = "I don't recognise that command or button. It may be from an older version. Ask \
    again with /why-no-recording.";

/// Explains why only the requester sees an answer, on a platform without invitations for apps.
pub const CANNOT_POST: &str = "Only you can see this, because I don't have permission to post here.";

/// Returns why an alert is in another channel than intended.
#[must_use]
pub fn meant_for(channel: &str, why: &str) -> String {
    format!("I couldn't post in {channel}, so this alert is here instead. Reason: {why}")
}

/// Returns the first line of the first alert in a channel that refused earlier ones.
#[must_use]
pub fn missed(alerts: i64) -> String {
    let missed = if alerts == 1 { "1 alert".to_owned() } else { format!("{alerts} alerts") };
    format!(
        "I couldn't post {missed} here before this one. The person who runs this app can list them with \
         `why-no-recording outbox list`."
    )
}

/// Returns the notice that no webhooks arrive, although bots are in meetings.
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

/// Returns the notice that webhooks arrive again.
#[must_use]
pub fn webhooks_again(workspace: &str) -> String {
    format!("Webhooks for workspace \"{workspace}\" are back. Alerts are on time again.")
}
