//! Where a key goes: the address of a workspace follows from its own words before it follows from those of `[recall]`.

use why_no_recording::cli::config;
use why_no_recording::settings::environment::Environment;

use super::{SECRET, load_with, source_of};

const PROXY: &str = "https://proxy.example";
const US: &str = "https://us-east-1.recall.ai";
const EU: &str = "https://eu-central-1.recall.ai";
const JAPAN: &str = "https://ap-northeast-1.recall.ai";

/// What `[recall]` says, what a workspace says, and where each of the two is then: region and address.
struct Case {
    recall: &'static str,
    workspace: &'static str,
    first: (&'static str, &'static str),
    second: (&'static str, &'static str),
}

const CASES: &[Case] = &[
    Case { recall: "", workspace: "", first: ("us-east-1", US), second: ("us-east-1", US) },
    Case {
        recall: "region = \"eu-central-1\"",
        workspace: "",
        first: ("eu-central-1", EU),
        second: ("eu-central-1", EU),
    },
    Case {
        recall: "region = \"eu-central-1\"",
        workspace: "region = \"us-east-1\"",
        first: ("eu-central-1", EU),
        second: ("us-east-1", US),
    },
    // An address alone holds for whoever says nothing.
    Case {
        recall: "base_url = \"https://proxy.example\"",
        workspace: "",
        first: ("us-east-1", PROXY),
        second: ("us-east-1", PROXY),
    },
    // A region of its own is an address of its own: its key must not go where another's goes.
    Case {
        recall: "base_url = \"https://proxy.example\"",
        workspace: "region = \"eu-central-1\"",
        first: ("us-east-1", PROXY),
        second: ("eu-central-1", EU),
    },
    Case {
        recall: "base_url = \"https://us-east-1.recall.ai\"",
        workspace: "region = \"eu-central-1\"",
        first: ("us-east-1", US),
        second: ("eu-central-1", EU),
    },
    // Also where it is the same region: what stands beside it counts, not what it happens to equal.
    Case {
        recall: "region = \"eu-central-1\"\nbase_url = \"https://proxy.example\"",
        workspace: "region = \"eu-central-1\"",
        first: ("eu-central-1", PROXY),
        second: ("eu-central-1", EU),
    },
    // An address of its own wins over everything.
    Case {
        recall: "base_url = \"https://us-east-1.recall.ai\"",
        workspace: "region = \"eu-central-1\"\nbase_url = \"https://proxy.example\"",
        first: ("us-east-1", US),
        second: ("eu-central-1", PROXY),
    },
    Case {
        recall: "region = \"eu-central-1\"\nbase_url = \"https://proxy.example\"",
        workspace: "base_url = \"http://127.0.0.1:9\"",
        first: ("eu-central-1", PROXY),
        second: ("eu-central-1", "http://127.0.0.1:9"),
    },
    // The address of a region says the region, where nobody says another.
    Case {
        recall: "base_url = \"https://eu-central-1.recall.ai/\"",
        workspace: "",
        first: ("eu-central-1", EU),
        second: ("eu-central-1", EU),
    },
    Case {
        recall: "region = \"eu-central-1\"",
        workspace: "base_url = \"https://ap-northeast-1.recall.ai\"",
        first: ("eu-central-1", EU),
        second: ("ap-northeast-1", JAPAN),
    },
    Case {
        recall: "region = \"eu-central-1\"\nbase_url = \"https://EU-central-1.recall.ai\"",
        workspace: "region = \"ap-northeast-1\"\nbase_url = \"https://ap-northeast-1.recall.ai\"",
        first: ("eu-central-1", EU),
        second: ("ap-northeast-1", JAPAN),
    },
];

#[test]
fn a_workspace_is_where_it_says_before_it_is_where_others_are() {
    for Case { recall, workspace, first, second } in CASES {
        let file = format!("[recall]\n{recall}\n[[recall.workspace]]\nname = \"second\"\n{workspace}\n");
        let loaded = load_with(&file, Environment::of(&[("RECALL_API_KEY", SECRET)])).unwrap();
        let workspaces = loaded.settings.recall.workspaces();
        let found: Vec<_> =
            workspaces.iter().map(|one| (one.region.as_str(), one.base_url.as_str())).collect();
        assert_eq!(found, [*first, *second], "{file}");
    }
}

#[test]
fn the_layer_of_an_address_does_not_count() {
    let file = "[[recall.workspace]]\nname = \"eu\"\nregion = \"eu-central-1\"\n";
    let variables = [("RECALL_API_KEY", SECRET), ("RECALL_BASE_URL", "http://127.0.0.1:9")];
    let loaded = load_with(file, Environment::of(&variables)).unwrap();
    assert_eq!(loaded.settings.recall.workspaces()[1].base_url, EU);
}

#[test]
fn region_and_address_that_contradict_each_other_are_told_with_both_places() {
    for (file, variables, expected) in [
        (
            "[recall]\nregion = \"us-west-2\"\nbase_url = \"https://eu-central-1.recall.ai\"\n",
            &[][..],
            "wnr.toml, line 2: recall.region is us-west-2, but wnr.toml, line 3: recall.base_url is the address of \
             eu-central-1. An API key is valid in one region only. Keep the one that is right, and remove the other.",
        ),
        (
            "[recall]\nbase_url = \"https://us-east-1.recall.ai\"\n",
            &[("RECALL_REGION", "eu-central-1")][..],
            "RECALL_REGION is eu-central-1, but wnr.toml, line 2: recall.base_url is the address of us-east-1. \
             An API key is valid in one region only. Keep the one that is right, and remove the other.",
        ),
        (
            "[[recall.workspace]]\nname = \"eu\"\nregion = \"eu-central-1\"\n",
            &[("RECALL_WORKSPACE_EU_BASE_URL", US)][..],
            "wnr.toml, line 3: recall.workspace[1].region is eu-central-1, but RECALL_WORKSPACE_EU_BASE_URL is the \
             address of us-east-1. An API key is valid in one region only. \
             Keep the one that is right, and remove the other.",
        ),
    ] {
        let problems = load_with(file, Environment::of(variables)).unwrap_err();
        assert_eq!(problems.to_string(), expected);
    }
}

#[test]
fn what_follows_from_an_address_is_shown_as_what_holds() {
    let variables = [("RECALL_API_KEY", SECRET), ("RECALL_BASE_URL", EU)];
    let loaded = load_with("", Environment::of(&variables)).unwrap();
    assert_eq!(source_of(&loaded, "recall.region").to_string(), "RECALL_BASE_URL");
    assert!(config::show(&loaded).contains("recall.region = \"eu-central-1\""));
}

#[test]
fn check_tells_addresses_that_are_not_the_regions() {
    let file = "[recall]\nbase_url = \"http://127.0.0.1:9\"\n\
                [[recall.workspace]]\nname = \"eu\"\nregion = \"eu-central-1\"\napi_key = \"example-key-not-real\"\n\
                [[recall.workspace]]\nname = \"third\"\napi_key = \"example-key-not-real\"\n";
    let variables = [
        ("RECALL_API_KEY", SECRET),
        ("SLACK_BOT_TOKEN", "xoxb-EXAMPLE"),
        ("SLACK_APP_TOKEN", "xapp-EXAMPLE"),
    ];
    let told = config::check(&load_with(file, Environment::of(&variables)).unwrap()).unwrap();
    let line = "Recall: 3 workspaces: default (us-east-1 at http://127.0.0.1:9), eu (eu-central-1), \
                third (us-east-1 at http://127.0.0.1:9)\n";
    assert!(told.contains(line), "{told}");
}
