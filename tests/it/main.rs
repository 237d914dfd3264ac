//! The integration tests, as one binary.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod alerts;
mod boundaries;
mod catalogue;
mod chat;
mod cli;
mod conversations;
mod corpus;
mod demo;
mod discord;
mod doctor;
mod generated;
mod kills;
mod listener;
mod logging;
mod metrics;
mod naming;
mod packaging;
mod pictures;
mod properties;
mod prose;
mod recall;
mod replicas;
mod retry;
mod samples;
mod secrets;
mod service;
mod settings;
mod slack;
mod snapshots;
mod specs;
mod store;
mod supervising;
mod tidy;
mod traces;
mod world;
