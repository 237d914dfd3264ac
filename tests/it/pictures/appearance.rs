//! The same picture in the platform's other appearance: each colour has a counterpart.

/// Slack's colours in the light, and their counterparts in the dark.
pub const SLACK_DARK: &[(&str, &str)] = &[
    ("#ffffff", "#1a1d21"),
    ("#1d1c1d", "#d1d2d3"),
    ("#616061", "#ababad"),
    ("#d0d0d0", "#35373b"),
    ("#dddddd", "#35373b"),
    ("#f8f8f8", "#222529"),
    ("#b8b8b8", "#565856"),
    ("#e8e8e8", "#35373b"),
    ("#1264a3", "#1d9bd1"),
    ("#c01343", "#e8912d"),
    ("#e8f5fa", "#1b2b34"),
];

/// Discord's colours in the dark, and their counterparts in the light.
pub const DISCORD_LIGHT: &[(&str, &str)] = &[
    ("#313338", "#ffffff"),
    ("#1e1f22", "#e3e5e8"),
    ("#2b2d31", "#f2f3f5"),
    ("#3f4147", "#e1e3e6"),
    ("#f2f3f5", "#060607"),
    ("#dbdee1", "#313338"),
    ("#949ba4", "#5c5e66"),
    ("#b5bac1", "#4e5058"),
    ("#80848e", "#6d6f78"),
    ("#00a8fc", "#006ce7"),
    ("#3c4270", "#e6e8fd"),
    ("#c9cdfb", "#4752c4"),
];

/// The picture with each colour replaced by its counterpart. All are replaced at once, since one may be another's
/// counterpart.
pub fn other(picture: &str, colours: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(picture.len());
    let mut rest = picture;
    while let Some(at) = rest.find('#') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let counterpart = colours.iter().find(|(colour, _)| from.starts_with(colour));
        let (written, length) = counterpart.map_or(("#", 1), |(colour, other)| (*other, colour.len()));
        out.push_str(written);
        rest = &from[length..];
    }
    out + rest
}
