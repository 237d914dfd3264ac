//! Two instances behind a real proxy are restarted one after the other under load: Slack does not repeat a command, so
//! none may be lost.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use why_no_recording::clock;

use crate::slack::surviving::Program;
use crate::slack::{World, form, sign};
use crate::world::databases::Place;
use crate::world::nginx::{Nginx, free_address};

/// Who asks at the same time.
const ASKERS: usize = 8;
/// Restarts of either instance in the gate.
const ROUNDS: usize = 2;
/// Connections that nginx keeps open where it does.
const KEPT: u32 = 16;

/// What became of the commands.
#[derive(Debug, Default)]
struct Outcome {
    /// Acknowledged with success.
    acknowledged: usize,
    /// Answered otherwise, or not at all.
    refused: Vec<String>,
    /// Acknowledged, and not stored.
    lost: Vec<String>,
    seconds: f64,
}

/// Asks again and again, and tells the number of each command that was acknowledged, or what came instead.
async fn ask(
    address: SocketAddr,
    next: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
) -> Vec<Result<String, String>> {
    let http = reqwest::Client::new();
    let mut outcomes = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let id = format!("t{}", next.fetch_add(1, Ordering::Relaxed));
        // It asks for nothing: what is done about it does not matter here.
        let body = form(&serde_json::json!({
            "team_id": "T1", "api_app_id": "A1", "channel_id": "C1", "user_id": "U1",
            "command": "/why-no-recording", "text": "help", "trigger_id": id,
        }));
        let timestamp = clock::now().as_second().to_string();
        let request = http
            .post(format!("http://{address}/slack/commands"))
            .header("x-slack-request-timestamp", &timestamp)
            .header("x-slack-signature", sign(&timestamp, &body))
            .body(body);
        outcomes.push(match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(id),
            Ok(answer) => Err(format!("{id}: {}", answer.status())),
            Err(error) => Err(format!("{id}: {error}")),
        });
    }
    outcomes
}

async fn restarted_under_load(rounds: usize, drain_secs: &str, keep: Option<u32>) -> Option<Outcome> {
    if !Nginx::is_there() {
        return None;
    }
    let world = World::on(Place::postgres().await?).await;
    let addresses = [free_address(), free_address()];
    let start = |address: SocketAddr| {
        Program::start_with(&world, &[("HTTP_LISTEN", &address.to_string()), ("HTTP_DRAIN_SECS", drain_secs)])
    };
    let mut programs = addresses.map(|address| Some(start(address)));
    let nginx = Nginx::start(&addresses, keep).await;
    let (next, over): (Arc<AtomicUsize>, Arc<AtomicBool>) = Default::default();
    let mut askers = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..ASKERS {
        askers.spawn(ask(nginx.address, next.clone(), over.clone()));
    }
    for round in 0..rounds {
        for (place, address) in addresses.iter().enumerate() {
            // Somewhere in the middle of the load.
            tokio::time::sleep(Duration::from_millis((round as u64 * 7919 + place as u64 * 131) % 700)).await;
            programs[place].take().unwrap().stop().await;
            programs[place] = Some(start(*address));
        }
    }
    over.store(true, Ordering::Relaxed);
    let outcomes = askers.join_all().await.concat();
    let stored: HashSet<String> =
        world.database.texts("SELECT delivery_id FROM inbox").await.into_iter().collect();
    let mut outcome = Outcome { seconds: begun.elapsed().as_secs_f64(), ..Outcome::default() };
    for told in outcomes {
        match told {
            Ok(id) if stored.contains(&format!("slack:{id}")) => outcome.acknowledged += 1,
            Ok(id) => outcome.lost.push(id),
            Err(why) => outcome.refused.push(why),
        }
    }
    println!(
        "keep {keep:?}, drain {drain_secs} s, {} restarts in {:.1} s: {} acknowledged ({:.0}/s), {} refused {:?}, {} lost",
        2 * rounds,
        outcome.seconds,
        outcome.acknowledged,
        outcome.acknowledged as f64 / outcome.seconds,
        outcome.refused.len(),
        outcome.refused.iter().take(3).collect::<Vec<_>>(),
        outcome.lost.len()
    );
    Some(outcome)
}

#[tokio::test(flavor = "multi_thread")]
async fn not_one_command_is_lost_while_instances_are_restarted() {
    for keep in [None, Some(KEPT)] {
        let Some(outcome) = restarted_under_load(ROUNDS, "1", keep).await else { return };
        assert!(outcome.acknowledged > 100, "{outcome:?}");
        assert!(outcome.refused.is_empty() && outcome.lost.is_empty(), "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "figures, worth something on a machine where nothing else runs"]
async fn measured_restarts_behind_a_proxy() {
    for keep in [None, Some(KEPT)] {
        for drain in ["0", "1"] {
            restarted_under_load(10, drain, keep).await;
        }
    }
}
