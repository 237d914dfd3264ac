//! A picture that grows downwards, as SVG that needs nothing from elsewhere.

use std::fmt::Write as _;

use super::advance::disc;
use super::runs::{FRAME, Look, Run, wrap};

/// Fonts whose letters are as wide as was measured.
const SANS: &str = "Arial,Helvetica,'Liberation Sans',sans-serif";
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

    /// An item of a list: its mark, and text that stays right of it.
    pub fn item(&mut self, left: f32, right: f32, idempotency_key: &Run, runs: &[Run]) {
        let (top, indent) = (self.y, idempotency_key.width());
        self.text(left, right, std::slice::from_ref(idempotency_key));
        self.y = top;
        self.text(left + indent, right, runs);
    }

    /// One line whose baseline is given. Returns where it ends.
    pub fn line(&mut self, left: f32, baseline: f32, runs: &[Run]) -> f32 {
        let mut x = left;
        let mut open = false;
        for run in runs {
            let apart = run.look.frame.is_some() || run.text.starts_with(|request| disc(request).is_some());
            if apart {
                self.close(&mut open);
                self.apart(x, baseline, run);
            } else {
                if !std::mem::replace(&mut open, true) {
                    let _ = write!(self.body, r#"<text x="{x:.1}" y="{baseline:.1}" xml:space="preserve">"#);
                }
                let _ = write!(self.body, "<tspan{}>{}</tspan>", looks(run.look), escaped(&run.text));
            }
            x += run.width();
        }
        self.close(&mut open);
        x
    }

    fn close(&mut self, open: &mut bool) {
        if std::mem::take(open) {
            self.body.push_str("</text>\n");
        }
    }

    /// A run that is drawn by itself: a disc, or text in its frame.
    fn apart(&mut self, x: f32, baseline: f32, run: &Run) {
        let Run { text, look } = run;
        if let Some(colour) = text.chars().next().and_then(disc) {
            let (radius, x, y) = (look.size * 0.46, x + look.size * 0.5, baseline - look.size * 0.34);
            let _ =
                writeln!(self.body, r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{colour}"/>"#);
            return;
        }
        let (inside, line) = look.frame.unwrap_or(("none", "none"));
        let (top, height) = (baseline - look.size * 1.05, look.size * 1.45);
        self.rect([x, top, run.width(), height], Fill { inside, line, round: 3.0 });
        let _ = writeln!(
            self.body,
            r#"<text x="{:.1}" y="{baseline:.1}" textLength="{:.1}"{}>{}</text>"#,
            x + FRAME,
            look.width(text),
            looks(*look),
            escaped(text)
        );
    }

    pub fn rect(&mut self, [x, y, width, height]: [f32; 4], fill: Fill) {
        let rect = rect([x, y, width, height], fill);
        self.body.push_str(&rect);
    }

    /// A sector of a disc, from and to these parts of a turn, clockwise from the top.
    pub fn sector(&mut self, [x, y]: [f32; 2], radius: f32, [from, to]: [f32; 2], colour: &str) {
        let point = |turn: f32| {
            let angle = (turn - 0.25) * std::f32::consts::TAU;
            format!("{:.1} {:.1}", x + radius * angle.cos(), y + radius * angle.sin())
        };
        let large = u8::from(to - from > 0.5);
        let _ = writeln!(
            self.body,
            r#"<path d="M{x:.1} {y:.1}L{}A{radius:.1} {radius:.1} 0 {large} 1 {}Z" fill="{colour}"/>"#,
            point(from),
            point(to)
        );
    }

    /// A line across, as far down as we are.
    pub fn rule(&mut self, left: f32, right: f32, colour: &'static str) {
        self.rect([left, self.y, right - left, 1.0], Fill { inside: colour, line: "none", round: 0.0 });
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
        let (height, mut x) = (look.size * 2.2, left);
        for label in labels {
            let width = look.width(label) + 1.8 * look.size;
            if x > left && x + width > right {
                x = left;
                self.y += height + 6.0;
            }
            self.rect([x, self.y, width, height], fill);
            let _ = writeln!(
                self.body,
                r#"<text x="{:.1}" y="{:.1}" text-anchor="middle"{}>{}</text>"#,
                x + width / 2.0,
                self.y + height * 0.65,
                looks(look),
                escaped(label)
            );
            x += width + 8.0;
        }
        self.y += height;
    }

    /// The whole picture: what it is called, what it says to who cannot see it, and its ground.
    pub fn finish(self, title: &str, says: &str, ground: Fill) -> String {
        let (width, height) = (self.width, self.y.ceil());
        let ground = rect([0.5, 0.5, width - 1.0, height - 1.0], ground);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title says\" font-family=\"{SANS}\">\n\
             <title id=\"title\">{}</title>\n<desc id=\"says\">{}</desc>\n<style>.m{{font-family:{MONO}}}</style>\n\
             {ground}{}</svg>\n",
            escaped(title),
            escaped(says),
            self.body
        )
    }
}

fn looks(Look { size, colour, bold, italic, mono, frame: _ }: Look) -> String {
    let family = if mono { r#" class="m""# } else { "" };
    let weight = if bold { r#" font-weight="700""# } else { "" };
    let style = if italic { r#" font-style="italic""# } else { "" };
    format!(r#"{family} font-size="{size}" fill="{colour}"{weight}{style}"#)
}

fn rect([x, y, width, height]: [f32; 4], Fill { inside, line, round }: Fill) -> String {
    let line = if line == "none" { String::new() } else { format!(" stroke=\"{line}\"") };
    format!(
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round}\" fill=\"{inside}\"{line}/>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
