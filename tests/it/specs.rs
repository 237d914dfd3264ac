//! What we hand to Slack, against its own machine-readable description.

use serde_json::Value;
use why_no_recording::chat::slack::manifest::{Extras, Transport, manifest};

fn faults(schema: &str, instance: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(instance).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

#[test]
fn the_manifest_is_one_that_slack_takes() {
    let schema = include_str!("../reference/slack_manifest.schema.json");
    for transport in [Transport::SocketMode, Transport::Http("https://wnr.example.com".to_owned())] {
        for extras in [Extras::default(), Extras::ALL] {
            let faults = faults(schema, &manifest(&transport, extras));
            assert!(faults.is_empty(), "{transport:?}: {}", faults.join("\n"));
        }
    }
}

#[test]
fn a_manifest_that_slack_does_not_take_is_found_out() {
    let mut wrong = manifest(&Transport::SocketMode, Extras::default());
    wrong["display_information"]["name"] = "a name that is far longer than Slack allows it to be".into();
    assert!(!faults(include_str!("../reference/slack_manifest.schema.json"), &wrong).is_empty());
}

#[test]
fn every_permission_is_justified_in_the_page_about_security() {
    let page = include_str!("../../docs/security.md");
    for (scope, why) in Extras::ALL.scopes() {
        assert!(page.contains(&format!("`{scope}`")), "{scope}: {why}");
    }
}
