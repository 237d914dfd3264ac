//! Our sample bots look like Recall.ai's: the demo and the corpus against its own description of a bot.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::Value;
use why_no_recording::demo::sample_bots;

use crate::world::corpus::recorded_bots;

/// Bots of the corpus that differ from the description, and why each is there all the same.
const EXEMPT: &[(&str, &str)] = &[
    ("19-host-absent", "the older shape"),
    ("20-host-absent-confirmed", "the older shape"),
    ("21-host-wrong-zoom-account", "the older shape"),
    ("23-no-host-call-ended", "the older shape"),
    ("27-host-present-but-nothing-asked", "the older shape"),
    ("29-host-left-before-consent", "the older shape"),
    ("67-recorded-fine-v110", "the older shape"),
    ("80-updated-at-instead-of-created-at", "an example of the documentation has it so"),
    ("82-meeting-url-string", "the link as it was sent, as the description of requests has it"),
    ("94-link-rewritten-by-a-mail-filter", "the same"),
    ("84-missing-message-and-sub-code-keys", "members that are null may be left out"),
];

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../reference/recall_bot.schema.json")).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// Where a bot differs from the description.
fn faults(validator: &Validator, bot: &Value) -> Vec<String> {
    validator.iter_errors(bot).map(|error| format!("{}: {error:.300}", error.instance_path())).collect()
}

#[test]
fn bots_of_the_demo_are_as_recall_ai_describes_them() {
    let validator = validator();
    let now = "2026-11-18T15:00:00Z".parse().unwrap();
    for bot in sample_bots("https://example.com", now) {
        let faults = faults(&validator, &bot);
        assert!(faults.is_empty(), "{}:\n{}", bot["id"], faults.join("\n"));
    }
}

#[test]
fn bots_of_the_corpus_are_as_recall_ai_describes_them_or_differ_for_a_reason() {
    let validator = validator();
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for bot in recorded_bots() {
        let faults = faults(&validator, &serde_json::from_slice(&bot.json).unwrap());
        let is_exempt = EXEMPT.iter().any(|(name, _)| *name == bot.name);
        match (is_exempt, faults.is_empty()) {
            (false, false) => wrong.push(format!("{}:\n  {}", bot.name, faults.join("\n  "))),
            (true, true) => wrong.push(format!("{} is exempt, and needs no exemption", bot.name)),
            (true, false) | (false, true) => {}
        }
        names.insert(bot.name);
    }
    let gone = EXEMPT.iter().filter(|(name, _)| !names.contains(*name));
    wrong.extend(gone.map(|(name, _)| format!("{name} is exempt, and there is no such bot")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
