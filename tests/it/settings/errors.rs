//! Whole sentences, because an error is read by a person who has only that sentence.

use why_no_recording::settings::environment::Environment;

use super::{SECRET, from_variables, load_with};

/// Checks the whole text that a person reads about a settings file.
#[track_caller]
fn check_file_error(text: &str, expected: &str) {
    let problems = load_with(text, Environment::default()).unwrap_err();
    assert_eq!(problems.to_string(), expected);
}

/// Checks the whole text that a person reads about a variable.
#[track_caller]
fn check_variable_error(name: &str, value: &str, expected: &str) {
    let problems = load_with("", Environment::of(&[(name, value)])).unwrap_err();
    assert_eq!(problems.to_string(), expected);
}

#[test]
fn a_value_file_that_cannot_be_read_is_named() {
    let mut environment = Environment::of(&[("SLACK_BOT_TOKEN_FILE", "/run/secrets/slack")]);
    environment.files.insert("/run/secrets/slack".to_owned(), Err("Permission denied".to_owned()));
    assert_eq!(
        load_with("", environment).unwrap_err().to_string(),
        "SLACK_BOT_TOKEN_FILE names /run/secrets/slack, which cannot be read: Permission denied. \
         Check the path and who may read it."
    );
}

#[test]
fn a_variable_and_its_file_exclude_each_other() {
    let environment =
        Environment::of(&[("RECALL_API_KEY", SECRET), ("RECALL_API_KEY_FILE", "/run/secrets/recall")]);
    assert_eq!(
        load_with("", environment).unwrap_err().to_string(),
        "RECALL_API_KEY and RECALL_API_KEY_FILE are both set. Unset one of them."
    );
}

#[test]
fn unknown_keys_are_errors_with_a_suggestion() {
    check_file_error(
        "# ours\n\n[recall]\nregoin = \"us-west-2\"\n",
        "wnr.toml, line 4: recall.regoin is not a setting. Did you mean `region`?",
    );
    check_file_error(
        "[slak]\nbot_token = \"xoxb-EXAMPLE\"\n",
        "wnr.toml, line 1: slak is not a setting. Did you mean `slack`?",
    );
    check_file_error(
        "[slack]\nretention_days = 3\n",
        "wnr.toml, line 2: slack.retention_days is not a setting. \
         Did you mean `privacy.retention_days`?",
    );
    check_file_error(
        "retention_days = 3\n",
        "wnr.toml, line 1: retention_days is not a setting. \
         Did you mean `privacy.retention_days`?",
    );
    check_file_error(
        "[log]\ncolour = true\n",
        "wnr.toml, line 2: log.colour is not a setting. Known here: level, format.",
    );
    check_file_error(
        "[[recall.workspace]]\nname = \"eu\"\nregin = \"eu-central-1\"\n",
        "wnr.toml, line 3: recall.workspace[1].regin is not a setting. Did you mean `region`?",
    );
    check_file_error(
        "[[recall.workspaces]]\nname = \"eu\"\n",
        "wnr.toml, line 1: recall.workspaces is not a setting. Did you mean `workspace`?",
    );
}

#[test]
fn unknown_variables_are_errors_only_where_the_prefix_is_ours() {
    from_variables(&[("SLACK_BOT_TOKN", "xoxb-EXAMPLE"), ("LOG_DIRECTORY", "/x")]);
    from_variables(&[("WHY_NO_RECORDING_CONFIG", "wnr.toml")]);
    check_variable_error(
        "WHY_NO_RECORDING_CONFG",
        "wnr.toml",
        "WHY_NO_RECORDING_CONFG is not a variable of this program. \
         Did you mean `WHY_NO_RECORDING_CONFIG`?",
    );
    check_variable_error(
        "WHY_NO_RECORDING_RECALL_API_KEY",
        SECRET,
        "WHY_NO_RECORDING_RECALL_API_KEY is not a variable of this program. \
         Did you mean `RECALL_API_KEY`?",
    );
    check_variable_error(
        "WHY_NO_RECORDING_ZZZ",
        "1",
        "WHY_NO_RECORDING_ZZZ is not a variable of this program. \
         Unset it; `why-no-recording config default` lists the settings.",
    );
}

