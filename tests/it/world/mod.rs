//! Small, stateful fakes of what is foreign.

pub mod board;
pub mod chromium;
pub mod corpus;
pub mod databases;
pub mod discord;
pub mod nginx;
pub mod recall;
pub mod shipped;
pub mod slack;
