//! Who may ask, and where.

use std::collections::{HashMap, HashSet};

use crate::chat::Chat;
use crate::chat::interaction::Requester;
use crate::chat::slack::identity::LearnedIdentity;

/// Users and channels that may ask. An empty list admits all.
#[derive(Debug, Clone, Default)]
pub struct AccessPolicy(HashMap<Chat, Allowlist>);

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

/// The rules of one platform.
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

impl AccessPolicy {
    /// A policy with the rules of each platform.
    #[must_use]
    pub fn new(lists: impl IntoIterator<Item = (Chat, Allowlist)>) -> Self {
        Self(lists.into_iter().collect())
    }

    /// Returns `true` if this person may ask where they are.
    #[must_use]
    pub fn admits(&self, chat: Chat, requester: &Requester) -> bool {
        let Some(rules) = self.0.get(&chat) else { return true };
        let on = |list: &HashSet<String>, name: &str| list.is_empty() || list.contains(name);
        // In Discord, a question outside a server is a direct message. Its channel is on no list, so a list of
        // channels closes direct messages too.
        let is_direct = chat == Chat::Discord && requester.server.is_none();
        let is_foreign = requester.server.as_deref().is_some_and(|server| rules.home.is_foreign(server));
        on(&rules.users, &requester.user_id)
            && on(&rules.channels, &requester.destination.channel)
            && !is_foreign
            && !(is_direct && rules.no_direct_messages)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use super::{AccessPolicy, Allowlist, Home};
    use crate::chat::interaction::Requester;
    use crate::chat::slack::identity::SlackIdentity;
    use crate::chat::{Chat, Destination};

    fn asks(rules: Allowlist, chat: Chat, server: Option<&str>) -> bool {
        let requester = Requester {
            user_id: "U1".to_owned(),
            destination: Destination { channel: "C1".to_owned(), thread: None },
            server: server.map(str::to_owned),
            reply_handle: None,
        };
        AccessPolicy::new([(chat, rules)]).admits(chat, &requester)
    }

    fn check(users: &[&str], channels: &[&str], expect: bool) {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let rules = Allowlist { users: set(users), channels: set(channels), ..Allowlist::default() };
        assert_eq!(asks(rules, Chat::Slack, None), expect, "{users:?} {channels:?}");
    }

    #[test]
    fn empty_lists_admit_everybody_and_both_lists_have_to_hold() {
        check(&[], &[], true);
        check(&["U1", "U2"], &[], true);
        check(&["U2"], &[], false);
        check(&[], &["C1"], true);
        check(&["U1"], &["C2"], false);
        check(&["U1"], &["C1"], true);
    }

    #[test]
    fn who_is_at_home_elsewhere_may_not_ask() {
        let of = |enterprise: Option<&str>| {
            let identity = SlackIdentity {
                team: "T1".to_owned(),
                enterprise: enterprise.map(str::to_owned),
                app: None,
                url: None,
            };
            Home::Workspace(Arc::new(OnceLock::from(identity)))
        };
        for (home, chat, server, expect) in [
            (of(None), Chat::Slack, Some("T1"), true),
            (of(None), Chat::Slack, Some("T2"), false),
            (of(None), Chat::Slack, None, true),
            (of(Some("E1")), Chat::Slack, Some("T2"), true),
            (Home::Workspace(Arc::default()), Chat::Slack, Some("T2"), true),
            (Home::Anywhere, Chat::Slack, Some("T2"), true),
            (Home::Server("1".to_owned()), Chat::Discord, Some("1"), true),
            (Home::Server("1".to_owned()), Chat::Discord, Some("2"), false),
            (Home::Server("1".to_owned()), Chat::Discord, None, true),
        ] {
            let rules = Allowlist { home: home.clone(), ..Allowlist::default() };
            assert_eq!(asks(rules, chat, server), expect, "{home:?} {server:?}");
        }
    }

    #[test]
    fn direct_messages_can_be_closed_and_are_no_way_round_a_list() {
        let closed = Allowlist { no_direct_messages: true, ..Allowlist::default() };
        assert!(!asks(closed.clone(), Chat::Discord, None));
        assert!(asks(closed, Chat::Discord, Some("1")));
        let elsewhere = Allowlist { channels: ["C2".to_owned()].into(), ..Allowlist::default() };
        assert!(!asks(elsewhere, Chat::Discord, None));
    }
}
