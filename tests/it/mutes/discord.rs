//! Muting in Discord: menus, a button, and a modal where words have to be typed.

use serde_json::{Value, json};
use why_no_recording::clock;

use crate::alerts::{SECRET, key, signed, status};
use crate::discord::{Talking, shown};
use crate::world::discord::{CHANNEL, FakeDiscord, Posted, unlike_the_description};

const BOT: &str = "00000000-0000-4000-8000-000000000001";

async fn alerted() -> (Talking, Posted) {
    let settings = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_DISCORD_CHANNEL", CHANNEL)];
    let chat = Talking::over_http_with(&settings).await;
    let now = clock::now();
    let body = status(BOT, now, "fatal", "zoom_internal_error").to_string();
    let headers = signed(&key(), "msg_1", body.as_bytes(), now);
    let url = format!("http://{}/webhooks/recall", chat.running.address);
    let sent = reqwest::Client::new().post(url).headers(headers).body(body).send().await.unwrap();
    assert!(sent.status().is_success());
    let alert = chat.discord.until("an alert", |discord| discord.posted(CHANNEL).into_iter().next()).await;
    chat.settled().await;
    (chat, alert)
}

/// The form, as one person sees it.
async fn form(chat: &Talking, alert: &Posted) -> Posted {
    chat.interact(&chat.press(&format!("wnr:mute:{BOT}"), alert)).await;
    let menus = |discord: &FakeDiscord| {
        discord
            .told()
            .into_iter()
            .find(|told| told.body["components"].as_array().is_some_and(|rows| rows.len() == 3))
    };
    chat.discord.until("the form", menus).await
}

/// What Discord sends when something is selected in a menu of a message.
fn select(chat: &Talking, message: &Posted, components: &Value, menu: &str, value: &str) -> Value {
    let mut press = chat.press(menu, message);
    press["data"] = json!({ "custom_id": menu, "component_type": 3, "values": [value] });
    press["message"]["components"] = components.clone();
    press
}

/// What Discord sends when a modal is submitted.
fn submit(chat: &Talking, message: &Posted, modal: &Value, typed: &[(&str, &str)]) -> Value {
    let fields = modal["data"]["components"].as_array().unwrap().iter().map(|row| {
        let id = row["components"][0]["custom_id"].as_str().unwrap();
        let value = typed.iter().find(|(field, _)| *field == id).map_or("", |(_, value)| *value);
        json!({ "type": 1, "components": [{ "type": 4, "custom_id": id, "value": value }] })
    });
    let data = json!({ "custom_id": modal["data"]["custom_id"], "components": fields.collect::<Vec<_>>() });
    let mut submitted = chat.interaction(5, &data);
    submitted["message"] = json!({ "id": message.id, "flags": 64 });
    submitted
}

fn button(components: &Value) -> String {
    components[2]["components"][0]["custom_id"].as_str().unwrap().to_owned()
}

fn announced(discord: &FakeDiscord) -> Option<Posted> {
    discord.posted(CHANNEL).into_iter().find(|posted| shown(posted).contains("Muted by"))
}

#[tokio::test]
async fn menus_keep_what_was_selected_and_the_button_mutes() {
    let (chat, alert) = alerted().await;
    assert!(shown(&alert).contains("[Mute…]") && shown(&alert).contains("[I take it]"), "{}", shown(&alert));
    let form = form(&chat, &alert).await;
    assert!(form.body["content"].as_str().unwrap().contains("Times are in UTC"));
    let mut components = form.body["components"].clone();
    assert_eq!(button(&components), format!("wnr:mute_go:bot={BOT}:1h"));
    for (menu, value, expect) in [
        ("wnr:mute_pick:scope", "cause=zoom_internal_error", "wnr:mute_go:cause=zoom_internal_error:1h"),
        ("wnr:mute_pick:end", "tomorrow", "wnr:mute_go:cause=zoom_internal_error:tomorrow"),
        ("wnr:mute_pick:scope", "channel", "wnr:mute_go:channel:tomorrow"),
    ] {
        let answer = chat.interact(&select(&chat, &form, &components, menu, value)).await;
        assert_eq!(answer["type"], 7, "{answer}");
        assert_eq!(unlike_the_description("/interactions/1/t/callback", &answer), Vec::<String>::new());
        components = answer["data"]["components"].clone();
        assert_eq!(button(&components), expect);
        let selected = components.as_array().unwrap().iter().flat_map(|row| {
            row["components"][0]["options"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|option| option["default"] == true)
        });
        assert!(selected.into_iter().any(|option| option["value"] == value), "{components}");
    }
    let nonsense = chat.interact(&select(&chat, &form, &components, "wnr:mute_pick:end", "for ever")).await;
    assert_eq!(nonsense["type"], 4, "what was not offered is not understood: {nonsense}");

    chat.interact(&chat.press(&button(&components), &form)).await;
    let mute = chat.discord.until("an announcement", announced).await;
    assert!(shown(&mute).contains("Muted by <@600000000000000001> until"), "{}", shown(&mute));
    let done = |discord: &FakeDiscord| {
        discord.told().into_iter().find(|told| told.id == form.id && shown(told).contains("Done."))
    };
    let form = chat.discord.until("the form is replaced", done).await;
    assert_eq!(form.body["components"], json!([]), "with nothing left to select");

    let unmute = mute.body["components"][0]["components"][0]["custom_id"].as_str().unwrap().to_owned();
    chat.interact(&chat.press(&unmute, &mute)).await;
    let gone = |discord: &FakeDiscord| {
        let posted = discord.posted(CHANNEL).into_iter().find(|posted| posted.id == mute.id)?;
        (posted.body["components"] == json!([])).then_some(())
    };
    chat.discord.until("the button is gone", gone).await;
    let thread = |discord: &FakeDiscord| discord.posted(&mute.id).into_iter().next();
    let end = chat.discord.until("the end in its thread", thread).await;
    assert!(shown(&end).contains("Ended by"), "{}", shown(&end));
    chat.end().await;
}

