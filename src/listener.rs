//! Serves HTTP to whoever connects, also to those who are slow, by accident or on purpose.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// Waited for where no connection can be taken at all, as when this process may open no more files.
const TAKE_AGAIN: Duration = Duration::from_secs(1);

/// Connections that may wait outside for their turn. With fewer, a burst of webhooks would be turned away unheard;
/// the operating system may allow less.
const WAITING: u32 = 4096;

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// From its beginning to the end of the headers.
    pub headers: Duration,
    /// Without a further part of the body.
    pub body: Duration,
    /// From its beginning to the end of the answer, however busy it is.
    pub exchange: Duration,
    /// How many there may be at the same time; further ones wait. Less than the files that a process may usually open.
    pub connections: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            body: Duration::from_secs(10),
            exchange: Duration::from_secs(30),
            connections: 512,
        }
    }
}

/// Listens there, and serves in a task of its own until told to stop; answers with the address.
///
/// # Errors
/// As [`bind`].
pub fn start(
    address: SocketAddr,
    router: Router,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> io::Result<SocketAddr> {
    let listener = bind(address)?;
    let address = listener.local_addr()?;
    tasks.spawn(serve(listener, router, ConnectionLimits::default(), stop.clone()));
    Ok(address)
}

/// Listens, with room for many who wait.
///
/// # Errors
/// Where the address is taken, or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // After a restart the address is ours at once. Elsewhere the same option would let others share it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Serves until told to stop. Then it takes nothing more, and ends when what was begun is answered.
///
/// Each connection carries one request. A connection that is kept open for the next one would have to be
/// closed at some time, and whoever stands before us might be sending on it just then: Slack does not repeat a command.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let service = TowerToHyperService::new(router.layer(RequestBodyTimeoutLayer::new(limits.body)));
    // With a choice of versions, nothing would limit the time until the version is known.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.headers).keep_alive(false);
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    while let Some(Some((connection, place))) = stop.run_until_cancelled(next(&listener, &room)).await {
        let exchange = builder.serve_connection(TokioIo::new(connection), service.clone()).into_owned();
        let exchange = timeout(limits.exchange, open.watch(exchange));
        tokio::spawn(async move {
            match exchange.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(error, "A connection broke, or was too slow."),
                Err(_) => tracing::debug!("A connection took too long."),
            }
            drop(place);
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// The next connection, when there is room for it. `None` never comes: there is always room again.
async fn next(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = room.clone().acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((connection, _)) => return Some((connection, place)),
            Err(error) if is_theirs(&error) => {}
            Err(error) => {
                tracing::error!(%error, "No connection can be taken.");
                tokio::time::sleep(TAKE_AGAIN).await;
            }
        }
    }
}

/// Whether it is about one connection, which its other end gave up.
fn is_theirs(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
