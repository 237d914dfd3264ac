//! `demo`: a chat with sample bots on a terminal, a short tour elsewhere.

use std::io::IsTerminal;

use super::{CommandError, nobody_reads, runtime};
use crate::demo;

pub(super) fn run() -> Result<String, CommandError> {
    let is_chat = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let shown = runtime()?.block_on(async { if is_chat { demo::chat().await } else { demo::tour().await } });
    match shown {
        Err(error) if !nobody_reads(&error) => Err(error.into()),
        _ => Ok(String::new()),
    }
}
