//! A browser without a window, as hosts have one with.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// With `required`, a machine without Chromium, or without axe-core, fails.
const SWITCH: &str = "WNR_TEST_CHROMIUM";
/// Where `.ci/tools.sh` puts the checks of accessibility.
const AXE: &str = "target/tools/axe-core/axe.min.js";

/// The colours that a reader prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

/// Whether both are installed; where they are not, that is said aloud.
pub fn is_there() -> bool {
    let missing = [("Chromium", program().is_none()), ("axe-core", !axe().exists())];
    let missing: Vec<&str> = missing.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
    let required = std::env::var_os(SWITCH).is_some_and(|switch| switch == "required");
    assert!(missing.is_empty() || !required, "{missing:?} is not installed, and {SWITCH} is required");
    if !missing.is_empty() {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {missing:?} is not installed");
    }
    missing.is_empty()
}

/// The script that checks a page for accessibility.
pub fn axe() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE)
}

/// The page as it is after its scripts have run.
pub fn rendered(page: &Path, scheme: Scheme) -> String {
    let output = run(page, &["--dump-dom", "--virtual-time-budget=20000"], scheme);
    String::from_utf8(output.stdout).unwrap()
}

/// How many sheets it takes to print the page.
pub fn sheets(page: &Path) -> usize {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("page.pdf");
    run(page, &["--no-pdf-header-footer", &format!("--print-to-pdf={}", file.display())], Scheme::Light);
    let pdf = std::fs::read(file).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    text.matches("/Type /Page").count() - text.matches("/Type /Pages").count()
}

/// It reaches no host, whatever the page asks for.
fn run(page: &Path, arguments: &[&str], scheme: Scheme) -> Output {
    let profile = TempDir::new().unwrap();
    let mut command = Command::new(program().expect("it is there"));
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    command.args((scheme == Scheme::Dark).then_some("--force-dark-mode"));
    let output = command.args(arguments).arg(format!("file://{}", page.display())).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn program() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.exists())
}
