//! The outbox against a model: random messages, workers of two instances, platforms that refuse in every way,
//! processes that die, purges, retries by hand, and a clock that steps. Whatever happens, nothing waits for ever.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use why_no_recording::store::{
    LeasedOutboxRow, MessageClass, NewOutboxRow, OutboxState, Pause, Postponement, Store,
};

use super::{LEASE, at, outgoing};
use crate::world::databases::Place;

const CHANNELS: [&str; 3] = ["slack:C1", "slack:C2", "discord:1"];
/// Longer than any pause, lease and step of the clock in here.
const LONG: i64 = 4 * 3_600;

/// What may happen next. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    /// A headline, perhaps in order with others of its key.
    Headline {
        channel: usize,
        key: Option<u8>,
    },
    /// Details or an update below a message.
    Reply {
        parent: usize,
        details: bool,
    },
    /// A message says something else.
    Edit {
        target: usize,
    },
    /// A worker of one of the instances takes the next message.
    Lease {
        instance: usize,
    },
    /// A worker records how it went.
    Finish {
        lease: usize,
        how: How,
    },
    /// A worker dies with a message in its hands.
    Crash {
        lease: usize,
    },
    /// Both instances are started again, and what they had is taken back.
    Restart,
    /// Somebody makes a dead letter due again.
    Retry {
        target: usize,
    },
    Purge,
    Repair,
    /// Time passes, or the clock is set back.
    Clock {
        seconds: i64,
    },
}

#[derive(Debug, Clone, Copy)]
enum How {
    Sent,
    Busy,
    PlatformBusy,
    Failed,
    InDoubt,
    Refused,
    ChannelRefuses,
    Fallback,
    NoThread,
    ThreadClosed,
    Replaced,
}

fn step() -> impl Strategy<Value = Step> {
    let how = prop::sample::select(vec![
        How::Sent,
        How::Sent,
        How::Sent,
        How::Busy,
        How::PlatformBusy,
        How::Failed,
        How::InDoubt,
        How::Refused,
        How::ChannelRefuses,
        How::Fallback,
        How::NoThread,
        How::ThreadClosed,
        How::Replaced,
    ]);
    prop_oneof![
        4 => (0..CHANNELS.len(), prop::option::of(0_u8..3)).prop_map(|(channel, key)| Step::Headline { channel, key }),
        4 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(parent, details)| Step::Reply { parent: parent.index(64), details }),
        3 => (0_usize..64).prop_map(|target| Step::Edit { target }),
        8 => (0_usize..2).prop_map(|instance| Step::Lease { instance }),
        8 => (0_usize..8, how).prop_map(|(lease, how)| Step::Finish { lease, how }),
        1 => (0_usize..8).prop_map(|lease| Step::Crash { lease }),
        1 => Just(Step::Restart),
        1 => (0_usize..64).prop_map(|target| Step::Retry { target }),
        1 => Just(Step::Purge),
        1 => Just(Step::Repair),
        4 => prop_oneof![9 => 0_i64..90, 1 => -3_600_i64..0].prop_map(|seconds| Step::Clock { seconds }),
    ]
}

/// What the test knows beside the store.
struct Model {
    stores: [Store; 2],
    now: Timestamp,
    /// Every message ever put in: its id, and its parent.
    ids: Vec<(String, Option<String>)>,
    /// Those that are in order with others.
    keyed: BTreeSet<String>,
    leases: Vec<LeasedOutboxRow>,
    /// What each platform has, by id.
    sent: BTreeMap<String, String>,
    /// Until when each channel or platform is paused, and when that was said.
    pauses: BTreeMap<String, (Timestamp, Timestamp)>,
    number: usize,
}

impl Model {
    async fn new(place: &Place) -> Self {
        let stores = [Store::open(&place.url()).await.unwrap(), Store::open(&place.url()).await.unwrap()];
        Self {
            stores,
            now: at(0),
            ids: Vec::new(),
            keyed: BTreeSet::new(),
            leases: Vec::new(),
            sent: BTreeMap::new(),
            pauses: BTreeMap::new(),
            number: 0,
        }
    }

    fn next(&mut self, name: &str) -> String {
        self.number += 1;
        format!("{name}/{}", self.number)
    }

    fn chosen(&self, number: usize) -> Option<(String, Option<String>)> {
        self.ids.get(number.checked_rem(self.ids.len())?).cloned()
    }