#[test]
fn values_of_the_wrong_type_say_what_they_should_be() {
    check_file_error(
        "[recall]\nregion = 5\n",
        "wnr.toml, line 2: recall.region is 5, but must be \
         one of us-east-1, us-west-2, eu-central-1, ap-northeast-1.",
    );
    check_file_error(
        "[alerts]\nwarn_after_secs = \"180\"\n",
        "wnr.toml, line 2: alerts.warn_after_secs is \"180\", but must be \
         a whole number from 1 to 2592000, without quotes.",
    );
    check_file_error(
        "[privacy]\nretention_days = -1\n",
        "wnr.toml, line 2: privacy.retention_days is -1, but must be \
         a whole number from 0 to 36500, without quotes.",
    );
    check_file_error(
        "[recall]\ninsecure_webhooks = \"yes\"\n",
        "wnr.toml, line 2: recall.insecure_webhooks is \"yes\", but must be \
         true or false, without quotes.",
    );
    check_file_error(
        "[recall]\napi_key = 12345678\n",
        "wnr.toml, line 2: recall.api_key must be text in quotes.",
    );
    check_file_error(
        "[http]\nlisten = 1.5\n",
        "wnr.toml, line 2: http.listen is a value of the type float, but must be text in quotes.",
    );
    check_file_error(
        "recall = \"us-east-1\"\n",
        "wnr.toml, line 1: recall must be written as a section: [recall].",
    );
    check_file_error(
        "[recall.workspace]\nname = \"eu\"\n",
        "wnr.toml, line 1: recall.workspace must be written as a section: [[recall.workspace]].",
    );
}

#[test]
fn words_outside_the_vocabulary_list_it() {
    check_variable_error(
        "RECALL_REGION",
        "us-east-3",
        "RECALL_REGION is \"us-east-3\", but must be \
         one of us-east-1, us-west-2, eu-central-1, ap-northeast-1.",
    );
    check_variable_error(
        "LOG_LEVEL",
        "verbose",
        "LOG_LEVEL is \"verbose\", but must be one of error, warn, info, debug, trace.",
    );
    check_variable_error(
        "PRIVACY_PARTICIPANT_NAMES",
        "some",
        "PRIVACY_PARTICIPANT_NAMES is \"some\", but must be one of off, initials, full.",
    );
}

#[test]
fn urls_are_checked() {
    check_variable_error(
        "RECALL_BASE_URL",
        "us-east-1.recall.ai",
        "RECALL_BASE_URL is \"us-east-1.recall.ai\", but must be \
         a URL that begins with https:// and names a host.",
    );
    check_variable_error(
        "RECALL_BASE_URL",
        "http://recall.example",
        "RECALL_BASE_URL is \"http://recall.example\", but must be \
         an https:// URL, because a key is sent to it; http:// is for loopback addresses only.",
    );
    check_variable_error(
        "RECALL_BASE_URL",
        "https://r.recall.ai/api/v1/",
        "RECALL_BASE_URL is \"https://r.recall.ai/api/v1/\", but must be \
         a URL without /api/v1, as in https://us-east-1.recall.ai.",
    );
    check_variable_error(
        "RECALL_BASE_URL",
        "https://me:example@recall.ai",
        "RECALL_BASE_URL is \"https://***@recall.ai\", but must be \
         a URL without a user name and a password.",
    );
    check_variable_error(
        "DISCORD_API_URL",
        "https://discord.com/api",
        "DISCORD_API_URL is \"https://discord.com/api\", but must be \
         a URL without a path: scheme, host and port, as in https://discord.com.",
    );
    check_variable_error(
        "HTTP_PUBLIC_URL",
        "wnr.example.com",
        "HTTP_PUBLIC_URL is \"wnr.example.com\", but must be \
         a URL that begins with https:// and names a host.",
    );
    check_variable_error(
        "HTTP_PUBLIC_URL",
        "https://wnr.example.com/?a=b",
        "HTTP_PUBLIC_URL is \"https://wnr.example.com/?a=b\", but must be \
         a URL without ? and #.",
    );
    check_variable_error(
        "DATABASE_URL",
        "mysql://me:example@db/wnr",
        "DATABASE_URL is \"mysql://***@db/wnr\", but must be sqlite:// and a path, \
         as in sqlite:///var/lib/why-no-recording/wnr.db, or a postgres:// URL.",
    );
}

