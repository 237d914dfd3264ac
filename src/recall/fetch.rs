//! Finds a bot among all workspaces, with all its data.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use moka::future::Cache;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::actions::{ActionError, IdempotencyKey, MeetingAction};
use super::attendance::Attendance;
use super::case_file::{ParticipantsLinks, case_file, participants_links, status_change};
use super::client::{RecallClient, SetupError, WorkspaceAccess};
use super::client_config::ClientConfig;
use super::download::Downloader;
use super::error::FetchError;
use super::participants::people;
use super::pause::PauseStore;
use super::scalar::time;
use super::wire;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::{CaseFile, WhyMissing};
use crate::diagnosis::status::EventCode;

/// Most responses in the cache; each has a few kilobytes.
const ANSWERS_MAX: u64 = 1_000;
/// Most bots whose workspace is cached.
const WORKSPACE_CACHE_MAX: u64 = 100_000;
/// Most recordings whose participants are downloaded. Real bots have one to three.
const DOWNLOADS_MAX: usize = 5;
/// Most pages of a list that are read for one meeting.
const PAGES_MAX: u32 = 3;

/// Finds bots in all workspaces. Clones share their cache and their limits.
#[derive(Debug, Clone)]
pub struct Fetcher {
    workspaces: Arc<[Arc<RecallClient>]>,
    downloader: Arc<Downloader>,
    /// By bot and by the number of actions before the question, so that no response from before an action, not
    /// even one that was still on its way, is an answer after it.
    answers: Cache<(BotId, u64), Arc<Answer>>,
    actions: Arc<AtomicU64>,
    /// The index of the workspace that had a bot.
    workspace_cache: Cache<BotId, usize>,
    /// Background lookups in any minute. The rest of the limit is reserved for questions.
    lookups_per_minute: NonZeroU32,
}

/// Recall.ai's data about a bot.
#[derive(Debug)]
struct Answer {
    case: CaseFile,
    /// The index of the workspace that has the bot.
    place: usize,
}

/// The bots that were sent to a meeting.
#[derive(Debug, Clone, Default)]
pub struct MeetingBots {
    /// The bots, ordered by workspace and then as in Recall.ai's lists.
    pub bots: Vec<BotSummary>,
    /// `true` if there are more bots than were read.
    pub more: bool,
    /// The errors of workspaces that failed to respond.
    pub failed: Vec<FetchError>,
}

/// One bot in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotSummary {
    /// The bot's ID.
    pub id: BotId,
    /// The name of its workspace.
    pub workspace: String,
    /// The time at which it is due to join; cleared once it has joined.
    pub join_at: Option<Timestamp>,
    /// Its latest status, with the time.
    pub latest: Option<(EventCode, Timestamp)>,
}

