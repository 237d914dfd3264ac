//! Any lines as what Discord's gateway says, one frame each, or the number of the code with which it hangs up: heard or
//! left alone, without a panic, and the connection ends. The way is that of the service, over a connection of this machine.
#![no_main]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use futures_util::{SinkExt, StreamExt};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_util::sync::CancellationToken;
use why_no_recording::chat::discord::DiscordApi;
use why_no_recording::chat::discord::gateway::{ConnectionState, Gateway, Pace};
use why_no_recording::chat::interaction::Interaction;
use why_no_recording::chat::{InteractionSink, NotStored};
use why_no_recording::clock;

const HELLO: &str = r#"{"op":10,"d":{"heartbeat_interval":41250}}"#;

struct World {
    runtime: Runtime,
    said: Arc<Mutex<Vec<u8>>>,
    gateway: Arc<Gateway>,
}

struct Sink;

#[async_trait::async_trait]
impl InteractionSink for Sink {
    async fn receive(&self, interaction: Interaction) -> Result<(), NotStored> {
        // It is kept as it is in the inbox.
        serde_json::to_string(&interaction).map(drop).map_err(|_| NotStored)
    }
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("an address");
    let said: Arc<Mutex<Vec<u8>>> = Arc::default();
    let given = Arc::clone(&said);
    runtime.spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let said = given.lock().expect("nobody panicked").clone();
            tokio::spawn(serve(connection, format!("{{\"url\":\"ws://{address}\"}}"), said));
        }
    });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let token = SecretString::from("example-token".to_owned());
    let api = DiscordApi::new(&format!("http://{address}"), &token).expect("a client");
    let (api, sink, pace) = (Arc::new(api), Arc::new(Sink), Pace::default());
    let gateway = Gateway { api, token, application_id: None, sink, clock: clock::now, pace };
    World { runtime, said, gateway: Arc::new(gateway) }
});

/// Discord's API where the way is one of its, and else the gateway.
async fn serve(mut connection: TcpStream, url: String, said: Vec<u8>) -> Option<()> {
    let mut begin = [0; 64];
    let length = connection.peek(&mut begin).await.ok()?;
    if begin[..length].windows(5).any(|five| five == b" /api") {
        let mut heard = [0; 4096];
        let _ = connection.read(&mut heard).await.ok()?;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", url.len());
        connection.write_all(format!("{head}{url}").as_bytes()).await.ok()?;
        return connection.shutdown().await.ok();
    }
    let mut socket = tokio_tungstenite::accept_async(connection).await.ok()?;
    socket.send(Message::text(HELLO)).await.ok()?;
    // What it says to the greeting.
    let _ = socket.next().await;
    for line in said.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line).into_owned();
        match line.parse::<u16>() {
            Ok(code) => {
                let frame = CloseFrame { code: code.into(), reason: "".into() };
                let _ = socket.close(Some(frame)).await;
                return None;
            }
            Err(_) => socket.send(Message::text(line)).await.ok()?,
        }
    }
    socket.close(None).await.ok()
}

fuzz_target!(|bytes: &[u8]| {
    let world = &*WORLD;
    *world.said.lock().expect("nobody panicked") = bytes.to_vec();
    let stop = CancellationToken::new();
    let ends = AtomicUsize::new(0);
    let (told, counted) = (stop.clone(), Arc::new(ends));
    // The first is that there is no connection yet, and the second that it has ended.
    let tell = move |state: &ConnectionState| match state {
        ConnectionState::Connected | ConnectionState::ConnectedDespite(_) => {}
        ConnectionState::Interrupted(_) if counted.fetch_add(1, Ordering::Relaxed) == 0 => {}
        ConnectionState::Interrupted(_) | ConnectionState::Refused(_) => told.cancel(),
    };
    world.runtime.block_on(Arc::clone(&world.gateway).run(stop, tell));
});
