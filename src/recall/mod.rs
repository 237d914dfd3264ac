//! The only module that knows Recall.ai: its JSON ends here, and so do links and passcodes of meetings.

mod bot_json;
mod case_file;
mod lenient;
mod meeting_link;
mod participants;
mod wire;

pub use bot_json::NotABot;
pub use case_file::case_file_from_json;
