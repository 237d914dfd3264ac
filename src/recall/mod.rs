//! The only module that knows Recall.ai: its JSON ends here, and so do links and passcodes of meetings.

mod body;
mod bot_json;
mod case_file;
mod client;
mod download;
mod error;
pub mod event;
mod fetch;
mod history;
mod lenient;
mod limits;
mod listing;
mod meeting_link;
mod participants;
pub mod webhook;
mod wire;

pub use bot_json::NotABot;
pub use case_file::case_file_from_json;
pub use client::{RecallClient, SetupError, WorkspaceAccess, dashboard_url};
pub use error::{FetchError, Retry};
pub use fetch::{Fetcher, ListedBot, MeetingBots};
pub use history::{Learned, case_file_from_events, holds};
pub use limits::Limits;
pub use listing::{Listing, Story};
