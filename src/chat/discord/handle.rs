//! The reply handle of an interaction, valid for 15 minutes.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::chat::interaction::{ReplyHandle, Requester};

/// Seconds for which a handle is used. Discord accepts answers for 15 minutes; 30 seconds less leave time for
/// the request.
/// <https://docs.discord.com/developers/interactions/receiving-and-responding#followup-messages>
const VALID_FOR: SignedDuration = SignedDuration::from_secs(14 * 60 + 30);

/// Seconds that Discord waits for an acknowledgement. An answer may overtake it: over HTTP the
/// acknowledgement is the response to Discord's own request, and its arrival is not confirmed.
/// <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback>
const ACKNOWLEDGED_WITHIN: SignedDuration = SignedDuration::from_secs(3);

/// The placeholder of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Deferred {
    /// "Thinking…", visible to all.
    ForAll,
    /// "Thinking…", visible to the requester only.
    Ephemeral,
    /// The message in which a button was selected.
    TheMessage,
}

/// The interaction of a question. Its token allows posting in our name.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Handle {
    pub(super) application: String,
    pub(super) token: String,
    pub(super) deferred: Deferred,
    pub(super) at: Timestamp,
}

impl Handle {
    /// Returns the requester's handle, if Discord still accepts it.
    pub(super) fn of(requester: &Requester, now: Timestamp) -> Option<Self> {
        let handle: Self = serde_json::from_str(&requester.reply_handle.as_ref()?.0).ok()?;
        (now.duration_since(handle.at) < VALID_FOR).then_some(handle)
    }

    /// Returns `true` if our acknowledgement may not have reached Discord yet.
    pub(super) fn may_be_early(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < ACKNOWLEDGED_WITHIN
    }

    pub(super) fn into_reply_handle(self) -> Option<ReplyHandle> {
        serde_json::to_string(&self).ok().map(ReplyHandle)
    }

    /// Returns the path of the placeholder message.
    pub(super) fn original(&self) -> String {
        format!("/webhooks/{}/{}/messages/@original", self.application, self.token)
    }

    /// Returns the path for further messages.
    pub(super) fn follow_up(&self) -> String {
        format!("/webhooks/{}/{}", self.application, self.token)
    }
}
