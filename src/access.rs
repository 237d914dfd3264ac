//! Who may ask, and where.

use std::collections::{HashMap, HashSet};

use crate::chat::Chat;

/// Lists of those who may ask. A list that is empty admits everybody.
#[derive(Debug, Clone, Default)]
pub struct AccessPolicy(HashMap<Chat, Allowlist>);

/// The lists of one platform.
#[derive(Debug, Clone, Default)]
pub struct Allowlist {
    /// People, as the platform names them.
    pub users: HashSet<String>,
    /// Channels, as the platform names them.
    pub channels: HashSet<String>,
}

impl AccessPolicy {
    /// A policy with the lists of each platform.
    #[must_use]
    pub fn new(lists: impl IntoIterator<Item = (Chat, Allowlist)>) -> Self {
        Self(lists.into_iter().collect())
    }

    /// Whether this person may ask in this channel.
    #[must_use]
    pub fn admits(&self, chat: Chat, person: &str, channel: &str) -> bool {
        let Some(lists) = self.0.get(&chat) else { return true };
        let on = |list: &HashSet<String>, name: &str| list.is_empty() || list.contains(name);
        on(&lists.users, person) && on(&lists.channels, channel)
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessPolicy, Allowlist};
    use crate::chat::Chat;

    fn check(users: &[&str], channels: &[&str], expect: bool) {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let access =
            AccessPolicy::new([(Chat::Slack, Allowlist { users: set(users), channels: set(channels) })]);
        assert_eq!(access.admits(Chat::Slack, "U1", "C1"), expect, "{users:?} {channels:?}");
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
}
