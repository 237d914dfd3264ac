//! Webhooks that were heard from the middle: what nobody knows is not told as a failure.

use serde_json::{Value, json};

use super::{Stage, at, bot};

/// What Recall.ai sends of a part of a recording.
fn media(bot: &str, event: &str, code: &str, sub_code: Option<&str>, seconds: i64) -> Value {
    let part = event.split('.').next().unwrap();
    let mut body = json!({ "event": event, "data": {
        "bot": { "id": bot, "metadata": {} },
        "recording": { "id": "r1", "metadata": {} },
        "data": { "code": code, "sub_code": sub_code, "updated_at": at(seconds).to_string() },
    } });
    if part != "recording" {
        body["data"][part] = json!({ "id": "m1", "metadata": {} });
    }
    body
}

/// These statuses are heard, and Recall.ai cannot be asked; every line that stood in the channel meanwhile, and the last.
async fn told(statuses: &[(i64, &str, &str)]) -> (Vec<String>, Vec<String>) {
    let (stage, bot) = (Stage::new().await, bot(1));
    let mut all = Vec::new();
    for (seconds, code, sub_code) in statuses {
        stage.hear(&bot, *seconds, code, sub_code).await;
        all.extend(stage.lines());
    }
    let last = statuses.last().map_or(0, |(seconds, ..)| *seconds);
    for later in [3, 10, 60, 600, 4_000] {
        stage.pass(last + later).await;
        all.extend(stage.lines());
    }
    (all, stage.lines())
}

#[tokio::test]
async fn an_end_whose_beginning_nobody_heard_is_no_failure() {
    for end in
        ["timeout_exceeded_everyone_left", "bot_kicked_from_call", "call_ended_by_host", "quantum_state"]
    {
        let (all, _) = told(&[(0, "call_ended", end), (7, "done", "")]).await;
        assert!(all.is_empty(), "{end}: {all:?}");
        let (all, _) =
            told(&[(0, "in_call_not_recording", ""), (900, "call_ended", end), (907, "done", "")]).await;
        let wrong =
            all.iter().find(|line| line.contains("Not recorded:") || line.contains("before it recorded"));
        assert_eq!(wrong, None, "{end}: {all:?}");
    }
}

#[tokio::test]
async fn an_error_is_told_whatever_came_before_and_says_no_more_than_is_known() {
    let (_, last) = told(&[(0, "fatal", "zoom_internal_error"), (7, "done", "")]).await;
    assert!(last.len() == 1 && last[0].starts_with("Unknown:"), "{last:?}");
    // This one cannot come while a bot records.
    let (_, last) = told(&[(0, "fatal", "meeting_not_found"), (7, "done", "")]).await;
    assert!(last.len() == 1 && last[0].starts_with("Not recorded:"), "{last:?}");
}

/// A host may also take the permission back while the bot records. A setting refuses before anything is recorded.
#[tokio::test]
async fn a_refusal_is_told_whatever_came_before_and_says_no_more_than_is_known() {
    let left = "timeout_exceeded_recording_permission_denied";
    for (refusal, label) in [
        ("zoom_local_recording_request_denied_by_host", "Unknown:"),
        ("quantum_state", "Unknown:"),
        ("zoom_local_recording_disabled", "Not recorded:"),
    ] {
        let refused = (0, "recording_permission_denied", refusal);
        let (_, last) = told(&[refused, (40, "call_ended", left), (47, "done", "")]).await;
        assert!(last.len() == 1 && last[0].starts_with(label), "{refusal}: {last:?}");
    }
}

#[tokio::test]
async fn back_in_the_waiting_room_it_can_be_saved_and_then_it_is_partly_recorded() {
    let (all, last) = told(&[
        (0, "in_call_recording", ""),
        (190, "in_waiting_room", ""),
        (600, "call_ended", "timeout_exceeded_waiting_room"),
        (604, "done", ""),
    ])
    .await;
    assert!(
        !all.iter().any(|line| line.starts_with("Not recorded") || line.starts_with("Resolved")),
        "{all:?}"
    );
    assert!(last.len() == 1 && last[0].contains("until it was put back into the waiting room"), "{last:?}");
}

#[tokio::test]
async fn a_transcript_that_failed_takes_nothing_from_the_recording() {
    for (sub_code, words) in [
        // On a bot it is an error of joining; here it is a word that we do not know.
        ("zoom_internal_error", "Recorded, but the transcript failed"),
        ("microsoft_teams_captions_failure", "Recorded, but without a transcript"),
    ] {
        let (stage, bot) = (Stage::new().await, bot(1));
        stage.hear(&bot, 0, "in_call_recording", "").await;
        stage.hear(&bot, 280, "call_ended", "timeout_exceeded_everyone_left").await;
        for (id, body) in [
            ("r", media(&bot, "recording.done", "done", None, 290)),
            ("t", media(&bot, "transcript.failed", "failed", Some(sub_code), 295)),
        ] {
            stage.deliver(id, &body, at(295)).await.unwrap();
            stage.wait_until_idle(at(295)).await;
        }
        stage.hear(&bot, 296, "done", "").await;
        stage.pass(400).await;
        let lines = stage.lines();
        assert!(lines.len() == 1 && lines[0].contains(words), "{sub_code}: {lines:?}");
        assert!(!lines[0].contains("Not recorded"), "{lines:?}");
    }
}

#[tokio::test]
async fn a_permission_that_was_withdrawn_stays_so_when_the_recording_is_done() {
    let (stage, bot) = (Stage::new().await, bot(1));
    stage.hear(&bot, 10, "in_call_recording", "").await;
    stage.hear(&bot, 600, "recording_permission_denied", "zoom_local_recording_request_denied_by_host").await;
    stage.hear(&bot, 640, "call_ended", "timeout_exceeded_recording_permission_denied").await;
    stage.pass(645).await;
    let before = stage.lines();
    stage.deliver("r", &media(&bot, "recording.done", "done", None, 650), at(650)).await.unwrap();
    stage.wait_until_idle(at(650)).await;
    stage.hear(&bot, 660, "done", "").await;
    stage.pass(700).await;
    assert_eq!(stage.lines(), before);
    assert!(before.len() == 1 && before[0].contains("Partly recorded"), "{before:?}");
}
