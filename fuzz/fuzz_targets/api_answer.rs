//! Any bytes as the whole answer, status, headers and body, of Recall.ai, Slack or Discord: read or refused in words, without
//! a panic. The first byte says whom we asked. The way is that of the service, over a connection of this machine.
#![no_main]

use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use why_no_recording::chat::discord::{DiscordApi, DiscordMessenger};
use why_no_recording::chat::slack::SlackMessenger;
use why_no_recording::chat::{DeliveryError, Destination, Message, Messenger, SendRequest};
use why_no_recording::recall::{
    ActionError, BotList, ClientConfig, FetchError, Fetcher, IdempotencyKey, MeetingAction, WorkspaceAccess,
};

const BOT: &str = "5215cf1e-bc6e-54c0-983d-7d8b2052615d";

/// The platforms on this machine, and those who ask them.
struct World {
    runtime: Runtime,
    origin: String,
    answer: Arc<Mutex<Vec<u8>>>,
    recall: Mutex<Fetcher>,
    discord: Mutex<DiscordMessenger>,
    slack: SlackMessenger,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let answer: Arc<Mutex<Vec<u8>>> = Arc::default();
    let given = Arc::clone(&answer);
    runtime.spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let answer = given.lock().expect("nobody panicked").clone();
            tokio::spawn(serve(connection, answer));
        }
    });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let api_url = format!("{origin}/api").parse().expect("an address");
    World {
        recall: Mutex::new(recall(&origin)),
        discord: Mutex::new(discord(&origin)),
        slack: SlackMessenger::new(&api_url, &SecretString::from("xoxb-example".to_owned())),
        runtime,
        origin,
        answer,
    }
});

/// Hears the whole request, answers, and hangs up.
async fn serve(mut connection: TcpStream, answer: Vec<u8>) -> Option<()> {
    let mut heard = Vec::new();
    loop {
        if connection.read_buf(&mut heard).await.ok()? == 0 {
            break;
        }
        let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&heard[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if heard.len() >= end + 4 + length.unwrap_or_default() {
            break;
        }
    }
    connection.write_all(&answer).await.ok()?;
    connection.shutdown().await.ok()
}

fn recall(origin: &str) -> Fetcher {
    let (name, base_url, api_key) = ("main".to_owned(), origin.to_owned(), "example-key".to_owned().into());
    let often = NonZeroU32::MAX;
    let limits = ClientConfig {
        tries: 1,
        action_tries: 1,
        actions_per_minute: often,
        question_timeout: Duration::from_secs(5),
        retrieve_per_minute: often,
        list_per_minute: often,
        answers_kept_for: Duration::from_nanos(1),
        ..ClientConfig::default()
    };
    Fetcher::new(vec![WorkspaceAccess { name, base_url, api_key }], Vec::new(), limits).expect("it is an address")
}

fn discord(origin: &str) -> DiscordMessenger {
    let api = DiscordApi::new(origin, &SecretString::from("example-token".to_owned())).expect("a client");
    DiscordMessenger::new(Arc::new(api), why_no_recording::clock::now)
}

/// Whoever was asked to slow down would not ask again for as long.
fn must_wait<T>(asked: &Result<T, DeliveryError>) -> bool {
    matches!(asked, Err(DeliveryError::Busy(_) | DeliveryError::PlatformBusy(_)))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((whom, answer)) = bytes.split_first() else { return };
    let world = &*WORLD;
    *world.answer.lock().expect("nobody panicked") = answer.to_vec();
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let message = Message::Notice("a word".to_owned());
    let request = SendRequest::plain(&message, "m");
    let place = Destination { channel: "123456789012345678".to_owned(), thread: None };
    world.runtime.block_on(async {
        match whom % 4 {
            0 => {
                let mut recall = world.recall.lock().expect("nobody panicked");
                let bot = BOT.parse().expect("an id");
                let answer = recall.case_file(bot, now).await;
                if let Err(error) = &answer {
                    let _ = (error.to_string(), error.advice());
                }
                let action = MeetingAction::RequestRecordingPermission;
                let acted = recall.act("main", bot, &action, IdempotencyKey::of("a press", "a step"), now).await;
                if let Err(error) = &acted {
                    let _ = (error.to_string(), error.advice());
                }
                let limited = matches!(acted, Err(ActionError::RateLimited { .. }));
                if limited || answer.is_err_and(|error| error.limited_for().is_some()) {
                    *recall = self::recall(&world.origin);
                }
            }
            1 => {
                let mut recall = world.recall.lock().expect("nobody panicked");
                let answer = recall.list("main", BotList::All, None, now).await;
                if answer.is_err_and(|error: FetchError| error.limited_for().is_some()) {
                    *recall = self::recall(&world.origin);
                }
            }
            2 => {
                let posted = world.slack.post(&place, &request).await;
                let _ = posted.map_err(|error| error.to_string());
            }
            _ => {
                let mut discord = world.discord.lock().expect("nobody panicked");
                let posted = discord.post(&place, &request).await;
                if must_wait(&posted) || String::from_utf8_lossy(answer).to_lowercase().contains("x-ratelimit") {
                    *discord = self::discord(&world.origin);
                }
            }
        }
    });
});
