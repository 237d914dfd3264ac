//! Reconciles with Recall.ai's bot lists, to find events that no webhook brought.
//!
//! A run reads some pages of three lists of each workspace, within a third of the rate limit, so that questions keep
//! the rest:
//!
//! - bots that should have joined and didn't: they have no events, so no webhook is about them;
//! - bots that wait in a meeting now, which can still be saved;
//! - all bots to which something happened. No filter finds recent changes, and Recall.ai promises no
//!   order, so all pages are read, over as many runs as it takes. Each run starts with the first pages, as long as
//!   there is something fresh on them, and continues where the run before left off.
//!
//! The position in a list is stored. A list that was read to its end starts anew.

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use super::receive::new_event;
use super::silence::Compared;
use crate::diagnosis::status::StatusChange;
use crate::recall::event::{BotEvent, EventKind};
use crate::recall::{BotList, Cursor, FetchError, ListPage, ListedBot, holds};
use crate::recurrence::key::of_origin;
use crate::retry::Retry;
use crate::store::{Backfill, NewEvent, StoreError};

/// More recent events may still arrive by webhook.
const STILL_ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(2);
/// A page on which something happened since then is read although the run before went on elsewhere.
const FRESH: SignedDuration = SignedDuration::from_mins(20);
/// A bot that is this late didn't set out; most appear within seconds of their join time.
const NOT_JOINED_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// After a long stop, events older than this trigger no alerts.
const LOOK_BACK_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Pages that a run reads of a workspace at most. Recall.ai allows sixty a minute.
const PAGES_MAX: usize = 20;
/// However often lists are to be compared, a run starts no sooner after another.
const RUN_EVERY_MIN: SignedDuration = SignedDuration::from_mins(1);

/// One list, as a run reads it.
struct Reading {
    list: BotList,
    /// Its name in the stored position.
    name: &'static str,
    /// Pages that a run reads of it at most, so that something is left for the lists behind it.
    pages_max: usize,
}

