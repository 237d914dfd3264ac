//! Requests that haven't arrived in full: when they started, and how much memory they hold.
//!
//! A slow request, intended or not, holds a connection and the bytes received so far. If connections run out, the one
//! that has been sending the longest is closed; if memory runs out, the one that holds the most. A platform's request
//! is short and arrives within milliseconds, so it is never either of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Time for a closed connection to release its memory.
const GIVES_BACK: Duration = Duration::from_millis(50);
/// How many are turned away for one who needs room, before he is refused himself.
const TURNED_AWAY_MAX: usize = 10;
/// Minimum age of a connection before it can be closed for its place: on a busy machine a short request needs this
/// long.
const ARRIVES_WITHIN: Duration = Duration::from_millis(250);

/// All requests that are arriving, and the bytes that all requests hold together.
#[derive(Debug, Clone)]
pub struct Arrivals {
    bytes: Arc<Semaphore>,
    arriving: Arc<Mutex<Arriving>>,
}

#[derive(Debug, Default)]
struct Arriving {
    next: u64,
    /// In the order in which they started.
    by_age: BTreeMap<u64, Sender>,
}

/// A request that is arriving.
#[derive(Debug)]
struct Sender {
    since: Instant,
    /// Bytes.
    holds: usize,
    turned_away: CancellationToken,
}

/// There is no room for the bytes of this request: others hold it, and none of them gave it back.
#[derive(Debug, thiserror::Error)]
#[error("other requests hold all the memory that there is for requests")]
pub struct Crowded;

impl Arrivals {
    /// Creates the table with a memory limit for all bodies together.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { bytes: Arc::new(Semaphore::new(bytes)), arriving: Arc::default() }
    }

    /// A connection starts, and so does its request.
    #[must_use]
    pub fn begin(&self) -> Arrival {
        let turned_away = CancellationToken::new();
        let sender = Sender { since: Instant::now(), holds: 0, turned_away: turned_away.clone() };
        let mut arriving = self.lock();
        let number = arriving.next;
        arriving.next += 1;
        arriving.by_age.insert(number, sender);
        Arrival { number, arrivals: self.clone(), turned_away, held: Mutex::default() }
    }

    /// Turns away the request that has been arriving the longest, if it had the time that a request needs.
    pub fn turn_away_slowest(&self) {
        let mut arriving = self.lock();
        let slowest =
            arriving.by_age.first_entry().filter(|first| first.get().since.elapsed() > ARRIVES_WITHIN);
        if let Some(slowest) = slowest {
            slowest.remove().turn_away();
        }
    }

    /// Turns away the request that holds the most, the oldest of several, if it is more than so many bytes. Returns
    /// `false` if there is none.
    fn turn_away_largest(&self, beyond: usize) -> bool {
        let mut arriving = self.lock();
        let largest = arriving.by_age.iter().rev().max_by_key(|(_, sender)| sender.holds);
        let largest = largest.filter(|(_, sender)| sender.holds > beyond).map(|(number, _)| *number);
        let largest = largest.and_then(|number| arriving.by_age.remove(&number));
        largest.as_ref().map(Sender::turn_away).is_some()
    }

    /// Closes all connections whose request hasn't arrived in full.
    pub fn turn_away_all(&self) {
        std::mem::take(&mut self.lock().by_age).values().for_each(Sender::turn_away);
    }

    fn lock(&self) -> MutexGuard<'_, Arriving> {
        self.arriving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sender {
    fn turn_away(&self) {
        self.turned_away.cancel();
        metrics::counter!("wnr_connections_turned_away_total").increment(1);
    }
}

/// One request, from the start of its connection to its end. Dropping it releases what it held.
#[derive(Debug)]
pub struct Arrival {
    number: u64,
    arrivals: Arrivals,
    turned_away: CancellationToken,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Arrival {
    /// Waits until this connection is closed to make room.
    pub async fn turned_away(&self) {
        self.turned_away.cancelled().await;
    }

    /// Reserves memory for received bytes until the end of the request.
    ///
    /// # Errors
    /// Returns [`Crowded`] if there is no memory and none could be freed.
    pub async fn hold(&self, bytes: usize) -> Result<(), Crowded> {
        let many = u32::try_from(bytes).map_err(|_| Crowded)?;
        let semaphore = &self.arrivals.bytes;
        let mut room = semaphore.clone().try_acquire_many_owned(many).ok();
        for _ in 0..TURNED_AWAY_MAX {
            if room.is_some() || !self.arrivals.turn_away_largest(self.held() + bytes) {
                break;
            }
            let freed = timeout(GIVES_BACK, semaphore.clone().acquire_many_owned(many)).await;
            room = freed.ok().and_then(Result::ok);
        }
        self.keep(room.ok_or(Crowded)?);
        Ok(())
    }

    fn held(&self) -> usize {
        self.lock().as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    fn keep(&self, room: OwnedSemaphorePermit) {
        let mut held = self.lock();
        match held.as_mut() {
            Some(held) => held.merge(room),
            None => *held = Some(room),
        }
        let holds = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if let Some(sender) = self.arrivals.lock().by_age.get_mut(&self.number) {
            sender.holds = holds;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks the request as come in whole: it is not turned away any more.
    pub fn mark_whole(&self) {
        self.arrivals.lock().by_age.remove(&self.number);
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.mark_whole();
    }
}
