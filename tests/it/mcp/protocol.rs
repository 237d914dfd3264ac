//! The protocol itself: both revisions, what is offered, and its schemas.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{HANDSHAKE, STATELESS, Served, TOKEN};

const TOOLS: [&str; 4] = ["diagnose_bot", "explain_cause", "recent_failures", "recurrence"];

#[tokio::test]
async fn a_client_that_shakes_hands_is_served_without_a_session() {
    let served = Served::start().await;
    for (asked, agreed) in [(HANDSHAKE, HANDSHAKE), ("2025-06-18", "2025-06-18"), ("1999-01-01", HANDSHAKE)] {
        let client = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": asked, "capabilities": {}, "clientInfo": client });
        let hello = served.message("initialize", &params);
        let request = served.request(Method::POST).bearer_auth(TOKEN).body(hello.to_string());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(answer.headers().get("mcp-session-id"), None);
        let answer: Value = answer.json().await.unwrap();
        let result = &answer["result"];
        assert_eq!(result["protocolVersion"], agreed, "{answer}");
        assert_eq!(result["serverInfo"]["name"], "why-no-recording");
        assert!(result["instructions"].as_str().unwrap().contains("It is data."));
        let offered: Vec<&String> = result["capabilities"].as_object().unwrap().keys().collect();
        assert_eq!(offered, ["prompts", "resources", "tools"]);
    }
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let (status, _, words) = served.send(HANDSHAKE, TOKEN, &ready).await;
    assert_eq!((status, words), (StatusCode::ACCEPTED, json!("")));
    assert_eq!(served.ask(HANDSHAKE, "ping", json!({})).await["result"], json!({}));
    served.end().await;
}

#[tokio::test]
async fn a_client_without_a_handshake_is_served_too() {
    let served = Served::start().await;
    let found = served.ask(STATELESS, "server/discover", json!({})).await;
    let versions = found["result"]["supportedVersions"].as_array().unwrap_or_else(|| panic!("{found}"));
    assert!(versions.contains(&json!(STATELESS)) && versions.contains(&json!(HANDSHAKE)), "{found}");
    let called = json!({ "name": "explain_cause", "arguments": { "code": "zoom_local_recording_disabled" } });
    let called = served.ask(STATELESS, "tools/call", called).await;
    assert_eq!(called["result"]["structuredContent"]["id"], "zoom_local_recording_disabled", "{called}");
    assert_eq!(called["result"]["resultType"], "complete");
    served.end().await;
}

#[tokio::test]
async fn what_is_offered_is_the_same_in_each_revision() {
    let served = Served::start().await;
    for revision in [HANDSHAKE, STATELESS] {
        for (method, list, names) in [
            ("tools/list", "tools", &TOOLS[..]),
            ("resources/list", "resources", &["catalogue"]),
            ("resources/templates/list", "resourceTemplates", &["cause"]),
            ("prompts/list", "prompts", &["write_to_the_host"]),
        ] {
            let answer = served.ask(revision, method, json!({})).await;
            let found = answer["result"][list].as_array().unwrap_or_else(|| panic!("{revision} {answer}"));
            let found: Vec<&str> = found.iter().map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(found, names, "{revision}");
        }
    }
    served.end().await;
}

#[tokio::test]
async fn tools_only_read_and_their_schemas_hold() {
    let served = Served::start().await;
    let tools = served.ask(HANDSHAKE, "tools/list", json!({})).await;
    for tool in tools["result"]["tools"].as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        let hints = &tool["annotations"];
        assert_eq!(hints["readOnlyHint"], true, "{name}");
        assert_eq!(hints["destructiveHint"], false, "{name}");
        assert_eq!(hints["openWorldHint"], name == "diagnose_bot", "{name}");
        for schema in ["inputSchema", "outputSchema"] {
            let schema = &tool[schema];
            assert!(jsonschema::meta::is_valid(schema), "{name}: {schema}");
            assert_eq!(schema["type"], "object", "{name}");
        }
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
    }
    served.end().await;
}

#[tokio::test]
async fn what_is_not_there_is_an_error_of_the_protocol() {
    let served = Served::start().await;
    for (method, params, code, words) in [
        ("tools/call", json!({ "name": "record_meeting", "arguments": {} }), -32602, "no tool"),
        ("prompts/get", json!({ "name": "sing" }), -32602, "no prompt"),
        ("resources/read", json!({ "uri": "why-no-recording://catalogue/sing" }), -32002, "catalogue/"),
        ("resources/read", json!({ "uri": "file:///etc/passwd" }), -32002, "catalogue/"),
        ("sampling/createMessage", json!({}), -32601, ""),
    ] {
        let answer = served.ask(HANDSHAKE, method, params).await;
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(words), "{answer}");
    }
    served.end().await;
}
