//! Text in runs of one look each, and where its lines end.

use super::advance::{advance, disc};

/// Between the frame of a framed run and its text, at either side.
pub const FRAME: f32 = 3.0;
/// A reader's font may be a little wider than the measured one, so lines are broken a little early.
const EARLY: f32 = 0.985;

/// How a run looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    pub size: f32,
    pub colour: &'static str,
    pub bold: bool,
    pub italic: bool,
    pub mono: bool,
    /// A frame around the run: how it is filled, and its line.
    pub frame: Option<(&'static str, &'static str)>,
}

/// A piece of text that looks the same throughout.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub text: String,
    pub look: Look,
}

impl Look {
    pub const fn new(size: f32, colour: &'static str) -> Self {
        Self { size, colour, bold: false, italic: false, mono: false, frame: None }
    }

    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub const fn italic(self) -> Self {
        Self { italic: true, ..self }
    }

    pub const fn mono(self) -> Self {
        Self { mono: true, ..self }
    }

    /// Code within a text is a little smaller than the text.
    pub fn code(self) -> Self {
        Self { mono: true, size: (self.size * 8.2).round() / 10.0, ..self }
    }

    pub const fn coloured(self, colour: &'static str) -> Self {
        Self { colour, ..self }
    }

    pub const fn framed(self, inside: &'static str, line: &'static str) -> Self {
        Self { frame: Some((inside, line)), ..self }
    }

    pub fn run(self, text: impl Into<String>) -> Run {
        Run { text: text.into(), look: self }
    }

    /// How wide a text is, without a frame.
    pub fn width(self, text: &str) -> f32 {
        text.chars().map(|letter| advance(letter, self.bold, self.mono)).sum::<f32>() * self.size
    }
}

impl Run {
    /// How wide it is with its frame.
    pub fn width(&self) -> f32 {
        self.look.width(&self.text) + if self.look.frame.is_some() { 2.0 * FRAME } else { 0.0 }
    }
}

/// Breaks runs into lines of at most this width: at the ends of lines that they have, at spaces, and within a word
/// that is wider than a line. What is framed stays in one piece.
pub fn wrap(runs: &[Run], width: f32) -> Vec<Vec<Run>> {
    let width = width * EARLY;
    let mut lines = vec![Vec::new()];
    let mut used = 0.0;
    for Run { text, look } in runs {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
                used = 0.0;
            }
            for word in words(part, *look, width) {
                let run = look.run(word);
                if used > 0.0 && used + look.run(word.trim_end()).width() > width {
                    lines.push(Vec::new());
                    used = 0.0;
                }
                used += run.width();
                push(lines.last_mut().unwrap(), run);
            }
        }
    }
    for last in lines.iter_mut().filter_map(|line| line.last_mut()) {
        last.text.truncate(last.text.trim_end().len());
    }
    lines
}

/// The pieces that stay whole: words with the spaces behind them, and discs, which are drawn and not written.
fn words(text: &str, look: Look, width: f32) -> Vec<&str> {
    if look.frame.is_some() {
        return vec![text];
    }
    let mut words = Vec::new();
    for mut word in text.split_inclusive(' ') {
        while look.width(word.trim_end()) > width {
            let fits = (1..word.len()).rev().filter(|&at| word.is_char_boundary(at));
            let at = fits.clone().find(|&at| look.width(&word[..at]) <= width).expect("a letter fits");
            words.push(&word[..at]);
            word = &word[at..];
        }
        match word.chars().next().filter(|letter| disc(*letter).is_some()) {
            Some(sign) => words.extend([&word[..sign.len_utf8()], &word[sign.len_utf8()..]]),
            None => words.push(word),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn push(line: &mut Vec<Run>, run: Run) {
    let is_disc = |run: &Run| run.text.starts_with(|letter| disc(letter).is_some());
    match line.last_mut() {
        Some(last)
            if last.look == run.look && run.look.frame.is_none() && !is_disc(last) && !is_disc(&run) =>
        {
            last.text.push_str(&run.text);
        }
        _ => line.push(run),
    }
}
