//! Messages of Discord as people see them, drawn from their bodies.

mod markdown;

use jiff::Timestamp;
use serde_json::Value;
use why_no_recording::chat::discord::render::Body;

use super::payload::{list, only, text};
use super::runs::Look;
use super::sheet::{Fill, Sheet};
use markdown::{marked, runs};

const SMALL: Look = Look::new(12.0, "#949ba4");
const GROUND: Fill = Fill { inside: "#313338", line: "#1e1f22", round: 8.0 };
const EMBED: Fill = Fill { inside: "#2b2d31", line: "none", round: 4.0 };
/// Embeds of ours name no colour, so their bar has Discord's own.
const BAR: Fill = Fill { inside: "#1e1f22", line: "none", round: 2.0 };
const BUTTON: Fill = Fill { inside: "#4e5058", line: "none", round: 4.0 };
const ICON: Fill = Fill { inside: "#5865f2", line: "none", round: 20.0 };
const BADGE: Fill = Fill { inside: "#5865f2", line: "none", round: 3.0 };
const SPINE: Fill = Fill { inside: "#4e5058", line: "none", round: 0.0 };
const RULE: &str = "#3f4147";
const EDGE: f32 = 20.0;
const LEFT: f32 = 76.0;

/// One message in the picture.
pub struct Shown<'a> {
    /// Who asked for it, and with what.
    pub asked: Option<[&'a str; 2]>,
    /// When it was posted, as Discord shows it.
    pub at: &'a str,
    pub body: &'a Value,
    /// The name of its thread, which the next message in the picture is in.
    pub thread: Option<&'a str>,
}

/// All of a message that is shown.
pub fn drawable(body: &Body) -> Value {
    serde_json::to_value(body.edit()).unwrap()
}

