//! The recorded bots of `tests/corpus/`, by name.

use std::path::Path;

use serde_json::Value;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::recall::case_file_from_json;

/// A Retrieve Bot response with what belongs to it.
pub(crate) struct RecordedBot {
    /// The name of its file, without ending.
    pub(crate) name: String,
    pub(crate) json: Vec<u8>,
    /// The participants download of its recording.
    pub(crate) participants: Option<Vec<u8>>,
    /// What it must be diagnosed as, and when.
    pub(crate) expected: Value,
}

impl RecordedBot {
    /// Read at the time that its expectation names, with the answer that it names.
    pub(crate) fn case_file(&self) -> CaseFile {
        let now = self.expected["now"].as_str().unwrap().parse().unwrap();
        let mut case = case_file_from_json(&self.json, self.participants.as_deref(), now).unwrap();
        case.host_was_present = self.expected["host_was_present"].as_str().map(|answer| answer == "yes");
        case
    }
}

pub(crate) fn recorded_bots() -> Vec<RecordedBot> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_str()?.strip_suffix(".expected.json").map(str::to_owned)
        })
        .collect();
    names.sort();
    let bots = names.into_iter().map(|name| {
        let file = |ending: &str| folder.join(format!("{name}{ending}"));
        RecordedBot {
            json: std::fs::read(file(".json")).unwrap(),
            participants: std::fs::read(file(".participants.json")).ok(),
            expected: serde_json::from_slice(&std::fs::read(file(".expected.json")).unwrap()).unwrap(),
            name,
        }
    });
    bots.collect()
}
