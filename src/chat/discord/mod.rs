//! Discord: asked by command, by the menu of a message and by buttons, through the gateway or over HTTP;
//! answered in a thread below the verdict.

mod api;
pub mod checkup;
mod commands;
pub mod gateway;
mod handle;
pub mod http;
mod inbound;
mod markdown;
mod messenger;
pub mod render;

pub use api::DiscordApi;
pub use commands::{application_id, commands, register};
pub use messenger::DiscordMessenger;
