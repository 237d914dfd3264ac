//! From stored counts to digests: once a week in their channels, and whenever a person asks.
//!
//! Whoever asks sees what they can read there anyway: in a digest channel the digest of all bots, and anywhere else only
//! bots with an alert in that channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, ToSpan};
use tokio::sync::Notify;

use crate::answer::{self, Answerer};
use crate::chat::interaction::Interaction;
use crate::chat::outbox_message::{Delivery, Draft, OutboxMessage, channel_key};
use crate::chat::{Chat, Destination, Message};
use crate::diagnosis::catalogue::Catalogue;
use crate::digest::compose::{DayCount, Material, compose};
use crate::digest::period::{self, DAYS_MAX, Period, WEEK};
use crate::digest::schedule::{STILL_POSTED, Schedule};
use crate::digest::tally::Tally;
use crate::muting::facts_of;
use crate::observe::traces;
use crate::outbox::stored;
use crate::recall::event::BotEvent;
use crate::recurrence::key::{HashedKey, KeySecret, of_metadata};
use crate::report::digest::{Digest, DigestScope, KeyLosses, MutedScope, not_so_many_days, nothing};
use crate::report::mute::capitalised;
use crate::report::recurrence::RecurrenceKey;
use crate::store::{DailyCount, KeyCount, MuteRow, Store, StoreError};

/// Most mutes that are listed, those that end first.
const MUTES_MAX: i64 = 5;
/// Customers, hosts or meetings that are named.
const KEYS_MAX: i64 = 3;

/// Where and when digests are posted.
#[derive(Debug, Clone)]
pub struct DigestConfig {
    /// The channels; none turns the weekly digest off.
    pub channels: Vec<(Chat, String)>,
    /// When.
    pub schedule: Schedule,
    /// How long records of bots are kept. Beyond that there are counts alone.
    pub kept: SignedDuration,
}

impl Default for DigestConfig {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            schedule: Schedule::default(),
            kept: SignedDuration::from_hours(30 * 24),
        }
    }
}

/// Whose bots a digest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View<'a> {
    /// All.
    Service,
    /// Those with an alert in a channel, which the outbox knows by these names.
    Channel(&'a [String]),
}

/// Digests: posted and asked for.
pub struct Digests {
    store: Store,
    answerer: Arc<Answerer>,
    config: DigestConfig,
    outbox_ready: Arc<Notify>,
}

impl Digests {
    /// Notifies `outbox_ready` when there is something to deliver.
    #[must_use]
    pub fn new(
        store: Store,
        answerer: Arc<Answerer>,
        config: DigestConfig,
        outbox_ready: Arc<Notify>,
    ) -> Self {
        Self { store, answerer, config, outbox_ready }
    }

    /// Returns `true` if digests are posted.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.config.channels.is_empty()
    }

    /// Answers a person who asked for a digest of the last days; `None` are days that can't be counted. Only they see
    /// the answer.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn answer(
        &self,
        interaction: &Interaction,
        days: Option<u8>,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StoreError> {
        let Some(days) = days else { return Ok(answer::notice(interaction, &not_so_many_days(DAYS_MAX))) };
        let channel = &interaction.requester.destination.channel;
        let key = channel_key(interaction.chat, channel);
        let names = self.store.names_of_channel(&key).await?;
        let is_own = self.config.channels.iter().any(|(chat, own)| names.contains(&channel_key(*chat, own)));
        let (view, scope) = if is_own {
            (View::Service, DigestScope::Service)
        } else {
            (View::Channel(&names), DigestScope::Channel)
        };
        let period = Period::until(now, days);
        Ok(match read(&self.store, &self.answerer.catalogue, view, period, self.config.kept, now).await? {
            Some(digest) => answer::message(interaction, Message::Digest(Box::new(digest))),
            None => answer::notice(interaction, &nothing(scope, period.first, period.last())),
        })
    }

    /// Posts the digests that are due. However many instances and restarts there are, each is posted once.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; what is left is due at the next call.
    pub async fn post_due(&self, now: Timestamp) -> Result<(), StoreError> {
        let due = self.config.schedule.latest(now);
        let period = Period::until(due, WEEK);
        for (chat, channel) in &self.config.channels {
            self.post(*chat, channel, period, due, now).await?;
        }
        Ok(())
    }

    async fn post(
        &self,
        chat: Chat,
        channel: &str,
        period: Period,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (key, first_day) = (channel_key(chat, channel), period.first.to_string());
        let marker = format!("digest/{key}");
        let done = self.store.fact(&marker).await?;
        if done.as_ref().is_some_and(|done| *done >= first_day) {
            return Ok(());
        }
        if now.duration_since(due) > STILL_POSTED {
            let is_marked = self.store.finish_digest(&marker, &first_day, None, now).await?;
            // A service that is new, or whose digest is, has missed nothing.
            if is_marked && done.is_some() {
                tracing::warn!(
                    channel = key,
                    first_day,
                    "Digest skipped: the service was down when it was due."
                );
            }
            return Ok(());
        }
        let catalogue = &self.answerer.catalogue;
        let Some(digest) = read(&self.store, catalogue, View::Service, period, self.config.kept, now).await?
        else {
            if self.store.finish_digest(&marker, &first_day, None, now).await? {
                tracing::info!(channel = key, first_day, "Digest not posted: no bot ended in these days.");
            }
            return Ok(());
        };
        let outgoing = OutboxMessage {
            chat,
            delivery: Delivery::Post(Destination { channel: channel.to_owned(), thread: None }),
            message: Message::Digest(Box::new(digest)),
            asker: None,
            replaces_placeholder: false,
            mention: None,
            fallback_channel: None,
            last_event_at: None,
            trace: traces::here(),
        };
        let row = stored(&outgoing, format!("digest/{first_day}/{key}"), None, String::new());
        if self.store.finish_digest(&marker, &first_day, Some(&row), now).await? {
            tracing::info!(channel = key, first_day, "Digest queued.");
            self.outbox_ready.notify_one();
        }
        Ok(())
    }
}

