//! `demo`: a chat with sample bots on a terminal, a short tour elsewhere.

use std::io::IsTerminal;

use super::{CommandError, runtime};
use crate::demo;

pub(super) fn run() -> Result<String, CommandError> {
    let is_chat = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    runtime()?.block_on(async { if is_chat { demo::chat().await } else { demo::tour().await } })?;
    Ok(String::new())
}
