//! Discord: questions by command, message menu and buttons, through the gateway or over HTTP; answers in a
//! thread below the verdict.

mod api;
pub mod checkup;
mod commands;
pub mod gateway;
mod handle;
pub mod http;
mod inbound;
mod markdown;
mod messenger;
mod mute_form;
pub mod render;

pub use api::DiscordApi;
pub use commands::{application_id, commands, register};
pub use messenger::DiscordMessenger;
