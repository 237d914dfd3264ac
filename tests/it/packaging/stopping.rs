//! Whoever stops the service waits until it has stopped.

use crate::world::shipped::{document, read};

use super::{COMPOSE, object};

/// Seconds in which requests are still served, as the settings have it.
const DRAIN_SECS: u64 = 5;
/// Seconds for what was begun, what is to be stored, and a slow disk.
const AFTER_SECS: u64 = 20;

#[test]
fn nobody_is_killed_while_the_service_stops() {
    let enough = DRAIN_SECS + AFTER_SECS;
    let pod = object("Deployment");
    let pod = &pod["spec"]["template"]["spec"];
    assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() >= enough);
    assert!(pod["containers"][0]["lifecycle"].is_null(), "it drains by itself");
    for path in COMPOSE {
        let period = document(path)["services"]["why-no-recording"]["stop_grace_period"].clone();
        let seconds = period.as_str().unwrap().strip_suffix('s').unwrap().parse::<u64>().unwrap();
        assert!(seconds >= enough, "{path}");
    }
    let unit = read("config/why-no-recording.service");
    let seconds = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).unwrap();
    assert!(seconds.parse::<u64>().unwrap() >= enough);
}