#[tokio::test]
async fn a_week_needs_a_reason_and_another_time_is_typed() {
    let (chat, alert) = alerted().await;
    let form = form(&chat, &alert).await;
    let components = form.body["components"].clone();
    let week = chat.interact(&select(&chat, &form, &components, "wnr:mute_pick:end", "7d")).await;
    let components = week["data"]["components"].clone();
    let modal = chat.interact(&chat.press(&button(&components), &form)).await;
    assert_eq!(modal["type"], 9, "{modal}");
    assert_eq!(unlike_the_description("/interactions/1/t/callback", &modal), Vec::<String>::new());
    assert_eq!(modal["data"]["components"].as_array().unwrap().len(), 1);
    assert!(announced(&chat.discord).is_none(), "nothing is muted by opening it");
    chat.interact(&submit(&chat, &form, &modal, &[("reason", "Zoom is down @everyone")])).await;
    let mute = chat.discord.until("an announcement", announced).await;
    assert!(shown(&mute).contains("Reason: Zoom is down"), "{}", shown(&mute));

    let other = chat.interact(&select(&chat, &form, &components, "wnr:mute_pick:end", "other")).await;
    let modal = chat.interact(&chat.press(&button(&other["data"]["components"]), &form)).await;
    assert_eq!(modal["data"]["components"].as_array().unwrap().len(), 2);
    let answer = chat.interact(&submit(&chat, &form, &modal, &[("until", "next week")])).await;
    assert_eq!((&answer["type"], &answer["data"]["flags"]), (&json!(5), &json!(64)));
    let unclear = |discord: &FakeDiscord| {
        discord.told().into_iter().find(|told| shown(told).contains("I can't read when it should end"))
    };
    chat.discord.until("what to type", unclear).await;
    let later = clock::now() + jiff::SignedDuration::from_hours(30 * 24);
    let typed = later.strftime("%Y-%m-%d %H:%M").to_string();
    chat.interact(&submit(&chat, &form, &modal, &[("until", &typed), ("reason", "moved")])).await;
    let longer = |discord: &FakeDiscord| {
        discord.posted(CHANNEL).into_iter().find(|posted| posted.id == mute.id && posted.edits > 0)
    };
    let mute = chat.discord.until("it lasts longer", longer).await;
    assert!(shown(&mute).contains("Reason: moved"), "{}", shown(&mute));
    chat.end().await;
}

#[tokio::test]
async fn taking_care_edits_the_card_and_commands_answer_in_private() {
    let (chat, alert) = alerted().await;
    let acknowledged = chat.interact(&chat.press(&format!("wnr:ack:{BOT}"), &alert)).await;
    assert_eq!(acknowledged["type"], 6);
    let taken = |discord: &FakeDiscord| {
        let posted = discord.posted(CHANNEL).into_iter().find(|posted| posted.id == alert.id)?;
        shown(&posted).contains("Taken care of by <@600000000000000001> since").then_some(())
    };
    chat.discord.until("who takes care", taken).await;
    let acknowledged = chat.interact(&chat.command("mute zoom_internal_error 1h")).await;
    assert_eq!(acknowledged["data"]["flags"], 64, "for this person alone");
    chat.discord.until("an announcement", announced).await;
    chat.interact(&chat.command("mutes")).await;
    let list = |discord: &FakeDiscord| {
        discord.told().into_iter().find(|told| shown(told).contains("1 mute is active in this channel"))
    };
    let list = chat.discord.until("the list", list).await;
    let unmute = list.body["components"][0]["components"][0]["custom_id"].as_str().unwrap().to_owned();
    chat.interact(&chat.press(&unmute, &list)).await;
    let empty = |discord: &FakeDiscord| {
        discord.told().into_iter().find(|told| told.id == list.id && shown(told).contains("Nothing is muted"))
    };
    chat.discord.until("the list is made anew", empty).await;
    chat.interact(&chat.command("recent")).await;
    let recent = |discord: &FakeDiscord| {
        discord.told().into_iter().find(|told| shown(told).contains("The latest alert in this channel"))
    };
    chat.discord.until("the latest", recent).await;
    chat.end().await;
}
