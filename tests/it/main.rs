//! The integration tests, as one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod boundaries;
mod catalogue;
mod chat;
mod cli;
mod corpus;
mod generated;
mod properties;
mod recall;
mod samples;
mod settings;
mod snapshots;
mod tidy;
mod world;
