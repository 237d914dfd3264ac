//! Whether the tasks of the service live: each says so again and again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A task that was silent for longer than this is stuck.
const SILENT_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What the tasks said last.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<BTreeMap<&'static str, Heartbeat>>>);

#[derive(Debug, Clone)]
struct Heartbeat {
    at: Timestamp,
    trouble: Option<String>,
    ends_readiness: bool,
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
    /// A task lives, and is needed.
    pub fn beat(&self, task: &'static str, now: Timestamp) {
        self.set(task, Heartbeat { at: now, trouble: None, ends_readiness: true });
    }

    /// A task that is needed has failed, and is being started again.
    pub fn failed(&self, task: &'static str, why: String, now: Timestamp) {
        self.set(task, Heartbeat { at: now, trouble: Some(why), ends_readiness: true });
    }

    /// Something outside is not as it should be; others still get their answers.
    pub fn trouble(&self, part: &'static str, why: Option<String>, now: Timestamp) {
        self.set(part, Heartbeat { at: now, trouble: why, ends_readiness: false });
    }

    /// All tasks, by name.
    #[must_use]
    pub fn tasks(&self, now: Timestamp) -> Vec<TaskHealth> {
        let pulses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = pulses.iter().map(|(task, pulse)| {
            let silent = now.duration_since(pulse.at);
            let stuck = pulse.ends_readiness && silent > SILENT_MAX;
            let state = match &pulse.trouble {
                Some(why) => why.clone(),
                None if stuck => format!("silent for {} s", silent.as_secs()),
                None => "ok".to_owned(),
            };
            let ready = !pulse.ends_readiness || (pulse.trouble.is_none() && !stuck);
            TaskHealth { task, state, ready }
        });
        told.collect()
    }

    fn set(&self, task: &'static str, pulse: Heartbeat) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(task, pulse);
    }
}
