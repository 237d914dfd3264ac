//! What we write and what we pretend that others write, against their own machine-readable descriptions.

use serde_json::Value;
use why_no_recording::{clock, demo};

fn faults(schema: &str, instance: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(instance).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

#[test]
fn the_bots_of_the_demo_look_like_recalls() {
    let schema = include_str!("../reference/recall_bot.schema.json");
    for bot in demo::sample_bots(clock::now()) {
        let faults = faults(schema, &bot);
        assert!(faults.is_empty(), "{}: {}", bot["id"], faults.join("\n"));
    }
}
