//! A report as others process it: JSON version 1 for programs, Markdown for tickets and agents.

pub mod digest_json;
pub mod json_v1;
pub mod markdown;
