//! What platforms show instead of a link to a page: Open Graph tags, and Discord's component embeds.

use serde_json::Value;
use why_no_recording::pages::{Language, Links};

use super::{PAGES, every_page};

const BASE: &str = "https://recordings.notetaker.example.com";
/// Most bytes of the JSON, and most components in it:
/// <https://docs.discord.com/developers/link-previews/component-embeds>
const BYTES_MAX: usize = 3_000;
const COMPONENTS_MAX: usize = 40;
/// All that a button may have. Anything else invalidates the whole embed.
const OF_A_BUTTON: &[&str] = &["id", "type", "url", "style", "label", "emoji", "disabled"];

fn meta<'a>(html: &'a str, property: &str) -> Vec<&'a str> {
    let start = format!("<meta property=\"{property}\" content=\"");
    html.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// What Discord would have against an embed, and every component in it.
fn check<'a>(component: &'a Value, depth: usize, all: &mut Vec<&'a Value>) {
    all.push(component);
    let fields = component.as_object().unwrap();
    let only = |allowed: &[&str]| fields.keys().all(|key| allowed.contains(&key.as_str()));
    match component["type"].as_u64().unwrap() {
        17 => assert!(depth == 0 && only(&["type", "components", "accent_color", "spoiler"]), "{component}"),
        10 => {
            let content = component["content"].as_str().unwrap();
            assert!(depth == 1 && only(&["type", "content"]), "{component}");
            assert!(!content.is_empty() && content.chars().count() <= 4_000, "{component}");
        }
        1 => {
            let buttons = component["components"].as_array().unwrap();
            assert!(depth == 1 && only(&["type", "components"]) && buttons.len() <= 5, "{component}");
        }
        2 => {
            let (label, url) = (component["label"].as_str().unwrap(), component["url"].as_str().unwrap());
            assert!(depth == 2 && only(OF_A_BUTTON) && component["style"] == 5, "{component}");
            assert!((1..=80).contains(&label.chars().count()), "{component}");
            assert!(url.starts_with("https://") && url.len() <= 512, "{component}");
        }
        _ => panic!("not allowed in an embed: {component}"),
    }
    for inner in component["components"].as_array().into_iter().flatten() {
        check(inner, depth + 1, all);
    }
}

#[test]
fn every_page_has_an_embed_that_discord_accepts() {
    let mut longest = 0;
    for (cause, language, _) in every_page() {
        let (shown, json) = PAGES.embed(&cause, language, Links::Served(Some(BASE))).unwrap();
        assert_eq!(shown, language);
        longest = longest.max(json.len());
        assert!(json.len() <= BYTES_MAX, "{cause} {language}: {} bytes", json.len());
        let embed: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(embed.as_object().unwrap().len(), 1);
        let mut all = Vec::new();
        check(&embed["component"], 0, &mut all);
        assert!(all.len() <= COMPONENTS_MAX);
        // The title, the steps and the way to the page: nothing had to be left out.
        assert_eq!(all.len(), 5, "{cause} {language}");
        let content = |at: usize| all[at]["content"].as_str().unwrap();
        assert!(content(1).starts_with("## ") && content(2).starts_with("1. "), "{cause} {language}: {json}");
        assert!(json.contains(&format!("{BASE}/h/{cause}?lang={language}")), "{json}");
        for leftover in ["{label", "{bot_name", "\u{e000}", "[google_meet", "<strong"] {
            assert!(!json.contains(leftover), "{cause} {language}: {leftover}");
        }
    }
    println!("the longest has {longest} bytes");
}

#[test]
fn an_embed_that_would_be_too_long_leaves_out_the_steps_and_then_itself() {
    let embed =
        |base: &str| PAGES.embed("host_signed_into_other_account", Language::Ja, Links::Served(Some(base)));
    let (_, brief) = embed(&format!("{BASE}/{}", "x".repeat(1_500))).unwrap();
    assert!(brief.len() <= BYTES_MAX && !brief.contains("1. "), "{brief}");
    assert_eq!(embed(&format!("{BASE}/{}", "x".repeat(3_000))), None);
}

#[test]
fn a_label_is_bold_and_a_foreign_one_is_translated() {
    let (_, json) = PAGES.embed("host_not_present", Language::Fr, Links::Served(Some(BASE))).unwrap();
    assert!(json.contains("**“Alternative Hosts”** (Hôtes alternatifs)"), "{json}");
}

#[test]
fn nothing_is_linked_where_nobody_knows_the_address() {
    for links in [Links::Served(None), Links::Files] {
        assert_eq!(PAGES.embed("host_not_present", Language::En, links), None);
        let (_, html) = PAGES.page("host_not_present", Language::En, links).unwrap();
        assert!(!html.contains("discord:component-embed") && !html.contains("og:url"), "{html}");
    }
}

#[test]
fn open_graph_is_complete() {
    for (cause, language, _) in every_page() {
        let (_, html) = PAGES.page(&cause, language, Links::Served(Some(BASE))).unwrap();
        for property in ["og:title", "og:description", "og:site_name", "og:type", "og:locale", "og:url"] {
            let [value] = meta(&html, property)[..] else { panic!("{cause} {language}: {property}") };
            assert!(
                !value.is_empty() && value.chars().count() <= 256,
                "{cause} {language}: {property} {value}"
            );
        }
        assert_eq!(meta(&html, "og:url"), [format!("{BASE}/h/{cause}?lang={language}")]);
        let mut locales = meta(&html, "og:locale:alternate");
        assert_eq!(locales.len() + 1, PAGES.languages(&cause).len(), "{cause} {language}");
        locales.extend(meta(&html, "og:locale"));
        assert!(locales.contains(&"en_GB"), "{cause} {language}: {locales:?}");
        assert!(html.contains("<meta name=\"twitter:card\" content=\"summary\">"), "{cause} {language}");
        let embed = format!(
            "<link rel=\"discord:component-embed\" type=\"application/json\" href=\"{BASE}/h/{cause}/embed.json?lang={language}\">"
        );
        assert!(html.contains(&embed), "{cause} {language}: {html}");
    }
}