/// The messages of one channel, and of a thread in it, as they are seen at a time.
pub fn draw(title: &str, says: &str, channel: &str, messages: &[Shown<'_>], now: Timestamp) -> String {
    let mut sheet = Sheet::new(760.0);
    place(&mut sheet, channel);
    for message in messages {
        sheet.space(14.0);
        head(&mut sheet, message);
        draw_body(&mut sheet, message.body, now);
        sheet.space(10.0);
        if let Some(name) = message.thread {
            thread(&mut sheet, name);
        }
    }
    sheet.space(8.0);
    sheet.finish(title, says, GROUND)
}

/// A message for one person alone, below what that person alone can do with it.
pub fn draw_alone(title: &str, says: &str, place_name: &str, message: &Shown<'_>, now: Timestamp) -> String {
    let mut sheet = Sheet::new(760.0);
    place(&mut sheet, place_name);
    sheet.space(14.0);
    head(&mut sheet, message);
    draw_body(&mut sheet, message.body, now);
    let link = SMALL.coloured("#00a8fc");
    let words = [SMALL.run("Only you can see this · "), link.run("Dismiss message")];
    sheet.line(LEFT, sheet.y + 20.0, &words);
    sheet.space(36.0);
    sheet.finish(title, says, GROUND)
}

/// The line that says where the messages below it are.
fn place(sheet: &mut Sheet, name: &str) {
    sheet.space(8.0);
    let look = Look::new(14.5, "#f2f3f5").bold();
    sheet.text(EDGE, sheet.width - EDGE, &[look.coloured("#80848e").run("#  "), look.run(name)]);
    sheet.space(9.0);
    sheet.rule(0.5, sheet.width - 0.5, RULE);
}

/// The way into a thread below its message, and the thread itself.
fn thread(sheet: &mut Sheet, name: &str) {
    let (top, right) = (sheet.y, sheet.width - 24.0);
    sheet.rect([40.0, top - 8.0, 2.0, 30.0], SPINE);
    sheet.rect([40.0, top + 22.0, 30.0, 2.0], SPINE);
    let behind = sheet.behind();
    sheet.space(7.0);
    let look = Look::new(13.5, "#f2f3f5").bold();
    sheet.text(
        LEFT + 12.0,
        right - 12.0,
        &[look.run(format!("{name}  ")), look.coloured("#00a8fc").run("1 Message ›")],
    );
    sheet.space(8.0);
    sheet.fill_behind(&behind, LEFT, right, EMBED);
    sheet.space(18.0);
    sheet.rule(0.5, sheet.width - 0.5, RULE);
    place(sheet, name);
}

fn head(sheet: &mut Sheet, message: &Shown<'_>) {
    if let Some([who, command]) = message.asked {
        sheet.rect([39.0, sheet.y + 8.0, 2.0, 10.0], SPINE);
        sheet.rect([39.0, sheet.y + 7.0, 32.0, 2.0], SPINE);
        let look = Look::new(13.0, "#b5bac1");
        let runs = [look.bold().run(who), look.run(" used "), look.bold().coloured("#00a8fc").run(command)];
        sheet.line(LEFT, sheet.y + 12.0, &runs);
        sheet.space(22.0);
    }
    let top = sheet.y;
    sheet.rect([EDGE, top, 40.0, 40.0], ICON);
    sheet.line(EDGE + 13.5, top + 27.0, &[Look::new(20.0, "#ffffff").bold().run("?")]);
    let name = sheet.line(LEFT, top + 14.0, &[Look::new(15.0, "#f2f3f5").bold().run("why-no-recording")]);
    sheet.rect([name + 7.0, top + 1.5, 31.0, 16.0], BADGE);
    sheet.line(name + 12.0, top + 13.2, &[Look::new(10.0, "#ffffff").bold().run("APP")]);
    sheet.line(name + 46.0, top + 14.0, &[SMALL.run(message.at)]);
    sheet.space(20.0);
}

fn draw_body(sheet: &mut Sheet, body: &Value, now: Timestamp) {
    only(body, &["content", "embeds", "components", "allowed_mentions"]);
    let right = sheet.width - 24.0;
    marked(sheet, LEFT, right, text(body, "content"), now);
    for embed in list(&body["embeds"]) {
        only(embed, &["type", "title", "description"]);
        assert_eq!(embed["type"], "rich", "nobody has drawn this yet: {embed}");
        sheet.space(6.0);
        let behind = sheet.behind();
        sheet.space(8.0);
        if !embed["title"].is_null() {
            let title = runs(text(embed, "title"), Look::new(15.5, "#f2f3f5").bold(), now);
            sheet.text(LEFT + 16.0, right - 14.0, &title);
        }
        sheet.space(4.0);
        marked(sheet, LEFT + 16.0, right - 14.0, text(embed, "description"), now);
        sheet.space(12.0);
        sheet.fill_behind(&behind, LEFT, right, EMBED);
        sheet.rect([LEFT, behind.top, 4.0, sheet.y - behind.top], BAR);
    }
    for row in list(&body["components"]) {
        only(row, &["type", "components"]);
        assert_eq!(row["type"], 1, "nobody has drawn this yet: {row}");
        if row["components"][0]["type"] == 3 {
            menu(sheet, &row["components"][0]);
            continue;
        }
        let labels: Vec<String> = list(&row["components"]).iter().map(label).collect();
        sheet.space(8.0);
        sheet.buttons(LEFT, right, &labels, Look::new(13.5, "#ffffff"), BUTTON);
    }
}

/// A menu, closed: what is selected in it, and the mark by which it opens.
fn menu(sheet: &mut Sheet, menu: &Value) {
    only(menu, &["type", "custom_id", "options", "placeholder", "disabled"]);
    assert_ne!(menu["disabled"], true, "nobody has drawn this yet: {menu}");
    let options = list(&menu["options"]);
    options.iter().for_each(|option| only(option, &["label", "value", "default"]));
    let selected = options.iter().find(|option| option["default"] == true);
    let words = selected.map_or_else(|| text(menu, "placeholder"), |option| text(option, "label"));
    sheet.space(8.0);
    let behind = sheet.behind();
    sheet.space(8.0);
    let look = Look::new(14.5, "#f2f3f5");
    sheet.text(LEFT + 12.0, sheet.width - 40.0, &[look.run(format!("{words}  ›"))]);
    sheet.space(8.0);
    sheet.fill_behind(&behind, LEFT, sheet.width - 24.0, EMBED);
}

/// What stands on a button; a link has an arrow.
fn label(button: &Value) -> String {
    only(button, &["type", "style", "label", "custom_id", "url", "disabled"]);
    assert_eq!(button["disabled"], false, "nobody has drawn this yet: {button}");
    let label = text(button, "label");
    match (button["type"].as_u64(), button["style"].as_u64()) {
        (Some(2), Some(1 | 2)) => label.to_owned(),
        (Some(2), Some(5)) => format!("{label} ↗"),
        _ => panic!("nobody has drawn this yet: {button}"),
    }
}
