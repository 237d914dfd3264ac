//! Somebody who means harm, with five hundred connections and no secret: health, questions and memory meanwhile.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use why_no_recording::clock;

use crate::alerts::SECRET;
use crate::slack::surviving::Program;
use crate::slack::{DENIED, World};

/// Connections of each kind at the same time.
const OF_EACH_KIND: usize = 100;
/// How long it goes on.
const LASTS: Duration = Duration::from_secs(5);
/// The pause between two probes, and two questions.
const PAUSES: [Duration; 2] = [Duration::from_millis(25), Duration::from_millis(200)];
/// What the examples in `config/` allow the service, in KiB.
const MEMORY_KIB: u64 = 256 * 1024;
/// What Kubernetes allows a probe.
const PROBE: Duration = Duration::from_secs(1);
/// What a probe takes at most where nothing else runs on the machine.
const PROBE_ALONE: Duration = Duration::from_millis(200);
/// Between the end of a hostile connection and the next one, so that this test leaves others some of the machine.
const BREATH: Duration = Duration::from_millis(500);
/// What Slack allows a command.
const COMMAND: Duration = Duration::from_secs(3);

const MIB: usize = 1024 * 1024;

/// What one connection sends.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Headers that never end, a byte at a time.
    SlowHeaders,
    /// All of the body but its last byte.
    SlowBody,
    /// Signatures without end in one header.
    HugeHeaders,
    /// A body as long as any may be, signed with ten wrong signatures.
    HugeBody,
    /// What is no HTTP behind a thousand requests at once.
    Garbage,
}

static FILL: LazyLock<Vec<u8>> = LazyLock::new(|| vec![b'x'; 2 * MIB]);

/// The head of a webhook that could be real, but for its signatures.
fn head(signatures: usize, length: usize) -> String {
    let now = clock::now().as_second();
    let forged = format!(" v1,{}=", "A".repeat(43)).repeat(signatures);
    format!(
        "POST /webhooks/recall HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nwebhook-id: m\r\n\
         webhook-timestamp: {now}\r\nwebhook-signature:{forged}\r\nsvix-id: m\r\nsvix-timestamp: {now}\r\n\
         svix-signature:{forged}\r\n\r\n"
    )
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::SlowHeaders, Self::SlowBody, Self::HugeHeaders, Self::HugeBody, Self::Garbage];

    async fn send(self, connection: &mut TcpStream) -> std::io::Result<()> {
        match self {
            Self::SlowHeaders => {
                connection.write_all(b"POST /slack/commands HTTP/1.1\r\nHost: a\r\nX-Slow: ").await?;
                loop {
                    connection.write_all(b"x").await?;
                    sleep(Duration::from_millis(100)).await;
                }
            }
            Self::SlowBody => {
                connection.write_all(head(2, MIB).as_bytes()).await?;
                connection.write_all(&FILL[..MIB - 1]).await?;
            }
            Self::HugeHeaders => {
                connection.write_all(head(25_000, 2).as_bytes()).await?;
                connection.write_all(b"{}").await?;
            }
            Self::HugeBody => {
                connection.write_all(head(10, MIB).as_bytes()).await?;
                connection.write_all(&FILL[..MIB]).await?;
            }
            Self::Garbage => {
                let requests = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
                connection.write_all(requests.as_bytes()).await?;
                connection.write_all(b"\0\xff\r\n\r\n{}{}\r\n").await?;
            }
        }
        // Until it is answered or cut off.
        let mut answer = [0; 4096];
        while connection.read(&mut answer).await? > 0 {}
        Ok(())
    }
}

/// Opens one connection after the other, as long as it lasts.
async fn attack(address: Arc<str>, kind: Kind, breath: Duration, until: Instant) {
    while Instant::now() < until {
        let once = async { kind.send(&mut TcpStream::connect(&*address).await?).await };
        let _ = timeout_at(until, once).await;
        sleep(breath).await;
    }
}

/// The times that one thing took again and again.
struct Times(Vec<Duration>);

impl Times {
    /// Does it with this pause in between, as long as it lasts; each time has to succeed.
    async fn of(pause: Duration, until: Instant, each: impl AsyncFn() -> bool) -> Self {
        let mut times = Vec::new();
        while Instant::now() < until {
            let begun = Instant::now();
            assert!(timeout(Duration::from_secs(20), each()).await.unwrap_or(false), "it is answered");
            times.push(begun.elapsed());
            sleep(pause).await;
        }
        times.sort_unstable();
        Self(times)
    }

    fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    fn worst(&self) -> Duration {
        *self.0.last().unwrap()
    }
}

/// The most memory that a process has had, in KiB.
fn memory_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What came of it.
struct Outcome {
    probes: Times,
    commands: Times,
    memory_kib: u64,
}

async fn attacked(breath: Duration) -> Outcome {
    let world = World::new().await;
    let program = Program::start_with(&world, &[("RECALL_WEBHOOK_SECRET", SECRET)]);
    let address: Arc<str> = program.address.as_str().into();
    let until = Instant::now() + LASTS;
    let mut hostile = JoinSet::new();
    for kind in Kind::ALL {
        for _ in 0..OF_EACH_KIND {
            hostile.spawn(attack(address.clone(), kind, breath, until));
        }
    }
    let url = format!("http://{address}/healthz");
    let probe = async || reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success());
    let ask = async || {
        program.ask(&world, DENIED).await;
        true
    };
    let (probes, commands) =
        tokio::join!(Times::of(PAUSES[0], until, probe), Times::of(PAUSES[1], until, ask));
    hostile.join_all().await;
    let memory_kib = memory_kib(program.id());
    println!(
        "{} probes: median {:?}, worst {:?}; {} commands: median {:?}, worst {:?}; {} MiB at most",
        probes.0.len(),
        probes.median(),
        probes.worst(),
        commands.0.len(),
        commands.median(),
        commands.worst(),
        memory_kib / 1024,
    );
    Outcome { probes, commands, memory_kib }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_hostile_connections_keep_nothing_from_anybody() {
    let outcome = attacked(BREATH).await;
    assert!(outcome.probes.worst() < PROBE);
    assert!(outcome.commands.worst() < COMMAND);
    assert!(outcome.memory_kib < MEMORY_KIB);
}

/// Each of the five hundred begins anew at once, as fast as this machine does it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "times, worth something on a machine where nothing else runs"]
async fn measured_against_five_hundred_hostile_connections() {
    let outcome = attacked(Duration::ZERO).await;
    assert!(outcome.probes.worst() < PROBE_ALONE);
    assert!(outcome.commands.worst() < COMMAND);
    assert!(outcome.memory_kib < MEMORY_KIB);
}
