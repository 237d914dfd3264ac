//! Group commit: rows that arrive at the same time are committed together, so that a burst costs few disk flushes.
//! Each sender is answered only after its own row is durable.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::database::Database;
use super::webhooks::{NewWebhook, Told, commit};
use super::{Accepted, StoreError};

/// Maximum rows that wait for a commit. Beyond that, the sender is asked to retry.
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

/// The way to who commits.
#[derive(Debug, Clone)]
pub(super) struct GroupCommit(mpsc::Sender<Job>);

/// The task that commits. Only one runs at a time: a second one waits until the first has ended.
#[derive(Debug, Clone)]
pub struct GroupCommitter {
    database: Database,
    waiting: Arc<Mutex<mpsc::Receiver<Job>>>,
}

impl GroupCommit {
    /// Returns the handle, and the committer that has to be run.
    pub(super) fn new(database: Database) -> (Self, GroupCommitter) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self(sender), GroupCommitter { database, waiting: Arc::new(Mutex::new(receiver)) })
    }

    /// With a task that commits, and ends with the last clone of what is returned.
    pub(super) fn start(database: Database) -> Self {
        let (group, committer) = Self::new(database);
        tokio::spawn(async move { committer.run(CancellationToken::new()).await });
        group
    }

    /// Commits a webhook together with others.
    pub(super) async fn commit(&self, webhook: NewWebhook, now: Timestamp) -> Result<Accepted, StoreError> {
        let (done, committed) = oneshot::channel();
        self.0.try_send(Job { webhook, now, done }).map_err(|_| StoreError::Overloaded)?;
        committed.await.map_err(|_| StoreError::Overloaded)?
    }
}

impl GroupCommitter {
    /// Commits until stopped, or until all handles are dropped; waiting jobs are committed first. It can be run again
    /// after a failure: waiting jobs are still there.
    pub async fn run(&self, stop: CancellationToken) {
        let mut waiting = self.waiting.lock().await;
        let mut jobs = Vec::with_capacity(BATCH_MAX);
        while take(&mut waiting, &mut jobs, &stop).await > 0 {
            let committed = commit(&self.database, &jobs.iter().map(Job::told).collect::<Vec<_>>()).await;
            let answers = match committed {
                Ok(accepted) => accepted.into_iter().map(Ok).collect(),
                // Together or not at all: one that cannot be stored must not take the others with it.
                Err(_) if jobs.len() > 1 => one_by_one(&self.database, &jobs).await,
                Err(error) => vec![Err(error)],
            };
            for (job, answer) in jobs.drain(..).zip(answers) {
                // The sender may have given up; the row is committed anyway.
                let _ = job.done.send(answer);
            }
        }
    }
}

/// Waits for jobs and returns their number: 0 if no more will come.
async fn take(waiting: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>, stop: &CancellationToken) -> usize {
    if let Some(taken) = stop.run_until_cancelled(waiting.recv_many(jobs, BATCH_MAX)).await {
        return taken;
    }
    // No more jobs arrive; those that did are still there.
    waiting.close();
    waiting.recv_many(jobs, BATCH_MAX).await
}

async fn one_by_one(database: &Database, jobs: &[Job]) -> Vec<Result<Accepted, StoreError>> {
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        let committed = commit(database, &[job.told()]).await;
        answers.push(committed.map(|accepted| accepted.first().copied().unwrap_or(Accepted::New)));
    }
    answers
}
