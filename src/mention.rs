//! The forms in which Slack and Discord write a mention.
//!
//! Mentions come from the settings only. One setting may mention people on both platforms; each platform gets its
//! own, because the other's would be shown as plain text.

/// Characters of all mentions of one message together: enough for twenty, and a quarter of what a message of Discord
/// holds.
pub const MENTION_MAX: usize = 500;

/// The forms of Slack, as a person writes them into the settings.
pub const SLACK_FORMS: &str = "<!here>, <!channel>, <@U0123456789> or <!subteam^S0123456789>";
/// The forms of Discord.
pub const DISCORD_FORMS: &str = "<@123456789012345678>, <@&123456789012345678>, @here or @everyone";

/// Returns `true` if Slack reads this word as a mention.
/// <https://docs.slack.dev/messaging/formatting-message-text#advanced>
#[must_use]
pub fn is_slack(word: &str) -> bool {
    let Some(inner) = word.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else { return false };
    // The part after the bar is shown if Slack can't look up the name.
    let (name, label) = inner.split_once('|').map_or((inner, None), |(name, label)| (name, Some(label)));
    let is_plain = |label: &str| !label.is_empty() && !label.contains(['<', '>', '|', '&']);
    label.is_none_or(is_plain)
        && match name.strip_prefix('@') {
            Some(person) => is_slack_user(person),
            None => {
                matches!(name, "!here" | "!channel" | "!everyone")
                    || name.strip_prefix("!subteam^").is_some_and(|group| is_slack_id(group, &['S']))
            }
        }
}

/// Returns `true` if Discord reads this word as a mention.
/// <https://docs.discord.com/developers/reference#message-formatting-formats>
#[must_use]
pub fn is_discord(word: &str) -> bool {
    let inner = word.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>'));
    // `&` is a role, and `!` an older way to write a person.
    let id = inner.map(|inner| inner.strip_prefix(['&', '!']).unwrap_or(inner));
    matches!(word, "@here" | "@everyone") || id.is_some_and(is_discord_id)
}

/// Returns `true` if this is how Slack names a person.
#[must_use]
pub fn is_slack_user(id: &str) -> bool {
    is_slack_id(id, &['U', 'W'])
}

/// Returns `true` if this is how Discord names anything. Its IDs count milliseconds since 2015 in their upper bits, so
/// none that it gives out is shorter than 17 digits.
#[must_use]
pub fn is_discord_id(id: &str) -> bool {
    (17..=20).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_digit())
}

/// Returns the mentions that Slack reads, up to the limit of a message.
#[must_use]
pub fn for_slack(text: &str) -> Option<String> {
    within(text.split_whitespace().filter(|word| is_slack(word)))
}

/// Returns the mentions that Discord reads, up to the limit of a message.
#[must_use]
pub fn for_discord(text: &str) -> Option<String> {
    within(text.split_whitespace().filter(|word| is_discord(word)))
}

fn is_slack_id(id: &str, first: &[char]) -> bool {
    id.starts_with(first)
        && (2..=30).contains(&id.len())
        && id.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}

fn within<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut mentions = String::new();
    let mut known: Vec<&str> = Vec::new();
    for word in words {
        // A mention that is cut through is none, and what it leaves is shown.
        let fits = mentions.chars().count() + 1 + word.chars().count() <= MENTION_MAX;
        if fits && !known.contains(&word) {
            known.push(word);
            if !mentions.is_empty() {
                mentions.push(' ');
            }
            mentions.push_str(word);
        }
    }
    (!mentions.is_empty()).then_some(mentions)
}
