//! The only module that knows Recall.ai: its JSON ends here, and so do links and passcodes of meetings.

mod case_file;
mod wire;

pub use case_file::{NotABot, case_file_from_json};
