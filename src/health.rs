//! Whether the tasks of the service live: the supervisor says so, and those that can hang say so again and again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A task that says again and again that it lives, and was silent for longer than this, is stuck.
const SILENT_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What was said last of each task, and whether the service is about to end.
#[derive(Debug, Clone, Default)]
pub struct Health {
    tasks: Arc<Mutex<BTreeMap<&'static str, State>>>,
    stopping: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
struct State {
    /// When it said last that it lives; `None` where it never does, because it only waits.
    beat: Option<Timestamp>,
    /// What is wrong.
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
    /// Whether the service can do its work in spite of it.
    pub ready: bool,
}

impl Health {
    /// A task was started.
    pub fn started(&self, task: &'static str, needed: bool) {
        self.set(task, State { beat: None, error: None, needed });
    }

    /// A task lives, and is needed. It is stuck where it does not say so again within a minute.
    pub fn beat(&self, task: &'static str, now: Timestamp) {
        self.set(task, State { beat: Some(now), error: None, needed: true });
    }

    /// A task ended, and is being started again.
    pub fn failed(&self, task: &'static str, needed: bool, error: String) {
        self.set(task, State { beat: None, error: Some(error), needed });
    }

    /// Whether something outside is as it should be. Where it is not, others still get their answers.
    pub fn trouble(&self, part: &'static str, error: Option<String>) {
        self.set(part, State { beat: None, error, needed: false });
    }

    /// The service is about to end: whoever chooses where requests go is to choose another instance.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the service is about to end.
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
