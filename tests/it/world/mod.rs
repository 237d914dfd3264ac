//! Small, stateful fakes of what is foreign.

pub mod recall;
pub mod slack;