    async fn take(&mut self, step: Step) {
        let store = self.stores[0].clone();
        match step {
            Step::Headline { channel, key } => {
                let id = self.next("head");
                let ordering_key = key.map(|key| format!("key {key}")).unwrap_or_default();
                let row = NewOutboxRow { ordering_key, ..outgoing(&id, CHANNELS[channel], None) };
                super::enqueue(&store, &[row], self.now).await;
                if key.is_some() {
                    self.keyed.insert(id.clone());
                }
                self.ids.push((id, None));
            }
            Step::Reply { parent, details } => {
                let Some((parent, _)) = self.chosen(parent) else { return };
                let id = self.next("reply");
                let (class, kind) = if details {
                    (MessageClass::Details, "details")
                } else {
                    (MessageClass::Update, "notice")
                };
                let row = NewOutboxRow { class, kind, ..outgoing(&id, "nowhere", None) };
                let mut tx = store.begin_alerts().await.unwrap();
                tx.enqueue_reply(&parent, row, self.now).await.unwrap();
                tx.commit().await.unwrap();
                self.ids.push((id, Some(parent)));
            }
            Step::Edit { target } => {
                let Some((target, _)) = self.chosen(target) else { return };
                let edit = NewOutboxRow { class: MessageClass::Edit, ..outgoing(&target, CHANNELS[0], None) };
                let mut tx = store.begin_alerts().await.unwrap();
                tx.enqueue_edit(&target, "more", &edit, self.now).await.unwrap();
                tx.commit().await.unwrap();
            }
            Step::Lease { instance } => self.lease(instance).await,
            Step::Finish { lease, how } => {
                if self.leases.is_empty() {
                    return;
                }
                let leased = self.leases.remove(lease % self.leases.len());
                self.finish(&leased, how).await;
            }
            Step::Crash { lease } => {
                if !self.leases.is_empty() {
                    self.leases.remove(lease % self.leases.len());
                }
            }
            Step::Restart => {
                self.leases.clear();
                store.release_leases().await.unwrap();
            }
            Step::Retry { target } => {
                let Some((target, _)) = self.chosen(target) else { return };
                store.retry_dead_letter(&target).await.unwrap();
            }
            Step::Purge => {
                store.purge(self.now, SignedDuration::ZERO).await.unwrap();
                // A pause that is over may be forgotten, whatever the clock says later.
                self.pauses.retain(|_, (until, _)| *until >= self.now);
            }
            Step::Repair => drop(store.repair_outbox(self.now).await.unwrap()),
            Step::Clock { seconds } => self.now += SignedDuration::from_secs(seconds),
        }
    }

    async fn lease(&mut self, instance: usize) {
        let Some(leased) = self.stores[instance].lease_outbox(self.now, LEASE).await.unwrap() else { return };
        // One of a channel at a time, as long as leases hold.
        let until = |lease: &LeasedOutboxRow| Timestamp::from_millisecond(lease.lease.until).unwrap();
        let under_way = self.leases.iter().find(|other| {
            let holds =
                until(other) > self.now && until(other) <= self.now + LEASE + SignedDuration::from_secs(10);
            other.channel == leased.channel && holds && other.id() != leased.id()
        });
        assert!(under_way.is_none(), "{} is under way in {}", under_way.unwrap().id(), leased.channel);
        // Nothing before its time, unless the clock was set back since.
        let platform = leased.channel.split(':').next().unwrap();
        for of in [leased.channel.as_str(), platform] {
            if let Some((until, said_at)) = self.pauses.get(of) {
                let is_void = *said_at > self.now + SignedDuration::from_secs(10);
                assert!(is_void || *until <= self.now, "{} is sent while {of} is paused", leased.id());
            }
        }
        // A reply knows its parent, which the platform has.
        if let Some(parent) = &leased.thread_parent {
            assert_eq!(leased.thread.as_ref(), self.sent.get(parent), "{} below {parent}", leased.id());
        }
        if let Some(edits) = &leased.edits {
            assert_eq!(leased.edited.as_ref(), self.sent.get(edits), "{} edits {edits}", leased.id());
        }
        // No headline that was never tried waits while something less urgent of its channel goes.
        if leased.class != MessageClass::Headline {
            for row in self.stores[0].undelivered(200).await.unwrap() {
                let passed_over = row.state == OutboxState::Due
                    && row.attempts == 0
                    && row.channel == leased.channel
                    && self.is_free_headline(&row.id);
                assert!(!passed_over, "{} goes before {}", leased.id(), row.id);
            }
        }
        self.leases.retain(|other| other.id() != leased.id());
        self.leases.push(leased);
    }

    /// A headline that is in order with no other.
    fn is_free_headline(&self, id: &str) -> bool {
        self.ids.iter().any(|(other, parent)| other == id && parent.is_none()) && !self.keyed.contains(id)
    }

