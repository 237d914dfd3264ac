//! Keeps a task running: one that ends or panics is started again, and it is told.

use std::fmt::Display;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::health::Health;

/// The first pause before a task is started again; it doubles.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Runs a task until it ends by itself after being told to stop.
pub(super) fn supervise<Task, Failure>(
    name: &'static str,
    health: &Health,
    stop: &CancellationToken,
    tasks: &TaskTracker,
    start: impl Fn() -> Task + Send + 'static,
) where
    Task: Future<Output = Result<(), Failure>> + Send + 'static,
    Failure: Display + Send + 'static,
{
    let (health, stop) = (health.clone(), stop.clone());
    tasks.spawn(async move {
        let mut pause = PAUSE;
        while !stop.is_cancelled() {
            health.beat(name, clock::now());
            let running = tokio::spawn(start());
            let error = match running.await {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error.to_string(),
                Err(error) if error.is_panic() => "it panicked".to_owned(),
                Err(_) => return,
            };
            tracing::error!(task = name, error, "A task ended, and is started again.");
            metrics::counter!("wnr_task_failures_total", "task" => name).increment(1);
            health.failed(name, error, clock::now());
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE_MAX),
            }
        }
    });
}
