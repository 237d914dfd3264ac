//! Stored attempts as `rescue` knows them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::answer::{Memory, Remembered};
use crate::chat::{Chat, Destination, MessageId};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::bot_id::BotId;
use crate::report::Report;
use crate::rescue::Plan;
use crate::rescue::attempt::{Attempt, By, NotBegun, StepResult};
use crate::store::{RescueRow, Store, StoreError};

/// The name of the fact that bots of a workspace can't ask again.
#[must_use]
pub fn no_step(workspace: &str) -> String {
    format!("rescue/no-step/{workspace}")
}

/// Returns the attempts in these rows. A word that this version doesn't know counts as an unknown end.
#[must_use]
pub fn attempts(rows: &[RescueRow]) -> Vec<Attempt> {
    rows.iter().map(attempt).collect()
}

pub(super) fn attempt(row: &RescueRow) -> Attempt {
    let result = |word: &Option<String>| {
        word.as_deref().map(|word| StepResult::from_word(word).unwrap_or(StepResult::Unknown))
    };
    Attempt {
        by: row.user_id.clone().map_or(By::Service, By::Person),
        plan: Plan::from_word(&row.plan).unwrap_or(Plan::Ask),
        at: row.at,
        heard_until: row.heard_until,
        is_over: row.is_over,
        not_begun: row.not_begun.as_deref().and_then(NotBegun::from_word),
        message: result(&row.message),
        request: result(&row.request),
    }
}

/// What a database says, or nothing where it fails: an answer without it is better than none.
#[async_trait::async_trait]
impl Memory for Store {
    async fn of(&self, bot: BotId, workspace: &str) -> Remembered {
        let remembered = async {
            let attempts = attempts(&self.rescues_of(&bot.to_string()).await?);
            let can_ask = self.fact(&no_step(workspace)).await?.is_none();
            Ok::<_, StoreError>(Remembered { attempts, can_ask })
        };
        remembered.await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(bot.id = %bot, error, "What is stored about a bot not read.");
            // Nothing is offered that might be one attempt too many.
            Remembered { attempts: Vec::new(), can_ask: false }
        })
    }
}

/// Where the card is that says what comes of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardPlace {
    /// It is an alert, which is kept up to date in any case.
    Alert,
    /// It is this message.
    Message(Chat, Destination, MessageId),
}

impl CardPlace {
    /// Reads it as it is stored; `None` if only one person saw the card.
    #[must_use]
    pub fn read(stored: Option<&str>) -> Option<Self> {
        serde_json::from_str(stored?).ok()
    }

    /// Returns it as it is stored.
    #[must_use]
    pub fn stored(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// Returns what a card says of asking again, to notice when that changes.
#[must_use]
pub fn shown(report: &Report) -> String {
    let said = format!("{}/{:?}", report.outcome, report.rescue);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, said.as_bytes()).simple().to_string()
}

/// Returns the time of the bot's last status; without any, the time of the diagnosis.
#[must_use]
pub fn heard_until(diagnosis: &Diagnosis<'_>) -> Timestamp {
    let times = diagnosis.evidence.iter().filter_map(|evidence| evidence.change.at);
    times.max().unwrap_or(diagnosis.case.now)
}
