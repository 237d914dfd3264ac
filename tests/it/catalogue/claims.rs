//! What the catalogue claims: every signal, every code that Recall.ai publishes, and nothing twice.

use std::collections::HashSet;

use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::catalogue::{Catalogue, Cause, Claim};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::signals::Signal;

use crate::missing::case_files;
use crate::world::corpus::{RecordedBot, recorded_bots};

/// Codes of the reference list that no entry claims, each with the reason why none has to.
const UNCLAIMED: &[(&str, &str)] = &[];

/// The bots of all examples, of the corpus, and of the stories with something missing.
fn known_stories(catalogue: &Catalogue) -> Vec<CaseFile> {
    let examples =
        catalogue.causes().flat_map(|cause| &cause.examples).map(|example| example.case_file.clone());
    let recorded = recorded_bots();
    examples.chain(recorded.iter().map(RecordedBot::case_file)).chain(case_files()).collect()
}

fn claims(cause: &Cause, signal: Signal) -> bool {
    cause.when.contains(&Claim::Signal(signal))
}

/// Whether some text, alternative or note of this entry depends on a signal.
fn depends_on(cause: &Cause, signal: Signal) -> bool {
    cause.variants.iter().any(|variant| variant.when == signal)
        || cause.alternatives.iter().any(|alternative| alternative.when == Some(signal))
        || cause.notes.iter().any(|note| note.when == signal)
}

#[test]
fn every_signal_is_used_and_every_one_is_seen() {
    let catalogue = Catalogue::embedded().unwrap();
    let stories = known_stories(&catalogue);
    let diagnoses: Vec<_> = stories.iter().map(|case| diagnose(case, &catalogue)).collect();
    let mut wrong = Vec::new();
    let mut has_to_be = |right: bool, fault: String| wrong.extend((!right).then_some(fault));
    for &signal in Signal::ALL {
        if signal.is_circumstance() {
            has_to_be(
                catalogue.causes().any(|cause| depends_on(cause, signal))
                    || catalogue.notes().any(|note| note.when == signal),
                format!("no entry depends on `{signal}`"),
            );
            has_to_be(
                diagnoses.iter().any(|found| found.signals.has(signal)),
                format!("`{signal}` holds in no story"),
            );
        } else {
            has_to_be(
                catalogue.causes().any(|cause| claims(cause, signal)),
                format!("no entry claims `{signal}`"),
            );
            let told = diagnoses.iter().any(|found| {
                claims(found.cause, signal) || found.contributing.iter().any(|cause| claims(cause, signal))
            });
            has_to_be(told, format!("`{signal}` is told in no story"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_text_depends_on_a_signal_that_never_is_a_circumstance() {
    let catalogue = Catalogue::embedded().unwrap();
    for cause in catalogue.causes() {
        for &signal in Signal::ALL.iter().filter(|signal| !signal.is_circumstance()) {
            assert!(
                !depends_on(cause, signal),
                "{} depends on `{signal}`, which is only a headline",
                cause.id
            );
        }
    }
}

#[test]
fn every_code_of_the_reference_list_is_claimed_or_exempted() {
    let catalogue = Catalogue::embedded().unwrap();
    let elsewhere: HashSet<&str> = catalogue
        .causes()
        .flat_map(|cause| &cause.when)
        .filter_map(|claim| match claim {
            Claim::BotLog(code) | Claim::ApiError(code) => Some(code.as_str()),
            Claim::SubCode { .. } | Claim::Signal(_) => None,
        })
        .collect();
    let is_claimed = |code: &str| catalogue.knows_sub_code(code) || elsewhere.contains(code);
    let codes: Vec<&str> = include_str!("../../reference/sub_codes.txt").lines().collect();
    for code in &codes {
        let exempted = UNCLAIMED.iter().any(|(unclaimed, _)| unclaimed == code);
        assert!(is_claimed(code) != exempted, "`{code}` has to be claimed or exempted, and not both");
    }
    for (code, _) in UNCLAIMED {
        assert!(codes.contains(code), "`{code}` is exempted and not in the list");
    }
}

/// Who meets one of these codes looks it up by its name.
#[test]
fn every_code_of_the_reference_list_is_explained() {
    let catalogue = Catalogue::embedded().unwrap();
    let codes = include_str!("../../reference/sub_codes.txt");
    let missing: Vec<&str> = codes.lines().filter(|code| catalogue.by_id(code).is_none()).collect();
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
}

#[test]
fn nothing_is_claimed_twice() {
    let catalogue = Catalogue::embedded().unwrap();
    let (mut ids, mut claims) = (HashSet::new(), HashSet::new());
    for cause in catalogue.causes() {
        assert!(ids.insert(&cause.id), "{} is used twice", cause.id);
        for claim in cause.when.iter().filter(|_| cause.retired.is_none()) {
            assert!(claims.insert(claim), "{}: {claim:?} is claimed twice", cause.id);
        }
    }
}
