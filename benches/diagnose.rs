//! Speed of the engine, without and with the parsing of JSON: `cargo bench`.

use divan::Bencher;
use divan::counter::ItemsCount;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::case_file_from_json;

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

/// 10,000 bots as Recall.ai sends them, the recorded ones of the tests in turn: read and diagnosed.
#[divan::bench]
#[expect(clippy::unwrap_used, reason = "the tests hold the recorded bots to be readable")]
fn ten_thousand_bots_as_json(bencher: Bencher<'_, '_>) {
    let catalogue = catalogue();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.to_string_lossy();
        name.ends_with(".json") && !name.ends_with(".expected.json") && !name.ends_with(".participants.json")
    });
    files.sort();
    let recorded: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let bots: Vec<&Vec<u8>> = recorded.iter().cycle().take(10_000).collect();
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    bencher.counter(ItemsCount::new(bots.len())).bench(|| {
        let case = |bot: &&Vec<u8>| case_file_from_json(bot, None, now).unwrap();
        bots.iter().map(case).filter(|case| diagnose(case, &catalogue).fixable_now).count()
    });
}