#[test]
fn empty_values_are_errors() {
    check_variable_error("SLACK_BOT_TOKEN", " ", "SLACK_BOT_TOKEN is empty. Give it a value, or remove it.");
    check_file_error(
        "[recall]\nwebhook_secret = \"\"\n",
        "wnr.toml, line 2: recall.webhook_secret is empty. Give it a value, or remove it.",
    );
}

#[test]
fn tokens_in_each_others_place_are_told_apart() {
    check_variable_error(
        "SLACK_BOT_TOKEN",
        "xapp-EXAMPLE",
        "SLACK_BOT_TOKEN must be the bot token, which begins with xoxb-; \
         this is another one of the app's tokens.",
    );
    check_variable_error(
        "SLACK_APP_TOKEN",
        "xoxb-EXAMPLE",
        "SLACK_APP_TOKEN must be the app-level token, which begins with xapp-; \
         this is another one of the app's tokens.",
    );
    check_variable_error(
        "RECALL_WEBHOOK_SECRET",
        SECRET,
        "RECALL_WEBHOOK_SECRET must be whsec_ and base64, as the Recall.ai dashboard shows it; \
         several are separated by commas.",
    );
    check_variable_error(
        "DISCORD_TOKEN",
        "two words",
        "DISCORD_TOKEN must be one word of plain characters, without spaces or line breaks.",
    );
    check_variable_error(
        "DISCORD_PUBLIC_KEY",
        "abc",
        "DISCORD_PUBLIC_KEY is \"abc\", but must be \
         64 hexadecimal digits, from the application's page General Information.",
    );
}

#[test]
fn channels_are_checked() {
    check_variable_error(
        "ALERTS_SLACK_CHANNEL",
        "Meeting Bots",
        "ALERTS_SLACK_CHANNEL is \"Meeting Bots\", but must be a Slack channel: \
         its id, as in C0123456789, or its name in lower case, as in #recordings.",
    );
    check_variable_error(
        "ALERTS_DISCORD_CHANNEL",
        "#alerts",
        "ALERTS_DISCORD_CHANNEL is \"#alerts\", but must be an id of Discord's, \
         digits only, as in 123456789012345678 \
         (right-click it and choose Copy ID, with Developer Mode on).",
    );
    check_file_error(
        "[alerts]\ndiscord_channel = 123456789012345678\n",
        "wnr.toml, line 2: alerts.discord_channel is 123456789012345678, but must be an id of Discord's in quotes, \
         digits only, as in \"123456789012345678\" \
         (right-click it and choose Copy ID, with Developer Mode on).",
    );
    let loaded = from_variables(&[("ALERTS_SLACK_CHANNEL", "C0123456789")]);
    assert_eq!(loaded.settings.alerts.slack_channel.as_deref(), Some("C0123456789"));
}

#[test]
fn other_values_are_checked() {
    check_variable_error(
        "HTTP_LISTEN",
        "8080",
        "HTTP_LISTEN is \"8080\", but must be an IP address and a port, as in 127.0.0.1:8080.",
    );
    check_variable_error(
        "SLACK_FOREIGN_USERS",
        "yes",
        "SLACK_FOREIGN_USERS is \"yes\", but must be true or false.",
    );
    check_variable_error(
        "SLACK_ALLOWED_USERS",
        "U1,,U2",
        "SLACK_ALLOWED_USERS is \"U1,,U2\", but must be texts separated by commas, none of them empty.",
    );
    check_variable_error(
        "HTTP_DRAIN_SECS",
        "61",
        "HTTP_DRAIN_SECS is \"61\", but must be a whole number from 0 to 60.",
    );
    check_variable_error(
        "RECALL_DOWNLOAD_HOSTS",
        "https://recall.ai",
        "RECALL_DOWNLOAD_HOSTS is \"https://recall.ai\", but must be host names \
         without scheme, port and path, as in files.example.com or *.example.com.",
    );
    check_variable_error(
        "RECALL_DOWNLOAD_HOSTS",
        "*",
        "RECALL_DOWNLOAD_HOSTS is \"*\", but must be host names \
         without scheme, port and path, as in files.example.com or *.example.com.",
    );
}

