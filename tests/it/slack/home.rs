//! A person's home: how to ask, what they asked about, and the failures of channels that they can see.

use jiff::SignedDuration;
use serde_json::{Value, json};
use why_no_recording::app;
use why_no_recording::chat::slack::render::home::{unfurl, view};
use why_no_recording::clock;
use why_no_recording::diagnosis::bot_id::BotId;
use why_no_recording::report::home::{AskedAbout, Failed, Home, HomeContent, MutedLine, RecentFailure};
use why_no_recording::store::AuditEntry;

use super::rendering::{foreign, markup, stuffed};
use super::{DENIED, NO_HOST, Talking, World};
use crate::alerts::serving::{HEARING, denied, post};
use crate::alerts::{at, bot};
use crate::world::slack::{Fault, Parse, block_violations};
use proptest::prelude::*;

/// What Slack sends when a person opens the app.
fn opened(world: &World, person: &str) -> Value {
    json!({
        "type": "event_callback", "token": "x", "team_id": "T1", "api_app_id": "A1",
        "event_id": format!("Ev{}", world.number()), "event_time": 1_795_014_000,
        "event": {
            "type": "app_home_opened", "user": person, "channel": "D1", "tab": "home", "event_ts": "1795014000.1",
        },
    })
}

fn words(view: &Value) -> String {
    super::shown(view)
}

impl Talking {
    /// Opens the home of a person, and returns what it says.
    pub async fn home(&self, person: &str) -> String {
        self.push(&opened(&self.world, person)).await;
        self.settled().await;
        words(&self.world.slack.home(person))
    }

    /// A person asked in a channel so many days ago.
    async fn asked(&self, person: &str, channel: &str, days: i64) {
        let entry = AuditEntry {
            delivery_id: format!("audit{}", self.world.number()),
            chat: "slack",
            user_id: person.to_owned(),
            channel: channel.to_owned(),
            action: format!("ask {NO_HOST}"),
            allowed: true,
        };
        let then = clock::now() - SignedDuration::from_hours(24 * days);
        self.running.service.store.record(&entry, then).await.unwrap();
    }
}

/// A service with a failure in `C9` and in the private `G9`.
async fn failing() -> Talking {
    let world = World::new().await;
    world.slack.join("C9");
    world.slack.join("G9");
    let file = "[[alerts.route]]\nmetadata.customer = \"acme\"\nslack_channel = \"G9\"\n";
    let running = app::start(&world.settings_with_file(file, &HEARING)).await.unwrap();
    let address = running.address.to_string();
    let mut private = denied(2);
    private["data"]["bot"]["metadata"] = json!({ "customer": "acme" });
    for (id, body) in [("a", denied(1)), ("b", private)] {
        assert!(post(&address, id, &body).send().await.unwrap().status().is_success());
    }
    let posted = |slack: &crate::world::slack::FakeSlack| {
        (slack.posted("C9").len() >= 2 && slack.posted("G9").len() >= 2).then_some(())
    };
    world.slack.until("both alerts", posted).await;
    Talking { world, running }
}

#[tokio::test]
async fn it_says_how_to_ask_and_what_this_person_asked() {
    let chat = World::new().await.over_http().await;
    let first = chat.home("U1").await;
    assert!(first.contains("Example: /why-no-recording 3f2b8c1e"), "{first}");
    assert!(first.contains("*Bots you asked about*\nNone in the last 30 days."), "{first}");
    chat.ask(DENIED).await;
    chat.posted(2).await;
    chat.asked("U1", "C1", 1).await;
    chat.asked("U3", "C1", 1).await;
    // Another person's is another page.
    let home = chat.home("U4").await;
    assert!(!home.contains(DENIED) && !home.contains(NO_HOST), "{home}");
    let home = chat.home("U3").await;
    assert!(home.contains(NO_HOST) && home.contains("<#C1>") && !home.contains(DENIED), "{home}");
    assert!(!home.contains("Unmute"), "nothing is muted: {home}");
    chat.end().await;
}

#[tokio::test]
async fn failures_are_those_of_channels_that_the_person_used_and_is_in() {
    let chat = failing().await;
    for (channel, person) in
        [("C9", "U1"), ("G9", "U1"), ("C9", "U2"), ("C3", "U1"), ("C4", "U1"), ("C5", "U1")]
    {
        chat.world.slack.has_member(channel, person);
    }
    let (public, private) = (bot(1), bot(2));
    // Slack doesn't say who is where.
    chat.asked("U1", "C9", 2).await;
    let home = chat.home("U1").await;
    assert!(home.contains("I can't see which channels you're in") && !home.contains(&public), "{home}");

    // One who never used the app, one who did, and one who left.
    chat.world.slack.grant("channels:read");
    let home = chat.home("U2").await;
    assert!(home.contains("None in the channels where you asked") && !home.contains(&public), "{home}");
    chat.asked("U3", "C9", 2).await;
    chat.asked("U3", "G9", 2).await;
    chat.world.slack.has_member("C9", "U3");
    chat.world.slack.has_member("G9", "U3");
    let home = chat.home("U3").await;
    assert!(home.contains(&public), "{home}");
    assert!(!home.contains(&private), "whether they are in the private one is not known: {home}");
    assert!(home.contains("<#C9>") && home.contains("turned off"), "{home}");
    chat.asked("U4", "C9", 2).await;
    let home = chat.home("U4").await;
    assert!(!home.contains(&public), "they left: {home}");
    chat.asked("U5", "C9", 31).await;
    chat.world.slack.has_member("C9", "U5");
    let home = chat.home("U5").await;
    assert!(!home.contains(&public), "that was long ago: {home}");

    chat.world.slack.grant("groups:read");
    for channel in ["C2", "C3", "C9", "G9"] {
        chat.world.slack.has_member(channel, "U6");
    }
    chat.asked("U6", "G9", 2).await;
    let home = chat.home("U6").await;
    assert!(home.contains(&private) && !home.contains(&public), "{home}");
    chat.end().await;
}

