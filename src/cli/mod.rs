//! What the commands print.

pub mod config;
