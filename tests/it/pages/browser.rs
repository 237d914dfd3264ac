//! The exported pages in a browser: nothing is loaded from elsewhere, nothing is wider than a phone, axe-core finds
//! nothing in light and in dark, and a page is printed on one sheet.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::PAGES;
use crate::world::chromium::{self, Scheme};

/// One page for each drawing and each language, one without drawings, and the lists.
const SAMPLE: &[&str] = &[
    "zoom_local_recording_disabled.de.html",
    "zoom_local_recording_request_disabled.ja.html",
    "host_signed_into_other_account.fr.html",
    "host_not_present.es.html",
    "timeout_exceeded_waiting_room.pt-BR.html",
    "no_recognised_host.html",
    "meeting_full.html",
    "index.html",
    "index.ja.html",
];

/// Width of a narrow phone, in CSS pixels.
const PHONE: u32 = 320;

/// Looks at the page, and leaves what it saw in it.
const LOOK: &str = r#"<script src="axe.min.js"></script><script>
addEventListener("load", async () => {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const background = getComputedStyle(document.body).backgroundColor;
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, { runOnly: tags });
  const brief = (rule) => rule.id + ": " + rule.nodes.map((node) => node.html.slice(0, 120)).join(" | ");
  document.body.style.margin = 0;
  document.body.style.width = "PHONEpx";
  const parts = [...document.querySelectorAll("body *")];
  const wide = parts.filter((part) => part.getBoundingClientRect().right > PHONE + 1);
  const result = document.createElement("pre");
  result.id = "result";
  result.textContent = JSON.stringify({
    loaded, dark, background, checked: found.passes.length,
    violations: found.violations.map(brief),
    wide: wide.map((part) => part.outerHTML.slice(0, 120)),
  });
  document.body.append(result);
});
</script>"#;

fn look_at(page: &Path, scheme: Scheme) -> Value {
    let dom = chromium::rendered(page, scheme);
    let result = dom.split_once("<pre id=\"result\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (json, _) = result.unwrap_or_else(|| panic!("{}: no result in {dom}", page.display()));
    let json = json.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&json).unwrap()
}

#[test]
fn a_browser_finds_nothing_wrong_with_the_pages() {
    if !chromium::is_there() {
        return;
    }
    let folder = TempDir::new().unwrap();
    std::fs::copy(chromium::axe(), folder.path().join("axe.min.js")).unwrap();
    for (name, text) in PAGES.files() {
        let look = LOOK.replace("PHONE", &PHONE.to_string());
        std::fs::write(folder.path().join(&name), text.replace("</head>", &format!("{look}</head>")))
            .unwrap();
    }
    let mut backgrounds = Vec::new();
    for name in SAMPLE {
        for scheme in [Scheme::Light, Scheme::Dark] {
            let seen = look_at(&folder.path().join(name), scheme);
            let loaded: Vec<&str> =
                seen["loaded"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            for address in &loaded {
                let file = address.rsplit('/').next().unwrap_or_default();
                assert!(["style.css", "axe.min.js"].contains(&file), "{name} loads {address}");
            }
            assert_eq!(seen["dark"], scheme == Scheme::Dark, "{name} {scheme:?}");
            assert!(seen["checked"].as_u64().unwrap() >= 10, "{name} {scheme:?}: {seen}");
            assert_eq!(seen["violations"], serde_json::json!([]), "{name} {scheme:?}");
            assert_eq!(seen["wide"], serde_json::json!([]), "{name} {scheme:?}");
            backgrounds.push((scheme, seen["background"].clone()));
        }
    }
    backgrounds.sort_by_key(|(scheme, _)| *scheme == Scheme::Dark);
    backgrounds.dedup();
    assert_eq!(backgrounds.len(), 2, "light and dark differ: {backgrounds:?}");
}

#[test]
fn a_page_is_printed_on_one_sheet() {
    if !chromium::is_there() {
        return;
    }
    let folder = TempDir::new().unwrap();
    for (name, text) in PAGES.files() {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    for name in SAMPLE.iter().filter(|name| !name.starts_with("index")) {
        assert_eq!(chromium::sheets(&folder.path().join(name)), 1, "{name}");
    }
}
