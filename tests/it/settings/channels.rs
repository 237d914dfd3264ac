//! The channels file: what is read of it, and what a person reads about its mistakes.

use std::path::Path;

use why_no_recording::cli::config;
use why_no_recording::settings::channels::{ChannelRow, PlatformsOn, parse};
use why_no_recording::settings::environment::Environment;

use super::{SECRET, load_with};

fn read(text: &str) -> Result<Vec<ChannelRow>, String> {
    let on = PlatformsOn { slack: true, discord: true };
    parse(Path::new("channels.csv"), text.as_bytes(), on)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn cells(row: &ChannelRow) -> (u64, &str, [Option<&str>; 3]) {
    let optional = [&row.slack_channel, &row.discord_channel, &row.mention];
    (row.line, &row.value, optional.map(Option::as_deref))
}

#[test]
fn rows_are_read_as_spreadsheets_and_databases_write_them() {
    let discord = "123456789012345678";
    for (text, expect) in [
        ("value,slack_channel\nacme,C0123456789\n", (2, "acme", [Some("C0123456789"), None, None])),
        // A mark at the beginning, line ends of Windows, spaces, an empty row, and no line end at the end.
        ("\u{feff}value,slack_channel\r\n,\r\n acme , #acme ", (3, "acme", [Some("#acme"), None, None])),
        // Columns in another order, and semicolons.
        (
            "mention;discord_channel;value\n<@&123456789012345678>;123456789012345678;acme\n",
            (2, "acme", [None, Some(discord), Some("<@&123456789012345678>")]),
        ),
        ("value,slack_channel\n\n\nacme,C1\n", (4, "acme", [Some("C1"), None, None])),
        // Quotes.
        ("value,slack_channel\n\"Acme, \"\"Inc\"\"\",C1\n", (2, "Acme, \"Inc\"", [Some("C1"), None, None])),
        // Short rows, and columns without a name that are empty.
        ("value,slack_channel,mention,,\nacme,C1,,,\n", (2, "acme", [Some("C1"), None, None])),
        ("value,slack_channel,mention\nacme,C1\n", (2, "acme", [Some("C1"), None, None])),
    ] {
        let rows = read(text).unwrap_or_else(|problems| panic!("{text:?}: {problems}"));
        assert_eq!(rows.len(), 1, "{text:?}");
        assert_eq!(cells(&rows[0]), expect, "{text:?}");
    }
}

const MISTAKES: &[(&str, &str)] = &[
    (
        "",
        "channels.csv, line 1: no column is named value. The first line names the columns: value, slack_channel, discord_channel, mention.\n\
          channels.csv, line 1: no column is named slack_channel. The first line names the columns: value, slack_channel, discord_channel, mention.",
    ),
    (
        "value,slack_channel\n",
        "channels.csv: the table has no rows. Add one, or remove alerts.channels_file to send all alerts to the default channel.",
    ),
    (
        "value,slack_chanel\nacme,C1\n",
        "channels.csv, line 1: slack_chanel is not a column. Did you mean slack_channel?\n\
          channels.csv, line 1: no column is named slack_channel. The first line names the columns: value, slack_channel, discord_channel, mention.",
    ),
    (
        "value,slack_channel,owner\nacme,C1,sam\n",
        "channels.csv, line 1: owner is not a column. The columns are value, slack_channel, discord_channel, mention.",
    ),
    (
        "value,value,slack_channel\nacme,x,C1\n",
        "channels.csv, line 1: two columns are named value. Remove one of them.",
    ),
    (
        "value,slack_channel\nacme,C1\nglobex,C2\nacme,C3\n",
        "channels.csv, line 4: the value is the same as in line 2. Remove one of the two rows.",
    ),
    ("value,slack_channel\n,C1\n", "channels.csv, line 2: the row has no value. Add one, or remove the row."),
    (
        "value,slack_channel\nacme,\n",
        "channels.csv, line 2: the row has no channel. Add slack_channel or discord_channel. To drop alerts, write an [[alerts.route]] with drop = true.",
    ),
    (
        "value,slack_channel\nAcme, Inc,C1\n",
        "channels.csv, line 2: the row has more cells than there are columns. Put a value with a comma in double quotes.",
    ),
    (
        "value,slack_channel\nacme,My Channel\n",
        "channels.csv, line 2: slack_channel must be a Slack channel: its id, as in C0123456789, or its name in lower case, as in #recordings.",
    ),
    (
        "value,discord_channel\nacme,general\n",
        "channels.csv, line 2: discord_channel must be an id of Discord's, digits only, as in 123456789012345678 (right-click it and choose Copy ID, with Developer Mode on).",
    ),
    (
        "value,discord_channel\nacme,1.23457E+17\n",
        "channels.csv, line 2: discord_channel is a number that a spreadsheet has rounded. Format the column as text, and paste the ID again.",
    ),
    (
        "value,slack_channel,mention\nacme,C1,@sam\n",
        "channels.csv, line 2: mention must be a mention as Slack writes it",
    ),
    (
        "value,slack_channel,mention\nacme,C1,<@&123456789012345678>\n",
        "channels.csv, line 2: mention must be a mention of Slack",
    ),
];

#[test]
fn mistakes_are_told_with_their_line_and_what_to_do() {
    for (text, expect) in MISTAKES {
        let told = read(text).unwrap_err();
        assert!(told.starts_with(expect), "{text:?}\n{told}");
        assert!(!told.contains("acme"), "a value may name a customer: {told}");
    }
    let not_text = parse(Path::new("channels.csv"), b"value\xff", PlatformsOn { slack: true, discord: true });
    let told = not_text.unwrap_err()[0].to_string();
    assert_eq!(told, "channels.csv: the file is not text in UTF-8. Save it as \"CSV UTF-8\".");
}

#[test]
fn all_mistakes_are_told_at_once_up_to_a_bound() {
    let bad: String = (0..60).map(|number| format!("{number},My Channel\n")).collect();
    let told = read(&format!("value,slack_channel\n{bad}")).unwrap_err();
    assert_eq!(told.lines().count(), 21, "{told}");
    assert!(told.ends_with("channels.csv: 40 more mistakes are not listed."), "{told}");
}

#[test]
fn a_platform_that_is_off_takes_no_alerts() {
    let on = PlatformsOn { slack: false, discord: true };
    let told = parse(Path::new("channels.csv"), b"value,slack_channel\nacme,C1\n", on).unwrap_err();
    assert_eq!(
        told[0].to_string(),
        "channels.csv, line 2: slack_channel is set, but Slack is off. Set SLACK_BOT_TOKEN as well, or leave the cell empty."
    );
}

#[test]
fn config_check_reads_the_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("channels.csv");
    let check = |more: &[(&str, &str)]| {
        let mut variables = vec![
            ("RECALL_API_KEY", SECRET),
            ("SLACK_BOT_TOKEN", "xoxb-EXAMPLE"),
            ("SLACK_APP_TOKEN", "xapp-EXAMPLE"),
        ];
        variables.extend(more.iter().copied());
        let loaded = load_with("", Environment::of(&variables)).unwrap();
        config::check(&loaded).unwrap_or_else(|problems| problems.to_string())
    };
    let file = path.display().to_string();
    let set = [("ALERTS_CHANNELS_FILE", file.as_str()), ("ALERTS_CHANNELS_KEY", "customer")];
    let told = check(&set);
    assert!(told.contains("the file cannot be read") && told.contains(&file), "{told}");
    std::fs::write(&path, "value,slack_channel\nacme,My Channel\n,C1\n").unwrap();
    let told = check(&set);
    assert!(told.starts_with("2 problems with the settings:\n- ") && told.contains(", line 3: "), "{told}");
    std::fs::write(&path, "value,slack_channel\nacme,C1\nglobex,C1\n").unwrap();
    let told = check(&set);
    assert!(
        told.contains(&format!("Alerts: on, notify and above, to 2 rows of {file} by metadata.customer")),
        "{told}"
    );
    assert_eq!(
        check(&set[..1]),
        "alerts.channels_file is set, but alerts.channels_key is not. Set ALERTS_CHANNELS_KEY as well, or remove \
         alerts.channels_file."
    );
    assert!(check(&set[1..]).starts_with("alerts.channels_key is set, but alerts.channels_file is not."));
}

/// 100,000 rows, the most that there can be.
#[test]
#[ignore = "figures, for a release build"]
fn measured_a_table_is_read() {
    for rows in [5_000, 100_000] {
        let lines: String = (0..rows).map(|row| format!("customer {row},C{row},,<!here>\n")).collect();
        let text = format!("value,slack_channel,discord_channel,mention\n{lines}");
        let begun = std::time::Instant::now();
        assert_eq!(read(&text).unwrap().len(), rows);
        println!("{rows} rows, {} KiB: read and checked in {:?}", text.len() / 1024, begun.elapsed());
    }
}
