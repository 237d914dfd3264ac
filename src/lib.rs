//! Why a Recall.ai meeting bot came back without a recording.
pub mod cli;
pub mod diagnosis;
pub mod settings;
