//! Who may ask, and who may act: what the lists say, and what a platform says of its groups.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use why_no_recording::chat::interaction::Requester;
use why_no_recording::chat::slack::identity::SlackIdentity;
use why_no_recording::chat::{Chat, DeliveryError, Destination, MessageId, Messenger, SendRequest};
use why_no_recording::rights::{ActingList, Allowlist, Home, Permission, Right, Rights, Rules};

/// A platform that knows groups, and nothing else.
struct Groups {
    /// The groups that the person is in; `None` if the platform doesn't say.
    of_person: Option<Vec<&'static str>>,
    asked: AtomicUsize,
}

impl Groups {
    const fn of(of_person: Option<Vec<&'static str>>) -> Self {
        Self { of_person, asked: AtomicUsize::new(0) }
    }
}

#[async_trait::async_trait]
impl Messenger for Groups {
    async fn post(&self, _: &Destination, _: &SendRequest<'_>) -> Result<MessageId, DeliveryError> {
        panic!("a right is checked without a message")
    }

    async fn find(&self, _: &Destination, _: &str, _: Timestamp) -> Result<Option<MessageId>, DeliveryError> {
        panic!("a right is checked without a message")
    }

    async fn edit(&self, _: &Destination, _: &MessageId, _: &SendRequest<'_>) -> Result<(), DeliveryError> {
        panic!("a right is checked without a message")
    }

    async fn post_ephemeral(&self, _: &Requester, _: &SendRequest<'_>) -> Result<(), DeliveryError> {
        panic!("a right is checked without a message")
    }

    async fn edit_ephemeral(&self, _: &Requester, _: &SendRequest<'_>) -> Result<(), DeliveryError> {
        panic!("a right is checked without a message")
    }

    async fn is_in_group(
        &self,
        _: &Requester,
        groups: &std::collections::BTreeSet<String>,
    ) -> Result<bool, DeliveryError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let of_person =
            self.of_person.as_ref().ok_or_else(|| DeliveryError::Failed("on purpose".to_owned()))?;
        Ok(of_person.iter().any(|group| groups.contains(*group)))
    }

    async fn thread_start(&self, _: &Destination) -> Result<Option<String>, DeliveryError> {
        panic!("a right is checked without a thread")
    }
}

/// The person `U1` in the channel `C1`.
fn person(server: Option<&str>) -> Requester {
    let place = Destination { channel: "C1".to_owned(), thread: None };
    Requester { server: server.map(str::to_owned), ..Requester::new("U1".to_owned(), place) }
}

fn names<T: FromIterator<String>>(names: &[&str]) -> T {
    names.iter().map(ToString::to_string).collect()
}

async fn asks(ask: Allowlist, chat: Chat, server: Option<&str>) -> bool {
    let (rights, groups) = (Rights::new([(chat, Rules { ask, ..Rules::default() })]), Groups::of(None));
    let permission = rights.check(Right::Ask, chat, &person(server), &groups).await;
    assert_ne!(permission, Permission::Unknown("on purpose".to_owned()));
    assert_eq!(groups.asked.into_inner(), 0, "a question needs no group");
    permission == Permission::Granted
}

#[tokio::test]
async fn empty_lists_admit_everybody_and_both_lists_have_to_hold() {
    for (users, channels, expect) in [
        (&[][..], &[][..], true),
        (&["U1", "U2"], &[], true),
        (&["U2"], &[], false),
        (&[], &["C1"], true),
        (&[], &["C2"], false),
        (&["U1"], &["C2"], false),
        (&["U2"], &["C1"], false),
        (&["U1"], &["C1", "C2"], true),
    ] {
        let lists = Allowlist { users: names(users), channels: names(channels), ..Allowlist::default() };
        assert_eq!(asks(lists, Chat::Slack, None).await, expect, "{users:?} {channels:?}");
    }
}

#[tokio::test]
async fn who_is_at_home_elsewhere_may_not_ask() {
    let of = |enterprise: Option<&str>| {
        let (team, enterprise) = ("T1".to_owned(), enterprise.map(str::to_owned));
        let identity = SlackIdentity { team, enterprise, app: None, url: None };
        Home::Workspace(Arc::new(OnceLock::from(identity)))
    };
    for (home, chat, server, expect) in [
        (of(None), Chat::Slack, Some("T1"), true),
        (of(None), Chat::Slack, Some("T2"), false),
        // Slack leaves it out for its own people.
        (of(None), Chat::Slack, None, true),
        // The other workspaces of an organisation aren't told apart from it.
        (of(Some("E1")), Chat::Slack, Some("T2"), true),
        // Nobody is turned away before Slack has said where the app is at home.
        (Home::Workspace(Arc::default()), Chat::Slack, Some("T2"), true),
        (Home::Anywhere, Chat::Slack, Some("T2"), true),
        (Home::Server("1".to_owned()), Chat::Discord, Some("1"), true),
        (Home::Server("1".to_owned()), Chat::Discord, Some("2"), false),
        (Home::Server("1".to_owned()), Chat::Discord, None, true),
    ] {
        let lists = Allowlist { home: home.clone(), ..Allowlist::default() };
        assert_eq!(asks(lists, chat, server).await, expect, "{home:?} {server:?}");
    }
}

