//! What the service can do in a running meeting, and the keys that make each of it happen once.

mod error;
mod reply;

use std::fmt;

use serde_json::json;
use uuid::Uuid;

pub use self::error::{ActionError, Happened, NotInCall, Reason};

/// What is done in a running meeting.
#[derive(Clone, PartialEq, Eq)]
pub enum MeetingAction {
    /// The bot writes into the meeting's chat: 1 to 4,096 characters. Recall.ai's success does not mean that
    /// someone read it.
    SendChatMessage {
        /// Who may read it.
        to: Recipient,
        /// The text, as it is.
        text: String,
    },
    /// The host gets Zoom's pop-up that asks for permission to record.
    RequestRecordingPermission,
    /// The bot starts to record. If it records already, Recall.ai begins anew and **overwrites** what was recorded
    /// so far, so the caller must know that it doesn't.
    StartRecording,
}

/// Who can read a message. Only Zoom can address the host alone, and nothing is ever sent to everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// The host of a Zoom meeting.
    Host,
}

impl MeetingAction {
    /// How many kinds of actions there are. Each has a rate limit of its own.
    pub(super) const KINDS: usize = 3;

    /// Returns the name of the kind: the last part of its address, and its word in metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SendChatMessage { .. } => "send_chat_message",
            Self::RequestRecordingPermission => "request_recording_permission",
            Self::StartRecording => "start_recording",
        }
    }

    /// Returns the place of the kind, below [`Self::KINDS`].
    pub(super) const fn place(&self) -> usize {
        match self {
            Self::SendChatMessage { .. } => 0,
            Self::RequestRecordingPermission => 1,
            Self::StartRecording => 2,
        }
    }

    /// Returns the body of its request. A start has none on purpose: a body would replace the bot's own
    /// configuration of the recording.
    pub(super) fn body(&self) -> Option<String> {
        match self {
            Self::SendChatMessage { to: Recipient::Host, text } => {
                Some(json!({ "to": "host", "message": text, "pin": false }).to_string())
            }
            Self::RequestRecordingPermission | Self::StartRecording => None,
        }
    }
}

/// Prints the kind alone, because a message is for the host and not for the log.
impl fmt::Debug for MeetingAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// The key of one action, which Recall.ai does once however often it is asked: for an hour, the same key gets the
/// stored response. So it also gets a stored refusal, and whoever tries anew needs a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Uuid);

impl IdempotencyKey {
    /// The namespace of the keys, chosen at random once.
    const NAMESPACE: Uuid = Uuid::from_u128(0x7f0c_3d52_9a61_4e0b_8d2f_61b5_c0e4_937a);

    /// Returns the key of one step of one press. It is the same after a restart and in every instance, and differs
    /// for each other press and step.
    #[must_use]
    pub fn of(press: &str, step: &str) -> Self {
        // The length keeps "ab" and "c" apart from "a" and "bc".
        Self(Uuid::new_v5(&Self::NAMESPACE, format!("{}:{press}{step}", press.len()).as_bytes()))
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_is_stable_and_belongs_to_one_step_of_one_press() {
        let key = IdempotencyKey::of("press-1", "message").to_string();
        assert_eq!(key, IdempotencyKey::of("press-1", "message").to_string());
        assert_eq!(key.as_bytes()[14], b'5', "a UUID of version 5: {key}");
        for (press, step) in
            [("press-1", "request"), ("press-2", "message"), ("press-1m", "essage"), ("", "press-1message")]
        {
            assert_ne!(key, IdempotencyKey::of(press, step).to_string(), "{press} {step}");
        }
    }
}
