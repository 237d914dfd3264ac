//! Messages of Slack as people see them, drawn from their blocks.

mod charts;
mod modal;
mod mrkdwn;

use serde_json::Value;
use why_no_recording::chat::slack::render::Payload;

use super::payload::{list, only, text};
use super::runs::Look;
use super::sheet::{Fill, Sheet};
pub use modal::draw_modal;
pub use mrkdwn::plain_text;

const TEXT: Look = Look::new(15.0, "#1d1c1d");
const SMALL: Look = Look::new(12.5, "#616061");
const GROUND: Fill = Fill { inside: "#ffffff", line: "#d0d0d0", round: 8.0 };
const BOX: Fill = Fill { inside: "#f8f8f8", line: "#dddddd", round: 4.0 };
const BUTTON: Fill = Fill { inside: "#ffffff", line: "#b8b8b8", round: 4.0 };
const ICON: Fill = Fill { inside: "#4a154b", line: "none", round: 6.0 };
const BADGE: Fill = Fill { inside: "#e8e8e8", line: "none", round: 2.0 };
/// White in each appearance.
const ON_ICON: &str = "#fffffe";
const RULE: &str = "#dddddd";
const EDGE: f32 = 20.0;
const LEFT: f32 = 72.0;

/// One message in the picture.
pub struct Shown<'a> {
    /// What separates it from the message before, such as "1 reply".
    pub above: Option<&'a str>,
    /// When it was posted, as Slack shows it.
    pub at: &'a str,
    pub blocks: &'a [Value],
    /// The messages in its thread, where the picture shows the channel.
    pub replies: usize,
}

/// The blocks of a message as Slack gets them.
pub fn blocks(payload: &Payload) -> Vec<Value> {
    payload.blocks.iter().map(|block| serde_json::to_value(block).unwrap()).collect()
}

/// The messages of one place, one below the other; `place` is what stands above them all.
pub fn draw(title: &str, says: &str, place: [&str; 2], messages: &[Shown<'_>]) -> String {
    let mut sheet = Sheet::new(760.0);
    let right = sheet.width - EDGE;
    sheet.space(10.0);
    sheet.text(EDGE, right, &[TEXT.bold().run(format!("{}  ", place[0])), SMALL.run(place[1])]);
    sheet.space(10.0);
    sheet.rule(0.5, sheet.width - 0.5, RULE);
    for message in messages {
        if let Some(above) = message.above {
            let end = sheet.line(EDGE, sheet.y + 16.0, &[SMALL.run(above)]);
            sheet.space(12.0);
            sheet.rule(end + 10.0, right, RULE);
            sheet.space(4.0);
        }
        sheet.space(14.0);
        head(&mut sheet, message.at);
        message.blocks.iter().for_each(|block| draw_block(&mut sheet, LEFT, block));
        if message.replies > 0 {
            replies(&mut sheet, message.replies);
        }
        sheet.space(4.0);
    }
    sheet.space(10.0);
    sheet.finish(title, says, GROUND)
}

fn head(sheet: &mut Sheet, at: &str) {
    let top = sheet.y;
    sheet.rect([EDGE, top, 36.0, 36.0], ICON);
    sheet.line(EDGE + 12.0, top + 25.0, &[Look::new(19.0, ON_ICON).bold().run("?")]);
    let name = sheet.line(LEFT, top + 13.0, &[TEXT.bold().run("why-no-recording")]);
    sheet.rect([name + 6.0, top + 1.5, 29.0, 14.0], BADGE);
    sheet.line(name + 10.5, top + 12.0, &[Look::new(9.5, "#616061").bold().run("APP")]);
    sheet.line(name + 43.0, top + 13.0, &[SMALL.run(at)]);
    sheet.space(18.0);
}

/// The way into the thread, as it stands below a message.
fn replies(sheet: &mut Sheet, many: usize) {
    sheet.rect([LEFT, sheet.y, 20.0, 20.0], Fill { round: 4.0, ..ICON });
    sheet.line(LEFT + 6.7, sheet.y + 14.5, &[Look::new(11.0, ON_ICON).bold().run("?")]);
    let words = if many == 1 { "1 reply".to_owned() } else { format!("{many} replies") };
    let link = Look::new(13.0, mrkdwn::LINK).bold();
    sheet.line(LEFT + 28.0, sheet.y + 14.5, &[link.run(words)]);
    sheet.space(26.0);
}

fn draw_block(sheet: &mut Sheet, left: f32, block: &Value) {
    let right = sheet.width - 24.0;
    match text(block, "type") {
        "header" => {
            only(block, &["type", "text"]);
            sheet.space(4.0);
            let words = plain(&block["text"]);
            sheet.text(left, right, &[Look::new(18.0, "#1d1c1d").bold().run(words)]);
            sheet.space(4.0);
        }
        "section" => {
            only(block, &["type", "text"]);
            sheet.text(left, right, &marked(&block["text"], TEXT));
            sheet.space(8.0);
        }
        "context" => {
            only(block, &["type", "elements"]);
            for element in list(&block["elements"]) {
                sheet.text(left, right, &marked(element, SMALL));
            }
            sheet.space(8.0);
        }
        "rich_text" => {
            only(block, &["type", "elements"]);
            list(&block["elements"]).iter().for_each(|element| preformatted(sheet, left, right, element));
        }
        "actions" => {
            only(block, &["type", "elements"]);
            sheet.space(4.0);
            let labels: Vec<String> = list(&block["elements"]).iter().map(label).collect();
            sheet.buttons(left, right, &labels, Look::new(13.0, "#1d1c1d").bold(), BUTTON);
            sheet.space(8.0);
        }
        "data_visualization" => charts::draw(sheet, [LEFT, right], block),
        other => panic!("nobody has drawn a block of type {other} yet"),
    }
}

fn preformatted(sheet: &mut Sheet, left: f32, right: f32, element: &Value) {
    only(element, &["type", "elements"]);
    assert_eq!(element["type"], "rich_text_preformatted", "nobody has drawn this yet");
    let look = Look::new(12.0, "#1d1c1d").mono();
    let runs = list(&element["elements"]).iter().map(|run| {
        only(run, &["type", "text"]);
        assert_eq!(run["type"], "text", "nobody has drawn this yet");
        look.run(text(run, "text"))
    });
    let runs: Vec<_> = runs.collect();
    let behind = sheet.behind();
    sheet.space(6.0);
    sheet.text(left + 10.0, right - 10.0, &runs);
    sheet.space(8.0);
    sheet.fill_behind(&behind, left, right, BOX);
    sheet.space(10.0);
}

/// What stands on a button; where it leads is not seen.
fn label(button: &Value) -> String {
    only(button, &["type", "text", "action_id", "url"]);
    assert_eq!(button["type"], "button", "nobody has drawn this yet");
    plain(&button["text"]).to_owned()
}

fn plain(object: &Value) -> &str {
    only(object, &["type", "text", "emoji"]);
    assert_eq!((&object["type"], &object["emoji"]), (&"plain_text".into(), &false.into()), "{object}");
    text(object, "text")
}

fn marked(object: &Value, look: Look) -> Vec<super::runs::Run> {
    only(object, &["type", "text", "verbatim"]);
    assert_eq!((&object["type"], &object["verbatim"]), (&"mrkdwn".into(), &true.into()), "{object}");
    mrkdwn::runs(text(object, "text"), look)
}