impl Fetcher {
    /// Creates a fetcher for these workspaces. Without any, every question fails with [`FetchError::NoKey`].
    ///
    /// # Errors
    /// Returns [`SetupError`] if the settings cannot work. No request is sent yet.
    pub fn new(
        workspaces: Vec<WorkspaceAccess>,
        download_hosts: Vec<String>,
        limits: ClientConfig,
    ) -> Result<Self, SetupError> {
        let workspaces = workspaces
            .into_iter()
            .map(|access| RecallClient::new(access, limits.clone()).map(Arc::new))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            workspaces,
            answers: Cache::builder().max_capacity(ANSWERS_MAX).time_to_live(limits.answers_kept_for).build(),
            actions: Arc::default(),
            workspace_cache: Cache::new(WORKSPACE_CACHE_MAX),
            lookups_per_minute: half(limits.retrieve_per_minute),
            downloader: Arc::new(Downloader::new(download_hosts, limits)?),
        })
    }

    /// Fetches everything about a bot. Identical questions at the same time, or shortly after, share one
    /// response.
    ///
    /// # Errors
    /// Returns [`FetchError`] if no workspace has the bot, or one that might have it failed to respond.
    pub async fn case_file(&self, id: BotId, now: Timestamp) -> Result<CaseFile, FetchError> {
        let answer = self.ask(id, now).await?;
        // The response may be seconds old, so `now` comes from the caller.
        Ok(CaseFile { now, ..answer.case.clone() })
    }

    /// Fetches a bot with the name of its workspace. The workspace that is expected to have it is queried
    /// first.
    ///
    /// # Errors
    /// Returns the same errors as [`Self::case_file`].
    pub async fn case_file_in(
        &self,
        workspace: &str,
        id: BotId,
        now: Timestamp,
    ) -> Result<(CaseFile, &str), FetchError> {
        let place = self.workspaces.iter().position(|client| client.name() == workspace);
        if let Some(place) = place
            && self.workspace_cache.get(&id).await.is_none()
        {
            self.workspace_cache.insert(id, place).await;
        }
        let answer = self.ask(id, now).await?;
        Ok((CaseFile { now, ..answer.case.clone() }, self.workspaces[answer.place].name()))
    }

    async fn ask(&self, id: BotId, now: Timestamp) -> Result<Arc<Answer>, FetchError> {
        let key = (id, self.actions.load(Ordering::Acquire));
        let answer = self.answers.try_get_with(key, self.fetch(id, now)).await;
        answer.map_err(|error| FetchError::clone(&error))
    }

    /// Does something in the meeting of a bot, at most once: an action with a key that Recall.ai has seen within
    /// the hour isn't done again. It takes at most [`ClientConfig::action_timeout`]. `now` is when it starts.
    ///
    /// A bot that records must never get [`MeetingAction::StartRecording`]: Recall.ai begins anew and overwrites
    /// what was recorded so far. Nothing here asks what the bot does now; that is up to the caller.
    ///
    /// # Errors
    /// Returns [`ActionError`], which says whether it may have happened all the same.
    pub async fn act(
        &self,
        workspace: &str,
        bot: BotId,
        action: &MeetingAction,
        key: IdempotencyKey,
        now: Timestamp,
    ) -> Result<(), ActionError> {
        let result = match self.clients().find(|client| client.name() == workspace) {
            Some(client) => client.act(bot, action, key, now).await,
            None => Err(ActionError::NoWorkspace { workspace: workspace.to_owned() }),
        };
        self.actions.fetch_add(1, Ordering::Release);
        let outcome = result.as_ref().map_or_else(ActionError::word, |()| "done");
        metrics::counter!("wnr_meeting_actions_total", "action" => action.kind(), "result" => outcome)
            .increment(1);
        result
    }

    /// Forgets the last responses, so that the next question asks Recall.ai.
    pub fn forget(&self) {
        self.actions.fetch_add(1, Ordering::Release);
    }

    /// Returns the number of background lookups in any minute: half of Recall.ai's limit.
    #[must_use]
    pub const fn lookups_per_minute(&self) -> NonZeroU32 {
        self.lookups_per_minute
    }

    /// Shares the pauses that Recall.ai asks for through a store, so that they outlive this process.
    pub fn keep_pauses_in(&self, store: &Arc<dyn PauseStore>) {
        self.clients().for_each(|client| client.keep_pauses_in(Arc::clone(store)));
    }

    /// Fetches the bots that were sent to a meeting. Recall.ai deletes the link a few days after the meeting.
    ///
    /// # Errors
    /// Returns [`FetchError`] if no workspace responded.
    pub async fn bots_of_meeting(
        &self,
        meeting_url: &str,
        now: Timestamp,
    ) -> Result<MeetingBots, FetchError> {
        if self.workspaces.is_empty() {
            return Err(FetchError::NoKey);
        }
        let mut found = MeetingBots::default();
        for client in self.workspaces.iter() {
            if let Err(error) = list(client, meeting_url, now, &mut found).await {
                found.failed.push(error);
            }
        }
        if found.bots.is_empty() && found.failed.len() == self.workspaces.len() {
            let everywhere: Vec<usize> = (0..self.workspaces.len()).collect();
            return Err(self.nowhere(&everywhere, found.failed));
        }
        Ok(found)
    }

    pub(super) fn clients(&self) -> impl Iterator<Item = &RecallClient> {
        self.workspaces.iter().map(Arc::as_ref)
    }

    async fn fetch(&self, id: BotId, now: Timestamp) -> Result<Arc<Answer>, FetchError> {
        let (place, mut bot) = self.find(id, now).await?;
        self.workspace_cache.insert(id, place).await;
        let client = &self.workspaces[place];
        let participants = self.participants(client, &mut bot).await;
        let mut case = case_file(bot, participants, Timestamp::UNIX_EPOCH);
        case.bot_id = Some(id);
        case.dashboard_url = Some(client.dashboard_url(id));
        Ok(Arc::new(Answer { case, place }))
    }

    /// Fetches the bot, and the index of the workspace that has it.
    async fn find(&self, id: BotId, now: Timestamp) -> Result<(usize, wire::Bot), FetchError> {
        if self.workspaces.is_empty() {
            return Err(FetchError::NoKey);
        }
        let home = self.workspace_cache.get(&id).await;
        if let Some(place) = home {
            match self.workspaces[place].bot(id, now).await {
                Ok(bot) => return Ok((place, bot)),
                Err(FetchError::NotFound { .. }) => self.workspace_cache.invalidate(&id).await,
                Err(error) => return Err(error),
            }
        }
        let mut asked = JoinSet::new();
        for (place, client) in self.workspaces.iter().enumerate().filter(|(place, _)| Some(*place) != home) {
            let client = Arc::clone(client);
            asked.spawn(async move { (place, client.bot(id, now).await) }.in_current_span());
        }
        let mut failed = Vec::new();
        // The first workspace that has it decides. Returning drops the other requests.
        while let Some(answer) = asked.join_next().await {
            match answer {
                Ok((place, Ok(bot))) => return Ok((place, bot)),
                Ok((_, Err(FetchError::NotFound { .. }))) => {}
                Ok((place, Err(error))) => failed.push((place, error)),
                // A panic is passed on to the caller. Nothing else stops these tasks.
                Err(stopped) => {
                    if let Ok(panic) = stopped.try_into_panic() {
                        std::panic::resume_unwind(panic);
                    }
                }
            }
        }
        failed.sort_by_key(|(place, _)| *place);
        let (places, failed): (Vec<usize>, Vec<FetchError>) = failed.into_iter().unzip();
        Err(self.nowhere(&places, failed))
    }

    /// Returns the error for a bot in none of the workspaces, of which those at `places` failed.
    fn nowhere(&self, places: &[usize], mut failed: Vec<FetchError>) -> FetchError {
        let all = || self.workspaces.iter().enumerate();
        if failed.is_empty() {
            return FetchError::NotFound {
                searched: all().map(|(_, client)| client.name().to_owned()).collect(),
            };
        }
        if self.workspaces.len() == 1
            && let Some(only) = failed.pop()
        {
            return only;
        }
        let searched = all()
            .filter(|(place, _)| !places.contains(place))
            .map(|(_, client)| client.name().to_owned())
            .collect();
        FetchError::PartlySearched { searched, failed }
    }

    /// Returns the participants from the bot itself if it has the older shape, else from its recordings.
    async fn participants(&self, client: &RecallClient, bot: &mut wire::Bot) -> Attendance {
        let older = bot.meeting_participants.take().map(people);
        let links: Vec<ParticipantsLinks<'_>> = participants_links(bot).collect();
        match older {
            Some(older) if links.is_empty() || older.is_known() => return older,
            None if links.is_empty() => return Attendance::missing(WhyMissing::NotOffered),
            _ => {}
        }
        let deadline = self.downloader.deadline();
        let mut parts = Vec::new();
        for links in links.iter().take(DOWNLOADS_MAX) {
            parts.push(self.downloader.participants(*links, client.is_on_loopback(), deadline).await);
        }
        if links.len() > DOWNLOADS_MAX {
            parts.push(Attendance::missing(WhyMissing::TooLarge));
        }
        Attendance::together(parts)
    }
}

fn half(per_minute: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(per_minute.get() / 2).unwrap_or(NonZeroU32::MIN)
}

async fn list(
    client: &RecallClient,
    meeting_url: &str,
    now: Timestamp,
    found: &mut MeetingBots,
) -> Result<(), FetchError> {
    for page in 1..=PAGES_MAX {
        let listed = client.bots_of_meeting(meeting_url, page, now).await?;
        let more = listed.next.is_some();
        found.bots.extend(listed.results.entries.iter().filter_map(|bot| listed_bot(bot, client.name())));
        if !more {
            return Ok(());
        }
    }
    found.more = true;
    Ok(())
}

fn listed_bot(bot: &wire::Bot, workspace: &str) -> Option<BotSummary> {
    let changes = bot.status_changes.entries.iter().filter_map(|change| {
        let change = status_change(change)?;
        Some((change.code, change.at?))
    });
    Some(BotSummary {
        id: bot.id.as_deref()?.parse().ok()?,
        workspace: workspace.to_owned(),
        join_at: time(bot.join_at.as_deref()),
        // At the same time, the status that is later in a bot's life counts.
        latest: changes.max_by(|(code, at), (other, other_at)| (at, code).cmp(&(other_at, other))),
    })
}
