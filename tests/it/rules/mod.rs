//! Each rule has generated histories that only it explains, so that none can go without a test that fails.

mod circumstances;
mod facts;
mod generate;
mod host;
mod media;

use std::collections::BTreeSet;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use why_no_recording::diagnosis::catalogue::Claim;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::signals::Signal;

use crate::stories::{CATALOGUE, surroundings};

/// Bots that are generated for each line of the table.
const BOTS: usize = 60;

/// The rules of diagnosis, as they are numbered in `histories.txt`.
const RULES: &[&str] = &[
    "1",
    "2",
    "3",
    "3a",
    "4",
    "5",
    "6",
    "6a",
    "6b",
    "7",
    "8",
    "9",
    "10",
    "11",
    "11a",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "19",
    "20",
    "21",
    "22",
    "23",
    "24",
    "25",
    "26",
    "transcript",
    "late",
    "beside",
];

/// One line of `histories.txt`: bots and what happens to them, and by the heading above it their rule and what they are
/// told as.
///
/// - Bots: their platform (`elsewhere` is any but Zoom, `unlinked` one that nobody knows), when they are asked about,
///   and what else is so of them. What is not said is random.
/// - What happens: `code` or `code/sub_code`, with `|` between sub codes of which one is taken (`*` is any that names no
///   cause, `each` any that names one), and `?` after what may be missing. Before `<60` and what follows it less than a
///   minute passes, else one to ten.
/// - Told as: outcome and cause, and perhaps after `+` all that is told beside them; `=` alone is the cause that the sub
///   code names.
struct Line<'a> {
    rule: &'a str,
    bots: &'a str,
    history: &'a str,
    told: &'a str,
}

fn table() -> impl Iterator<Item = Line<'static>> {
    let sections = include_str!("histories.txt").split("\n\n");
    sections.flat_map(|section| {
        let (heading, lines) = section.split_once('\n').unwrap();
        let (rule, told) = heading.strip_prefix("# ").unwrap().split_once(' ').unwrap();
        lines.lines().map(move |line| {
            let (bots, history) = line.split_once(':').unwrap();
            Line { rule, bots, history, told }
        })
    })
}

/// How a bot of this line is told otherwise than it must be, if it is.
fn wrong(line: &Line<'_>, runner: &mut TestRunner) -> Option<String> {
    let case = surroundings().new_tree(runner).unwrap().current();
    let bot = generate::bot(line, case, runner.rng());
    let diagnosis = diagnose(&bot.case, &CATALOGUE);
    let expect = match line.told {
        "=" => bot.named.clone().unwrap(),
        told => told.to_owned(),
    };
    let mut told = diagnosis.cause.id.to_string();
    if line.told != "=" {
        told = format!("{} {told}", diagnosis.outcome);
    }
    if line.told.contains(" + ") {
        let beside: Vec<&str> = diagnosis.contributing.iter().map(|cause| cause.id.as_str()).collect();
        told += &format!(" + {}", if beside.is_empty() { "nothing".to_owned() } else { beside.join(" + ") });
    }
    (told != expect).then(|| {
        format!("rule {}, {}: {}\n  {told}\n  {expect}\n{:#?}", line.rule, line.bots, line.history, bot.case)
    })
}

#[test]
fn each_rule_explains_its_histories() {
    let mut runner = TestRunner::deterministic();
    let wrong: Vec<String> =
        table().filter_map(|line| (0..BOTS).find_map(|_| wrong(&line, &mut runner))).collect();
    assert!(wrong.is_empty(), "{} lines are told otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_rule_has_a_history_and_each_cause_that_follows_is_told() {
    let rules: BTreeSet<&str> = table().map(|line| line.rule).collect();
    assert_eq!(rules, RULES.iter().copied().collect());
    let told: BTreeSet<&str> =
        table().flat_map(|line| line.told.split([' ', '+']).skip(1).collect::<Vec<_>>()).collect();
    for signal in Signal::ALL.iter().filter(|signal| !signal.is_circumstance()) {
        let claims = |claim: &Claim| *claim == Claim::Signal(*signal);
        let cause = CATALOGUE.causes().find(|cause| cause.when.iter().any(claims)).unwrap();
        assert!(told.contains(cause.id.as_str()), "no history is told as {}", cause.id);
    }
}
