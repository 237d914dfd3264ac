//! Why a Recall.ai meeting bot came back without a recording.
pub mod diagnosis;
pub mod report;
