//! Meetings that keep time: what a bot and a host do in one, and what reaches people there.
//!
//! | in the call, and | then |
//! |---|---|
//! | a pop-up is shown | the host answers as the test said; an answer that never comes is a refusal after 60 s |
//! | a refusal | the bot leaves when `recording_permission_denied_timeout` is over, whatever else is asked |
//! | a permission | that timer ends, and an automatic bot records a second later |
//! | the meeting ends, or the bot leaves | nothing more can be commanded |

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{FakeRecall, Workspace};

/// Zoom closes a pop-up after this time.
const POP_UP: SignedDuration = SignedDuration::from_secs(60);
/// A bot leaves after a refusal in this time, unless its own setting says otherwise.
const DENIED_TIMEOUT_SECS: i64 = 30;
const DENIED: &str = "zoom_local_recording_request_denied_by_host";
const DENIED_FOR_GOOD: &str = "zoom_local_recording_request_disabled_by_host";

/// What the host does with a pop-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    Allows,
    Denies,
    /// Denies, and switches further requests off: no later pop-up is shown.
    DeniesAll,
    Ignores,
}

/// Where a bot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Joining,
    WaitingRoom,
    InCall,
    Left,
}

impl Place {
    fn code(self) -> &'static str {
        match self {
            Self::Joining => "joining_call",
            Self::WaitingRoom => "in_waiting_room",
            Self::InCall => "in_call_not_recording",
            Self::Left => "call_ended",
        }
    }
}

#[derive(Debug)]
pub(super) struct Meeting {
    pub(super) place: Place,
    /// What the host does with the next pop-ups, and how many seconds that takes.
    script: VecDeque<(Host, i64)>,
    /// A pop-up on the host's screen: what becomes of it, and when.
    pop_up: Option<(Timestamp, Host)>,
    no_more_requests: bool,
    permitted: bool,
    records_at: Option<Timestamp>,
    recording: bool,
    leaves_at: Option<Timestamp>,
    messages_to_host: Vec<String>,
    messages_to_everyone: Vec<String>,
    pop_ups: usize,
    starts: usize,
    overwritten: usize,
}

impl Meeting {
    fn new(place: Place) -> Self {
        Self {
            place,
            script: VecDeque::new(),
            pop_up: None,
            no_more_requests: false,
            permitted: false,
            records_at: None,
            recording: false,
            leaves_at: None,
            messages_to_host: Vec::new(),
            messages_to_everyone: Vec::new(),
            pop_ups: 0,
            starts: 0,
            overwritten: 0,
        }
    }

    pub(super) fn hears(&mut self, to: &str, message: &str) {
        let heard = if to == "host" { &mut self.messages_to_host } else { &mut self.messages_to_everyone };
        heard.push(message.to_owned());
    }

    /// A request for permission. Zoom shows nothing to a host who switched requests off, or who allowed it.
    pub(super) fn asked(&mut self, bot: &mut Value, now: Timestamp) {
        if self.no_more_requests {
            self.denied(bot, now, DENIED_FOR_GOOD);
        } else if !self.permitted {
            self.pop_ups += 1;
            let (host, secs) = self.script.pop_front().unwrap_or((Host::Ignores, 0));
            let wait = if host == Host::Ignores { POP_UP } else { SignedDuration::from_secs(secs) };
            self.pop_up = Some((now + wait, host));
        }
    }

    /// A command to record. What was recorded so far is gone.
    pub(super) fn started(&mut self, bot: &mut Value, now: Timestamp) {
        self.starts += 1;
        self.overwritten += usize::from(self.recording);
        self.records(bot, now);
    }

    fn records(&mut self, bot: &mut Value, now: Timestamp) {
        self.recording = true;
        self.records_at = None;
        change(bot, "in_call_recording", None, now);
    }

    fn denied(&mut self, bot: &mut Value, now: Timestamp, sub_code: &str) {
        change(bot, "recording_permission_denied", Some(sub_code), now);
        let secs = bot["automatic_leave"]["recording_permission_denied_timeout"].as_i64();
        let at = now + SignedDuration::from_secs(secs.unwrap_or(DENIED_TIMEOUT_SECS));
        // A second refusal buys no time.
        self.leaves_at.get_or_insert(at);
    }

    fn leaves(&mut self, bot: &mut Value, now: Timestamp, sub_code: &str) {
        self.place = Place::Left;
        (self.pop_up, self.leaves_at, self.records_at, self.recording) = (None, None, None, false);
        change(bot, Place::Left.code(), Some(sub_code), now);
        change(bot, "done", None, now);
    }

    /// When something happens by itself next.
    pub(super) fn due(&self) -> Option<Timestamp> {
        [self.leaves_at, self.records_at, self.pop_up.map(|(at, _)| at)].into_iter().flatten().min()
    }

