//! The lists of the bots of a workspace, a page at a time, to compare with what webhooks told.

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
/// Further statuses of bots to which something happened that bears on a recording. Those whose media has expired,
/// or was analysed, ended long before.
const FURTHER: &[&str] = &["in_call_recording", "recording_done", "call_ended", "done", "fatal"];

/// Which bots of a workspace are listed. Recall.ai has filters for the latest status and for `join_at`, and none
/// for the time at which something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BotList {
    /// Bots that were to join between two times. Recall.ai clears `join_at` when a bot joins, so these did not.
    NotJoined {
        /// Only bots that were to join after this time.
        after: Timestamp,
        /// Only bots that were to join before this time.
        before: Timestamp,
    },
    /// Bots that are in a meeting or on the way and do not record. They are few, and can still be saved.
    Waiting,
    /// All bots to which something happened, ended or not.
    All,
}

impl BotList {
    fn query(self) -> Vec<(&'static str, String)> {
        // Numbered pages shift while they are read; where Recall.ai has cursors, we take those.
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

/// Where a list goes on. It can be kept as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    /// What is told of each bot.
    pub bots: Vec<ListedBot>,
    /// Where it goes on, if it does.
    pub next: Option<Cursor>,
}

/// What a list tells of one bot: the same as Recall.ai says when it is asked about this bot alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBot {
    /// The bot.
    pub bot: BotId,
    /// What the developer attached to it.
    pub metadata: BTreeMap<String, String>,
    /// All that is told of it. Its history is whole.
    pub case: CaseFile,
    /// A lookup would download who was in the meeting, which a list does not.
    pub has_participants_link: bool,
}

impl ListedBot {
    /// When something last happened to it.
    #[must_use]
    pub fn last_at(&self) -> Option<Timestamp> {
        self.case.status_changes.iter().filter_map(|change| change.at).max()
    }

    /// When it was to join, if it never set out.
    #[must_use]
    pub fn not_joined_since(&self) -> Option<Timestamp> {
        let set_out = |code: &EventCode| *code != EventCode::Ready && code.is_lifecycle();
        let join_at = self.case.join_at?;
        (!self.case.status_changes.iter().any(|change| set_out(&change.code))).then_some(join_at)
    }

    /// Something about it as an event, which is what a webhook would have told.
    #[must_use]
    pub fn event(&self, kind: EventKind) -> BotEvent {
        BotEvent { bot: self.bot, metadata: self.metadata.clone(), kind }
    }
}

impl Fetcher {
    /// Names of the workspaces that can be asked.
    pub fn workspaces(&self) -> impl Iterator<Item = &str> {
        self.clients().map(RecallClient::name)
    }

    /// A page of a list: where a cursor says, else the first.
    ///
    /// # Errors
    /// Where the workspace is unknown or could not be asked, or does not know the cursor any more.
    pub async fn list(
        &self,
        workspace: &str,
        list: BotList,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<ListPage, FetchError> {
        let client = self.clients().find(|client| client.name() == workspace).ok_or(FetchError::NoKey)?;
        let page = client.bots(&list.query(), cursor.map(|cursor| cursor.0.as_str()), now).await?;
        // Only the query counts, so that the address cannot lead anywhere else.
        let next = page.next.as_deref().and_then(|next| next.split_once('?'));
        Ok(ListPage {
            bots: page.results.entries.into_iter().filter_map(|raw| listed(raw, now)).collect(),
            next: next.map(|(_, query)| Cursor(query.to_owned())),
        })
    }
}

fn listed(mut raw: wire::Bot, now: Timestamp) -> Option<ListedBot> {
    let bot = raw.id.as_deref()?.parse().ok()?;
    let metadata = metadata(std::mem::take(&mut raw.metadata));
    let has_participants_link = participants_links(&raw).next().is_some();
    Some(ListedBot { bot, metadata, case: of_bot(raw, now), has_participants_link })
}
