//! Any text as a question, a link to Recall.ai's dashboard or the name of a button: understood or not, without a panic; and
//! what was understood can be kept and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why_no_recording::chat::action::Action;
use why_no_recording::chat::question::{BOTS_MAX, Question};
use why_no_recording::diagnosis::bot_id::BotId;
use why_no_recording::diagnosis::untrusted::printable;

fuzz_target!(|text: &str| {
    let (question, _) = Question::parse_command(text);
    let kept = serde_json::to_string(&question).expect("it can be kept");
    assert_eq!(serde_json::from_str::<Question>(&kept).expect("it can be read"), question);
    if let Question::Bots(bots) = Question::parse(text) {
        assert!((1..=BOTS_MAX).contains(&bots.len()), "{} bots", bots.len());
        // What was found is found again in what is written of it.
        let written: Vec<String> = bots.iter().map(ToString::to_string).collect();
        assert_eq!(BotId::find_all(&written.join(" ")), bots);
    }
    if let Some(action) = Action::parse(text) {
        assert!(action.id().chars().count() <= 100, "a button has a name that both platforms take");
        assert_eq!(Action::parse(&action.id()), Some(action));
    }
    let shown = printable(text, 40);
    assert!(shown.chars().count() <= 41 && !shown.contains('\n'), "{shown:?}");
});