#[tokio::test]
async fn direct_messages_can_be_closed_and_are_no_way_round_a_list() {
    let closed = Allowlist { no_direct_messages: true, ..Allowlist::default() };
    assert!(!asks(closed.clone(), Chat::Discord, None).await);
    assert!(asks(closed.clone(), Chat::Discord, Some("1")).await);
    assert!(asks(closed, Chat::Slack, None).await, "Slack names no server for its own people");
    let elsewhere = Allowlist { channels: names(&["C2"]), ..Allowlist::default() };
    assert!(!asks(elsewhere, Chat::Discord, None).await);
}

/// Checks the right to act of `U1`, whom the lists let ask; returns it, and how often the platform was asked.
async fn acts(users: &[&str], groups: &[&str], of_person: Option<Vec<&'static str>>) -> (Permission, usize) {
    acts_if(Allowlist::default(), users, groups, of_person).await
}

async fn acts_if(
    ask: Allowlist,
    users: &[&str],
    groups: &[&str],
    of_person: Option<Vec<&'static str>>,
) -> (Permission, usize) {
    let act = ActingList { users: names(users), groups: names(groups) };
    let (rights, messenger) = (Rights::new([(Chat::Slack, Rules { ask, act })]), Groups::of(of_person));
    let permission = rights.check(Right::Act, Chat::Slack, &person(None), &messenger).await;
    (permission, messenger.asked.into_inner())
}

#[tokio::test]
async fn nobody_acts_unless_a_list_or_a_group_says_so() {
    use Permission::{Denied, Granted};
    for (users, groups, of_person, expect, asked) in [
        (&[][..], &[][..], vec!["S1"], Denied, 0),
        (&["U1"], &[], vec![], Granted, 0),
        (&["U2"], &[], vec!["S1"], Denied, 0),
        (&[], &["S1"], vec!["S1"], Granted, 1),
        (&[], &["S1", "S2"], vec!["S2", "S3"], Granted, 1),
        (&[], &["S1"], vec!["S2"], Denied, 1),
        (&[], &["S1"], vec![], Denied, 1),
        // Whoever is listed doesn't depend on the platform's answer.
        (&["U1"], &["S1"], vec![], Granted, 0),
        (&["U2"], &["S1"], vec!["S1"], Granted, 1),
    ] {
        let found = acts(users, groups, Some(of_person.clone())).await;
        assert_eq!(found, (expect, asked), "{users:?} {groups:?} {of_person:?}");
    }
}

#[tokio::test]
async fn a_platform_that_does_not_say_grants_nothing_and_the_reason_is_told() {
    let (permission, asked) = acts(&[], &["S1"], None).await;
    let Permission::Unknown(why) = permission else { panic!("{permission:?}") };
    assert!(why.contains("on purpose"), "{why}");
    assert_eq!(asked, 1);
    assert_eq!(acts(&["U1"], &["S1"], None).await, (Permission::Granted, 0));
}

#[tokio::test]
async fn who_may_act_must_be_allowed_to_ask() {
    for (ask, expect) in [
        (Allowlist { users: names(&["U2"]), ..Allowlist::default() }, Permission::Denied),
        (Allowlist { channels: names(&["C2"]), ..Allowlist::default() }, Permission::Denied),
        (Allowlist { users: names(&["U1"]), ..Allowlist::default() }, Permission::Granted),
    ] {
        let found = acts_if(ask.clone(), &["U1"], &["S1"], Some(vec!["S1"])).await;
        assert_eq!(found, (expect, 0), "{ask:?}");
    }
    let foreign = Rules {
        ask: Allowlist { home: Home::Server("1".to_owned()), ..Allowlist::default() },
        act: ActingList { users: names(&["U1"]), groups: names(&["S1"]) },
    };
    let (rights, groups) = (Rights::new([(Chat::Discord, foreign)]), Groups::of(Some(vec!["S1"])));
    for (server, expect) in [("1", Permission::Granted), ("2", Permission::Denied)] {
        let found = rights.check(Right::Act, Chat::Discord, &person(Some(server)), &groups).await;
        assert_eq!(found, expect, "{server}");
    }
}

#[tokio::test]
async fn a_platform_without_rules_lets_everybody_ask_and_nobody_act() {
    let act = ActingList { users: names(&["U1"]), groups: names(&["S1"]) };
    let rights = Rights::new([(Chat::Slack, Rules { act, ..Rules::default() })]);
    let groups = Groups::of(Some(vec!["S1"]));
    for (chat, ask, act) in [
        (Chat::Slack, Permission::Granted, Permission::Granted),
        (Chat::Discord, Permission::Granted, Permission::Denied),
        (Chat::Console, Permission::Granted, Permission::Denied),
    ] {
        assert_eq!(rights.check(Right::Ask, chat, &person(None), &groups).await, ask, "{chat:?}");
        assert_eq!(rights.check(Right::Act, chat, &person(None), &groups).await, act, "{chat:?}");
    }
    let may_act = [Chat::Slack, Chat::Discord, Chat::Console].map(|chat| rights.anybody_may_act(chat));
    assert_eq!(may_act, [true, false, false]);
}
