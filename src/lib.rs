//! Why a Recall.ai meeting bot came back without a recording, and what the host does about it.
//!
//! The way of the data: [`recall`] reads what Recall.ai says into a case file, [`diagnosis`] finds
//! the cause, [`report`] says it, and [`cli`] shows it. `ARCHITECTURE.md` has the map.

pub mod acting;
pub mod alerts;
pub mod answer;
pub mod app;
pub mod chat;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod diagnosis;
pub mod digest;
pub mod digests;
pub mod formats;
pub mod health;
pub mod home;
pub mod http;
pub mod inbox;
pub mod listener;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod mention;
pub mod mutes;
pub mod muting;
pub mod net;
pub mod observe;
pub mod outbox;
pub mod pages;
pub mod recall;
pub mod recurrence;
pub mod report;
pub mod rescue;
pub mod retry;
pub mod rights;
pub mod service;
pub mod settings;
pub mod simulate;
pub mod store;
pub mod unfurl;
pub mod watch;