    /// What happens at this time, one thing at a time. A bot that leaves now gets no answer any more.
    pub(super) fn passes(&mut self, bot: &mut Value, now: Timestamp) {
        let is_now = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if is_now(self.leaves_at) {
            self.leaves(bot, now, "timeout_exceeded_recording_permission_denied");
        } else if is_now(self.records_at) {
            self.records(bot, now);
        } else if let Some((_, host)) = self.pop_up.take_if(|(at, _)| *at <= now) {
            match host {
                Host::Allows => {
                    self.permitted = true;
                    self.leaves_at = None;
                    change(bot, "recording_permission_allowed", None, now);
                    let manual = bot["recording_config"]["start_recording_on"] == "manual";
                    self.records_at = (!manual).then(|| now + SignedDuration::from_secs(1));
                }
                Host::DeniesAll => {
                    self.no_more_requests = true;
                    self.denied(bot, now, DENIED_FOR_GOOD);
                }
                Host::Denies | Host::Ignores => self.denied(bot, now, DENIED),
            }
        }
    }
}

/// Adds a status to the bot, as it can be fetched.
fn change(bot: &mut Value, code: &str, sub_code: Option<&str>, now: Timestamp) {
    let entry = json!({ "code": code, "message": null, "created_at": now, "sub_code": sub_code });
    bot["status_changes"].as_array_mut().unwrap().push(entry);
}

impl FakeRecall {
    /// Sets the clock of this Recall.ai, which moves only with [`Self::advance`].
    pub fn set_clock(&self, now: Timestamp) {
        self.workspace().clock = now;
    }

    /// Adds a bot whose meeting runs. The bot's history so far stays, and this place is added to it.
    pub fn join_meeting(&self, mut bot: Value, place: Place) {
        let mut workspace = self.workspace();
        if !bot["status_changes"].is_array() {
            bot["status_changes"] = json!([]);
        }
        change(&mut bot, place.code(), None, workspace.clock);
        let id = bot["id"].as_str().unwrap().to_owned();
        workspace.meetings.insert(id.clone(), Meeting::new(place));
        workspace.bots.insert(id, bot);
    }

    /// The bot is let in, or put back into the waiting room.
    pub fn move_to(&self, bot: &str, place: Place) {
        self.in_meeting(bot, |meeting, json, now| {
            meeting.place = place;
            change(json, place.code(), None, now);
        });
    }

    /// The host ends the meeting.
    pub fn end_meeting(&self, bot: &str) {
        self.in_meeting(bot, |meeting, json, now| meeting.leaves(json, now, "call_ended_by_host"));
    }

    /// The host declines the pop-up that the bot showed by itself, which is none of [`Self::pop_ups`].
    pub fn host_declined(&self, bot: &str) {
        self.in_meeting(bot, |meeting, json, now| meeting.denied(json, now, DENIED));
    }

    /// Zoom refuses what the bot asked by itself, with this sub code.
    pub fn refuse(&self, bot: &str, sub_code: &str) {
        self.in_meeting(bot, |meeting, json, now| meeting.denied(json, now, sub_code));
    }

    /// What the host does with the next pop-up, and after how many seconds. Without a word, hosts ignore it.
    pub fn host_will(&self, bot: &str, host: Host, after_secs: i64) {
        self.in_meeting(bot, |meeting, _, _| meeting.script.push_back((host, after_secs)));
    }

    /// Lets time pass, with everything that happens in it, in its order.
    pub fn advance(&self, seconds: i64) {
        let mut workspace = self.workspace();
        let end = workspace.clock + SignedDuration::from_secs(seconds);
        loop {
            let Workspace { meetings, bots, clock, .. } = &mut *workspace;
            let due = meetings.iter_mut().filter_map(|(id, meeting)| Some((meeting.due()?, id, meeting)));
            let Some((at, id, meeting)) = due.min_by_key(|(at, ..)| *at).filter(|(at, ..)| *at <= end) else {
                *clock = end;
                return;
            };
            *clock = at;
            meeting.passes(bots.get_mut(id).unwrap(), at);
        }
    }

    /// What the host alone could read.
    pub fn messages_to_host(&self, bot: &str) -> Vec<String> {
        self.workspace().meetings[bot].messages_to_host.clone()
    }

    /// What others could read, too.
    pub fn messages_to_everyone(&self, bot: &str) -> Vec<String> {
        self.workspace().meetings[bot].messages_to_everyone.clone()
    }

    /// How many pop-ups the host saw because somebody requested them.
    pub fn pop_ups(&self, bot: &str) -> usize {
        self.workspace().meetings[bot].pop_ups
    }

    /// How often recording was started by a command.
    pub fn starts(&self, bot: &str) -> usize {
        self.workspace().meetings[bot].starts
    }

    /// How many of the starts overwrote a recording.
    pub fn overwritten(&self, bot: &str) -> usize {
        self.workspace().meetings[bot].overwritten
    }

    /// The bot as it can be fetched now.
    pub fn bot(&self, bot: &str) -> Value {
        self.workspace().bots[bot].clone()
    }

    fn in_meeting(&self, bot: &str, what: impl FnOnce(&mut Meeting, &mut Value, Timestamp)) {
        let Workspace { meetings, bots, clock, .. } = &mut *self.workspace();
        what(meetings.get_mut(bot).unwrap(), bots.get_mut(bot).unwrap(), *clock);
    }
}
