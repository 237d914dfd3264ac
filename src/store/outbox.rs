//! The outbox: the messages to send, and all SQL about them.
//!
//! # States
//!
//! | state | means | goes to |
//! |---|---|---|
//! | `due` | may be sent once its time has come and its parent is sent | `leased`, `dead`, `superseded` |
//! | `leased` | a worker is sending it, until `lease_until`; its outcome is unknown until the worker records it | `sent`, `due` (later), `superseded`, `dead`; after `lease_until` it counts as `due`, in doubt |
//! | `sent` | the platform has it, as `platform_message_id` | (others edit it, or go into its thread) |
//! | `superseded` | another one took its place, or it is not needed any more | – |
//! | `dead` | given up, with the reason; what belongs to it is dead with it | `due`, by [`super::Store::retry_dead_letter`] or by an edit |
//!
//! Its *parent* is the message in whose thread it goes (`thread_parent`), or which it edits (`edits`).
//!
//! - *Order* is `seq`, a number that the database counts, and never a clock: within a channel by class, then by
//!   `seq`. Messages with one ordering key go strictly one after the other.
//! - *A message waits for nothing that will not come.* Below a parent that is dead, replaced or purged a message is
//!   dead from the start, and [`super::Store::repair_outbox`] finds those that became so.
//! - *A message holds up nothing that does not depend on it*: one that waits for its next attempt is passed over.
//! - *Pace.* A channel, or a platform as a whole, takes no message before a time (`channels.not_before`). It is
//!   stored, so it holds for every worker, after a restart and in every instance.
//! - *Leases.* Whatever ends a lease compares the message's state, attempts and `lease_until` with those of the
//!   lease, and does nothing if another worker has it by now.
//! - *Clocks.* What was set in the future of a clock that then stepped back is void after [`CLOCK_STEP`].

mod dead;
mod elsewhere;
mod insert;
mod lease;
mod reading;
mod rows;
mod settle;

use jiff::SignedDuration;

pub use dead::Dropped;
pub(super) use insert::{insert, insert_edit, insert_reply};
pub use rows::{
    LeasedOutboxRow, MessageClass, NewOutboxRow, OutboxLease, OutboxRow, OutboxState, Pause, Postponement,
    Retried,
};

/// A time that was set further in our future than clocks may differ means that ours stepped back.
pub(super) const CLOCK_STEP: SignedDuration = SignedDuration::from_secs(10);
/// Why a message is dead whose parent will never be sent.
const ORPHAN: &str = "the message that it belongs to is gone";