#[tokio::test]
async fn a_link_that_was_shared_shows_no_channel() {
    let chat = failing().await;
    chat.world.slack.grant("channels:read");
    chat.world.slack.has_member("C9", "U1");
    let entry = AuditEntry {
        delivery_id: "shared".to_owned(),
        chat: "slack",
        user_id: "U1".to_owned(),
        channel: "C9".to_owned(),
        action: format!("unfurl {NO_HOST}"),
        allowed: true,
    };
    let denied = AuditEntry {
        delivery_id: "no".to_owned(),
        action: "help".to_owned(),
        allowed: false,
        ..entry.clone()
    };
    for entry in [entry, denied] {
        chat.running.service.store.record(&entry, clock::now()).await.unwrap();
    }
    let home = chat.home("U1").await;
    assert!(!home.contains(&bot(1)) && !home.contains(NO_HOST), "{home}");
    chat.end().await;
}

#[tokio::test]
async fn who_may_not_ask_sees_one_sentence() {
    let world = World::new().await;
    // In which channels people may ask makes no difference: a home is in none.
    let more = [("SLACK_ALLOWED_USERS", "U9"), ("SLACK_ALLOWED_CHANNELS", "C7")];
    let running = app::start(&world.settings(&more)).await.unwrap();
    let chat = Talking { world, running };
    let home = chat.home("U1").await;
    assert_eq!(home.lines().count(), 1, "{home}");
    assert!(home.contains("allowlist"), "{home}");
    assert!(chat.home("U9").await.contains("Example: /why-no-recording"));
    chat.end().await;
}

#[tokio::test]
async fn opened_again_and_again_it_is_published_once_in_a_while() {
    let chat = World::new().await.over_http().await;
    for _ in 0..20 {
        chat.push(&opened(&chat.world, "U1")).await;
    }
    let mut other = opened(&chat.world, "U2");
    other["event"]["tab"] = "messages".into();
    chat.push(&other).await;
    chat.settled().await;
    let calls = chat.world.slack.calls("views.publish");
    // Twice where the five seconds end meanwhile.
    assert!((1..=2).contains(&calls), "{calls}");
    assert_eq!(chat.world.slack.home("U2"), Value::Null);
    chat.end().await;
}

#[tokio::test]
async fn a_home_that_slack_refuses_tells_nobody() {
    let chat = World::new().await.over_http().await;
    chat.world.slack.fails("views.publish", Fault::Refused("internal_error"));
    chat.push(&opened(&chat.world, "U1")).await;
    chat.settled().await;
    assert_eq!(chat.world.slack.home("U1"), Value::Null);
    assert!(chat.world.slack.told().is_empty() && chat.world.slack.posted("C1").is_empty());
    chat.end().await;
}

#[tokio::test]
async fn homes_come_through_sockets_too() {
    let chat = World::new().await.over_sockets().await;
    let connection = chat.world.slack.connections(1).await.remove(0);
    connection.deliver("events_api", "e1", &opened(&chat.world, "U1")).await;
    chat.settled().await;
    assert!(words(&chat.world.slack.home("U1")).contains("Example: /why-no-recording"));
    chat.end().await;
}

/// A home with all that it can have.
pub fn full(texts: &[String], many: usize) -> Home {
    let id: BotId = DENIED.parse().unwrap();
    let text = |index: usize| texts[index % texts.len()].clone();
    let failure = |index: usize| RecentFailure {
        at: at(0),
        bots: if index.is_multiple_of(2) { Failed::One(id) } else { Failed::Many(17) },
        title: (!index.is_multiple_of(3)).then(|| text(index)),
        channel: if index.is_multiple_of(4) { text(index) } else { "C123".to_owned() },
        resolved: index.is_multiple_of(5),
    };
    let muted = |index: usize| MutedLine {
        id: index.to_string(),
        channel: "C123".to_owned(),
        what: text(index),
        until: at(60),
    };
    Home::Open(HomeContent {
        help: text(0),
        asked: (0..many).map(|index| AskedAbout { at: at(0), bot: id, channel: text(index) }).collect(),
        failures: Some((0..many).map(failure).collect()),
        muted: (0..many).map(muted).collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_home_fits_and_pings_nobody(texts in prop::collection::vec(foreign(), 6), many in 0usize..60) {
        let view = serde_json::to_value(view(&full(&texts, many))).unwrap();
        let blocks = view["blocks"].as_array().unwrap();
        prop_assert!(blocks.len() <= 100, "{}", blocks.len());
        for half in blocks.chunks(50) {
            prop_assert_eq!(block_violations(&half.into()), Vec::<String>::new());
        }
        let unfurl = serde_json::to_value(unfurl(&stuffed(&texts, 1, 1))).unwrap();
        prop_assert_eq!(block_violations(&unfurl), Vec::<String>::new());
        for text in markup(&view).into_iter().chain(markup(&unfurl)) {
            let own = |part: &String| part.starts_with("<!date^") || part.starts_with("<#C");
            let alive = Parse::None.alive(&text);
            prop_assert!(alive.iter().all(own), "{:?}", alive);
        }
    }
}
