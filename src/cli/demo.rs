//! `demo`: a chat with sample bots on a terminal, and a short tour without one.

use std::io::IsTerminal;

use tokio::io::BufReader;

use super::{CommandError, nobody_reads, runtime};
use crate::chat::console::render::columns;
use crate::demo;

pub(super) fn run() -> Result<String, CommandError> {
    let is_chat = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let runtime = runtime()?;
    let shown = runtime.block_on(async {
        let out = anstream::stdout();
        if is_chat {
            let input = BufReader::new(tokio::io::stdin());
            demo::chat(input, out, columns(), demo::ALERT_AFTER).await
        } else {
            demo::tour(out, columns()).await
        }
    });
    // Otherwise the process would wait for a read from the terminal that is still in progress.
    runtime.shutdown_background();
    match shown {
        Err(error) if !nobody_reads(&error) => Err(error.into()),
        _ => Ok(String::new()),
    }
}