/// Reads the digest of some days; `None` if no bot ended in them. `kept` is how long records of bots are kept.
///
/// # Errors
/// Returns [`StoreError`] if the query fails.
pub async fn read(
    store: &Store,
    catalogue: &Catalogue,
    view: View<'_>,
    period: Period,
    kept: SignedDuration,
    now: Timestamp,
) -> Result<Option<Digest>, StoreError> {
    // Of this day and those after it no record was deleted yet.
    let kept_since =
        period::day_of(now.saturating_sub(kept).unwrap_or(Timestamp::MIN)).saturating_add(1.day());
    let is_cut = period.first < kept_since;
    let (scope, period) = match view {
        View::Service => (DigestScope::Service, period),
        View::Channel(_) if !is_cut => (DigestScope::Channel, period),
        // Which alerts a channel had is known of these days alone.
        View::Channel(_) => {
            let first = period::number_of(kept_since);
            let days = u8::try_from(period.numbers().1 - first + 1).unwrap_or(0);
            if days == 0 {
                return Ok(None);
            }
            (DigestScope::Channel, Period { first: kept_since, days })
        }
    };
    let earlier = period.before();
    let counts = counts(store, view, period).await?;
    let before = match view {
        View::Channel(_) if earlier.first < kept_since => Vec::new(),
        View::Service | View::Channel(_) => self::counts(store, view, earlier).await?,
    };
    let times = period.times();
    let keys = match view {
        View::Service => store.failing_keys(times, KEYS_MAX).await?,
        View::Channel(channel) => store.failing_keys_in(channel, times, KEYS_MAX).await?,
    };
    let names = match view {
        View::Service => None,
        View::Channel(names) => Some(names),
    };
    let mut named = Vec::new();
    for key in keys {
        named.extend(shown(store, &key).await?);
    }
    let material = Material {
        scope,
        period,
        counts: &counts,
        before: &before,
        keys: named,
        keys_since: (is_cut && scope == DigestScope::Service).then_some(kept_since),
        muted_alerts: u64::try_from(store.muted_alerts(names, times).await?).unwrap_or(0),
        muted: store.mutes_in(names, now, MUTES_MAX).await?.iter().map(|mute| muted(mute, view)).collect(),
    };
    let title =
        |cause: &str| catalogue.by_id(cause).map_or_else(|| cause.to_owned(), |known| known.title.clone());
    Ok(compose(material, title))
}

/// Returns what is muted, in words. Channels of other teams aren't named.
fn muted(mute: &MuteRow, view: View<'_>) -> MutedScope {
    let scope = facts_of(mute).muted;
    let what = match view {
        View::Service => format!("{} in one channel", scope.in_some_channel()),
        View::Channel(_) => scope.words(),
    };
    MutedScope { what: capitalised(&what), until: mute.ends_at }
}

async fn counts(store: &Store, view: View<'_>, period: Period) -> Result<Vec<DayCount>, StoreError> {
    let rows = match view {
        View::Service => store.daily_counts(period.numbers()).await?,
        View::Channel(channel) => store.daily_counts_in(channel, period.numbers()).await?,
    };
    let count = |DailyCount { counted, bots }: DailyCount| {
        let (day, tally) = (period::day_with(counted.day)?, Tally::parse(&counted.counted_as)?);
        Some(DayCount { day, tally, bots: u64::try_from(bots).ok()? })
    };
    Ok(rows.into_iter().filter_map(count).collect())
}

/// Returns a key as cards show it: the value of its metadata is read from the events of one of its bots.
async fn shown(store: &Store, count: &KeyCount) -> Result<Option<KeyLosses>, StoreError> {
    let Some(mut key) = HashedKey::parse(&count.key) else { return Ok(None) };
    if let RecurrenceKey::Metadata { name, .. } = &key.shown {
        let events = store.events_of(&count.example).await?;
        let events = events.iter().filter_map(|body| serde_json::from_str::<BotEvent>(body).ok());
        let metadata: BTreeMap<String, String> = events.flat_map(|event| event.metadata).collect();
        let secret = KeySecret::new(&store.recurrence_secret().await?);
        let found = of_metadata(std::slice::from_ref(name), &metadata, &secret);
        key = found.filter(|found| found.hashed == key.hashed).unwrap_or(key);
    }
    Ok(Some(KeyLosses { key: key.shown, bots: u64::try_from(count.bots).unwrap_or_default() }))
}
