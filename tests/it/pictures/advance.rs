//! How wide letters are: Arial's advances, which Helvetica and Liberation Sans share.

/// The advance of every letter from the space to `~`, for a font of size 1000.
const REGULAR: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, // to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, // to ?
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, // to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, // to _
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, // to o
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
/// Every letter of the fonts that a terminal uses, or less.
const MONO: u16 = 602;
/// A sign that is drawn as a disc, with what stands around it.
const DISC: u16 = 1200;

/// The colour of a sign that is a coloured disc. Not every reader's fonts have these, so they are drawn.
pub fn disc(sign: char) -> Option<&'static str> {
    Some(match sign {
        '🟡' => "#f5c518",
        '🔴' => "#dd2e44",
        '🟠' => "#f4900c",
        '🟢' => "#56a846",
        '⚪' => "#c8ccd1",
        _ => return None,
    })
}

/// The advance of a letter for a font of size 1.
pub fn advance(letter: char, bold: bool, mono: bool) -> f32 {
    let table = if bold { &BOLD } else { &REGULAR };
    let thousandths = match letter {
        // A space without width.
        '\u{200b}' => 0,
        _ if disc(letter).is_some() => DISC,
        _ if mono => MONO,
        ' '..='~' => table[letter as usize - ' ' as usize],
        '·' => 278,
        '•' => 350,
        '–' => 556,
        '…' | '↗' => 1000,
        '›' => 333,
        _ if letter.is_alphabetic() => 556,
        other => panic!("nobody has measured {other:?} yet"),
    };
    f32::from(thousandths) / 1000.0
}