#[test]
fn invalid_toml_names_the_line_and_not_its_text() {
    let problems = load_with("[recall]\napi_key = example-key-not-real\n", Environment::default());
    let text = problems.unwrap_err().to_string();
    assert!(text.starts_with("wnr.toml, line 2: this is not valid TOML: "), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}

#[test]
fn all_problems_are_told_at_once() {
    let file = "[recall]\nregion = \"mars\"\n[log]\nlevl = \"info\"\n[http]\nlisten = \"x\"\n";
    check_file_error(
        file,
        "3 problems with the settings:\n\
         - wnr.toml, line 4: log.levl is not a setting. Did you mean `level`?\n\
         - wnr.toml, line 2: recall.region is \"mars\", but must be \
         one of us-east-1, us-west-2, eu-central-1, ap-northeast-1.\n\
         - wnr.toml, line 6: http.listen is \"x\", but must be \
         an IP address and a port, as in 127.0.0.1:8080.",
    );
}

#[test]
fn errors_do_not_repeat_a_key_in_the_wrong_place() {
    let key = "0123456789abcdef0123456789abcdef01234567";
    check_variable_error(
        "RECALL_REGION",
        key,
        "RECALL_REGION must be one of us-east-1, us-west-2, eu-central-1, ap-northeast-1.",
    );
    let route = format!("[[alerts.route]]\ncause = \"{key}\"\nworkspace = \"{key}\"\ndrop = true\n");
    let variables = [("RECALL_API_KEY", SECRET), ("SLACK_BOT_TOKEN", "xoxb-EXAMPLE")];
    let loaded = load_with(&route, Environment::of(&variables)).unwrap();
    let problems = loaded.settings.ready_to_serve().unwrap_err();
    assert_eq!(problems.0.len(), 2, "{problems}");
    assert!(!problems.to_string().contains(key), "{problems}");
}

/// The key itself in the place of the path to it.
#[test]
fn a_key_is_not_quoted_as_the_name_of_a_file() {
    let key = "0123456789abcdef0123456789abcdef01234567";
    let mut environment = Environment::of(&[("RECALL_API_KEY_FILE", key)]);
    environment.files.insert(key.to_owned(), Err("No such file".to_owned()));
    assert_eq!(
        load_with("", environment).unwrap_err().to_string(),
        "RECALL_API_KEY_FILE names a file, which cannot be read: No such file. \
         Check the path and who may read it."
    );
}

#[test]
fn workspaces_need_names_of_their_own() {
    check_file_error(
        "\n[[recall.workspace]]\nregion = \"eu-central-1\"\n",
        "wnr.toml, line 2: recall.workspace[1] has no name. \
         Add a line such as name = \"europe\".",
    );
    check_file_error(
        "[[recall.workspace]]\nname = \"eu\"\n[[recall.workspace]]\nname = \"eu\"\n",
        "wnr.toml, line 4: recall.workspace[2].name is \"eu\", but must be \
         another name than that of recall.workspace[1].",
    );
    check_file_error(
        "[recall]\napi_key = \"example-key-not-real\"\n[[recall.workspace]]\nname = \"default\"\n",
        "wnr.toml, line 4: recall.workspace[1].name is \"default\", but must be \
         another name than that of [recall].",
    );
    check_file_error(
        "[[recall.workspace]]\nname = \"Europe/1\"\n",
        "wnr.toml, line 2: recall.workspace[1].name is \"Europe/1\", but must be \
         lower-case letters, digits, - and _, because it is part of a path.",
    );
}

#[test]
fn routes_are_checked() {
    check_file_error(
        "[[alerts.route]]\nactor = \"host\"\n",
        "wnr.toml, line 1: alerts.route[1] has no channel. \
         Add slack_channel or discord_channel, or drop = true to drop what matches.",
    );
    check_file_error(
        "[[alerts.route]]\nslack_channel = \"#x\"\ndrop = true\n",
        "wnr.toml, line 3: alerts.route[1].drop is true, but must be \
         left out, because the route names a channel.",
    );
    check_file_error(
        "[alerts]\nmute_right = \"everyone\"\n",
        "wnr.toml, line 2: alerts.mute_right is \"everyone\", but must be one of ask, act.",
    );
    check_file_error(
        "[[alerts.route]]\nplatform = \"zooom\"\nslack_channel = \"#x\"\n",
        "wnr.toml, line 2: alerts.route[1].platform is \"zooom\", but must be one of zoom, \
         google_meet, microsoft_teams, webex, goto_meeting, slack_huddle, unknown.",
    );
    check_file_error(
        "[alerts]\nrecurrence_keys = [\"customer\", \"\"]\n",
        "wnr.toml, line 2: alerts.recurrence_keys is [\"customer\", \"\"], but must be text in quotes, \
         or a list of such, none of them empty.",
    );
}

#[test]
fn tokens_of_agents_say_which_one_is_wrong_and_never_what_it_was() {
    let each = "MCP_TOKENS must be a name, a colon and a token for each;";
    let ended = "letters, digits, -, ., _, ~, + and /, as `openssl rand -hex 32` prints.";
    for (value, expected) in [
        ("example-token-not-real", format!("{each} number 1 has no colon.")),
        (
            "a:example-token-not-real, b c:example-token-not-real",
            format!("{each} the name of number 2 must be letters, digits, -, _ and ., at most 64."),
        ),
        ("a:too-short", format!("{each} the token of number 1 must be at least 16 {ended}")),
        ("a:example token with spaces", format!("{each} the token of number 1 must be at least 16 {ended}")),
        (
            "a:example-token-not-real,a:example-token-of-another",
            "MCP_TOKENS must be tokens whose names differ, so that the audit says who asked; \
             number 2 has the name of an earlier one."
                .to_owned(),
        ),
        (
            "a:example-token-not-real,b:example-token-not-real",
            "MCP_TOKENS must be tokens that differ, so that the audit says who asked; number 2 repeats an earlier one."
                .to_owned(),
        ),
    ] {
        check_variable_error("MCP_TOKENS", value, &expected);
    }
    check_file_error(
        "[mcp]\ntokens = 5\n",
        "wnr.toml, line 2: mcp.tokens must be text in quotes, or a list of such, none of them empty.",
    );
}

#[test]
fn tokens_of_agents_are_read_from_a_list_a_variable_or_a_file() {
    let environment = Environment::of(&[])
        .with_file("/run/secrets/mcp", "a:example-token-not-real,b:example-token-of-another\n");
    let mut environment = environment;
    environment.variables.insert("MCP_TOKENS_FILE".to_owned(), "/run/secrets/mcp".to_owned());
    let listed = "[mcp]\ntokens = [\"a:example-token-not-real\", \"b:example-token-of-another\"]\n";
    for loaded in [load_with("", environment).unwrap(), load_with(listed, Environment::default()).unwrap()] {
        let names: Vec<&str> = loaded.settings.mcp.tokens.iter().map(|token| token.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }
}

#[test]
fn a_time_zone_that_nobody_knows_is_answered_with_the_nearest() {
    check_variable_error(
        "DIGEST_TIME_ZONE",
        "Europe/Berln",
        "DIGEST_TIME_ZONE is \"Europe/Berln\", but must be the name of an IANA time zone, as in Europe/Berlin (did you mean Europe/Berlin?).",
    );
    check_file_error(
        "[digest]\ntime_zone = \"the moon\"\nhour = 24\nweekday = \"Mon\"\n",
        "3 problems with the settings:\n\
         - wnr.toml, line 4: digest.weekday is \"Mon\", but must be one of monday, tuesday, wednesday, thursday, friday, \
         saturday, sunday.\n\
         - wnr.toml, line 3: digest.hour is 24, but must be a whole number from 0 to 23, without quotes.\n\
         - wnr.toml, line 2: digest.time_zone is \"the moon\", but must be the name of an IANA time zone, as in \
         Europe/Berlin.",
    );
}
