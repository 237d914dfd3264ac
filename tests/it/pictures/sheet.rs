//! A picture that grows downwards, as SVG that needs nothing from elsewhere.

use std::fmt::Write as _;

use super::runs::{Look, Run, wrap};

const SANS: &str = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
const MONO: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";
/// Between a line's baseline and the next one's, for a font of size 1.
const LEADING: f32 = 1.47;

pub struct Sheet {
    pub width: f32,
    /// The upper end of what comes next.
    pub y: f32,
    body: String,
}

/// A box that is drawn behind what was drawn since.
pub struct Behind {
    at: usize,
    pub top: f32,
}

/// How a box looks.
#[derive(Clone, Copy)]
pub struct Fill {
    pub inside: &'static str,
    pub line: &'static str,
    pub round: f32,
}

impl Sheet {
    pub fn new(width: f32) -> Self {
        Self { width, y: 0.0, body: String::new() }
    }

    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Text from here to there, in as many lines as it needs.
    pub fn text(&mut self, left: f32, right: f32, runs: &[Run]) {
        for line in wrap(runs, right - left) {
            let size = line.iter().map(|run| run.look.size).fold(0.0, f32::max);
            let size = if size > 0.0 { size } else { runs.first().map_or(0.0, |run| run.look.size) };
            self.y += size * LEADING;
            self.line(left, self.y - size * 0.4, &line);
        }
    }

    /// One line whose baseline is given.
    pub fn line(&mut self, left: f32, baseline: f32, runs: &[Run]) {
        if runs.iter().all(|run| run.text.trim().is_empty()) {
            return;
        }
        let _ = write!(self.body, r#"<text x="{left}" y="{baseline:.1}" xml:space="preserve">"#);
        for Run { text, look: Look { size, colour, bold, mono } } in runs {
            let family = if *mono { r#" class="m""# } else { "" };
            let weight = if *bold { r#" font-weight="700""# } else { "" };
            let _ = write!(
                self.body,
                r#"<tspan{family} font-size="{size}" fill="{colour}"{weight}>{}</tspan>"#,
                escaped(text)
            );
        }
        self.body.push_str("</text>\n");
    }

    pub fn rect(&mut self, [x, y, width, height]: [f32; 4], fill: Fill) {
        let rect = rect([x, y, width, height], fill);
        self.body.push_str(&rect);
    }

    pub fn behind(&self) -> Behind {
        Behind { at: self.body.len(), top: self.y }
    }

    /// Draws a box behind everything since, as far down as we are.
    pub fn fill_behind(&mut self, behind: &Behind, left: f32, right: f32, fill: Fill) {
        let rect = rect([left, behind.top, right - left, self.y - behind.top], fill);
        self.body.insert_str(behind.at, &rect);
    }

    /// Buttons side by side, in further rows where there is no room.
    pub fn buttons(&mut self, left: f32, right: f32, labels: &[String], look: Look, fill: Fill) {
        let (height, mut x) = (look.size * 2.1, left);
        for label in labels {
            let width = look.width(label) + 1.8 * look.size;
            if x > left && x + width > right {
                x = left;
                self.y += height + 6.0;
            }
            self.rect([x, self.y, width, height], fill);
            self.line(x + 0.9 * look.size, self.y + height * 0.66, &[look.run(label.as_str())]);
            x += width + 8.0;
        }
        self.y += height;
    }

    /// The whole picture: what it is called, what it says to who cannot see it, and its ground.
    pub fn finish(self, title: &str, says: &str, ground: Fill) -> String {
        let (width, height) = (self.width, self.y);
        let ground = rect([0.5, 0.5, width - 1.0, height - 1.0], ground);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width} {height:.0}\" role=\"img\" font-family=\"{SANS}\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<style>.m{{font-family:{MONO}}}</style>\n{ground}{}</svg>\n",
            escaped(title),
            escaped(says),
            self.body
        )
    }
}

fn rect([x, y, width, height]: [f32; 4], Fill { inside, line, round }: Fill) -> String {
    format!(
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round}\" fill=\"{inside}\" stroke=\"{line}\"/>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
