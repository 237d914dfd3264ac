//! Short answers that are no diagnosis: how to ask, and why there is nothing to tell.

/// How to ask. `in_threads` says which way works inside threads.
#[must_use]
pub fn help(in_threads: &str) -> String {
    format!(
        "Ask with /why-no-recording and a bot id, or with a link to the bot in Recall.ai's dashboard. \
         Example: /why-no-recording 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417. Up to 5 bots at a time. \
         Put \"private\" in front to get the answer for you alone. \"explain\" and a cause or sub code \
         tells what it means.{}{in_threads}",
        if in_threads.is_empty() { "" } else { " " }
    )
}

/// There is no id in what was asked.
#[must_use]
pub fn no_id(in_threads: &str) -> String {
    format!("There is no bot id in this. {}", help(in_threads))
}

/// More bots than one question may be about.
#[must_use]
pub fn too_many(asked: usize, at_most: usize) -> String {
    format!("These are {asked} bots, and one question may be about {at_most}. Ask for fewer.")
}

/// The first message of the thread has no id.
pub const NO_ID_IN_THREAD: &str =
    "The first message of this thread names no bot. Mention me again with the bot id.";

/// We may not read the thread.
pub const THREAD_UNREADABLE: &str =
    "I cannot read the messages of this thread. Mention me again with the bot id, and I answer here.";

/// The person or the channel is not on the list of those who may ask.
pub const MAY_NOT_ASK: &str = "Questions about recordings are limited to certain people or channels here. \
    Whoever runs this app can add you to its list.";

/// There is no text for the host.
pub const NO_HOST_MESSAGE: &str =
    "There is nothing that the host could change, so there is no message for them.";

/// The answer failed again and again.
pub const GAVE_UP: &str = "Something went wrong on our side, several times, and there is no answer to your question. \
    Whoever runs this app finds the reason in its log. Asking again may work.";

/// The question could not be kept.
pub const NOT_STORED: &str =
    "Your question could not be stored just now, so it will not be answered. Ask again in a minute.";

/// Why an answer is for the asker alone.
pub const NOT_IN_CHANNEL: &str =
    "Only you see this, because I am not in this channel. With `/invite` and my name I answer for everybody.";

/// No answer with this name.
#[must_use]
pub fn not_in_the_catalogue(word: &str, did_you_mean: Option<&str>) -> String {
    let hint = did_you_mean.unwrap_or("The codes are listed with each diagnosis.");
    format!("\"{word}\" is not in our list. {hint}")
}

/// An interaction that is none of ours.
pub const NOT_UNDERSTOOD: &str = "I do not know this command or button. It may be from an older version: ask again with /why-no-recording.";

/// Why an answer is for the asker alone, on a platform without invitations of apps.
pub const CANNOT_POST: &str = "Only you see this, because I may not post here.";

/// Why an alert stands in another channel than the one it was meant for.
#[must_use]
pub fn meant_for(channel: &str, why: &str) -> String {
    format!("This was meant for {channel}, which takes no messages from me: {why}")
}

/// The first line of the first alert in a channel that refused some before.
#[must_use]
pub fn missed(alerts: i64) -> String {
    let missed = if alerts == 1 { "1 alert".to_owned() } else { format!("{alerts} alerts") };
    format!(
        "{missed} before this one could not be posted here. Whoever runs this app finds them with \
         `why-no-recording outbox list`."
    )
}

/// No webhooks come, though bots are about.
#[must_use]
pub fn no_webhooks(workspace: &str, last: Option<jiff::Timestamp>) -> String {
    let since = last.map_or_else(
        || "No webhook has ever come".to_owned(),
        |last| format!("No webhook has come since {} UTC", super::format_utc(last)),
    );
    format!(
        "{since} from the workspace \"{workspace}\" of Recall.ai, though its bots have been in meetings. Until they \
         come again, its list of bots is read instead, so alerts come some minutes late. Look at the endpoint in \
         Recall.ai's dashboard: it is switched off after five days of failures, and its secret may have changed."
    )
}

/// Webhooks come again.
#[must_use]
pub fn webhooks_again(workspace: &str) -> String {
    format!("Webhooks from the workspace \"{workspace}\" of Recall.ai come again. Alerts are on time.")
}
