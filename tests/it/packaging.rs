//! What ships beside the program says only what the program knows.

mod context;
mod stopping;
mod user;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::shipped::{document, documents, files, read};

const SHIPPED: &[&str] = &[
    "Dockerfile",
    "config/compose.yaml",
    "config/compose-postgres.yaml",
    "config/kubernetes/why-no-recording.yaml",
    "config/kubernetes/secret.example.yaml",
    "config/why-no-recording.service",
];
const COMPOSE: &[&str] = &["config/compose.yaml", "config/compose-postgres.yaml"];
const CLUSTER: &str = "config/kubernetes/why-no-recording.yaml";
const SECRET: &str = "config/kubernetes/secret.example.yaml";

/// Variables of others, which are set beside ours.
const NOT_OURS: &[&str] = &["BUILD_IMAGE", "RUN_IMAGE", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"];

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

/// The object of this kind in the cluster's file.
fn object(kind: &str) -> Value {
    let mut found = documents(CLUSTER).into_iter().filter(|object| object["kind"] == kind);
    found.next().unwrap_or_else(|| panic!("no {kind}"))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().map(|fields| fields.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn everything_that_ships_can_be_read() {
    let found = files("config", &[".yaml", ".yml", ".json"]);
    assert!(found.len() >= 7, "{found:?}");
    for path in found {
        assert!(documents(&path).iter().all(Value::is_object), "{path}");
    }
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
    let (router, image, pod) = (read("src/http/observing.rs"), read("Dockerfile"), object("Deployment"));
    let pod = &pod["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    for (probe, path) in [("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")] {
        assert_eq!(container[probe]["httpGet"]["path"], path);
        // Where nobody from outside can be in their way.
        assert_eq!(container[probe]["httpGet"]["port"], container["ports"][1]["name"]);
        assert!(router.contains(&format!("\"{path}\"")), "{path}");
    }
    let port = &container["ports"][0]["containerPort"];
    let metrics_port = &container["ports"][1]["containerPort"];
    for line in [
        format!("EXPOSE {port} {metrics_port}\n"),
        format!(" HTTP_LISTEN=0.0.0.0:{port} HTTP_METRICS_LISTEN=0.0.0.0:{metrics_port}\n"),
    ] {
        assert!(image.contains(&line), "{line}");
    }
    assert_eq!(object("Service")["spec"]["ports"][0]["targetPort"], container["ports"][0]["name"]);

    let user = &pod["securityContext"]["runAsUser"];
    assert!(
        image.contains(&format!("USER {user}:{user}")) && image.contains(&format!("--chown={user}:{user}"))
    );
    assert_eq!(pod["securityContext"]["runAsGroup"], *user);
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert!(image.contains("HEALTHCHECK") && image.contains("\"healthcheck\""));
    assert!(read("src/cli/mod.rs").contains("    Healthcheck,"), "the command is there");
    let tools = read("rust-toolchain.toml");
    let channel = tools.split('"').nth(1).unwrap();
    assert!(image.contains(&format!("ARG BUILD_IMAGE=rust:{channel}-")), "the compiler is {channel}");
}

#[test]
fn the_objects_of_the_cluster_mean_the_same_pods_and_the_same_secret() {
    let deployment = object("Deployment");
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    assert_eq!(&deployment["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(&object("Service")["spec"]["selector"], labels);
    assert_eq!(&object("PodDisruptionBudget")["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(&object("NetworkPolicy")["spec"]["podSelector"]["matchLabels"], labels);
    let secret = document(SECRET);
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["envFrom"][0]["secretRef"]["name"], secret["metadata"]["name"]);
    for (name, value) in secret["stringData"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        // The webhook secret is base64 for "example-only".
        assert!(value.contains("example") || value == "whsec_ZXhhbXBsZS1vbmx5", "{name} looks real");
    }
    assert!(keys(&secret["stringData"]).contains("DATABASE_URL"), "two instances share a server");
}

#[test]
fn metrics_have_a_listener_of_their_own_in_every_example() {
    let deployment = object("Deployment");
    let pod = &deployment["spec"]["template"];
    let container = &pod["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap();
    let set = |name: &str| {
        variables.iter().find(|variable| variable["name"] == name).map(|set| set["value"].clone())
    };
    let metrics = &container["ports"][1];
    let listen = format!("0.0.0.0:{}", metrics["containerPort"]);
    assert_eq!(set("HTTP_METRICS_LISTEN").unwrap(), listen);
    assert_eq!(pod["metadata"]["annotations"]["prometheus.io/port"], metrics["containerPort"].to_string());
    let policy = object("NetworkPolicy");
    let ingress = policy["spec"]["ingress"].as_array().unwrap();
    let to_metrics = ingress.iter().find(|rule| rule["ports"][0]["port"] == metrics["name"]).unwrap();
    assert!(to_metrics["from"].is_array(), "not everybody reads metrics");
    assert!(
        object("Service")["spec"]["ports"]
            .as_array()
            .unwrap()
            .iter()
            .all(|port| port["targetPort"] != metrics["name"]),
        "metrics do not go where the service goes"
    );
    for path in COMPOSE {
        let service = &document(path)["services"]["why-no-recording"];
        assert_eq!(service["environment"]["HTTP_METRICS_LISTEN"], listen, "{path}");
        let published = texts(&service["ports"]);
        let port = metrics["containerPort"].to_string();
        assert!(published.iter().all(|published| !published.contains(&port)), "{path}: {published:?}");
    }
    assert!(read("config/why-no-recording.service").contains("Environment=HTTP_METRICS_LISTEN=127.0.0.1:"));
}

#[test]
fn two_instances_do_not_end_with_one_machine() {
    let deployment = object("Deployment");
    let pod = &deployment["spec"]["template"];
    assert!(deployment["spec"]["replicas"].as_u64().unwrap() > 1);
    let spread = pod["spec"]["topologySpreadConstraints"].as_array().unwrap();
    assert!(spread.iter().any(|constraint| constraint["topologyKey"] == "kubernetes.io/hostname"));
    for constraint in spread {
        assert_eq!(constraint["labelSelector"]["matchLabels"], pod["metadata"]["labels"]);
    }
}

#[test]
fn the_image_says_what_it_is() {
    let image = read("Dockerfile");
    let package = read("Cargo.toml");
    let of_package = |key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
        line.unwrap().trim_end_matches('"').to_owned()
    };
    for (label, value) in [
        ("title", "why-no-recording".to_owned()),
        ("description", of_package("description")),
        ("licenses", of_package("license")),
        ("source", "${SOURCE}".to_owned()),
        ("version", "${VERSION}".to_owned()),
        ("revision", "${REVISION}".to_owned()),
    ] {
        let line = format!("org.opencontainers.image.{label}=\"{value}\"");
        assert!(image.contains(&line), "{line}");
    }
    for argument in ["SOURCE", "VERSION", "REVISION"] {
        assert!(image.contains(&format!("ARG {argument}=")), "{argument}");
    }
}

#[test]
fn the_image_has_one_name() {
    let deployment = object("Deployment");
    let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
    for path in COMPOSE {
        let service = &document(path)["services"]["why-no-recording"];
        assert_eq!(service["image"], *image, "{path}");
        assert_eq!(service["read_only"], true, "{path}");
        assert_eq!(service["build"], "..", "{path}: the Dockerfile is in the folder above");
    }
}

#[test]
fn what_compose_hands_over_is_declared_and_used() {
    for path in COMPOSE {
        let file = document(path);
        let declared = keys(&file["secrets"]);
        let mut handed = BTreeSet::new();
        for (name, service) in file["services"].as_object().unwrap() {
            let own = texts(&service["secrets"]);
            let read = service["environment"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(_, value)| value.as_str()?.strip_prefix("/run/secrets/"));
            assert_eq!(read.collect::<BTreeSet<_>>(), own, "{path}: {name}");
            handed.extend(own.into_iter().map(str::to_owned));
        }
        let handed: BTreeSet<&str> = handed.iter().map(String::as_str).collect();
        assert_eq!(handed, declared, "{path}");
        let volumes =
            file["services"].as_object().unwrap().values().flat_map(|service| texts(&service["volumes"]));
        let volumes: BTreeSet<&str> = volumes.filter_map(|volume| volume.split(':').next()).collect();
        assert_eq!(volumes, keys(&file["volumes"]), "{path}");
    }
    let data = document("config/compose.yaml")["services"]["why-no-recording"]["volumes"][0].clone();
    assert!(
        read("Dockerfile").contains(&format!("VOLUME {}", data.as_str().unwrap().split(':').nth(1).unwrap()))
    );
}

#[test]
fn the_unit_hands_over_the_credentials_that_it_loads() {
    let unit = read("config/why-no-recording.service");
    let loaded: BTreeSet<&str> =
        unit.lines().filter_map(|line| line.strip_prefix("LoadCredential=")?.split(':').next()).collect();
    let used: BTreeSet<&str> =
        unit.lines().filter_map(|line| line.split_once("=%d/").map(|(_, name)| name)).collect();
    assert_eq!(loaded, used);
    let folder = unit.lines().find_map(|line| line.strip_prefix("StateDirectory=")).unwrap();
    assert!(unit.contains(&format!("DATABASE_URL=sqlite:///var/lib/{folder}/")));
}
