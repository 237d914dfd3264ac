//! Who may ask, and who may act in a running meeting.
//!
//! | right | who has it without a setting | what it allows |
//! |---|---|---|
//! | `Ask` | everybody | questions, and the buttons that only read |
//! | `Act` | nobody | sending something into a running meeting |
//!
//! Muting alerts and taking care of them takes the one that `alerts.mute_right` names.
//!
//! A right is checked when the press arrives, and again when it is carried out.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::chat::interaction::Requester;
use crate::chat::slack::identity::LearnedIdentity;
use crate::chat::{Chat, Messenger};

/// A right that a person may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Right {
    /// To ask.
    #[default]
    Ask,
    /// To act in a running meeting.
    Act,
}

/// The result of checking a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// The person has the right.
    Granted,
    /// The person doesn't have it.
    Denied,
    /// The groups of the person could not be read, for this reason. Nothing may be done.
    Unknown(String),
}

/// The rights of people on each platform. A platform without rules lets everybody ask and nobody act.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    rules: HashMap<Chat, Rules>,
    muting: Right,
}

/// The rules of one platform.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Who may ask.
    pub ask: Allowlist,
    /// Who may act.
    pub act: ActingList,
}

/// The people who may act. Nobody is in empty lists.
#[derive(Debug, Clone, Default)]
pub struct ActingList {
    /// People, as the platform names them.
    pub users: HashSet<String>,
    /// User groups of Slack, or roles of Discord, as the platform names them.
    pub groups: BTreeSet<String>,
}

impl ActingList {
    /// Returns `true` if nobody may act.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }
}

/// The workspace or server that people have to belong to.
#[derive(Debug, Clone, Default)]
pub enum Home {
    /// Anywhere.
    #[default]
    Anywhere,
    /// In this Discord server, or in a direct message.
    Server(String),
    /// In the Slack workspace that the app is installed in.
    Workspace(LearnedIdentity),
}

impl Home {
    fn is_foreign(&self, server: &str) -> bool {
        match self {
            Self::Anywhere => false,
            Self::Server(own) => own != server,
            Self::Workspace(identity) => identity.get().is_some_and(|identity| !identity.is_home(server)),
        }
    }
}

/// Users and channels that may ask. An empty list admits all.
#[derive(Debug, Clone, Default)]
pub struct Allowlist {
    /// People, as the platform names them.
    pub users: HashSet<String>,
    /// Channels, as the platform names them.
    pub channels: HashSet<String>,
    /// The workspace or server that people have to belong to.
    pub home: Home,
    /// Discord's direct messages are closed.
    pub no_direct_messages: bool,
}

impl Rights {
    /// Creates rights from the rules of each platform.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = (Chat, Rules)>) -> Self {
        Self { rules: rules.into_iter().collect(), muting: Right::Ask }
    }

    /// Returns the same rights, with the one that muting alerts and taking care of them takes.
    #[must_use]
    pub const fn with_muting(mut self, muting: Right) -> Self {
        self.muting = muting;
        self
    }

    /// Returns the right that muting alerts and taking care of them takes.
    #[must_use]
    pub const fn muting(&self) -> Right {
        self.muting
    }

    /// Returns `true` if somebody may act on this platform.
    #[must_use]
    pub fn anybody_may_act(&self, chat: Chat) -> bool {
        self.rules.get(&chat).is_some_and(|rules| !rules.act.is_nobody())
    }

    /// Checks a right of this person where they are. Who may act must also be allowed to ask.
    ///
    /// The messenger is asked for the person's groups only if no list names the person.
    pub async fn check(
        &self,
        right: Right,
        chat: Chat,
        requester: &Requester,
        messenger: &dyn Messenger,
    ) -> Permission {
        if !self.may_ask(chat, requester) {
            return Permission::Denied;
        }
        if right == Right::Ask {
            return Permission::Granted;
        }
        let Some(acting) = self.rules.get(&chat).map(|rules| &rules.act) else { return Permission::Denied };
        if acting.users.contains(&requester.user_id) {
            return Permission::Granted;
        }
        if acting.groups.is_empty() {
            return Permission::Denied;
        }
        match messenger.is_in_group(requester, &acting.groups).await {
            Ok(true) => Permission::Granted,
            Ok(false) => Permission::Denied,
            Err(error) => Permission::Unknown(error.to_string()),
        }
    }

    /// Returns `true` if this person may ask where they are.
    fn may_ask(&self, chat: Chat, requester: &Requester) -> bool {
        let channels = self.rules.get(&chat).map(|rules| &rules.ask.channels);
        channels.is_none_or(|list| list.is_empty() || list.contains(&requester.destination.channel))
            && self.may_ask_somewhere(chat, requester)
    }

    /// Returns `true` if this person may ask, in the channels in which people may.
    #[must_use]
    pub fn may_ask_somewhere(&self, chat: Chat, requester: &Requester) -> bool {
        let Some(rules) = self.rules.get(&chat).map(|rules| &rules.ask) else { return true };
        // In Discord, a question outside a server is a direct message. Its channel is on no list, so a list of
        // channels closes direct messages too.
        let is_direct = chat == Chat::Discord && requester.server.is_none();
        let is_foreign = requester.server.as_deref().is_some_and(|server| rules.home.is_foreign(server));
        (rules.users.is_empty() || rules.users.contains(&requester.user_id))
            && !is_foreign
            && !(is_direct && rules.no_direct_messages)
    }
}
