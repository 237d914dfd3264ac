//! Forms of Slack as people see them.

use serde_json::Value;

use super::super::payload::{list, only, text};
use super::super::runs::Look;
use super::super::sheet::{Fill, Sheet};
use super::{BUTTON, EDGE, GROUND, ICON, ON_ICON, RULE, SMALL, TEXT, draw_block, plain};

const SUBMIT: Fill = Fill { inside: "#007a5a", line: "none", round: 4.0 };

/// A form, as it covers the channel.
pub fn draw_modal(title: &str, says: &str, view: &Value) -> String {
    only(view, &["type", "title", "blocks", "close", "submit", "callback_id", "private_metadata"]);
    assert_eq!(view["type"], "modal", "nobody has drawn this yet");
    let mut sheet = Sheet::new(560.0);
    let right = sheet.width - EDGE;
    sheet.space(12.0);
    sheet.rect([EDGE, sheet.y, 28.0, 28.0], Fill { round: 5.0, ..ICON });
    sheet.line(EDGE + 9.3, sheet.y + 20.0, &[Look::new(15.5, ON_ICON).bold().run("?")]);
    sheet.line(EDGE + 38.0, sheet.y + 20.5, &[Look::new(18.0, "#1d1c1d").bold().run(plain(&view["title"]))]);
    sheet.line(right - 14.0, sheet.y + 20.0, &[Look::new(18.0, "#616061").run("x")]);
    sheet.space(40.0);
    sheet.rule(0.5, sheet.width - 0.5, RULE);
    sheet.space(14.0);
    for block in list(&view["blocks"]) {
        match text(block, "type") {
            "input" => draw_input_block(&mut sheet, EDGE, right, block),
            _ => draw_block(&mut sheet, EDGE, block),
        }
    }
    sheet.space(6.0);
    sheet.rule(0.5, sheet.width - 0.5, RULE);
    sheet.space(14.0);
    let look = Look::new(14.0, "#1d1c1d").bold();
    let labels = ["close", "submit"].map(|part| plain(&view[part]));
    let [close, submit] = labels.map(|label| look.width(label) + 1.8 * look.size);
    let [at_submit, at_close] = [right - submit, right - submit - 10.0 - close];
    let top = sheet.y;
    sheet.buttons(at_close, right, &[labels[0].to_owned()], look, BUTTON);
    sheet.y = top;
    sheet.buttons(at_submit, right + 1.0, &[labels[1].to_owned()], look.coloured(ON_ICON), SUBMIT);
    sheet.space(16.0);
    sheet.finish(title, says, GROUND)
}

fn draw_input_block(sheet: &mut Sheet, left: f32, right: f32, block: &Value) {
    only(block, &["type", "block_id", "label", "element", "hint", "optional"]);
    let optional = if block["optional"] == true { " (optional)" } else { "" };
    sheet.text(left, right, &[TEXT.bold().run(plain(&block["label"])), SMALL.run(optional)]);
    sheet.space(4.0);
    draw_input(sheet, left, right, &block["element"]);
    if !block["hint"].is_null() {
        sheet.text(left, right, &[SMALL.run(plain(&block["hint"]))]);
    }
    sheet.space(10.0);
}

fn draw_input(sheet: &mut Sheet, left: f32, right: f32, element: &Value) {
    let selected = &element["initial_option"];
    match text(element, "type") {
        "radio_buttons" => {
            only(element, &["type", "action_id", "options", "initial_option"]);
            for option in list(&element["options"]) {
                let is_selected = option == selected;
                let ring = Fill {
                    inside: "#ffffff",
                    line: if is_selected { "#1264a3" } else { "#868686" },
                    round: 7.0,
                };
                sheet.rect([left, sheet.y + 5.0, 14.0, 14.0], ring);
                if is_selected {
                    sheet.rect(
                        [left + 4.0, sheet.y + 9.0, 6.0, 6.0],
                        Fill { inside: "#1264a3", line: "none", round: 3.0 },
                    );
                }
                sheet.text(left + 22.0, right, &[TEXT.run(plain(&option["text"]))]);
            }
        }
        "static_select" => {
            only(element, &["type", "action_id", "options", "initial_option"]);
            field(sheet, left, right, plain(&selected["text"]));
        }
        "datetimepicker" => {
            only(element, &["type", "action_id"]);
            field(sheet, left, right, "Pick a date and a time");
        }
        "plain_text_input" => {
            only(element, &["type", "action_id", "max_length"]);
            field(sheet, left, right, " ");
        }
        other => panic!("nobody has drawn an element of type {other} yet"),
    }
}

fn field(sheet: &mut Sheet, left: f32, right: f32, words: &str) {
    let behind = sheet.behind();
    sheet.space(5.0);
    sheet.text(left + 12.0, right - 12.0, &[TEXT.run(words)]);
    sheet.space(5.0);
    sheet.fill_behind(&behind, left, right, BUTTON);
    sheet.space(4.0);
}
