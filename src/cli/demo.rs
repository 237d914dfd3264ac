//! `demo`: a chat with sample bots on a terminal, a short tour elsewhere.

use std::io::IsTerminal;

use super::CommandError;
use crate::demo;

pub(super) fn run() -> Result<String, CommandError> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(anyhow::Error::from)?;
    let is_chat = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    runtime.block_on(async { if is_chat { demo::chat().await } else { demo::tour().await } })?;
    Ok(String::new())
}
