//! Drawings of the places that a host clicks: our own, from the table of labels, so that they exist in each language.
//!
//! An SVG wraps no text, so lines are broken here, by the usual width of the letters.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Deserialize;
use textwrap::core::display_width;

use super::Language;
use super::frame::Words;
use super::labels::{Labels, Shown};

/// Width of a drawing, in its own units; it scales with the page.
const WIDTH: u32 = 360;
/// Space between the edge and what is drawn.
const EDGE: u32 = 16;
/// Height of a line of text.
const LINE: u32 = 19;
/// Usual width of a Latin letter in tenths; those of Asian scripts take two.
const LETTER_TENTHS: u32 = 74;
/// The same of a bold one.
const BOLD_TENTHS: u32 = 78;

/// A place on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// The settings for recordings at zoom.us.
    Settings,
    /// The request to record, in the meeting.
    Request,
    /// The button at the bottom right of a meeting.
    EndOrLeave,
    /// The options of a meeting at zoom.us.
    AlternativeHosts,
    /// The list of participants, with the waiting room.
    WaitingRoom,
}

/// A drawing with what is said below it.
pub(super) struct Drawing {
    /// The SVG, ready to stand in a page.
    pub svg: String,
    /// What is said below it.
    pub caption: String,
}

/// Draws a place in a language.
pub(super) fn draw(place: Place, labels: &Labels, words: &Words, language: Language) -> Drawing {
    let mut canvas = Canvas { labels, language, y: EDGE, body: String::new(), alternative: Vec::new() };
    let caption = match place {
        Place::Settings => {
            canvas.settings();
            &words.draw_settings
        }
        Place::Request => {
            canvas.request(&words.notetaker);
            &words.draw_request
        }
        Place::EndOrLeave => {
            canvas.end_or_leave(words);
            &words.draw_end_or_leave
        }
        Place::AlternativeHosts => {
            canvas.alternative_hosts();
            &words.draw_alternative_hosts
        }
        Place::WaitingRoom => {
            canvas.waiting_room(words);
            &words.draw_waiting_room
        }
    };
    Drawing { svg: canvas.finish(), caption: caption.clone() }
}

struct Canvas<'a> {
    labels: &'a Labels,
    language: Language,
    /// Where the next thing is drawn.
    y: u32,
    body: String,
    /// What is said instead of the drawing: the texts in it.
    alternative: Vec<String>,
}

