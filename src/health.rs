//! Health of the service's tasks: the supervisor reports them, and those that can hang send heartbeats.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A task that sends heartbeats and was silent for longer than this is stuck.
const SILENT_MAX: SignedDuration = SignedDuration::from_secs(60);

/// The last report of each task, and whether the service is shutting down.
#[derive(Debug, Clone, Default)]
pub struct Health {
    tasks: Arc<Mutex<BTreeMap<&'static str, State>>>,
    stopping: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
struct State {
    /// The last heartbeat; `None` for a task that only waits and sends none.
    beat: Option<Timestamp>,
    /// The current problem.
    error: Option<String>,
    /// Without it the service cannot do its work.
    needed: bool,
}

/// The state of one task in words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TaskHealth {
    /// Its name.
    pub task: &'static str,
    /// `ok`, or what is wrong.
    pub state: String,
    /// `true` if the service can work in spite of it.
    pub ready: bool,
}

impl Health {
    /// A task was started.
    pub fn started(&self, task: &'static str, needed: bool) {
        self.set(task, State { beat: None, error: None, needed });
    }

    /// Records a heartbeat of a needed task, which counts as stuck if the next one takes longer than a minute.
    pub fn beat(&self, task: &'static str, now: Timestamp) {
        self.set(task, State { beat: Some(now), error: None, needed: true });
    }

    /// A task ended, and is being started again.
    pub fn failed(&self, task: &'static str, needed: bool, error: String) {
        self.set(task, State { beat: None, error: Some(error), needed });
    }

    /// Records an external problem of a part, or clears it. It doesn't end readiness, because others still get
    /// answers.
    pub fn trouble(&self, part: &'static str, error: Option<String>) {
        self.set(part, State { beat: None, error, needed: false });
    }

    /// Marks the service as shutting down, so that a load balancer switches to another instance.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Returns `true` if the service is shutting down.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// All tasks, by name.
    #[must_use]
    pub fn tasks(&self, now: Timestamp) -> Vec<TaskHealth> {
        let states = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = states.iter().map(|(task, state)| {
            let silent =
                state.beat.map(|beat| now.duration_since(beat)).filter(|silent| *silent > SILENT_MAX);
            let error = state.error.clone();
            let error = error.or_else(|| silent.map(|silent| format!("silent for {} s", silent.as_secs())));
            let ready = !state.needed || error.is_none();
            TaskHealth { task, state: error.unwrap_or_else(|| "ok".to_owned()), ready }
        });
        tasks.collect()
    }

    fn set(&self, task: &'static str, state: State) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(task, state);
    }
}