impl Watch {
    /// Reconciles every workspace with its bot lists. A list that can't be read is compared in the next run.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn reconcile(&self, now: Timestamp) -> Result<(), StoreError> {
        // Of several processes, one compares.
        let turn = SignedDuration::try_from(self.alerts.reconcile / 2).unwrap_or(RUN_EVERY_MIN);
        if !self.store.claim_periodic_run("reconcile/run", now, turn.max(RUN_EVERY_MIN)).await? {
            return Ok(());
        }
        for workspace in &self.alerts.workspaces {
            let can_be_asked = self.answerer.fetcher.workspaces().any(|name| name == workspace.name);
            let missed =
                if can_be_asked { self.compare(&workspace.name, now).await? } else { Compared::NotAsked };
            if !workspace.keys.is_empty() || self.alerts.insecure {
                self.check_webhooks_arrive(&workspace.name, missed, now).await?;
            }
        }
        Ok(())
    }

    /// Adds the events from a workspace's lists that no webhook brought.
    async fn compare(&self, workspace: &str, now: Timestamp) -> Result<Compared, StoreError> {
        let since = self.compared_since(workspace, now).await?;
        let not_joined = BotList::NotJoined { after: since, before: now - NOT_JOINED_AFTER };
        let mut found = Found::default();
        let mut failed = false;
        for reading in [
            Reading { list: not_joined, name: "not_joined", pages_max: 4 },
            Reading { list: BotList::Waiting, name: "waiting", pages_max: 8 },
            Reading { list: BotList::All, name: "all", pages_max: PAGES_MAX },
        ] {
            let Some(error) = self.read(workspace, &reading, since, &mut found, now).await? else { continue };
            tracing::warn!(workspace, list = reading.name, %error, "Bot list not read.");
            let comes_back = error.retry() != Retry::Never;
            failed = true;
            // An error that lasts for one list lasts for the others too.
            if comes_back {
                break;
            }
        }
        let result = if failed { "failed" } else { "done" };
        metrics::counter!("wnr_reconciliations_total", "result" => result).increment(1);
        metrics::counter!("wnr_webhooks_missed_total").increment(found.missed);
        if found.missed > 0 {
            let missed = found.missed;
            tracing::warn!(workspace, missed, "Missed webhooks: status changes found in the bot list.");
        }
        if found.missed + found.not_joined > 0 {
            self.bots_due.notify_one();
        }
        Ok(match (found.missed > 0, failed) {
            (true, _) => Compared::Some,
            (false, false) => Compared::Nothing,
            (false, true) => Compared::NotAsked,
        })
    }

    /// Returns the time before which events trigger no alerts: before this service first ran, or long ago.
    async fn compared_since(&self, workspace: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
        let fact = format!("reconcile/since/{workspace}");
        let since = match self.store.fact(&fact).await?.and_then(|since| since.parse().ok()) {
            Some(since) => since,
            None => {
                let since = now - self.alerts.policy.stale;
                self.store.remember_fact(&fact, &since.to_string()).await?;
                since
            }
        };
        Ok(since.max(now - LOOK_BACK_MAX))
    }

    /// Reads some pages of a list. Returns why it could not, if so.
    async fn read(
        &self,
        workspace: &str,
        reading: &Reading,
        since: Timestamp,
        found: &mut Found,
        now: Timestamp,
    ) -> Result<Option<FetchError>, StoreError> {
        let fact = format!("reconcile/cursor/{}/{workspace}", reading.name);
        let kept = self.store.fact(&fact).await?.unwrap_or_default();
        let mut resume = (!kept.is_empty()).then(|| Cursor(kept.clone()));
        let mut next: Option<Cursor> = None;
        let mut failed = None;
        for _ in 0..reading.pages_max.min(PAGES_MAX.saturating_sub(found.pages)) {
            found.pages += 1;
            let page = self.answerer.fetcher.list(workspace, reading.list, next.as_ref(), now).await;
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    if error.retry() == Retry::Never {
                        // Perhaps the cursor is not known any more: from the start, then.
                        (resume, next) = (None, None);
                    }
                    failed = Some(error);
                    break;
                }
            };
            self.backfill_page(workspace, &page, since, found, now).await?;
            let is_fresh = page.bots.iter().any(|listed| listed.last_at().is_some_and(|at| at > now - FRESH));
            next = page.next;
            if next.is_none() {
                resume = None;
                break;
            }
            if !is_fresh && resume.is_some() {
                next = resume.take();
            }
        }
        let left_at = resume.or(next).map_or_else(String::new, |cursor| cursor.0);
        if left_at != kept {
            self.store.remember_fact(&fact, &left_at).await?;
        }
        if !left_at.is_empty() && failed.is_none() {
            let list = reading.name;
            tracing::debug!(workspace, list, "Bot list not read to its end.");
        }
        Ok(failed)
    }

    async fn backfill_page(
        &self,
        workspace: &str,
        page: &ListPage,
        since: Timestamp,
        found: &mut Found,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for listed in &page.bots {
            let not_joined =
                listed.not_joined_since().filter(|at| *at >= since && *at < now - NOT_JOINED_AFTER);
            let last_at = listed.last_at().filter(|at| *at >= since && *at < now - STILL_ON_ITS_WAY);
            if let Some(join_at) = not_joined {
                let event = new_event(&listed.event(EventKind::NotJoined(join_at)));
                found.not_joined += self.backfill(workspace, listed, vec![event], now).await?;
            } else if last_at.is_some() {
                let missed = self.missed(listed).await?;
                found.missed += self.backfill(workspace, listed, missed, now).await?;
            }
        }
        Ok(())
    }

    /// The status changes of a bot that are not known.
    async fn missed(&self, listed: &ListedBot) -> Result<Vec<NewEvent>, StoreError> {
        let known: Vec<StatusChange> = self
            .store
            .events_of(&listed.bot.to_string())
            .await?
            .iter()
            .filter_map(|body| match serde_json::from_str::<BotEvent>(body).ok()?.kind {
                EventKind::Status(change) => Some(change),
                EventKind::NotJoined(_) | EventKind::Media { .. } => None,
            })
            .collect();
        let missed = listed.case.status_changes.iter().filter(|change| !holds(&known, change));
        Ok(missed.map(|change| new_event(&listed.event(EventKind::Status(change.clone())))).collect())
    }

    /// Stores a listed bot together with these events, if one of them is new.
    async fn backfill(
        &self,
        workspace: &str,
        listed: &ListedBot,
        events: Vec<NewEvent>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        if events.is_empty() {
            return Ok(0);
        }
        // Who was in the meeting is learned by a lookup alone: where there is such a thing, one is still worth it.
        let fetched_at = listed.last_at().filter(|_| listed.has_participants_link).unwrap_or(now);
        let key = of_origin(&self.alerts.recurrence_keys, &listed.case.origin, &self.key_secret().await?);
        let backfill = Backfill {
            bot: listed.bot.to_string(),
            workspace: workspace.to_owned(),
            strangers: self.strangers.to(workspace).into(),
            events,
            api_response: serde_json::to_string(&listed.case).unwrap_or_default().into(),
            recurrence_key: key.map(|key| key.as_str().to_owned()),
            fetched_at,
        };
        Ok(u64::try_from(self.store.backfill(&backfill, now).await?).unwrap_or_default())
    }
}

/// What a run has found and used so far.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    /// Status changes without a webhook.
    missed: u64,
    /// Bots that never set out, which have no webhooks.
    not_joined: u64,
    /// Pages that were asked for.
    pages: usize,
}
