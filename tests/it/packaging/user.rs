//! The user of the image meets secrets that belong to somebody else.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

/// The user of the image.
const USER: &str = "65532";

/// Runs the program as the user of the image where this is root, and else as whoever this is.
fn as_another_user(program: &Path, is_root: bool) -> Command {
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]).arg(program);
    command
}

#[test]
fn a_secret_that_only_its_owner_may_read_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let owner = std::fs::metadata(folder.path()).unwrap().uid();
    // Where the tests were built, others may not be let in.
    let program = folder.path().join("why-no-recording");
    std::fs::copy(env!("CARGO_BIN_EXE_why-no-recording"), &program).unwrap();
    let (secret, mode) = (folder.path().join("recall_api_key"), if owner == 0 { 0o600 } else { 0o000 });
    std::fs::write(&secret, "example-key").unwrap();
    std::fs::set_permissions(&secret, Permissions::from_mode(mode)).unwrap();
    let user = if owner == 0 { USER.to_owned() } else { owner.to_string() };

    let check = || {
        let mut command = as_another_user(&program, owner == 0);
        command.args(["config", "check"]).current_dir(folder.path()).env_clear();
        let variables = [("SLACK_BOT_TOKEN", "xoxb-example"), ("SLACK_APP_TOKEN", "xapp-example")];
        command.envs(variables).env("PATH", "/usr/bin:/bin").env("RECALL_API_KEY_FILE", &secret);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (checked, said) = check();
    assert!(!checked, "{said}");
    let path = secret.display();
    for words in [
        format!(
            "RECALL_API_KEY_FILE names {path}, which cannot be read: it belongs to user {owner} with mode {mode:04o}"
        ),
        format!("this process is user {user}."),
        format!("chown {user} {path}"),
        format!("chmod 0444 {path}"),
    ] {
        assert!(said.contains(&words), "{words:?} in {said}");
    }

    std::fs::set_permissions(&secret, Permissions::from_mode(0o444)).unwrap();
    let (checked, said) = check();
    assert!(checked, "what it says helps: {said}");
}
