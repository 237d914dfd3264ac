//! Group commit: what comes in at the same time is committed together, so that a burst costs few waits
//! for the disk. Each sender still learns only after its own row is durable.

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::database::Database;
use super::webhooks::{NewWebhook, Told, commit};
use super::{Accepted, StoreError};

/// Rows that may wait to be committed. Beyond that the sender is asked to come back.
const WAITING_MAX: usize = 2_000;
/// Rows in one commit. More would make others wait for the writer.
const BATCH_MAX: usize = 256;

struct Job {
    webhook: NewWebhook,
    now: Timestamp,
    done: oneshot::Sender<Result<Accepted, StoreError>>,
}

impl Job {
    fn told(&self) -> Told<'_> {
        let Self { webhook, now, done: _ } = self;
        Told {
            webhook: Some(webhook),
            workspace: &webhook.workspace,
            event: webhook.happening.as_ref(),
            at: *now,
        }
    }
}

/// The way to the task that commits.
#[derive(Debug, Clone)]
pub(super) struct GroupCommit(mpsc::Sender<Job>);

impl GroupCommit {
    /// Starts the task. It ends with the last clone of what is returned.
    pub(super) fn start(database: Database) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(run(database, receiver));
        Self(sender)
    }

    /// Commits a webhook together with others.
    pub(super) async fn commit(&self, webhook: NewWebhook, now: Timestamp) -> Result<Accepted, StoreError> {
        let (done, committed) = oneshot::channel();
        self.0.try_send(Job { webhook, now, done }).map_err(|_| StoreError::Overloaded)?;
        committed.await.map_err(|_| StoreError::Overloaded)?
    }
}

async fn run(database: Database, mut waiting: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(BATCH_MAX);
    while waiting.recv_many(&mut jobs, BATCH_MAX).await > 0 {
        let committed = commit(&database, &jobs.iter().map(Job::told).collect::<Vec<_>>()).await;
        let answers = match committed {
            Ok(accepted) => accepted.into_iter().map(Ok).collect(),
            // Together or not at all: one that cannot be stored must not take the others with it.
            Err(_) if jobs.len() > 1 => one_by_one(&database, &jobs).await,
            Err(error) => vec![Err(error)],
        };
        for (job, answer) in jobs.drain(..).zip(answers) {
            // Whoever asked may have given up; the row is there all the same.
            let _ = job.done.send(answer);
        }
    }
}

async fn one_by_one(database: &Database, jobs: &[Job]) -> Vec<Result<Accepted, StoreError>> {
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        let committed = commit(database, &[job.told()]).await;
        answers.push(committed.map(|accepted| accepted.first().copied().unwrap_or(Accepted::New)));
    }
    answers
}
