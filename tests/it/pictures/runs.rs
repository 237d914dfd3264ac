//! Text in runs of one look each, and where its lines end.

/// How a run looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    pub size: f32,
    pub colour: &'static str,
    pub bold: bool,
    pub mono: bool,
}

/// A piece of text that looks the same throughout.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub text: String,
    pub look: Look,
}

impl Look {
    pub const fn new(size: f32, colour: &'static str) -> Self {
        Self { size, colour, bold: false, mono: false }
    }

    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub const fn mono(self) -> Self {
        Self { mono: true, ..self }
    }

    /// Code within a text.
    pub fn code(self) -> Self {
        Self { mono: true, size: (self.size * 8.5).round() / 10.0, ..self }
    }

    pub const fn coloured(self, colour: &'static str) -> Self {
        Self { colour, ..self }
    }

    pub fn run(self, text: impl Into<String>) -> Run {
        Run { text: text.into(), look: self }
    }

    /// About how wide a text is in most fonts without serifs. A reader's font may be another one, so lines are
    /// broken a little early.
    pub fn width(self, text: &str) -> f32 {
        let letters = text.chars().map(|letter| if self.mono { 0.61 } else { advance(letter) });
        letters.sum::<f32>() * self.size * if self.bold && !self.mono { 1.07 } else { 1.02 }
    }
}

/// The advance of a letter for a font of size 1.
fn advance(letter: char) -> f32 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '|' | '!' | '.' | ',' | ':' | ';' => 0.26,
        ' ' | 'f' | 't' | 'I' | '/' | '(' | ')' | '[' | ']' | '"' | '`' => 0.31,
        'r' | '-' | '*' => 0.36,
        'm' | 'M' | 'W' | '%' => 0.88,
        'w' | 'G' | 'O' | 'Q' => 0.76,
        'A'..='Z' | '&' => 0.68,
        'a'..='z' | '0'..='9' => 0.55,
        letter if letter.is_ascii() => 0.58,
        '·' => 0.3,
        // Signs and pictures.
        letter if letter as u32 > 0x2_000 => 1.1,
        _ => 0.6,
    }
}

/// Breaks runs into lines of at most this width: at the ends of lines that they have, and at spaces.
pub fn wrap(runs: &[Run], width: f32) -> Vec<Vec<Run>> {
    let mut lines = vec![Vec::new()];
    let mut used = 0.0;
    for Run { text, look } in runs {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
                used = 0.0;
            }
            for word in part.split_inclusive(' ') {
                if used > 0.0 && used + look.width(word.trim_end()) > width {
                    lines.push(Vec::new());
                    used = 0.0;
                }
                used += look.width(word);
                push(lines.last_mut().unwrap(), word, *look);
            }
        }
    }
    lines
}

fn push(line: &mut Vec<Run>, word: &str, look: Look) {
    match line.last_mut() {
        Some(last) if last.look == look => last.text.push_str(word),
        _ => line.push(look.run(word)),
    }
}
