//! Small, stateful fakes of what is foreign.

pub mod recall;
