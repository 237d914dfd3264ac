//! Tasks that fail, and are started again.

use std::collections::BTreeSet;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};
use why_no_recording::app;
use why_no_recording::app::supervise::{Handle, Supervisor, Task};
use why_no_recording::clock;
use why_no_recording::health::Health;
use why_no_recording::retry::Backoff;

use crate::discord;
use crate::slack::World;
use crate::world::slack::APP_TOKEN;

/// How one run of a task goes.
#[derive(Clone, Copy)]
enum Run {
    Fails,
    FailsAfter(Duration),
    Panics,
    Ends,
    GoesOn,
}

async fn run(run: Run, task: Handle) -> Result<(), &'static str> {
    match run {
        Run::Fails => Err("on purpose"),
        Run::FailsAfter(length) => {
            sleep(length).await;
            Err("on purpose")
        }
        Run::Panics => panic!("on purpose"),
        Run::Ends => Ok(()),
        Run::GoesOn => {
            task.stop.cancelled().await;
            Ok(())
        }
    }
}

/// What a supervised task did, and how its supervisor sees it once its last run goes on.
struct Supervised {
    supervisor: Supervisor,
    health: Health,
    /// When each run began.
    begun: Arc<Mutex<Vec<Instant>>>,
}

impl Supervised {
    /// Runs go like these, one after the other; the last goes on.
    async fn through(task: Task, runs: &'static [Run]) -> Self {
        let health = Health::default();
        let supervisor = Supervisor::new(health.clone());
        let begun = Arc::<Mutex<Vec<Instant>>>::default();
        let kept = begun.clone();
        supervisor.keep(task, move |task| {
            let mut begun = kept.lock().unwrap();
            begun.push(Instant::now());
            run(runs.get(begun.len() - 1).copied().unwrap_or(Run::GoesOn), task)
        });
        let supervised = Self { supervisor, health, begun };
        // The clock stands still until everybody waits for it, so this is a long time and takes none.
        while supervised.begun.lock().unwrap().len() <= runs.len() {
            sleep(Duration::from_secs(1)).await;
        }
        supervised
    }

    /// How long it was from the beginning of each run to that of the next.
    fn gaps(&self) -> Vec<Duration> {
        self.begun.lock().unwrap().windows(2).map(|two| two[1] - two[0]).collect()
    }

    fn state(&self) -> (String, bool) {
        let [task] = &self.health.tasks(clock::now())[..] else { panic!("one task") };
        (task.state.clone(), task.ready)
    }
}

/// Whether a pause is the one after so many failures in a row.
fn is_pause_after(failures: i32, pause: Duration) -> bool {
    let nominal = Duration::from_secs(1 << (failures - 1)).min(Backoff::TASK.longest);
    let timer = Duration::from_millis(2);
    (nominal / 2 - timer..=nominal + timer).contains(&pause)
}

#[tokio::test(start_paused = true)]
async fn after_a_task_ran_well_its_pauses_begin_anew() {
    const WELL: Duration = Duration::from_secs(60);
    const NOT_FOR_LONG: Duration = Duration::from_secs(59);
    let runs = &[
        Run::Fails,
        Run::Panics,
        Run::Fails,
        Run::Ends,
        Run::FailsAfter(NOT_FOR_LONG),
        Run::FailsAfter(WELL),
        Run::Fails,
        Run::Fails,
    ];
    let supervised = Supervised::through(Task::needed("a task"), runs).await;
    let gaps = supervised.gaps();
    for (index, (ran, failures)) in
        [(0, 1), (0, 2), (0, 3), (0, 4), (59, 5), (60, 1), (0, 2), (0, 3)].into_iter().enumerate()
    {
        let pause = gaps[index] - Duration::from_secs(ran);
        assert!(is_pause_after(failures, pause), "{pause:?} after run {index}: {gaps:?}");
    }
    assert!(supervised.supervisor.stop(Duration::from_secs(1)).await);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_until_the_task_runs_again() {
    for (task, ready) in [(Task::needed("a task"), false), (Task::optional("a task"), true)] {
        let health = Health::default();
        let supervisor = Supervisor::new(health.clone());
        supervisor.keep(task, |_| async { Err::<(), _>("the disk is full") });
        // Less than the shortest pause.
        sleep(Duration::from_millis(400)).await;
        let [told] = &health.tasks(clock::now())[..] else { panic!("one task") };
        assert_eq!((told.state.as_str(), told.ready), ("the disk is full", ready));
        assert!(supervisor.stop(Duration::from_secs(1)).await, "it stops in the middle of a pause");
        let supervised = Supervised::through(task, &[Run::Fails]).await;
        assert_eq!(supervised.state(), ("ok".to_owned(), true));
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_stop_is_not_waited_for_without_end() {
    let supervisor = Supervisor::new(Health::default());
    supervisor.keep(Task::needed("deaf"), |_| pending::<Result<(), String>>());
    sleep(Duration::from_millis(1)).await;
    assert!(!supervisor.stop(Duration::from_secs(8)).await);
}

/// What `/readyz` names.
async fn named(address: SocketAddr) -> BTreeSet<String> {
    let answer = reqwest::get(format!("http://{address}/readyz")).await.unwrap().text().await.unwrap();
    let told: Value = serde_json::from_str(&answer).unwrap();
    let tasks = told["tasks"].as_array().unwrap().iter();
    tasks.map(|task| task["task"].as_str().unwrap().to_owned()).collect()
}

fn names(names: &[&[&str]]) -> BTreeSet<String> {
    names.concat().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn each_task_of_the_service_is_named() {
    const ALWAYS: &[&str] = &[
        "acting",
        "answers",
        "deliveries",
        "housekeeping",
        "http",
        "lookups",
        "metrics upkeep",
        "question storage",
        "reconcile",
        "signatures",
        "watch",
        "webhook storage",
    ];
    let world = World::new().await;
    let more = [("SLACK_APP_TOKEN", APP_TOKEN), ("HTTP_METRICS_LISTEN", "127.0.0.1:0")];
    let running = app::start(&world.settings(&more)).await.unwrap();
    let slack = ["metrics http", "slack", "slack identity", "slack socket mode"];
    assert_eq!(named(running.metrics_address.unwrap()).await, names(&[ALWAYS, &slack]));
    running.stop().await;
    let chat = discord::Talking::over_gateway().await;
    // Slack is on there as well, over HTTP.
    let discord = ["discord commands", "discord gateway", "slack", "slack identity"];
    assert_eq!(named(chat.running.address).await, names(&[ALWAYS, &discord]));
    chat.end().await;
}
