//! `pages --out`: all pages as files.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::PAGES;

fn export(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.args(["pages", "--out"]).arg(folder).env_clear().output().unwrap()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn all_pages_are_written_and_lead_to_each_other() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("new/pages");
    let output = export(&out);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let expected: BTreeSet<String> = PAGES.files().into_iter().map(|(name, _)| name).collect();
    assert!(said.starts_with(&format!("Wrote {} files to ", expected.len())), "{said}");
    let mut there = names(&out);
    assert!(there.remove("why-no-recording-pages.txt"));
    assert_eq!(there, expected);
    assert!(there.contains("index.html") && there.contains("host_not_present.pt-BR.html"));
    for name in there.iter().filter(|name| name.ends_with(".html")) {
        let html = std::fs::read_to_string(out.join(name)).unwrap();
        for link in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(there.contains(link), "{name} leads to {link}");
        }
    }
}

#[test]
fn a_folder_is_written_again_and_loses_what_is_no_longer_there() {
    let folder = TempDir::new().unwrap();
    assert!(export(folder.path()).status.success());
    let before = names(folder.path());
    let list = folder.path().join("why-no-recording-pages.txt");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text + "retired_cause.html\n").unwrap();
    std::fs::write(folder.path().join("retired_cause.html"), "old").unwrap();
    std::fs::write(folder.path().join("index.html"), "old").unwrap();
    let output = export(folder.path());
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("removed 1 old file"));
    assert_eq!(names(folder.path()), before);
    assert_ne!(std::fs::read_to_string(folder.path().join("index.html")).unwrap(), "old");
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("holiday.jpg"), "mine").unwrap();
    let output = export(folder.path());
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("holiday.jpg") && said.contains("Choose an empty folder"), "{said}");
    assert_eq!(names(folder.path()), BTreeSet::from(["holiday.jpg".to_owned()]));
}
