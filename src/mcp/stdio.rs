//! The server over standard input and output, for the process that started us.

use std::sync::Arc;

use super::{Knowledge, McpServer};

/// The caller in the log. There is no token: whoever starts the process has its settings anyway.
const CALLER: &str = "stdio";

/// Serves until standard input ends.
///
/// # Errors
/// Returns an error if the other side doesn't speak the protocol.
pub async fn serve(knowledge: Knowledge) -> anyhow::Result<()> {
    let server = McpServer::new(Arc::new(knowledge), CALLER);
    let running = rmcp::serve_server(server, rmcp::transport::stdio()).await?;
    running.waiting().await?;
    Ok(())
}
