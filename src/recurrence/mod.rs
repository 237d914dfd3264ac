//! Recurrence: whose failure it is, and how many there were before it. Pure: no clock, no database, no chat.
//!
//! A failure counts for one key ([`key`]): a customer, a host or a meeting link, of which only a hash is stored. How
//! often it failed for that key within thirty days is counted from the stored failures ([`count`]).

pub mod count;
pub mod key;
