//! Speed of the engine, without the parsing of JSON: `cargo bench`.

use divan::Bencher;
use divan::counter::ItemsCount;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;

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
    let cases: Vec<&CaseFile> = examples.into_iter().cycle().take(10_000).collect();
    bencher
        .counter(ItemsCount::new(cases.len()))
        .bench(|| cases.iter().filter(|case| diagnose(case, &catalogue).fixable_now).count());
}
