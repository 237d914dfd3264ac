//! A message of Discord as people see it, drawn from its body.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use why_no_recording::report::fill::length;

use super::runs::{Look, Run};
use super::sheet::{Fill, Sheet};

const TEXT: Look = Look::new(15.0, "#dbdee1");
const SMALL: Look = Look::new(12.5, "#949ba4");
const LINK: &str = "#00a8fc";
const GROUND: Fill = Fill { inside: "#313338", line: "#1e1f22", round: 8.0 };
const EMBED: Fill = Fill { inside: "#2b2d31", line: "#1e1f22", round: 4.0 };
/// Embeds of ours have no colour of their own.
const BAR: Fill = Fill { inside: "#1e1f22", line: "none", round: 2.0 };
const CODE: Fill = Fill { inside: "#1e1f22", line: "#1e1f22", round: 4.0 };
const BUTTON: Fill = Fill { inside: "#4e5058", line: "none", round: 4.0 };
const ICON: Fill = Fill { inside: "#5865f2", line: "none", round: 20.0 };
const BADGE: Fill = Fill { inside: "#5865f2", line: "none", round: 3.0 };
const LEFT: f32 = 76.0;

/// One message, as it is seen at a time.
pub fn draw(title: &str, says: &str, body: &Value, now: Timestamp) -> String {
    let known = ["content", "embeds", "components", "allowed_mentions"];
    assert!(body.as_object().expect("an object").keys().all(|key| known.contains(&key.as_str())), "{body}");
    let mut sheet = Sheet::new(760.0);
    sheet.space(18.0);
    head(&mut sheet);
    let right = sheet.width - 24.0;
    marked(&mut sheet, LEFT, right, body["content"].as_str().unwrap_or_default(), now);
    for embed in body["embeds"].as_array().into_iter().flatten() {
        let known = ["title", "description"];
        assert!(
            embed.as_object().expect("an object").keys().all(|key| known.contains(&key.as_str())),
            "{embed}"
        );
        sheet.space(6.0);
        let behind = sheet.behind();
        sheet.space(8.0);
        let title = embed["title"].as_str().expect("it has a title");
        sheet.text(LEFT + 14.0, right - 14.0, &runs(title, Look::new(16.0, "#f2f3f5").bold(), now));
        sheet.space(4.0);
        marked(&mut sheet, LEFT + 14.0, right - 14.0, embed["description"].as_str().unwrap_or_default(), now);
        sheet.space(12.0);
        sheet.fill_behind(&behind, LEFT, right, EMBED);
        sheet.rect([LEFT, behind.top, 4.0, sheet.y - behind.top], BAR);
    }
    for row in body["components"].as_array().into_iter().flatten() {
        let buttons = row["components"].as_array().expect("a row holds buttons");
        let labels: Vec<String> = buttons.iter().map(label).collect();
        sheet.space(8.0);
        sheet.buttons(LEFT, right, &labels, Look::new(13.5, "#ffffff"), BUTTON);
    }
    sheet.space(20.0);
    sheet.finish(title, says, GROUND)
}

fn label(button: &Value) -> String {
    assert_eq!(button["type"], 2, "the only component that we send in a row");
    let label = button["label"].as_str().expect("it has a label");
    if button["style"] == 5 { format!("{label} ↗") } else { label.to_owned() }
}

fn head(sheet: &mut Sheet) {
    let top = sheet.y;
    sheet.rect([20.0, top, 40.0, 40.0], ICON);
    sheet.line(33.0, top + 27.0, &[Look::new(20.0, "#ffffff").bold().run("?")]);
    let name = Look::new(15.5, "#f2f3f5").bold();
    sheet.line(LEFT, top + 14.0, &[name.run("why-no-recording")]);
    let badge = LEFT + name.width("why-no-recording") + 8.0;
    sheet.rect([badge, top + 1.0, 32.0, 16.0], BADGE);
    sheet.line(badge + 5.0, top + 13.0, &[Look::new(10.5, "#ffffff").bold().run("APP")]);
    sheet.space(22.0);
}

/// A text with mark-up: lines, small print, and blocks of code.
fn marked(sheet: &mut Sheet, left: f32, right: f32, text: &str, now: Timestamp) {
    for (index, part) in text.split("```").enumerate() {
        if index % 2 == 1 {
            let behind = sheet.behind();
            sheet.space(6.0);
            let look = Look::new(12.0, "#dbdee1").mono();
            sheet.text(left + 10.0, right - 10.0, &[look.run(part.trim_matches('\n'))]);
            sheet.space(8.0);
            sheet.fill_behind(&behind, left, right, CODE);
            continue;
        }
        if part.trim().is_empty() {
            continue;
        }
        for line in part.split('\n') {
            match line.strip_prefix("-# ") {
                _ if line.is_empty() => sheet.space(8.0),
                Some(small) => sheet.text(left, right, &runs(small, SMALL, now)),
                None => sheet.text(left, right, &runs(line, TEXT, now)),
            }
        }
    }
}

/// Discord's mark-up within a line, as runs.
fn runs(text: &str, look: Look, now: Timestamp) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut rest, mut bold) = (text, false);
    while let Some(at) = rest.find(['*', '`', '<', '\\']) {
        let styled = if bold { look.bold() } else { look };
        runs.push(styled.run(&rest[..at]));
        let (mark, after) = rest[at..].split_at(1);
        rest = match mark {
            "*" => {
                bold = !bold;
                after.strip_prefix('*').expect("bold has two asterisks")
            }
            "`" => {
                let (code, after) = after.split_once('`').expect("code ends");
                runs.push(styled.code().run(code));
                after
            }
            "\\" => {
                let end = after.chars().next().map_or(0, char::len_utf8);
                runs.push(styled.run(&after[..end]));
                &after[end..]
            }
            _ => {
                let (inner, after) = after.split_once('>').expect("what is in angle brackets ends");
                runs.push(special(inner, styled, now));
                after
            }
        };
    }
    runs.push(look.run(rest));
    runs
}

fn special(inner: &str, look: Look, now: Timestamp) -> Run {
    let Some(time) = inner.strip_prefix("t:") else {
        let who = inner.strip_prefix("@&").or_else(|| inner.strip_prefix('@'));
        return look.coloured(LINK).run(who.map_or_else(|| inner.to_owned(), |_| "@on-call".to_owned()));
    };
    let (seconds, style) = time.split_once(':').expect("a time has a style");
    let at = Timestamp::from_second(seconds.parse().expect("a time")).expect("a time");
    let words = match style {
        "D" => at.strftime("%-d %B %Y").to_string(),
        "T" => at.strftime("%H:%M:%S").to_string(),
        "t" => at.strftime("%H:%M").to_string(),
        "R" => relative(at.duration_since(now)),
        other => panic!("nobody has drawn a time of style {other} yet"),
    };
    look.run(words)
}

fn relative(distance: SignedDuration) -> String {
    let words = length(distance.abs());
    if distance.is_negative() { format!("{words} ago") } else { format!("in {words}") }
}
