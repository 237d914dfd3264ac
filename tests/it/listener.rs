//! Those who are slow on purpose, and the others.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use why_no_recording::listener::arrivals::Arrivals;
use why_no_recording::listener::{ConnectionLimits, bind, serve};

/// So short that a test has not to wait for it.
const SHORT: Duration = Duration::from_millis(50);
/// So long that it ends nothing in a test.
const LONG: Duration = Duration::from_secs(600);
const GENEROUS: ConnectionLimits =
    ConnectionLimits { headers: LONG, body: LONG, exchange: LONG, connections: 16, body_bytes: 1 << 20 };

struct Serving {
    address: SocketAddr,
    /// Lets `/slow` answer.
    go_on: Arc<Notify>,
    /// Says that `/slow` was asked.
    asked: Arc<Notify>,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Serving {
    async fn start(limits: ConnectionLimits) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (go_on, asked): (Arc<Notify>, Arc<Notify>) = Default::default();
        let (wait, tell) = (go_on.clone(), asked.clone());
        let slow = move || async move {
            tell.notify_one();
            wait.notified().await;
            "at last"
        };
        let router = Router::new()
            .route("/healthz", get(async || "ok"))
            .route("/slow", get(slow))
            .route("/length", post(async |body: Bytes| body.len().to_string()));
        let stop = CancellationToken::new();
        let ended = tokio::spawn(serve(listener, router, limits, stop.clone()));
        Self { address, go_on, asked, stop, ended }
    }

    async fn connect(&self, beginning: &str) -> TcpStream {
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        connection.write_all(beginning.as_bytes()).await.unwrap();
        connection
    }

    async fn healthz(&self) -> String {
        let answer = reqwest::get(format!("http://{}/healthz", self.address)).await.unwrap();
        answer.text().await.unwrap()
    }
}

/// What comes until the connection ends; how it ends is all the same.
async fn all(connection: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let reading = async { while connection.read_buf(&mut said).await.is_ok_and(|read| read > 0) {} };
    tokio::time::timeout(Duration::from_secs(30), reading).await.expect("the connection ends");
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn who_does_not_finish_the_headers_is_cut_off_and_others_are_answered() {
    let serving = Serving::start(ConnectionLimits { headers: SHORT, ..GENEROUS }).await;
    for beginning in ["", "GET /heal", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
        let mut slow = serving.connect(beginning).await;
        assert_eq!(serving.healthz().await, "ok", "{beginning:?}");
        assert!(!all(&mut slow).await.contains("200 OK"), "{beginning:?}");
    }
}

#[tokio::test]
async fn who_does_not_finish_the_body_is_cut_off_and_others_are_answered() {
    let serving = Serving::start(ConnectionLimits { body: SHORT, ..GENEROUS }).await;
    let request = "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
    let mut slow = serving.connect(request).await;
    assert_eq!(serving.healthz().await, "ok");
    let told = all(&mut slow).await;
    assert!(told.starts_with("HTTP/1.1 4"), "{told}");
}

#[tokio::test]
async fn who_says_a_little_again_and_again_is_cut_off_as_well() {
    let serving = Serving::start(ConnectionLimits { exchange: SHORT, ..GENEROUS }).await;
    let request = "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut slow = serving.connect(request).await;
    let dripping = async { while slow.write_all(b"1\r\nx\r\n").await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(30), dripping).await.expect("the connection ends");
    assert_eq!(serving.healthz().await, "ok");
}

#[tokio::test]
async fn a_connection_beyond_the_bound_waits_for_its_turn() {
    let serving = Serving::start(ConnectionLimits { headers: SHORT, connections: 1, ..GENEROUS }).await;
    let mut slow = serving.connect("GET /heal").await;
    assert_eq!(serving.healthz().await, "ok", "after the slow one was cut off");
    assert!(all(&mut slow).await.is_empty());
}

#[tokio::test]
async fn told_to_stop_it_takes_nothing_more_and_finishes_what_was_begun() {
    let serving = Serving::start(GENEROUS).await;
    let mut begun = serving.connect("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    serving.asked.notified().await;
    // One that says nothing is not waited for, beyond a second.
    let mut idle = serving.connect("").await;
    serving.stop.cancel();
    assert_eq!(all(&mut idle).await, "");
    assert!(TcpStream::connect(serving.address).await.is_err(), "nobody listens any more");
    serving.go_on.notify_one();
    assert!(all(&mut begun).await.ends_with("at last"));
    serving.ended.await.unwrap();
}

/// Whoever the operating system has let in before the end has sent a request, or is about to.
#[tokio::test]
async fn who_waits_to_be_taken_is_still_served() {
    let serving = Serving::start(ConnectionLimits { connections: 1, ..GENEROUS }).await;
    let request = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut begun = serving.connect(request).await;
    serving.asked.notified().await;
    let mut waiting = Vec::new();
    for _ in 0..5 {
        waiting.push(serving.connect("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await);
    }
    serving.stop.cancel();
    for waiting in &mut waiting {
        assert!(all(waiting).await.ends_with("ok"));
    }
    serving.go_on.notify_one();
    assert!(all(&mut begun).await.ends_with("at last"));
    serving.ended.await.unwrap();
}

/// One more than there may be comes, and the slowest goes: at once, and not when its time is over.
#[tokio::test]
async fn who_is_slow_loses_the_place_to_who_is_not() {
    let serving = Serving::start(ConnectionLimits { connections: 2, ..GENEROUS }).await;
    let mut slowest = serving.connect("GET /heal").await;
    let mut asking = serving.connect("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    serving.asked.notified().await;
    assert_eq!(serving.healthz().await, "ok");
    assert_eq!(all(&mut slowest).await, "");
    serving.go_on.notify_one();
    assert!(all(&mut asking).await.ends_with("at last"), "who has sent everything is not turned away");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let serving = Serving::start(GENEROUS).await;
    for (bytes, expect) in [(16 * 1024, "200 OK"), (64 * 1024, "431 ")] {
        let head = format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "x".repeat(bytes));
        let mut connection = serving.connect("").await;
        // It may be refused before all of it is sent.
        let _ = connection.write_all(head.as_bytes()).await;
        let told = all(&mut connection).await;
        assert!(told.contains(expect), "{bytes}: {told}");
    }
}

#[tokio::test]
async fn a_connection_carries_one_request() {
    let serving = Serving::start(GENEROUS).await;
    let request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut twice = serving.connect(&format!("{request}{request}")).await;
    let told = all(&mut twice).await;
    assert!(told.matches("200 OK").count() == 1 && told.contains("connection: close"), "{told}");
}

/// Where the memory for bodies is used up, whoever holds the most gives it back; nobody pays for one who holds more.
#[tokio::test]
async fn who_holds_the_most_memory_makes_room_for_others() {
    let arrivals = Arrivals::new(100);
    let (large, larger, small) = (arrivals.begin(), arrivals.begin(), arrivals.begin());
    large.hold(40).await.unwrap();
    larger.hold(20).await.unwrap();
    larger.hold(30).await.unwrap();
    let turned_away = tokio::spawn(async move {
        larger.turned_away().await;
        drop(larger);
    });
    small.hold(20).await.expect("there is room after the largest has gone");
    turned_away.await.unwrap();
    // What has come in whole is kept, and it is not larger than what is there.
    large.mark_whole();
    assert!(small.hold(60).await.is_err());
    drop(large);
    small.hold(60).await.expect("what has ended holds nothing");
}
