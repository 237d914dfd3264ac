//! What ships beside the program says only what the program knows.

use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

const SHIPPED: &[&str] = &[
    "Dockerfile",
    "config/compose.yaml",
    "config/compose-postgres.yaml",
    "config/kubernetes/why-no-recording.yaml",
    "config/why-no-recording.service",
];

/// Variables of others, which are set beside ours.
const NOT_OURS: &[&str] = &["POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"];

/// The names of variables in a text: capitals with an underscore, before a colon, a comma or an equals sign.
fn variables(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let words = line.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        found.extend(
            words
                .filter(|word| word.contains('_') && !word.starts_with('_') && !word.starts_with("AF_"))
                .map(|word| word.trim_end_matches("_FILE").to_owned()),
        );
    }
    found
}

#[test]
fn every_variable_is_a_setting() {
    let settings = read("docs/settings.md");
    for path in SHIPPED {
        let named = variables(&read(path));
        assert!(!named.is_empty(), "{path}");
        for variable in named {
            let known = settings.contains(&format!("`{variable}`")) || NOT_OURS.contains(&variable.as_str());
            assert!(known, "{path} sets {variable}, which is no setting");
        }
    }
}

#[test]
fn what_is_probed_is_served_and_the_user_is_the_same_everywhere() {
    let (router, cluster, image) =
        (read("src/http.rs"), read("config/kubernetes/why-no-recording.yaml"), read("Dockerfile"));
    let probed: Vec<&str> =
        cluster.split("path: ").skip(1).filter_map(|rest| rest.split(',').next()).collect();
    assert_eq!(probed, ["/healthz", "/readyz"]);
    assert!(probed.iter().all(|path| router.contains(&format!("\"{path}\""))));
    let user = cluster.split("runAsUser: ").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(
        image.contains(&format!("USER {user}:{user}")) && image.contains(&format!("--chown={user}:{user}"))
    );
    assert!(image.contains("EXPOSE 8080") && cluster.contains("containerPort: 8080"));
}
