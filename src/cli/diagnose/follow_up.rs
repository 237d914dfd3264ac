//! The two commands that answer the question about the host, ready to be copied.

use std::path::Path;

use super::DiagnoseArguments;
use super::inputs::STDIN;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::untrusted::printable;
use crate::pages::Language;

/// Most characters of a word, more than any path has.
const WORD_CHARS_MAX: usize = 8_192;

/// Returns the same diagnosis with yes and with no. Files and settings are named as in the arguments.
pub(super) fn commands(arguments: &DiagnoseArguments, config: Option<&Path>) -> [String; 2] {
    let mut words: Vec<String> = vec!["why-no-recording".to_owned(), "diagnose".to_owned()];
    for bot in &arguments.bots {
        match BotId::find_all(bot) {
            // The ID is shorter than the link that contained it.
            ids if !ids.is_empty() && !Path::new(bot).is_file() => {
                words.extend(ids.iter().map(ToString::to_string));
            }
            _ => words.push(quoted(bot)),
        }
    }
    let mut option = |name: &str, values: &[&Path]| {
        if !values.is_empty() {
            words.push(name.to_owned());
            words.extend(values.iter().map(|path| quoted(&path.to_string_lossy())));
        }
    };
    let files: Vec<&Path> = arguments.files.iter().map(AsRef::as_ref).collect();
    let webhooks: Vec<&Path> = arguments.webhooks.iter().map(AsRef::as_ref).collect();
    option("--file", &files);
    option("--webhooks", &webhooks);
    option("--participants", arguments.participants.as_deref().as_slice());
    option("--config", config.as_slice());
    let language = arguments.chosen.lang;
    words.extend((language != Language::En).then(|| format!("--lang {language}")));
    words.extend(arguments.now.map(|now| format!("--now {now}")));
    let command = words.join(" ");
    // Input from a pipe has to be piped in again.
    let from_stdin = files.iter().chain(&webhooks).any(|path| *path == Path::new(STDIN));
    let pipe = if from_stdin { "… | " } else { "" };
    ["yes", "no"].map(|answer| format!("{pipe}{command} --host-was-present {answer}"))
}

/// Quotes a word for a shell. A name that would steer the terminal is changed.
fn quoted(word: &str) -> String {
    let word =
        if word.contains(char::is_control) { printable(word, WORD_CHARS_MAX) } else { word.to_owned() };
    shlex::try_quote(&word).map(std::borrow::Cow::into_owned).unwrap_or_default()
}
