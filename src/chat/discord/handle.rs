//! What an interaction gives us to answer it with, for a quarter of an hour.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::chat::interaction::{ReplyHandle, Requester};

/// Discord takes answers for 15 minutes; a little less leaves time for the way there.
/// <https://docs.discord.com/developers/interactions/receiving-and-responding#followup-messages>
const VALID_FOR: SignedDuration = SignedDuration::from_secs(14 * 60 + 30);

/// So long Discord waits for an acknowledgement. An answer may come before it: over HTTP the acknowledgement is
/// the answer to Discord's own request, and nobody tells us when it has arrived.
/// <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback>
const ACKNOWLEDGED_WITHIN: SignedDuration = SignedDuration::from_secs(3);

/// What stands where the answer will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Deferred {
    /// "Thinking…", for everybody.
    ForAll,
    /// "Thinking…", for the asker alone.
    Ephemeral,
    /// The message in which a button was pressed.
    TheMessage,
}

/// The interaction of a question. Whoever holds the token can answer in our place.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Handle {
    pub(super) application: String,
    pub(super) token: String,
    pub(super) deferred: Deferred,
    pub(super) at: Timestamp,
}

impl Handle {
    /// The handle of a reader, if there is one that Discord still takes.
    pub(super) fn of(requester: &Requester, now: Timestamp) -> Option<Self> {
        let handle: Self = serde_json::from_str(&requester.reply_handle.as_ref()?.0).ok()?;
        (now.duration_since(handle.at) < VALID_FOR).then_some(handle)
    }

    /// Whether Discord may not have heard of our acknowledgement yet.
    pub(super) fn may_be_early(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < ACKNOWLEDGED_WITHIN
    }

    pub(super) fn into_reply_handle(self) -> Option<ReplyHandle> {
        serde_json::to_string(&self).ok().map(ReplyHandle)
    }

    /// The message that stands where the answer will be.
    pub(super) fn original(&self) -> String {
        format!("/webhooks/{}/{}/messages/@original", self.application, self.token)
    }

    /// Where further messages go.
    pub(super) fn follow_up(&self) -> String {
        format!("/webhooks/{}/{}", self.application, self.token)
    }
}
