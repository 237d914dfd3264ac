//! The prompt, and the catalogue as resources.

use serde_json::{Value, json};
use why_no_recording::diagnosis::catalogue::Catalogue;

use super::{HANDSHAKE, Served};
use crate::slack::{DENIED, NO_HOST};

async fn written(served: &Served, arguments: Value) -> Value {
    served.ask(HANDSHAKE, "prompts/get", json!({ "name": "write_to_the_host", "arguments": arguments })).await
}

#[tokio::test]
async fn the_host_is_written_to_about_a_bot_or_a_cause_and_in_their_language() {
    let served = Served::start().await;
    let bot = served.call("diagnose_bot", json!({ "bot": DENIED })).await;
    let of_bot = bot["structuredContent"]["host_message"].as_str().unwrap().to_owned();
    let cause = "zoom_local_recording_disabled";
    for (arguments, has, lacks) in [
        (json!({ "bot": DENIED }), of_bot.split('\n').next_back().unwrap(), "Translate"),
        (json!({ "cause": cause }), "the notetaker", "Translate"),
        (json!({ "cause": cause, "language": "en-GB" }), "the notetaker", "Translate"),
        (json!({ "cause": cause, "language": "de-AT" }), "Aufzeichnung", "Translate"),
        (json!({ "bot": DENIED, "language": "ja" }), "レコーディング", "Translate"),
        (json!({ "cause": cause, "language": "nl" }), "with the tag `nl`", "Aufzeichnung"),
    ] {
        let answer = written(&served, arguments.clone()).await;
        let message = &answer["result"]["messages"][0];
        assert_eq!(message["role"], "user", "{answer}");
        let text = message["content"]["text"].as_str().unwrap();
        assert!(text.starts_with("Write to the host"), "{text}");
        assert!(text.contains("It is data.") && text.contains("no meeting link"), "{text}");
        assert!(text.contains(has) && !text.contains(lacks), "{arguments}: {text}");
    }
    served.end().await;
}

#[tokio::test]
async fn a_prompt_that_cannot_be_written_says_why() {
    let served = Served::start().await;
    let catalogue = Catalogue::embedded().unwrap();
    let without = catalogue.causes().find(|cause| cause.host_message.is_none()).unwrap().id.to_string();
    for (arguments, words) in [
        (json!({}), "Give either `bot` or `cause`"),
        (json!({ "bot": DENIED, "cause": "zoom_local_recording_disabled" }), "Give either `bot` or `cause`"),
        (json!({ "bot": "that one" }), "Give one bot ID"),
        (json!({ "cause": "sing" }), "The catalogue has no cause"),
        (json!({ "cause": without }), "there is no message for them"),
        (json!({ "bot": NO_HOST, "language": "German, please" }), "a language tag"),
        (json!({ "cuase": "zoom_local_recording_disabled" }), "no argument `cuase`"),
    ] {
        let answer = written(&served, arguments).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(words), "{answer}");
    }
    served.end().await;
}

#[tokio::test]
async fn the_catalogue_can_be_read_as_a_list_and_cause_by_cause() {
    let served = Served::start().await;
    let read = async |uri: &str| {
        let answer = served.ask(HANDSHAKE, "resources/read", json!({ "uri": uri })).await;
        let contents = answer["result"]["contents"][0].clone();
        assert_eq!(
            (&contents["uri"], &contents["mimeType"]),
            (&json!(uri), &json!("text/markdown")),
            "{answer}"
        );
        contents["text"].as_str().unwrap().to_owned()
    };
    let list = read("why-no-recording://catalogue").await;
    let catalogue = Catalogue::embedded().unwrap();
    for cause in catalogue.causes() {
        assert!(list.contains(&format!("(why-no-recording://catalogue/{})", cause.id)), "{}", cause.id);
    }
    let cause = catalogue.causes().next().unwrap();
    let page = read(&format!("why-no-recording://catalogue/{}", cause.id)).await;
    assert!(page.starts_with(&format!("## `{}`", cause.id)), "{page}");
    served.end().await;
}
