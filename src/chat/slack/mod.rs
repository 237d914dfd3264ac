//! Slack: questions by command, shortcut and mention, through Socket Mode or HTTP; answers in threads.

pub mod checkup;
mod client;
pub mod error;
pub mod http;
pub mod identity;
mod inbound;
pub mod manifest;
mod messenger;
pub mod modal;
mod mrkdwn;
mod reading;
pub mod render;
pub mod socket;
mod token;
mod wire;

pub use inbound::SHORTCUT;
pub use messenger::SlackMessenger;