impl<'a> Canvas<'a> {
    fn label(&self, name: &str) -> Shown<'a> {
        self.labels.shown(name, self.language).unwrap_or(Shown { text: "", translation: None })
    }

    fn settings(&mut self) {
        self.bar(&["settings", "tab_recording"]);
        for name in ["record_to_computer", "hand_on"] {
            let top = self.y;
            self.labelled(name, EDGE, WIDTH - 2 * EDGE - 64);
            self.switch(WIDTH - EDGE - 46, top);
            self.y = self.y.max(top + 24) + 14;
        }
        for name in ["internal", "external"] {
            let top = self.y;
            self.checkbox(EDGE + 8, top);
            self.labelled(name, EDGE + 38, WIDTH - 2 * EDGE - 38);
            self.y = self.y.max(top + 20) + 12;
        }
    }

    fn request(&mut self, notetaker: &str) {
        let text = self.label("request").text.replace("{0}", notetaker);
        self.y += 8;
        self.paragraph(&text, "strong", EDGE, WIDTH - 2 * EDGE);
        self.y += 16;
        let (deny, allow) = (self.label("deny"), self.label("allow"));
        let (deny_width, allow_width) = (button_width(deny), button_width(allow));
        self.button(allow, "go", WIDTH - EDGE - allow_width, allow_width, true);
        self.button(deny, "still", WIDTH - EDGE - allow_width - 14 - deny_width, deny_width, false);
        self.y += 48;
    }

    fn end_or_leave(&mut self, words: &Words) {
        for (who, name, kind) in [(&words.host, "end", "stop"), (&words.participant, "leave", "stop")] {
            self.paragraph(who, "muted", EDGE, WIDTH - 2 * EDGE);
            let shown = self.label(name);
            let height = button_height(shown) + 20;
            self.rectangle("screen", EDGE, self.y, WIDTH - 2 * EDGE, height);
            for dot in 0..4 {
                let (x, y) = (EDGE + 26 + dot * 34, self.y + height / 2);
                let _ = write!(self.body, r#"<circle class="dim" cx="{x}" cy="{y}" r="9"/>"#);
            }
            let width = button_width(shown);
            self.y += 10;
            self.button(shown, kind, WIDTH - EDGE - 10 - width, width, true);
            self.y += height + 4;
        }
    }

    fn alternative_hosts(&mut self) {
        self.bar(&["edit_meeting", "options"]);
        self.labelled("alternative_hosts", EDGE, WIDTH - 2 * EDGE);
        self.y += 4;
        self.rectangle("field", EDGE, self.y, WIDTH - 2 * EDGE, 36);
        self.ring(EDGE, self.y, WIDTH - 2 * EDGE, 36);
        self.text("name@example.com", "muted", EDGE + 12, self.y + 23);
        self.y += 46;
    }

    fn waiting_room(&mut self, words: &Words) {
        let waiting = format!("{} (1)", self.label("waiting_room").text);
        self.paragraph(&waiting, "strong", EDGE, WIDTH - 2 * EDGE);
        self.y += 8;
        let admit = self.label("admit");
        let width = button_width(admit);
        self.avatar(&words.notetaker, self.y);
        self.button(admit, "go", WIDTH - EDGE - width, width, true);
        self.y += 50;
        let participants = format!("{} (2)", self.label("participants").text);
        self.paragraph(&participants, "strong", EDGE, WIDTH - 2 * EDGE);
        self.y += 6;
        for who in [&words.host, &words.participant] {
            self.avatar(who, self.y);
            self.y += 38;
        }
    }

    /// The address and the menu above the settings at zoom.us.
    fn bar(&mut self, menu: &[&str]) {
        self.text("zoom.us", "muted", EDGE, self.y + 13);
        self.y += LINE + 6;
        let names: Vec<&str> = menu.iter().map(|name| self.label(name).text).collect();
        self.paragraph(&names.join(" > "), "strong", EDGE, WIDTH - 2 * EDGE);
        let translations: Vec<&str> = menu
            .iter()
            .map(|name| {
                let shown = self.label(name);
                shown.translation.unwrap_or(shown.text)
            })
            .collect();
        if translations != names {
            self.paragraph(&format!("({})", translations.join(" > ")), "muted", EDGE, WIDTH - 2 * EDGE);
        }
        let _ = write!(self.body, r#"<path class="line" d="M{EDGE} {0}H{1}"/>"#, self.y + 4, WIDTH - EDGE);
        self.y += 20;
    }

    /// A label, with what it means below it if it is not in the language of the page.
    fn labelled(&mut self, name: &str, x: u32, width: u32) {
        let shown = self.label(name);
        self.paragraph(shown.text, "text", x, width);
        if let Some(translation) = shown.translation {
            self.paragraph(&format!("({translation})"), "muted", x, width);
        }
    }

    fn paragraph(&mut self, text: &str, class: &str, x: u32, width: u32) {
        self.alternative.push(text.to_owned());
        for line in lines(text, width) {
            let y = self.y + 14;
            let _ = write!(self.body, r#"<text class="{class}" x="{x}" y="{y}">{}</text>"#, escape(&line));
            self.y += LINE;
        }
    }

    fn text(&mut self, text: &str, class: &str, x: u32, y: u32) {
        self.alternative.push(text.to_owned());
        let _ = write!(self.body, r#"<text class="{class}" x="{x}" y="{y}">{}</text>"#, escape(text));
    }

    /// A switch that is on.
    fn switch(&mut self, x: u32, y: u32) {
        let _ = write!(
            self.body,
            r#"<rect class="on" x="{x}" y="{y}" width="42" height="22" rx="11"/><circle class="knob" cx="{}" cy="{}" r="8"/>"#,
            x + 31,
            y + 11
        );
        self.ring(x, y, 42, 22);
    }

    /// A checkbox that is selected.
    fn checkbox(&mut self, x: u32, y: u32) {
        let _ = write!(
            self.body,
            r#"<rect class="on" x="{x}" y="{y}" width="18" height="18" rx="3"/><path class="tick" d="M{} {}l4 4l7 -8"/>"#,
            x + 4,
            y + 9
        );
        self.ring(x, y, 18, 18);
    }

    fn button(&mut self, shown: Shown<'_>, kind: &str, x: u32, width: u32, is_wanted: bool) {
        let (y, height) = (self.y, button_height(shown));
        self.rectangle(kind, x, y, width, height);
        let middle = x + width / 2;
        self.alternative.push(shown.text.to_owned());
        let _ = write!(
            self.body,
            r#"<text class="{kind}-text" text-anchor="middle" x="{middle}" y="{}">{}</text>"#,
            y + 22,
            escape(shown.text)
        );
        if let Some(translation) = shown.translation {
            self.alternative.push(format!("({translation})"));
            let _ = write!(
                self.body,
                r#"<text class="{kind}-text" text-anchor="middle" x="{middle}" y="{}">({})</text>"#,
                y + 22 + LINE,
                escape(translation)
            );
        }
        if is_wanted {
            self.ring(x, y, width, height);
        }
    }

    fn avatar(&mut self, name: &str, y: u32) {
        let (x, middle) = (EDGE + 14, y + 17);
        let _ = write!(self.body, r#"<circle class="dim" cx="{x}" cy="{middle}" r="13"/>"#);
        self.text(name, "text", EDGE + 38, y + 22);
    }

    fn rectangle(&mut self, class: &str, x: u32, y: u32, width: u32, height: u32) {
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>"#
        );
    }

    /// Goes around what has to be clicked, or looked at.
    fn ring(&mut self, x: u32, y: u32, width: u32, height: u32) {
        let _ = write!(
            self.body,
            r#"<rect class="ring" x="{}" y="{}" width="{}" height="{}" rx="9"/>"#,
            x.saturating_sub(4),
            y.saturating_sub(4),
            width + 8,
            height + 8
        );
    }

    fn finish(self) -> String {
        let height = self.y + EDGE;
        format!(
            r#"<svg role="img" aria-label="{}" viewBox="0 0 {WIDTH} {height}" xmlns="http://www.w3.org/2000/svg">{}</svg>"#,
            escape(&self.alternative.join("; ")),
            self.body
        )
    }
}

/// The lines of a text in a column.
fn lines(text: &str, width: u32) -> Vec<String> {
    let letters = usize::try_from(width * 10 / LETTER_TENTHS).unwrap_or(1);
    textwrap::wrap(text, letters.max(1)).into_iter().map(Cow::into_owned).collect()
}

/// Wide enough for what stands on it, which is bold.
fn button_width(shown: Shown<'_>) -> u32 {
    let letters = |text: &str| u32::try_from(display_width(text)).unwrap_or(WIDTH);
    let widest = letters(shown.text).max(shown.translation.map_or(0, |text| letters(text) + 2));
    widest * BOLD_TENTHS / 10 + 28
}

fn button_height(shown: Shown<'_>) -> u32 {
    if shown.translation.is_some() { 34 + LINE } else { 34 }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
