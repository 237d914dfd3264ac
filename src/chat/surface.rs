//! What a platform shows besides messages: links to bots below which their outcome is, and a person's home.

use serde::{Deserialize, Serialize};

use crate::diagnosis::bot_id::BotId;
use crate::report::Report;

/// A link to a bot in Recall.ai's dashboard that a person shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedLink {
    /// The link as it was written, by which the platform finds it in the message.
    pub url: String,
    /// The bot.
    pub bot: BotId,
}

/// A link, and the report about its bot.
#[derive(Clone, PartialEq, Eq)]
pub struct Unfurl {
    /// The link as it was written.
    pub url: String,
    /// The report.
    pub report: Report,
}

/// Most bots of one message whose outcome is shown below it.
pub const UNFURLS_MAX: usize = 5;
