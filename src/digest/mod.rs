//! The digest: how many bots recorded in some days, and why the others didn't. Pure: no clock, no database, no chat.
//!
//! Each bot counts once, on the UTC day on which it ended ([`tally`]). A digest is about whole days ([`period`]), is
//! posted once a week ([`schedule`]), and is composed from counts alone ([`compose`]), so that it doesn't matter
//! whether they come from bots that are still known or from those that were deleted.

pub mod compose;
pub mod period;
pub mod schedule;
pub mod tally;
