//! What `doctor` says of asking hosts again: who may, and if bots stay long enough.

use serde_json::{Value, json};
use why_no_recording::acting::no_step;
use why_no_recording::store::Store;

use super::run;
use crate::slack::{DENIED, NO_HOST, World};
use crate::world::databases::Place;
use crate::world::discord::{FakeDiscord, TOKEN};

/// The variables of each mode.
const OFF: (&str, &str) = ("RESCUE_MODE", "off");
const BUTTON: (&str, &str) = ("RESCUE_MODE", "button");
const AUTOMATIC: (&str, &str) = ("RESCUE_MODE", "automatic");
const SAM: (&str, &str) = ("SLACK_ACTING_USERS", "U2");

/// A workspace whose only bot is on this platform, and stays this long after a refusal.
async fn world(platform: &str, stay: Value) -> World {
    let place = Place::sqlite();
    Store::open(&place.url()).await.unwrap().close().await;
    world_on(place, platform, stay).await
}

async fn world_on(place: Place, platform: &str, stay: Value) -> World {
    let world = World::on(place).await;
    world.recall.remove_bot(NO_HOST);
    let mut bot = json!({
        "id": DENIED, "bot_name": "Acme Notetaker", "meeting_url": { "platform": platform },
        "status_changes": [{ "code": "joining_call", "created_at": "2026-11-18T15:00:00Z" }],
    });
    if !stay.is_null() {
        bot["automatic_leave"] = json!({ "recording_permission_denied_timeout": stay });
    }
    world.recall.add_bot(bot);
    world
}

/// Runs `doctor`; what it says of asking again.
async fn told(world: &World, more: &[(&'static str, &str)]) -> (Vec<String>, i32) {
    let (told, code) = run(world, &["doctor"], more).await;
    let parts = ["rescue.mode = ", "Time to ask again in ", "Asking again in workspace "];
    let about = |line: &&str| parts.iter().any(|part| line.contains(part));
    (told.lines().filter(about).map(ToOwned::to_owned).collect(), code)
}

#[tokio::test]
async fn it_is_silent_where_asking_again_is_off() {
    assert_eq!(told(&world("zoom", json!(30)).await, &[OFF, SAM]).await, (vec![], 0));
}

#[tokio::test]
async fn a_button_that_no_one_may_select_is_red() {
    let world = world("zoom", json!(300)).await;
    let (lines, code) = told(&world, &[BUTTON]).await;
    assert_eq!(code, 1);
    assert!(
        lines[0].starts_with(
            "FAIL  rescue.mode = button: no person may select the button. Set slack.acting_users"
        ),
        "{lines:?}"
    );
    // The service doesn't need a person.
    let (lines, code) = told(&world, &[AUTOMATIC]).await;
    assert_eq!(code, 0);
    assert!(
        lines[0].starts_with("?     rescue.mode = automatic: the service asks once by itself"),
        "{lines:?}"
    );
    // People of a platform that is off can't select anything.
    let (lines, code) = told(&world, &[BUTTON, ("DISCORD_ACTING_USERS", "600000000000000001")]).await;
    assert_eq!((lines[0].starts_with("FAIL  rescue.mode = button: no person"), code), (true, 1), "{lines:?}");
}

#[tokio::test]
async fn it_says_who_may_act_on_each_platform_that_is_on() {
    let (world, discord) = (world("zoom", json!(300)).await, FakeDiscord::start().await);
    world.slack.grant("usergroups:read");
    world.slack.group("S1", &["U1"]);
    world.slack.group("S2", &["U2"]);
    let of_slack = [BUTTON, ("SLACK_ACTING_USERS", "U2,U3"), ("SLACK_ACTING_GROUPS", "S1,S2")];
    let (lines, _) = told(&world, &of_slack).await;
    assert_eq!(
        lines[0],
        "ok    rescue.mode = button: 2 Slack users, 2 Slack user groups may act in meetings"
    );
    let of_discord = [
        BUTTON,
        SAM,
        ("DISCORD_TOKEN", TOKEN),
        ("DISCORD_API_URL", discord.origin.as_str()),
        ("DISCORD_ACTING_ROLES", "510000000000000009"),
    ];
    let (lines, _) = told(&world, &of_discord).await;
    assert_eq!(lines[0], "ok    rescue.mode = button: 1 Slack user, 1 Discord role may act in meetings");
}

#[tokio::test]
async fn a_stay_that_is_too_short_for_a_person_is_marked() {
    const PART: &str = "Time to ask again in workspace default:";
    for (platform, stay, mode, sign, words) in [
        (
            "zoom",
            json!(30),
            BUTTON,
            "?    ",
            "a bot on Zoom leaves 30 seconds after a refusal. That is too short",
        ),
        ("zoom", json!(119), BUTTON, "?    ", "That is too short for a person."),
        ("zoom", json!(300), BUTTON, "ok   ", "a bot on Zoom leaves 5 minutes after a refusal"),
        ("zoom", json!(30), AUTOMATIC, "ok   ", "a bot on Zoom leaves 30 seconds after a refusal"),
        (
            "zoom",
            Value::Null,
            BUTTON,
            "?    ",
            "a bot on Zoom leaves 30 seconds after a refusal. That is too short",
        ),
        ("google_meet", json!(30), BUTTON, "?    ", "not checked: no bot has been in a Zoom meeting lately."),
    ] {
        let (lines, code) = told(&world(platform, stay.clone()).await, &[mode, SAM]).await;
        assert_eq!(code, 0, "{lines:?}");
        let line = &lines[1];
        assert!(
            line.starts_with(&format!("{sign} {PART} ")) && line.contains(words),
            "{platform} {stay}: {line}"
        );
        let advises = line.contains("automatic_leave.recording_permission_denied_timeout to 300");
        assert_eq!(advises, line.contains("too short"), "{line}");
    }
}

#[tokio::test]
async fn the_shortest_stay_counts() {
    let world = world("zoom", json!(600)).await;
    world.recall.add_bot(json!({
        "id": NO_HOST, "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "automatic_leave": { "recording_permission_denied_timeout": 60 },
        "status_changes": [{ "code": "joining_call", "created_at": "2026-11-18T15:00:00Z" }],
    }));
    let (lines, _) = told(&world, &[BUTTON, SAM]).await;
    assert!(lines[1].contains("leaves 60 seconds after a refusal"), "{lines:?}");
}

#[tokio::test]
async fn a_workspace_whose_bots_cannot_ask_is_red() {
    let place = Place::sqlite();
    let store = Store::open(&place.url()).await.unwrap();
    store.remember_fact(&no_step("default"), "2026-11-18T15:04:00Z").await.unwrap();
    store.close().await;
    let world = world_on(place, "zoom", json!(300)).await;
    let (lines, code) = told(&world, &[BUTTON, SAM]).await;
    assert_eq!(code, 1, "{lines:?}");
    let [who, cannot, stay] = &lines[..] else { panic!("{lines:?}") };
    assert!(who.starts_with("ok ") && stay.starts_with("ok "), "{lines:?}");
    assert!(
        cannot.starts_with("FAIL  Asking again in workspace default: Recall.ai said on 18 Nov")
            && cannot.contains("can't request permission again"),
        "{cannot}"
    );
}
