//! A person's home in the chat: what they may see of what is stored.
//!
//! A channel is shown only if two things hold: the person asked or pressed a button there in the last 30 days, and the
//! platform says that they are in it now. The first alone could be a channel that they have left, and the second alone
//! would show failures to people who never used the app. If the platform doesn't say who is in a channel, only their
//! own questions are left.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::chat::action::Action;
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind, Requester};
use crate::chat::outbox_message::channel_key;
use crate::chat::{Chat, Destination, MessageId, Messenger};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::catalogue::Catalogue;
use crate::muting::facts_of;
use crate::report::Explanation;
use crate::report::home::{AskedAbout, Failed, Home, HomeContent, MutedLine, RecentFailure};
use crate::report::mute::capitalised;
use crate::report::notices;
use crate::store::{MuteRow, Store, StoreError, UsedApp};

/// For how long a question shows that its channel is one of the person's.
const LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most bots that the person asked about.
const ASKED_MAX: usize = 5;
/// Most failures.
const FAILURES_MAX: usize = 10;
/// Most channels whose failures are read.
const CHANNELS_MAX: usize = 20;
/// Most mutes.
const MUTES_MAX: i64 = 20;
/// Takes the place of a message's ID where a button is in a home.
const HOME: &str = "home";

/// Composes the home of a person, and publishes it.
///
/// A platform that doesn't accept it is counted. The person gets the next one when they open their home again.
///
/// # Errors
/// Returns [`StoreError`] if the query fails.
pub async fn publish(
    interaction: &Interaction,
    may_ask: bool,
    (store, catalogue): (&Store, &Catalogue),
    messenger: &dyn Messenger,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (chat, requester) = (interaction.chat, &interaction.requester);
    let home = if may_ask {
        Home::Open(content(chat, requester, (store, catalogue), messenger, now).await?)
    } else {
        Home::Closed
    };
    let result = match messenger.publish_home(&requester.user_id, &home).await {
        Ok(()) => "published",
        Err(error) => {
            tracing::info!(%error, "Home not published.");
            "failed"
        }
    };
    metrics::counter!("wnr_homes_total", "result" => result).increment(1);
    Ok(())
}

async fn content(
    chat: Chat,
    requester: &Requester,
    (store, catalogue): (&Store, &Catalogue),
    messenger: &dyn Messenger,
    now: Timestamp,
) -> Result<HomeContent, StoreError> {
    let person = requester.user_id.as_str();
    let used = store.used_app(chat.as_str(), person, now.saturating_sub(LATELY).unwrap_or(now)).await?;
    let used_in: BTreeSet<&str> = used.iter().map(|used| used.channel.as_str()).collect();
    // Without a channel that could be shown, there is no need to ask.
    let visible = if used_in.is_empty() {
        Some(BTreeSet::new())
    } else {
        messenger.channels_of(person).await.unwrap_or_else(|error| {
            tracing::info!(%error, "Channels of a person not read.");
            None
        })
    };
    let visible: Option<Vec<&str>> = visible.map(|channels| {
        used_in.into_iter().filter(|channel| channels.contains(*channel)).take(CHANNELS_MAX).collect()
    });
    let failures = match &visible {
        Some(channels) => Some(failures(chat, channels, store, catalogue).await?),
        None => None,
    };
    let muted = match &visible {
        Some(channels) => muted(chat, channels, store, now).await?,
        None => Vec::new(),
    };
    let help = notices::help(chat.how_to_ask_in_threads());
    Ok(HomeContent { help, asked: asked(&used), failures, muted })
}

/// Returns what is muted in these channels, what ends first at the top.
async fn muted(
    chat: Chat,
    channels: &[&str],
    store: &Store,
    now: Timestamp,
) -> Result<Vec<MutedLine>, StoreError> {
    let keys: Vec<String> = channels.iter().map(|channel| channel_key(chat, channel)).collect();
    let rows = store.mutes_in(Some(&keys), now, MUTES_MAX).await?;
    let line = |row: &MuteRow| MutedLine {
        id: row.id.clone(),
        what: capitalised(&facts_of(row).muted.in_some_channel()),
        channel: row.channel.split_once(':').map_or(&*row.channel, |(_, channel)| channel).to_owned(),
        until: row.ends_at,
    };
    Ok(rows.iter().map(line).collect())
}

/// Returns the press of *Unmute* in a home as one in the channel of its mute, where the rights are those of the channel.
/// `None` for any other interaction, and for a mute that is gone.
///
/// # Errors
/// Returns [`StoreError`] if the query fails.
pub async fn in_channel_of_mute(
    interaction: &Interaction,
    store: &Store,
) -> Result<Option<Interaction>, StoreError> {
    let InteractionKind::Press { action: action @ Action::Unmute(id), .. } = &interaction.kind else {
        return Ok(None);
    };
    if !interaction.requester.destination.channel.is_empty() {
        return Ok(None);
    }
    let Some(channel) = store.channel_of_mute(id.as_str()).await? else { return Ok(None) };
    let channel = channel.split_once(':').map_or(&*channel, |(_, channel)| channel).to_owned();
    let place = Destination { channel, thread: None };
    let requester = Requester { destination: place, ..interaction.requester.clone() };
    let kind =
        InteractionKind::Press { action: action.clone(), on: ButtonOn::Posted(MessageId(HOME.to_owned())) };
    Ok(Some(Interaction { requester, kind, ..interaction.clone() }))
}

/// Returns the bots that the person asked about, each with its last question.
fn asked(used: &[UsedApp]) -> Vec<AskedAbout> {
    let mut asked: Vec<AskedAbout> = Vec::new();
    for used in used {
        for bot in BotId::find_all(&used.action) {
            if asked.len() < ASKED_MAX && asked.iter().all(|known| known.bot != bot) {
                asked.push(AskedAbout { at: used.at, bot, channel: used.channel.clone() });
            }
        }
    }
    asked
}

async fn failures(
    chat: Chat,
    channels: &[&str],
    store: &Store,
    catalogue: &Catalogue,
) -> Result<Vec<RecentFailure>, StoreError> {
    let mut failures = Vec::new();
    let title = |cause: &str| catalogue.by_id(cause).map(|cause| Explanation::of(cause).title);
    for channel in channels {
        let key = channel_key(chat, channel);
        for alert in store.recent_alerts(&key, FAILURES_MAX).await? {
            let Ok(bot) = alert.bot.parse() else { continue };
            failures.push(RecentFailure {
                at: alert.at,
                bots: Failed::One(bot),
                title: Some(title(&alert.cause).unwrap_or(alert.cause)),
                channel: (*channel).to_owned(),
                resolved: alert.resolved,
            });
        }
        for group in store.recent_groups(&key, FAILURES_MAX).await? {
            failures.push(RecentFailure {
                at: group.at,
                bots: Failed::Many(group.bots),
                title: group.cause.map(|cause| title(&cause).unwrap_or(cause)),
                channel: (*channel).to_owned(),
                resolved: group.resolved >= group.bots,
            });
        }
    }
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.at));
    failures.truncate(FAILURES_MAX);
    Ok(failures)
}
