//! Speed of the engine, and of the reader before it: `cargo bench`.

use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use serde_json::value::RawValue;
use why_no_recording::demo::sample_bots;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::case_file_from_json;

/// A large customer's bots of a few weeks.
const BOTS: usize = 10_000;

fn main() {
    divan::main();
}

#[expect(clippy::unwrap_used, reason = "the tests hold the embedded catalogue to load")]
fn catalogue() -> Catalogue {
    Catalogue::embedded().unwrap()
}

/// The commonest bot of all: in a Zoom call for an hour, and nobody was asked.
#[divan::bench]
fn one_bot(bencher: Bencher<'_, '_>) {
    let catalogue = catalogue();
    let case = catalogue.by_id("no_recognised_host").map(|cause| cause.examples[0].case_file.clone());
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| case.as_ref().map(|case| diagnose(case, &catalogue).outcome));
}

/// Every example of the catalogue in turn, 10,000 in all.
#[divan::bench]
fn ten_thousand_bots(bencher: Bencher<'_, '_>) {
    let catalogue = catalogue();
    let examples: Vec<&CaseFile> =
        catalogue.causes().flat_map(|cause| &cause.examples).map(|example| &example.case_file).collect();
    let cases: Vec<&CaseFile> = examples.into_iter().cycle().take(BOTS).collect();
    bencher
        .counter(ItemsCount::new(cases.len()))
        .bench(|| cases.iter().filter(|case| diagnose(case, &catalogue).fixable_now).count());
}

/// The same, from the JSON of a list: what a look at everything of the last weeks costs.
#[divan::bench(sample_count = 20)]
fn ten_thousand_bots_from_json(bencher: Bencher<'_, '_>) {
    let catalogue = catalogue();
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000);
    let bots: Vec<Value> = sample_bots("https://example.com", now).into_iter().cycle().take(BOTS).collect();
    let list = Value::from(bots).to_string();
    bencher.counter(ItemsCount::new(BOTS)).bench(|| {
        let bots: Vec<&RawValue> = serde_json::from_str(&list).unwrap_or_default();
        let cases = bots.iter().filter_map(|bot| case_file_from_json(bot.get().as_bytes(), None, now).ok());
        cases.filter(|case| diagnose(case, &catalogue).fixable_now).count()
    });
}
