//! Renders a digest for Discord, which has no charts: bars of text, narrow enough for a phone.

use serenity::builder::CreateEmbed;

use super::super::markdown::{clip, code_block, escape};
use super::alerts::line;
use crate::report::digest::{Digest, DigestList, DigestPart, DigestRow};

/// Most characters in the title of an embed.
const TITLE_MAX: usize = 256;
/// Most characters in the description of an embed.
const DESCRIPTION_MAX: usize = 4096;

pub(super) fn embed(digest: &Digest) -> CreateEmbed {
    let parts: Vec<String> = digest.parts().iter().map(part).collect();
    CreateEmbed::new()
        .title(clip(&escape(&digest.title()), TITLE_MAX))
        .description(clip(&parts.join("\n\n"), DESCRIPTION_MAX))
}

fn part(part: &DigestPart) -> String {
    match part {
        DigestPart::Lines(lines) => lines.iter().map(line).collect::<Vec<_>>().join("\n"),
        DigestPart::Columns(chart) => {
            format!(
                "**{}**\n{}",
                escape(&chart.title),
                code_block(&chart.bars().join("\n"), DESCRIPTION_MAX / 4)
            )
        }
        DigestPart::List(list) => {
            let rows = list.rows.iter().map(|one| row(list, one));
            std::iter::once(format!("**{}**", escape(&list.heading)))
                .chain(rows)
                .collect::<Vec<_>>()
                .join("\n")
        }
        DigestPart::SmallPrint(text) => format!("-# {}", escape(text)),
    }
}

fn row(list: &DigestList, row: &DigestRow) -> String {
    let label = clip(&line(&row.label), 400);
    match (list.bar(row), row.bots) {
        (Some(bar), Some(bots)) => format!("`{bar}` **{bots}** {label}"),
        _ => format!("• {label}"),
    }
}
