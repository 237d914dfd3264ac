//! Charts as Slack draws them, more or less: Slack documents what they hold, and not how they look.

use serde_json::Value;

use super::super::payload::{list, only, text};
use super::super::runs::Look;
use super::super::sheet::{Fill, Sheet};

const TITLE: Look = Look::new(13.0, "#1d1c1d");
const LABEL: Look = Look::new(11.0, "#616061");
const FRAME: Fill = Fill { inside: "#ffffff", line: "#dddddd", round: 6.0 };
const COLOURS: [&str; 6] = ["#36c5f0", "#e01e5a", "#ecb22e", "#2eb67d", "#7c3aed", "#9aa0a6"];
const HEIGHT: f32 = 130.0;

pub fn draw(sheet: &mut Sheet, [left, right]: [f32; 2], block: &Value) {
    only(block, &["type", "title", "chart"]);
    let behind = sheet.behind();
    let (inner, end) = (left + 14.0, right - 14.0);
    sheet.space(8.0);
    sheet.text(inner, end, &[TITLE.bold().run(text(block, "title"))]);
    sheet.space(8.0);
    let chart = &block["chart"];
    match text(chart, "type") {
        "bar" => bars(sheet, [inner, end], chart),
        "pie" => pie(sheet, inner, chart),
        other => panic!("nobody has drawn a chart of type {other} yet"),
    }
    sheet.space(12.0);
    sheet.fill_behind(&behind, left, right, FRAME);
    sheet.space(10.0);
}

/// A number, as far as a picture needs it.
#[expect(clippy::cast_precision_loss, reason = "a picture has no millions of points")]
fn number(value: &Value) -> f32 {
    value.as_u64().unwrap() as f32
}

fn bars(sheet: &mut Sheet, [left, right]: [f32; 2], chart: &Value) {
    only(chart, &["type", "series", "axis_config"]);
    only(&chart["axis_config"], &["categories"]);
    let (series, categories) = (list(&chart["series"]), list(&chart["axis_config"]["categories"]));
    let values = series.iter().flat_map(|one| list(&one["data"])).map(|point| number(&point["value"]));
    let most = values.fold(1.0, f32::max);
    let top = sheet.y;
    let mut x = left;
    let step = (right - left) / number(&categories.len().into());
    let width = (step * 0.7 / number(&series.len().into())).min(26.0);
    for (place, category) in categories.iter().enumerate() {
        let mut bar = x;
        for (one, colour) in series.iter().zip(COLOURS) {
            let height = number(&list(&one["data"])[place]["value"]) / most * HEIGHT;
            let fill = Fill { inside: colour, line: "none", round: 1.0 };
            sheet.rect([bar, top + HEIGHT - height, width, height], fill);
            bar += width;
        }
        sheet.line(x, top + HEIGHT + 15.0, &[LABEL.run(category.as_str().unwrap())]);
        x += step;
    }
    sheet.space(HEIGHT + 20.0);
    let names: Vec<&str> = series.iter().map(|one| text(one, "name")).collect();
    legend(sheet, left, names.into_iter().map(ToOwned::to_owned));
}

fn pie(sheet: &mut Sheet, left: f32, chart: &Value) {
    only(chart, &["type", "segments"]);
    let segments = list(&chart["segments"]);
    let all: f32 = segments.iter().map(|segment| number(&segment["value"])).sum();
    let (top, radius, mut from) = (sheet.y, HEIGHT / 2.0, 0.0);
    for (segment, colour) in segments.iter().zip(COLOURS) {
        let to = from + number(&segment["value"]) / all;
        sheet.sector([left + radius, top + radius], radius, [from, to], colour);
        from = to;
    }
    sheet.space(6.0);
    let names = segments.iter().map(|segment| format!("{}  {}", text(segment, "label"), segment["value"]));
    legend(sheet, left + HEIGHT + 24.0, names);
    sheet.y = sheet.y.max(top + HEIGHT);
}

fn legend(sheet: &mut Sheet, left: f32, names: impl Iterator<Item = String>) {
    for (name, colour) in names.zip(COLOURS) {
        sheet.rect([left, sheet.y + 4.0, 10.0, 10.0], Fill { inside: colour, line: "none", round: 2.0 });
        sheet.line(left + 16.0, sheet.y + 13.0, &[LABEL.run(name)]);
        sheet.space(19.0);
    }
}
