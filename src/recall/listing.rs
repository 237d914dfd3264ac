//! The lists of a workspace's bots, page by page, for reconciliation.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::case_file::{of_bot, participants_links};
use super::client::RecallClient;
use super::error::FetchError;
use super::event::{BotEvent, EventKind, metadata};
use super::fetch::Fetcher;
use super::wire;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::status::EventCode;

/// Statuses of bots that are in a meeting or on the way, and do not record.
const WAITING: &[&str] = &[
    "joining_call",
    "in_waiting_room",
    "in_call_not_recording",
    "recording_permission_allowed",
    "recording_permission_denied",
];
/// Further statuses of bots with an event that affects the recording. Bots whose media has expired, or was
/// analysed, ended long before.
const FURTHER: &[&str] = &["in_call_recording", "recording_done", "call_ended", "done", "fatal"];

/// Selects the bots of a workspace to list. Recall.ai has filters for the latest status and for `join_at`,
/// but none for the time of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotList {
    /// Bots that were due between two times and did not join. Recall.ai clears `join_at` when a bot joins.
    NotJoined {
        /// The earliest join time.
        after: Timestamp,
        /// The latest join time.
        before: Timestamp,
    },
    /// Bots that are in a meeting or on the way and do not record. They are few, and can still be saved.
    Waiting,
    /// All bots with an event, ended or not.
    All,
}

impl BotList {
    fn query(self) -> Vec<(&'static str, String)> {
        // Numbered pages shift while they are read, so cursors are used wherever Recall.ai has them.
        let mut query = vec![("use_cursor", "true".to_owned())];
        let statuses =
            |codes: &[&'static str]| codes.iter().map(|code| ("status", (*code).to_owned())).collect();
        let filters: Vec<(&'static str, String)> = match self {
            Self::NotJoined { after, before } => {
                vec![("join_at_after", after.to_string()), ("join_at_before", before.to_string())]
            }
            Self::Waiting => statuses(WAITING),
            Self::All => statuses(&[WAITING, FURTHER].concat()),
        };
        query.extend(filters);
        query
    }
}

/// The position at which a list continues. It can be stored as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    /// The bots on the page.
    pub bots: Vec<ListedBot>,
    /// The position of the next page, if there is one.
    pub next: Option<Cursor>,
}

/// A bot in a list, with the same data as its own Retrieve Bot response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBot {
    /// The bot's ID.
    pub bot: BotId,
    /// The metadata that the developer attached to the bot.
    pub metadata: BTreeMap<String, String>,
    /// The case file of the bot. Its history is whole.
    pub case: CaseFile,
    /// `true` if a lookup would download the participants, which a list does not contain.
    pub has_participants_link: bool,
}

impl ListedBot {
    /// Returns the time of the bot's last event.
    #[must_use]
    pub fn last_at(&self) -> Option<Timestamp> {
        self.case.status_changes.iter().filter_map(|change| change.at).max()
    }

    /// Returns when it was due to join, if it never did.
    #[must_use]
    pub fn not_joined_since(&self) -> Option<Timestamp> {
        let set_out = |code: &EventCode| *code != EventCode::Ready && code.is_lifecycle();
        let join_at = self.case.join_at?;
        (!self.case.status_changes.iter().any(|change| set_out(&change.code))).then_some(join_at)
    }

    /// Returns an event of this bot, as a webhook would have reported it.
    #[must_use]
    pub fn event(&self, kind: EventKind) -> BotEvent {
        BotEvent { bot: self.bot, metadata: self.metadata.clone(), kind }
    }
}

impl Fetcher {
    /// Returns the names of the workspaces.
    pub fn workspaces(&self) -> impl Iterator<Item = &str> {
        self.clients().map(RecallClient::name)
    }

    /// Fetches a page of a list: the one at a cursor, else the first.
    ///
    /// # Errors
    /// Returns [`FetchError`] if the workspace is unknown, fails to respond, or rejects the cursor.
    pub async fn list(
        &self,
        workspace: &str,
        list: BotList,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<ListPage, FetchError> {
        let client = self.clients().find(|client| client.name() == workspace).ok_or(FetchError::NoKey)?;
        let page = client.bots(&list.query(), cursor.map(|cursor| cursor.0.as_str()), now).await?;
        // Only the query is used, so that the address cannot lead to another server.
        let next = page.next.as_deref().and_then(|next| next.split_once('?'));
        Ok(ListPage {
            bots: page.results.entries.into_iter().filter_map(|raw| listed(raw, now)).collect(),
            next: next.map(|(_, query)| Cursor(query.to_owned())),
        })
    }
}

fn listed(raw: wire::Bot, now: Timestamp) -> Option<ListedBot> {
    let bot = raw.id.as_deref()?.parse().ok()?;
    let metadata = metadata(raw.metadata.clone());
    let has_participants_link = participants_links(&raw).next().is_some();
    Some(ListedBot { bot, metadata, case: of_bot(raw, now), has_participants_link })
}
