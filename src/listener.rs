//! Serves HTTP, even if clients are slow, by accident or on purpose.

pub mod arrivals;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::add_extension::AddExtension;
use tower_http::timeout::RequestBodyTimeoutLayer;

use arrivals::{Arrival, Arrivals};

/// Pause after a failed accept, for example when the process is out of file descriptors.
const TAKE_AGAIN: Duration = Duration::from_secs(1);

/// Connections that may wait outside for their turn. With fewer, a burst of webhooks would be turned away unheard;
/// the operating system may allow less.
const WAITING: u32 = 4096;

/// Maximum bytes of a request's head; real ones have one or two thousand. A longer one is refused with 431.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// Bytes that the operating system buffers for a connection. By default it grows to megabytes, which count towards
/// the service's memory limit.
const UNREAD_BYTES_MAX: u32 = 64 * 1024;

/// How long a connection is waited for to end before another one is closed.
const SOMEBODY_LEAVES: Duration = Duration::from_millis(10);

/// Time for requests that are still arriving, once no new ones are accepted.
const ARRIVES_AFTER_STOP: Duration = Duration::from_secs(1);

/// Limits of connections.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// Time from the start of a connection to the end of its headers.
    pub headers: Duration,
    /// Without a further part of the body.
    pub body: Duration,
    /// Time from the start of a connection to the end of its response.
    pub exchange: Duration,
    /// Maximum concurrent connections, below the usual limit of open files. A further one replaces the one that has
    /// been sending the longest, or waits if all have sent everything.
    pub connections: usize,
    /// Maximum bytes of all bodies together.
    pub body_bytes: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            body: Duration::from_secs(10),
            exchange: Duration::from_secs(30),
            connections: 512,
            body_bytes: 16 * 1024 * 1024,
        }
    }
}

/// Listens on an address and serves in a separate task until stopped. Returns the bound address.
///
/// # Errors
/// Returns an error if [`bind`] does.
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

/// Binds a listener with a large backlog.
///
/// # Errors
/// Returns an error if the address is taken or isn't this machine's.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // After a restart the address is available at once. On other systems the same option would let processes share
    // it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Accepted sockets inherit it.
    socket.set_recv_buffer_size(UNREAD_BYTES_MAX)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Serves until stopped. Then it accepts connections that are already waiting and no others, and returns when all
/// requests are answered.
///
/// Each connection carries one request. A kept connection would have to be closed at some time, and a request that
/// arrives at that moment is lost: Slack doesn't repeat a command.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let service = router.layer(RequestBodyTimeoutLayer::new(limits.body)).layer(from_fn(notice_whole));
    // With a choice of versions, nothing would limit the time until the version is known.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_buf_size(HEADER_BYTES_MAX)
        .keep_alive(false);
    let (arrivals, open) = (Arrivals::new(limits.body_bytes), TaskTracker::new());
    let exchange = |connection, place: Option<OwnedSemaphorePermit>| {
        let arrival = Arc::new(arrivals.begin());
        let service = TowerToHyperService::new(AddExtension::new(service.clone(), arrival.clone()));
        let exchange = builder.serve_connection(TokioIo::new(connection), service).into_owned();
        open.spawn(async move {
            finish(&arrival, timeout(limits.exchange, exchange)).await;
            drop(place);
        });
    };
    let room = Arc::new(Semaphore::new(limits.connections));
    while let Some(connection) = stop.run_until_cancelled(next(&listener)).await {
        // An accepted connection is served even if this future ends.
        let place = stop.run_until_cancelled(place(&room, &arrivals)).await.flatten();
        exchange(connection, place);
    }
    for connection in waiting(listener) {
        exchange(connection, None);
    }
    open.close();
    if timeout(ARRIVES_AFTER_STOP, open.wait()).await.is_err() {
        arrivals.turn_away_all();
        open.wait().await;
    }
}

/// Until it is answered, or cut off.
async fn finish<E: fmt::Display>(
    arrival: &Arrival,
    exchange: impl Future<Output = Result<Result<(), E>, Elapsed>>,
) {
    tokio::select! {
        ended = exchange => match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "Connection broke or was too slow."),
            Err(_) => tracing::debug!("Connection exceeded its time."),
        },
        () = arrival.turned_away() => tracing::debug!("Slow connection closed to make room."),
    }
}

/// The next connection.
async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((connection, _)) => return connection,
            Err(error) if is_theirs(&error) => {}
            Err(error) => {
                tracing::error!(%error, "Connection not accepted.");
                tokio::time::sleep(TAKE_AGAIN).await;
            }
        }
    }
}

/// Returns a permit for a connection. If all are taken, the slowest connection is closed.
async fn place(room: &Arc<Semaphore>, arrivals: &Arrivals) -> Option<OwnedSemaphorePermit> {
    let mut place = room.clone().try_acquire_owned().ok();
    while place.is_none() {
        arrivals.turn_away_slowest();
        let free = timeout(SOMEBODY_LEAVES, room.clone().acquire_owned()).await;
        place = free.ok().and_then(Result::ok);
    }
    place
}

/// A request without a body is complete with its head.
async fn notice_whole(Extension(arrival): Extension<Arc<Arrival>>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        arrival.mark_whole();
    }
    next.run(request).await
}

/// Connections in the operating system's backlog. Closing the listener would reset them, and their requests would be
/// lost.
fn waiting(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        let (connection, _) = listener.as_ref()?.accept().ok()?;
        connection.set_nonblocking(true).ok()?;
        TcpStream::from_std(connection).ok()
    })
}

/// Returns `true` if the error concerns one connection that its peer gave up.
fn is_theirs(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
