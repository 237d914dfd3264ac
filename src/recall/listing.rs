//! All bots of a workspace that something happened to lately, to compare with what webhooks told.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::case_file::status_change;
use super::client::RecallClient;
use super::error::FetchError;
use super::event::{BotEvent, EventKind, metadata};
use super::fetch::Fetcher;
use super::wire;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::status::StatusChange;

/// Pages that are read at a time. Recall.ai allows sixty a minute, and people need some of them.
const PAGES_MAX: usize = 30;
/// Newer bots come first as far as is known, but nobody promises it: only after so many pages without
/// anything new is the rest taken to be older.
const OLD_PAGES: usize = 2;

/// The bots that something happened to lately.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// What is told of each.
    pub histories: Vec<ListedHistory>,
    /// There may be more than were read.
    pub cut_short: bool,
}

/// What a list tells of one bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedHistory {
    /// The bot.
    pub bot: BotId,
    /// What the developer attached to it.
    pub metadata: BTreeMap<String, String>,
    /// Its status changes, in the order of the list.
    pub changes: Vec<StatusChange>,
}

impl ListedHistory {
    /// When something last happened to it.
    #[must_use]
    pub fn last_at(&self) -> Option<Timestamp> {
        self.changes.iter().filter_map(|change| change.at).max()
    }

    /// One of its changes as a webhook would have told it.
    #[must_use]
    pub fn event(&self, change: &StatusChange) -> BotEvent {
        BotEvent { bot: self.bot, metadata: self.metadata.clone(), kind: EventKind::Status(change.clone()) }
    }
}

impl Fetcher {
    /// Names of the workspaces that can be asked.
    pub fn workspaces(&self) -> impl Iterator<Item = &str> {
        self.clients().map(RecallClient::name)
    }

    /// The bots of a workspace that something happened to since a moment.
    ///
    /// A bot that is missed because the list moved while it was read is found by the next comparison: every
    /// change lies within the time of several of them.
    ///
    /// # Errors
    /// Where the workspace is unknown, or could not be asked.
    pub async fn happened_since(&self, workspace: &str, since: Timestamp) -> Result<Listing, FetchError> {
        let Some(client) = self.clients().find(|client| client.name() == workspace) else {
            return Err(FetchError::NoKey);
        };
        let mut listing = Listing { histories: Vec::new(), cut_short: true };
        let (mut next, mut old_pages) = (None, 0);
        for _ in 0..PAGES_MAX {
            let page = client.all_bots(next.as_deref()).await?;
            next = page.next;
            let before = listing.histories.len();
            let new = |listed: &ListedHistory| listed.last_at().is_some_and(|at| at >= since);
            listing.histories.extend(page.results.entries.into_iter().filter_map(listed).filter(new));
            old_pages = if listing.histories.len() == before { old_pages + 1 } else { 0 };
            if next.is_none() || old_pages >= OLD_PAGES {
                listing.cut_short = false;
                break;
            }
        }
        Ok(listing)
    }
}

fn listed(raw: wire::Bot) -> Option<ListedHistory> {
    Some(ListedHistory {
        bot: raw.id.as_deref()?.parse().ok()?,
        changes: raw.status_changes.entries.iter().filter_map(status_change).collect(),
        metadata: metadata(raw.metadata),
    })
}
