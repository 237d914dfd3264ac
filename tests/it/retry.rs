//! Pauses between attempts.

use std::collections::HashSet;
use std::time::Duration;

use why_no_recording::retry::{Backoff, Retry, seed};

const PRESETS: &[Backoff] =
    &[Backoff::TASK, Backoff::REGISTRATION, Backoff::QUESTION, Backoff::REQUEST, Backoff::CONNECTION];

/// The nominal length of the pause after so many failures.
fn nominal(backoff: Backoff, failures: i32) -> Duration {
    backoff.first.mul_f32(backoff.factor.powi(failures - 1)).min(backoff.longest)
}

/// Between half and all of the nominal length, with a microsecond for rounding.
fn check(backoff: Backoff, failures: i32, pause: Duration) {
    let (rounding, nominal) = (Duration::from_micros(1), nominal(backoff, failures));
    let within = nominal / 2 - rounding..=(nominal + rounding).min(backoff.longest);
    assert!(within.contains(&pause), "{pause:?} after {failures} failures of {backoff:?}");
}

#[test]
fn pauses_grow_to_the_longest_and_go_on_without_end() {
    for &backoff in PRESETS {
        for (failures, pause) in (1..=200).zip(backoff.pauses()) {
            check(backoff, failures.min(30), pause);
        }
    }
}

#[test]
fn the_pause_after_a_number_of_failures_is_the_same_for_the_same_seed() {
    for &backoff in PRESETS {
        for failures in 1..=30 {
            let pause = backoff.pause_after(failures.into(), seed("a question"));
            check(backoff, failures, pause);
            assert_eq!(pause, backoff.pause_after(failures.into(), seed("a question")));
        }
        for out_of_range in [i64::MIN, 0, 1] {
            check(backoff, 1, backoff.pause_after(out_of_range, 0));
        }
        check(backoff, 30, backoff.pause_after(i64::MAX, 0));
    }
}

#[test]
fn those_who_failed_together_do_not_come_back_together() {
    let pauses = (0..20).map(|name| Backoff::TASK.pause_after(1, seed(&format!("question {name}"))));
    assert!(pauses.collect::<HashSet<_>>().len() > 15);
}

#[test]
fn what_can_be_tried_sooner_comes_first() {
    let (soon, late) = (Retry::After(Duration::from_secs(1)), Retry::After(Duration::from_secs(2)));
    let mut all = [Retry::Never, Retry::Backoff, late, soon, Retry::Now];
    all.sort();
    assert_eq!(all, [Retry::Now, soon, late, Retry::Backoff, Retry::Never]);
}
