//! Keeps tasks running: one that ends, fails or panics is restarted and reported in `/readyz`, the log and a metric.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::health::Health;
use crate::retry::Backoff;

/// A task that ran for this long was healthy. After its next failure the pauses start anew, or a task that fails once
/// a day would one day wait for a minute each time.
const RAN_WELL: Duration = Duration::from_secs(60);

/// Description of a task.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    name: &'static str,
    needed: bool,
    backoff: Backoff,
}

impl Task {
    /// A task without which the service cannot do its work.
    #[must_use]
    pub const fn needed(name: &'static str) -> Self {
        Self { name, needed: true, backoff: Backoff::TASK }
    }

    /// A task without which people still get their answers.
    #[must_use]
    pub const fn optional(name: &'static str) -> Self {
        Self { name, needed: false, backoff: Backoff::TASK }
    }

    /// With other pauses between its failures.
    #[must_use]
    pub const fn with_backoff(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }
}

/// Handle of a running task.
#[derive(Debug, Clone)]
pub struct Handle {
    /// Cancelled when the task is to end.
    pub stop: CancellationToken,
    name: &'static str,
    health: Health,
}

impl Handle {
    /// Reports that the task is alive. Once called, it has to be called again within a minute, or the task counts as
    /// stuck.
    pub fn beat(&self) {
        self.health.beat(self.name, clock::now());
    }

    /// Reports an external problem while the task itself is healthy, or clears it.
    pub fn trouble(&self, error: Option<String>) {
        self.health.trouble(self.name, error);
    }

    /// Waits for this long, or until the task is stopped. Returns `true` if the task should continue.
    pub async fn pause(&self, length: Duration) -> bool {
        self.stop.run_until_cancelled(tokio::time::sleep(length)).await.is_some()
    }
}

/// Starts tasks, keeps them running, and stops them together.
#[derive(Debug, Clone)]
pub struct Supervisor {
    health: Health,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Supervisor {
    /// A supervisor that reports its tasks to `health`.
    #[must_use]
    pub fn new(health: Health) -> Self {
        Self { health, stop: CancellationToken::new(), tasks: TaskTracker::new() }
    }

    /// Runs a task until it is stopped, and restarts it whenever it ends before.
    pub fn keep<Running, Failure>(&self, task: Task, start: impl Fn(Handle) -> Running + Send + 'static)
    where
        Running: Future<Output = Result<(), Failure>> + Send + 'static,
        Failure: Display + Send + 'static,
    {
        // Prometheus sees no first step of a counter that was not there before.
        metrics::counter!("wnr_task_failures_total", "task" => task.name).increment(0);
        // From here on, and not from its first moment, which may be late.
        self.health.started(task.name, task.needed);
        self.tasks.spawn(self.clone().attend(task, start));
    }

    async fn attend<Running, Failure>(self, task: Task, start: impl Fn(Handle) -> Running + Send + 'static)
    where
        Running: Future<Output = Result<(), Failure>> + Send + 'static,
        Failure: Display + Send + 'static,
    {
        let Task { name, needed, backoff } = task;
        let mut pauses = backoff.pauses();
        while !self.stop.is_cancelled() {
            self.health.started(name, needed);
            let begun = Instant::now();
            let handle = Handle { stop: self.stop.clone(), name, health: self.health.clone() };
            let error = match tokio::spawn(start(handle)).await {
                Ok(Ok(())) if self.stop.is_cancelled() => return,
                Ok(Ok(())) => "it ended by itself".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(error) if error.is_panic() => "it panicked".to_owned(),
                Err(_) => "it was aborted".to_owned(),
            };
            tracing::error!(task = name, error, "Task ended; restarting.");
            metrics::counter!("wnr_task_failures_total", "task" => name).increment(1);
            self.health.failed(name, needed, error);
            if begun.elapsed() >= RAN_WELL {
                pauses = backoff.pauses();
            }
            let pause = tokio::time::sleep(pauses.next().unwrap_or(backoff.longest));
            self.stop.run_until_cancelled(pause).await;
        }
    }

    /// Stops the tasks without waiting.
    pub fn tell_to_stop(&self) {
        self.stop.cancel();
    }

    /// Stops the tasks and waits for them, at most for `limit`. Returns `true` if all have ended.
    pub async fn stop(&self, limit: Duration) -> bool {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(limit, self.tasks.wait()).await.is_ok()
    }
}
