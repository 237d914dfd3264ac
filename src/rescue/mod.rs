//! Live rescue: asking for a recording again while the meeting still runs. Pure.
//!
//! [`offer`] says what a person may do about a bot, [`attempt`] what was done already, and [`card`] what the card says
//! of both. Who may do it is `rights`, how it is done is `acting`.

pub mod attempt;
pub mod card;
pub mod offer;
pub mod preview;

use jiff::SignedDuration;

use crate::diagnosis::vocabulary::vocabulary;

/// Most attempts for one bot, whoever makes them. Hosts who are asked more often stop answering.
pub const ATTEMPTS_MAX: usize = 2;
/// Time between two attempts for one bot.
pub const BETWEEN_ATTEMPTS: SignedDuration = SignedDuration::from_mins(2);
/// How long Recall.ai remembers an `Idempotency-Key`. Until then a call can be repeated without a second effect.
pub const KEY_REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
/// Most characters of a message in the meeting.
pub const MESSAGE_MAX: usize = 500;
/// How long a bot stays after a refusal, unless its own timer says otherwise.
/// <https://docs.recall.ai/docs/automatic-leaving-behavior>
pub const STAY_DEFAULT: SignedDuration = SignedDuration::from_secs(30);
/// A stay after a refusal that is shorter than this is too short for a person to read a card and press a button.
pub const PERSON_NEEDS: SignedDuration = SignedDuration::from_secs(120);

vocabulary! {
    /// Who may send something into a running meeting.
    Mode {
        /// Nobody.
        Off = "off",
        /// A person, by a button.
        Button = "button",
        /// A person, and once the service itself, right after a refusal.
        Automatic = "automatic",
    }
}

vocabulary! {
    /// What is done in the meeting.
    Plan {
        /// The host gets a message and then the request to record.
        Ask = "ask",
        /// The bot starts to record.
        Start = "start",
    }
}
