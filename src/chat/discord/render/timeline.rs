//! What happened to a bot, in an embed of its own.

use serenity::builder::CreateEmbed;

use super::super::markdown::{clip, day, escape, quiet, time, time_to_the_minute};
use super::card::TIMELINE_SHARE;
use crate::report::card::{Timeline, TimelineLine};

/// The events, and the small print below them; of a long history the beginning and the end.
pub(super) fn draw(timeline: &Timeline<'_>, small_print: &str) -> CreateEmbed {
    // The day, the line about what is left out, and line breaks have room as well.
    let room = TIMELINE_SHARE.saturating_sub(small_print.chars().count() + 100);
    let mut lines = shortened(timeline, room);
    match timeline.day {
        Some(at) => lines.insert(0, day(at)),
        None if lines.is_empty() => lines.push(Timeline::EMPTY.to_owned()),
        None => {}
    }
    let text = format!("{}\n{small_print}", lines.join("\n"));
    CreateEmbed::new().title(Timeline::HEADING).description(clip(&text, TIMELINE_SHARE))
}

/// The lines, without those in the middle that do not fit.
fn shortened(timeline: &Timeline<'_>, room: usize) -> Vec<String> {
    let mut lines: Vec<String> =
        timeline.lines.iter().map(|line| draw_line(line, timeline.to_the_second)).collect();
    let length = |lines: &[String]| lines.iter().map(|line| line.chars().count() + 1).sum::<usize>();
    let all = lines.len();
    while lines.len() > 2 && length(&lines) > room {
        lines.remove(lines.len() / 2);
    }
    if lines.len() < all {
        lines.insert(lines.len() / 2, Timeline::left_out(all - lines.len()));
    }
    lines
}

fn draw_line(line: &TimelineLine<'_>, to_the_second: bool) -> String {
    let at = match line.at {
        None => "at an unknown time".to_owned(),
        Some(at) if to_the_second => time(at),
        Some(at) => time_to_the_minute(at),
    };
    let new_day = line.at.filter(|_| line.is_new_day).map(|at| format!("{}\n", day(at)));
    let code = |code: &str| format!(" `{}`", quiet(&clip(code, 80)).replace('`', "'"));
    let code = line.sub_code.map(code).unwrap_or_default();
    format!("{}{at} {}{code}", new_day.unwrap_or_default(), escape(&clip(&line.text, 200)))
}
