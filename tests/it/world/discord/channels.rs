//! Channels and threads as Discord keeps them, and what each takes from an app without special rights.
//! <https://docs.discord.com/developers/topics/threads>

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{CHANNEL, FakeDiscord};

/// The one server that there is. Its role for everybody has its id.
pub const GUILD: &str = "500000000000000001";

/// The app's user, and the role that it has.
pub const APP_USER: &str = "100000000000000002";
pub const APP_ROLE: &str = "510000000000000001";

/// Discord's refusal: the status, and its own number.
pub(super) type Refused = (u16, i64);

const TEXT: u64 = 0;
const ANNOUNCEMENT: u64 = 5;
const ANNOUNCEMENT_THREAD: u64 = 10;
const PUBLIC_THREAD: u64 = 11;
/// Forums and collections of media hold posts, which are threads, and no messages of their own.
const WITHOUT_MESSAGES: [u64; 2] = [15, 16];

#[derive(Debug, Clone)]
pub(super) struct Channel {
    kind: u64,
    parent: Option<String>,
    is_archived: bool,
    is_locked: bool,
    /// The app may start no thread here.
    threadless: bool,
    /// The app may not see it.
    hidden: bool,
    overwrites: Vec<Value>,
}

impl Channel {
    fn new(kind: u64, parent: Option<&str>) -> Self {
        let parent = parent.map(ToOwned::to_owned);
        Self {
            kind,
            parent,
            is_archived: false,
            is_locked: false,
            threadless: false,
            hidden: false,
            overwrites: Vec::new(),
        }
    }
}

pub(super) struct Channels {
    known: HashMap<String, Channel>,
    /// What the roles of everybody and of the app allow in the server.
    roles: (u64, u64),
}

impl Default for Channels {
    fn default() -> Self {
        let known = HashMap::from([(CHANNEL.to_owned(), Channel::new(TEXT, None))]);
        Self { known, roles: (0, 0) }
    }
}

/// Channels as a test sets them up.
impl FakeDiscord {
    /// A channel of this kind.
    pub fn channel(&self, id: &str, kind: u64) {
        self.lock().channels.known.insert(id.to_owned(), Channel::new(kind, None));
    }

    /// A thread of this kind in a channel.
    pub fn thread(&self, id: &str, kind: u64, parent: &str) {
        self.lock().channels.known.insert(id.to_owned(), Channel::new(kind, Some(parent)));
    }

    /// Nobody wrote in the thread for a while, and it is put away.
    pub fn archives(&self, thread: &str) {
        self.lock().channels.get_mut(thread).is_archived = true;
    }

    /// Only moderators may write in the thread.
    pub fn locks(&self, thread: &str) {
        self.lock().channels.get_mut(thread).is_locked = true;
    }

    /// The app may start no thread in the channel.
    pub fn allows_no_threads(&self, channel: &str) {
        self.lock().channels.get_mut(channel).threadless = true;
    }

    /// The app may not see the channel, or may again.
    pub fn hides(&self, channel: &str, hidden: bool) {
        self.lock().channels.get_mut(channel).hidden = hidden;
    }

    pub fn is_archived(&self, thread: &str) -> bool {
        self.lock().channels.get_mut(thread).is_archived
    }

    pub fn kind(&self, channel: &str) -> u64 {
        self.lock().channels.get_mut(channel).kind
    }

    /// What the roles of everybody and of the app allow in the server.
    pub fn roles_allow(&self, everybody: u64, app: u64) {
        self.lock().channels.roles = (everybody, app);
    }

    /// An exception in a channel, for the role or the person with this id.
    pub fn excepts(&self, channel: &str, id: &str, allow: u64, deny: u64) {
        let kind = u8::from(id == APP_USER);
        let exception =
            json!({ "id": id, "type": kind, "allow": allow.to_string(), "deny": deny.to_string() });
        self.lock().channels.get_mut(channel).overwrites.push(exception);
    }

    /// A channel as it comes with an interaction.
    pub fn described(&self, channel: &str) -> Value {
        self.lock().channels.describe(channel).unwrap()
    }
}

impl Channels {
    pub(super) fn get_mut(&mut self, id: &str) -> &mut Channel {
        self.known.get_mut(id).unwrap_or_else(|| panic!("no channel {id}"))
    }

    pub(super) fn describe(&self, id: &str) -> Result<Value, Refused> {
        let channel = self.known.get(id).ok_or((404, 10003))?;
        let mut described = json!({
            "id": id, "type": channel.kind, "name": "recordings", "guild_id": GUILD,
            "parent_id": channel.parent, "permission_overwrites": channel.overwrites,
        });
        if channel.parent.is_some() {
            described["thread_metadata"] = json!({
                "archived": channel.is_archived, "locked": channel.is_locked,
                "auto_archive_duration": 1440, "archive_timestamp": "2026-11-18T16:00:00Z",
            });
        }
        Ok(described)
    }

    pub(super) fn describe_roles(&self) -> Value {
        json!([
            { "id": GUILD, "name": "@everyone", "permissions": self.roles.0.to_string() },
            { "id": "520000000000000001", "name": "others", "permissions": u64::MAX.to_string() },
            { "id": APP_ROLE, "name": "why-no-recording", "permissions": self.roles.1.to_string() },
        ])
    }

    /// A new message. It wakes a thread that rests.
    pub(super) fn take(&mut self, id: &str) -> Result<(), Refused> {
        let channel = self.known.get_mut(id).ok_or((404, 10003))?;
        match channel {
            Channel { hidden: true, .. } => Err((403, 50001)),
            _ if WITHOUT_MESSAGES.contains(&channel.kind) => Err((400, 50008)),
            Channel { is_locked: true, is_archived: true, .. } => Err((400, 50083)),
            Channel { is_locked: true, .. } => Err((400, 160_005)),
            _ => {
                channel.is_archived = false;
                Ok(())
            }
        }
    }

    /// A change of a message, which wakes nothing.
    pub(super) fn take_change(&mut self, id: &str) -> Result<(), Refused> {
        match self.known.get(id).ok_or((404, 10003))? {
            Channel { is_archived: true, .. } => Err((400, 50083)),
            Channel { is_locked: true, .. } => Err((400, 160_005)),
            _ => Ok(()),
        }
    }

    /// The thread below a message, which has the message's id.
    pub(super) fn start_thread(&mut self, channel: &str, message: &str) -> Result<Value, Refused> {
        let parent = self.known.get(channel).ok_or((404, 10003))?;
        if parent.threadless {
            return Err((403, 50013));
        }
        let kind = match parent.kind {
            TEXT => PUBLIC_THREAD,
            ANNOUNCEMENT => ANNOUNCEMENT_THREAD,
            _ => return Err((400, 50024)),
        };
        if self.known.contains_key(message) {
            return Err((400, 160_004));
        }
        self.known.insert(message.to_owned(), Channel::new(kind, Some(channel)));
        Ok(json!({ "id": message, "type": kind }))
    }

    /// Wakes a thread.
    pub(super) fn change(&mut self, id: &str, body: &Value) -> Result<Value, Refused> {
        let channel = self.known.get_mut(id).ok_or((404, 10003))?;
        assert_eq!(*body, json!({ "archived": false }), "nothing else is to be changed");
        if channel.is_locked {
            return Err((403, 50013));
        }
        channel.is_archived = false;
        self.describe(id)
    }
}
