//! A message of Slack as people see it, drawn from its blocks.

use jiff::Timestamp;
use serde_json::Value;

use super::runs::{Look, Run};
use super::sheet::{Fill, Sheet};

const TEXT: Look = Look::new(15.0, "#1d1c1d");
const SMALL: Look = Look::new(12.5, "#616061");
const LINK: &str = "#1264a3";
const CODE: &str = "#c01343";
const GROUND: Fill = Fill { inside: "#ffffff", line: "#d0d0d0", round: 8.0 };
const BOX: Fill = Fill { inside: "#f8f8f8", line: "#dddddd", round: 4.0 };
const BUTTON: Fill = Fill { inside: "#ffffff", line: "#b8b8b8", round: 4.0 };
const ICON: Fill = Fill { inside: "#4a154b", line: "none", round: 6.0 };
const BADGE: Fill = Fill { inside: "#e8e8e8", line: "none", round: 2.0 };
const LEFT: f32 = 72.0;

/// One message in the picture: what stands above it, and its blocks.
pub struct Shown<'a> {
    /// What separates it from the message before, such as "1 reply".
    pub above: Option<&'a str>,
    pub blocks: &'a [Value],
}

/// The messages of one channel or thread, one below the other.
pub fn draw(title: &str, says: &str, channel: &str, messages: &[Shown<'_>]) -> String {
    let mut sheet = Sheet::new(760.0);
    sheet.space(12.0);
    sheet.text(20.0, 740.0, &[TEXT.bold().run(channel)]);
    sheet.space(8.0);
    for message in messages {
        if let Some(above) = message.above {
            sheet.space(4.0);
            sheet.text(20.0, 740.0, &[SMALL.run(above)]);
        }
        sheet.space(10.0);
        head(&mut sheet);
        message.blocks.iter().for_each(|block| draw_block(&mut sheet, block));
        sheet.space(8.0);
    }
    sheet.space(10.0);
    sheet.finish(title, says, GROUND)
}

fn head(sheet: &mut Sheet) {
    let top = sheet.y;
    sheet.rect([20.0, top, 36.0, 36.0], ICON);
    sheet.line(32.0, top + 25.0, &[Look::new(19.0, "#ffffff").bold().run("?")]);
    let name = TEXT.bold();
    sheet.line(LEFT, top + 13.0, &[name.run("why-no-recording")]);
    let badge = LEFT + name.width("why-no-recording") + 6.0;
    sheet.rect([badge, top + 2.0, 30.0, 13.0], BADGE);
    sheet.line(badge + 5.0, top + 12.0, &[Look::new(9.5, "#616061").bold().run("APP")]);
    sheet.space(20.0);
}

fn draw_block(sheet: &mut Sheet, block: &Value) {
    let right = sheet.width - 24.0;
    let text = |object: &Value| object["text"].as_str().expect("it has a text").to_owned();
    match block["type"].as_str().expect("it has a type") {
        "header" => {
            sheet.space(4.0);
            sheet.text(LEFT, right, &[Look::new(18.0, "#1d1c1d").bold().run(text(&block["text"]))]);
            sheet.space(4.0);
        }
        "section" => {
            sheet.text(LEFT, right, &runs(&text(&block["text"]), TEXT));
            sheet.space(8.0);
        }
        "context" => {
            for element in block["elements"].as_array().expect("it has elements") {
                sheet.text(LEFT, right, &runs(&text(element), SMALL));
            }
            sheet.space(8.0);
        }
        "rich_text" => {
            let inner = &block["elements"][0];
            assert_eq!(inner["type"], "rich_text_preformatted", "the only kind that we send");
            let behind = sheet.behind();
            sheet.space(6.0);
            let look = Look::new(12.0, "#1d1c1d").mono();
            sheet.text(LEFT + 10.0, right - 10.0, &[look.run(text(&inner["elements"][0]))]);
            sheet.space(8.0);
            sheet.fill_behind(&behind, LEFT, right, BOX);
            sheet.space(10.0);
        }
        "actions" => {
            sheet.space(4.0);
            let buttons = block["elements"].as_array().expect("it has elements");
            let labels: Vec<String> = buttons.iter().map(|button| text(&button["text"])).collect();
            sheet.buttons(LEFT, right, &labels, Look::new(13.0, "#1d1c1d").bold(), BUTTON);
            sheet.space(8.0);
        }
        other => panic!("nobody has drawn a block of type {other} yet"),
    }
}

/// Slack's mark-up as runs.
fn runs(text: &str, look: Look) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut rest, mut bold) = (text, false);
    while let Some(at) = rest.find(['*', '`', '<']) {
        let now = if bold { look.bold() } else { look };
        runs.push(now.run(plain(&rest[..at])));
        let (mark, after) = rest[at..].split_at(1);
        rest = match mark {
            "*" => {
                bold = !bold;
                after
            }
            "`" => {
                let (code, after) = after.split_once('`').expect("code ends");
                runs.push(now.code().coloured(CODE).run(plain(code)));
                after
            }
            _ => {
                let (inner, after) = after.split_once('>').expect("what is in angle brackets ends");
                runs.push(special(inner, now));
                after
            }
        };
    }
    runs.push(look.run(plain(rest)));
    runs
}

fn special(inner: &str, look: Look) -> Run {
    match (inner.strip_prefix("!date^"), inner.strip_prefix(['@', '!'])) {
        (Some(date), _) => {
            let seconds = date.split('^').next().and_then(|seconds| seconds.parse().ok());
            let at = Timestamp::from_second(seconds.expect("a time")).expect("a time");
            look.run(at.strftime("%b %-d, %Y %-I:%M:%S %p").to_string())
        }
        (None, Some(who)) => look.coloured(LINK).run(format!("@{}", who.rsplit('|').next().unwrap_or(who))),
        (None, None) => look.coloured(LINK).run(plain(inner.rsplit('|').next().unwrap_or(inner))),
    }
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
