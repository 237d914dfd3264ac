//! What a command prints, as a terminal shows it.

use super::runs::{Look, Run};
use super::sheet::{Fill, Sheet};

const TEXT: Look = Look::new(13.0, "#d4d4d4").mono();
const GROUND: Fill = Fill { inside: "#1e1e1e", line: "#3c3c3c", round: 8.0 };
const EDGE: f32 = 20.0;

/// A command and what it printed. That is text, so it is what the picture says as well.
pub fn draw(title: &str, command: &str, printed: &str) -> String {
    let mut sheet = Sheet::new(760.0);
    let right = sheet.width - EDGE;
    sheet.space(14.0);
    for (x, inside) in [(20.0, "#ff5f56"), (36.0, "#ffbd2e"), (52.0, "#27c93f")] {
        sheet.rect([x, sheet.y, 10.0, 10.0], Fill { inside, line: "none", round: 5.0 });
    }
    sheet.space(20.0);
    sheet.text(EDGE, right, &[TEXT.coloured("#6a9955").run("$ "), TEXT.run(command)]);
    let mut says = format!("$ {command}\n");
    for line in printed.trim_end().lines() {
        let runs = runs(line);
        says.extend(runs.iter().map(|run| run.text.as_str()).chain(["\n"]));
        sheet.text(EDGE, right, &runs);
    }
    sheet.space(16.0);
    sheet.finish(title, says.trim_end(), GROUND)
}

/// A line with the sequences that switch looks on and off.
fn runs(line: &str) -> Vec<Run> {
    let (mut runs, mut look) = (Vec::new(), TEXT);
    for (index, part) in line.split("\u{1b}[").enumerate() {
        let text = match (index, part.split_once('m')) {
            (0, _) => part,
            (_, Some((switch, text))) => {
                look = match switch {
                    "0" => TEXT,
                    "1" => TEXT.bold().coloured("#ffffff"),
                    "2" => TEXT.coloured("#8a8a8a"),
                    other => panic!("nobody has drawn the sequence {other} yet"),
                };
                text
            }
            (_, None) => panic!("a sequence of another kind in {line:?}"),
        };
        runs.push(look.run(text));
    }
    runs
}