    async fn finish(&mut self, leased: &LeasedOutboxRow, how: How) {
        let (store, now) = (self.stores[1].clone(), self.now);
        let later = |seconds, in_doubt| Postponement {
            until: now + SignedDuration::from_secs(seconds),
            in_doubt,
            error: "later".to_owned(),
        };
        let parent = leased.thread_parent.clone();
        match (how, parent) {
            (How::Sent, _) => {
                self.number += 1;
                let id = format!("platform {}", self.number);
                let pause = self.pause(&leased.channel, 1);
                if store.sent(leased, Some(&id), &[pause], now).await.unwrap() {
                    self.sent.insert(leased.id().to_owned(), id);
                }
            }
            (How::Busy, _) => {
                let pause = self.pause(&leased.channel, 30);
                store.postpone_outbox(&leased.lease, &later(30, false), &[pause], now).await.unwrap();
            }
            (How::PlatformBusy, _) => {
                let platform = leased.channel.split(':').next().unwrap().to_owned();
                let pause = self.pause(&platform, 20);
                store.postpone_outbox(&leased.lease, &later(20, false), &[pause], now).await.unwrap();
            }
            (How::Failed | How::InDoubt, _) => {
                let in_doubt = matches!(how, How::InDoubt);
                store.postpone_outbox(&leased.lease, &later(300, in_doubt), &[], now).await.unwrap();
            }
            (How::ChannelRefuses, _) => {
                store.mark_unavailable(&leased.channel, "refused", now).await.unwrap();
                store.dead_letter_outbox(&leased.lease, "refused", now).await.unwrap();
            }
            (How::Fallback, None) => match &leased.edits {
                None => drop(store.redirect(&leased.lease, CHANNELS[1], "elsewhere").await.unwrap()),
                Some(edits) => {
                    let restarted = store.restart(leased, edits, CHANNELS[1], "anew", "elsewhere", now);
                    restarted.await.unwrap();
                }
            },
            (How::NoThread, Some(parent)) => {
                store.without_thread(leased, &parent, "no thread", now).await.unwrap();
            }
            (How::ThreadClosed, Some(parent)) => {
                store.end_thread(&leased.lease, &parent, "locked", now).await.unwrap();
            }
            (How::Replaced, _) => {
                store.supersede(&leased.lease, &[], &[], "replaced", now).await.unwrap();
            }
            (How::Refused | How::Fallback | How::NoThread | How::ThreadClosed, _) => {
                store.dead_letter_outbox(&leased.lease, "refused", now).await.unwrap();
            }
        }
    }

    fn pause(&mut self, of: &str, seconds: i64) -> Pause {
        let until = self.now + SignedDuration::from_secs(seconds);
        let longest = match self.pauses.get(of) {
            Some((before, said_at)) if *said_at <= self.now + SignedDuration::from_secs(10) => {
                until.max(*before)
            }
            _ => until,
        };
        self.pauses.insert(of.to_owned(), (longest, self.now));
        Pause { of: of.to_owned(), until }
    }

    /// From here on every platform takes everything. Nothing is left that waits.
    async fn drain(&mut self) {
        self.leases.clear();
        for round in 0..400 {
            assert!(round < 399, "it never ends");
            self.now += SignedDuration::from_secs(LONG);
            let mut any = false;
            for _ in 0..CHANNELS.len() {
                let before = self.leases.len();
                self.lease(0).await;
                any |= self.leases.len() > before;
            }
            for leased in std::mem::take(&mut self.leases) {
                self.finish(&leased, How::Sent).await;
            }
            if !any {
                break;
            }
        }
        let store = &self.stores[0];
        // None of this needs a repair: orphans would be somebody else's doing.
        assert_eq!(store.repair_outbox(self.now).await.unwrap(), 0);
        let backlog = store.outbox_backlog().await.unwrap();
        let left = store.undelivered(100).await.unwrap();
        assert_eq!(backlog.waiting, 0, "{left:#?}");
        let ended = BTreeSet::from(["sent", "superseded", "dead"]);
        for (id, parent) in &self.ids {
            // What is not there was purged, or said nothing that its parent does not say.
            let Some((row, _)) = store.outbox_row(id).await.unwrap() else { continue };
            let word = match row.state {
                OutboxState::Sent => "sent",
                OutboxState::Superseded => "superseded",
                OutboxState::Dead => "dead",
                OutboxState::Due | OutboxState::Leased => "open",
            };
            assert!(ended.contains(word), "{row:#?}");
            let parent = match parent {
                Some(parent) => store.outbox_row(parent).await.unwrap(),
                None => None,
            };
            if let Some((parent, _)) = parent
                && parent.state == OutboxState::Dead
            {
                assert_ne!(row.state, OutboxState::Due, "below a dead letter: {row:#?}");
            }
            if row.state == OutboxState::Dead {
                assert!(row.last_error.is_some(), "given up without a word: {row:#?}");
            }
        }
    }
}

async fn check(place: Place, steps: Vec<Step>) {
    let mut model = Model::new(&place).await;
    for step in steps {
        model.take(step).await;
    }
    model.drain().await;
    for store in model.stores {
        store.close().await;
    }
}

fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::with_cases(number) }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn nothing_waits_for_ever_on_sqlite(steps in prop::collection::vec(step(), 1..80)) {
        runtime().block_on(check(Place::sqlite(), steps));
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn nothing_waits_for_ever_on_postgres(steps in prop::collection::vec(step(), 1..80)) {
        runtime().block_on(async {
            if let Some(place) = Place::postgres().await {
                check(place, steps).await;
            }
        });
    }
}
