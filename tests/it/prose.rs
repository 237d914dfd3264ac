//! The rules of prose, over every text of the catalogue.
//!
//! A rule is a row of [`RULES`]: what it is for, which texts it reads, what it finds, and bad texts that
//! it has to find, so that no rule can fall asleep.

use Kind::{Condition, HostMessage, Step, Title, Why};

use why_no_recording::diagnosis::catalogue::{Catalogue, Cause};
use why_no_recording::diagnosis::template::{Piece, Template};

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What a phone shows.
    Title,
    /// What happened, in whatever circumstance.
    Why,
    /// What somebody does.
    Step,
    /// What is sent to the host as it is.
    HostMessage,
    /// The rest of a sentence that begins with "if".
    Condition,
}

const EVERY: &[Kind] = &[Title, Why, Step, HostMessage, Condition];

/// One rule.
struct Rule {
    /// What every text does that keeps it.
    name: &'static str,
    /// The texts that it is about.
    about: &'static [Kind],
    /// What in a text breaks it.
    breach: fn(&str) -> Option<String>,
    /// Texts that break it.
    bad: &'static [&'static str],
    /// Texts that look like it and do not break it.
    good: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        name: "is kind",
        about: EVERY,
        breach: |text| phrase(text, UNKIND),
        bad: &[
            "You just press Allow.",
            "Simply restart.",
            "Please note the time.",
            "That is the host's fault.",
        ],
        good: &["The adjustment takes 2 seconds by default."],
    },
    Rule {
        name: "accuses nobody",
        about: EVERY,
        breach: |text| phrase(text, ACCUSING),
        bad: &["The host pressed Deny.", "The host forgot to admit the bot."],
        good: &["The request was declined, or not answered in time."],
    },
    Rule {
        name: "does not shout",
        about: EVERY,
        breach: |text| {
            text.trim_start_matches("Hi!").find('!').map(|_| "an exclamation idempotency_key".to_owned())
        },
        bad: &["Press Allow!", "Hi! Press Allow!"],
        good: &["Hi! Our notetaker could not join."],
    },
    Rule {
        name: "has no stray spaces",
        about: EVERY,
        breach: |text| {
            let stray = ["  ", " .", " ,", " ;", " :", " ?", " \n", "\n "];
            let found = stray.iter().find(|stray| text.contains(*stray));
            found
                .map(|stray| format!("{stray:?}"))
                .or_else(|| (text.trim() != text).then(|| "an end".to_owned()))
        },
        bad: &["Press  Allow.", "Press Allow .", "Press Allow. ", "Press Allow.\n Then wait."],
        good: &["Press Allow.\nWait."],
    },
    Rule {
        name: "has straight quotes, in pairs",
        about: EVERY,
        breach: |text| {
            let curly = text.find(['’', '‘', '“', '”', '„']).map(|_| "a typographic quote".to_owned());
            curly.or_else(|| {
                (text.matches('"').count() % 2 == 1).then(|| "a quote without its other".to_owned())
            })
        },
        bad: &["Press “Allow”.", "The bot’s name.", "Press \"Allow."],
        good: &["Press \"Allow\" in the bot's window."],
    },
    Rule {
        name: "spells a word as the other texts do",
        about: EVERY,
        breach: |text| phrase(text, SPELT_OTHERWISE),
        bad: &["Give an email address.", "A pop-up appears.", "The organization bans bots."],
        good: &["Set zoom.user_email to an e-mail address."],
    },
    Rule {
        name: "begins with a capital",
        about: &[Title, Why, Step, HostMessage],
        breach: |text| {
            let first = text.chars().next()?;
            (!first.is_uppercase()).then(|| format!("\"{first}\""))
        },
        bad: &["something happened", "{platform} closed it"],
        good: &["Zoom closed it"],
    },
    Rule {
        name: "is a title: short of a sentence, without its full stop",
        about: &[Title],
        breach: |text| {
            text.ends_with(['.', '?', '!', ':', ';', ',']).then(|| "its last character".to_owned())
        },
        bad: &["Something happened.", "What happened?"],
        good: &["Something happened at zoom.us"],
    },
    Rule {
        name: "ends as a sentence",
        about: &[Why, HostMessage],
        breach: |text| (!text.ends_with(['.', '?'])).then(|| "its last character".to_owned()),
        bad: &["The bot left", "The bot left:"],
        good: &["The bot left.", "Could you allow it?"],
    },
    Rule {
        name: "is a step: it tells what to do and asks nothing",
        about: &[Step],
        breach: |text| (!text.ends_with('.')).then(|| "its last character".to_owned()),
        bad: &["Press Allow", "Answer the question: was the host there?"],
        good: &["Press Allow."],
    },
    Rule {
        name: "begins with a verb",
        about: &[Step],
        breach: |text| {
            let first = text.split(|request: char| !request.is_alphanumeric()).next()?;
            NO_VERB.contains(&first).then(|| format!("\"{first}\""))
        },
        bad: &["You press Allow.", "The host presses Allow.", "If it is locked, ask.", "Please press Allow."],
        good: &["Press Allow.", "Theorise."],
    },
    Rule {
        name: "does not end its condition, which stands inside a sentence",
        about: &[Condition],
        breach: |text| text.ends_with(['.', '?', ',']).then(|| "its last character".to_owned()),
        bad: &["the host was there."],
        good: &["the host was there"],
    },
    Rule {
        name: "says each thing in a sentence that can be read in one breath",
        about: &[Title, Why, Step, HostMessage, Condition],
        breach: |text| {
            let longest = sentences(text).map(|sentence| sentence.split_whitespace().count()).max()?;
            (longest > WORDS_MAX).then(|| format!("{longest} words"))
        },
        bad: &[
            "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u.",
        ],
        good: &[
            "a b c d e f g h i j k l m n o p q r s t u v w x y z. a b c d e f g h i j k l m n o p q r s t u.",
        ],
    },
    Rule {
        name: "is told in a few sentences",
        about: &[Why],
        breach: |text| {
            let count = sentences(text).count();
            (count > WHY_SENTENCES_MAX).then(|| format!("{count} sentences"))
        },
        bad: &["One. Two. Three. Four. Five. Six."],
        good: &["One. Two. Three. Four. Look at zoom.us."],
    },
    Rule {
        name: "greets the host and names the bot",
        about: &[HostMessage],
        breach: |text| (!text.starts_with(GREETING)).then(|| format!("it begins otherwise than {GREETING}")),
        bad: &["Our notetaker could not join.", "Hello, your bot could not join."],
        good: &["Hi! Our notetaker \"{bot_name}\" could not join."],
    },
    Rule {
        name: "says nothing to a host that only developers know",
        about: &[HostMessage],
        breach: |text| phrase(text, JARGON),
        bad: &["The bot id is new.", "The API refused.", "See the sub-code.", "Your OAuth is off."],
        good: &["Your rapid answer counts."],
    },
    Rule {
        name: "shows no internal code to a host",
        about: &[HostMessage],
        breach: |text| words(text).find(|word| word.contains('_') && !word.contains('{')).map(str::to_owned),
        bad: &["It says zoom_internal_error.", "Set join_at."],
        good: &["Our notetaker \"{bot_name}\" left."],
    },
    Rule {
        name: "reads well to a host even where a value is unknown",
        about: &[HostMessage],
        breach: |text| {
            let slots = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
            slots.map(str::to_owned).find(|slot| !READS_WELL.contains(&slot.as_str()))
        },
        bad: &["The code was {sub_code}.", "It leaves at {leaves_at}."],
        good: &["Our notetaker \"{bot_name}\" waited {waited}."],
    },
];

/// Words that belittle, fill, or look for somebody to answer for it.
const UNKIND: &[&str] = &[
    "simply",
    "just",
    "obviously",
    "clearly",
    "of course",
    "unfortunately",
    "trivial",
    "merely",
    "please note",
    "note that",
    "user error",
    "fault",
    "faults",
    "guilty",
    "error_class",
    "mistake of the host",
    "as you know",
    "you should have",
    "you failed",
    "careless",
    "wrongly",
];
/// What nobody can know of a person from what a bot was told.
const ACCUSING: &[&str] = &[
    "pressed deny",
    "clicked deny",
    "chose deny",
    "host denied",
    "host refused",
    "host rejected",
    "host forgot",
    "you forgot",
    "host ignored",
    "you ignored",
    "on purpose by",
];
/// Other spellings of words that the texts spell in one way.
const SPELT_OTHERWISE: &[&str] = &[
    "email",
    "pop-up",
    "pop up",
    "log in",
    "organization",
    "organizer",
    "authorize",
    "authorized",
    "recognize",
    "note taker",
    "note-taker",
    "web hook",
    "sub-code",
    "subcode",
    "recall ai",
];
/// Words with which a step does not tell what to do.
const NO_VERB: &[&str] = &[
    "A",
    "After",
    "Also",
    "An",
    "And",
    "As",
    "At",
    "Before",
    "Below",
    "Everybody",
    "For",
    "From",
    "He",
    "Host",
    "Hosts",
    "I",
    "If",
    "In",
    "It",
    "Its",
    "Maybe",
    "No",
    "Nobody",
    "Not",
    "Nothing",
    "Now",
    "On",
    "Once",
    "Only",
    "Or",
    "Our",
    "Perhaps",
    "Please",
    "She",
    "Somebody",
    "That",
    "The",
    "Then",
    "There",
    "These",
    "They",
    "This",
    "To",
    "Under",
    "Until",
    "We",
    "What",
    "When",
    "Where",
    "Whether",
    "While",
    "Who",
    "With",
    "Without",
    "You",
    "Your",
];
/// What a host has never heard of.
const JARGON: &[&str] = &[
    "api",
    "bot",
    "bot id",
    "dashboard",
    "developer",
    "endpoint",
    "http",
    "json",
    "oauth",
    "obf",
    "recall.ai",
    "rtms",
    "sdk",
    "status code",
    "sub code",
    "sub-code",
    "timeout",
    "token",
    "webhook",
    "workspace id",
    "zak",
];
/// Slots whose neutral wording does in a message to a person: no "an unknown time", no "no reason given".
const READS_WELL: &[&str] = &["bot_name", "platform", "waited", "in_call_for", "recorded_for"];
/// How a message to a host begins.
const GREETING: &str = "Hi! Our notetaker \"{bot_name}\" ";
/// A sentence that is longer is two sentences.
const WORDS_MAX: usize = 40;
/// A reason that takes more is an article.
const WHY_SENTENCES_MAX: usize = 5;

/// The words, without the marks around them; `e-mail`, `zoom.us` and `{bot_name}` are one word each.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let marks = ['.', ',', ';', ':', '?', '!', '"', '(', ')', '\''];
    text.split_whitespace().map(move |word| word.trim_matches(marks)).filter(|word| !word.is_empty())
}

/// The first of these phrases that the text holds as whole words, in whatever case.
fn phrase(text: &str, phrases: &[&str]) -> Option<String> {
    let words: Vec<String> = words(text).map(str::to_lowercase).collect();
    let text = format!(" {} ", words.join(" "));
    phrases.iter().find(|phrase| text.contains(&format!(" {phrase} "))).map(|phrase| format!("\"{phrase}\""))
}

/// The sentences: a full stop inside a word, as in `zoom.us`, ends none.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.split_inclusive(". ").flat_map(|part| part.split_inclusive("? ")))
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

/// A text with all that may be left out, as it reads where everything is known and the platform is not.
fn in_full(template: &Template) -> String {
    fn read(piece: &Piece) -> String {
        match piece {
            Piece::Words(words) => words.clone(),
            Piece::Slot(slot) => format!("{{{slot}}}"),
            Piece::Optional(pieces) | Piece::On(_, pieces) => pieces.iter().map(read).collect(),
        }
    }
    template.pieces().map(read).collect()
}

/// Every text of an entry.
fn texts(cause: &Cause) -> Vec<(Kind, String)> {
    let whys = std::iter::once(&cause.why).chain(cause.variants.iter().map(|variant| &variant.why));
    let notes = cause.notes.iter().map(|note| &note.text);
    let of_variants = cause.variants.iter().flat_map(|variant| &variant.steps);
    let steps = cause.steps.iter().chain(&cause.steps_now).chain(of_variants);
    let titles = cause.variants.iter().filter_map(|variant| variant.title.clone());
    let messages = cause.host_message.iter().chain(&cause.host_message_now);
    let conditions = cause.alternatives.iter().map(|other| (Condition, other.condition.clone()));
    std::iter::once(cause.title.clone())
        .chain(titles)
        .map(|title| (Title, title))
        .chain(whys.chain(notes).map(|why| (Why, in_full(why))))
        .chain(steps.map(|step| (Step, in_full(step))))
        .chain(messages.map(|message| (HostMessage, in_full(message))))
        .chain(conditions)
        .collect()
}

#[test]
fn every_text_of_the_catalogue_keeps_the_rules() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut offenders = Vec::new();
    for rule in RULES {
        for cause in catalogue.causes() {
            for (kind, text) in texts(cause) {
                let breach = rule.about.contains(&kind).then(|| (rule.breach)(&text)).flatten();
                if let Some(breach) = breach {
                    offenders.push(format!(
                        "A {kind:?} {}. In config/catalogue/{}.toml, {}, it is {breach}:\n    {text}",
                        rule.name, cause.family, cause.id
                    ));
                }
            }
        }
        for note in catalogue.notes().filter(|_| rule.about.contains(&Why)) {
            let text = in_full(&note.text);
            if let Some(breach) = (rule.breach)(&text) {
                offenders.push(format!(
                    "A note {}. In config/catalogue/notes.toml, {}, it is {breach}:\n    {text}",
                    rule.name, note.when
                ));
            }
        }
    }
    assert!(offenders.is_empty(), "{} breaches\n{}", offenders.len(), offenders.join("\n"));
}

#[test]
fn every_rule_finds_what_it_is_for_and_nothing_else() {
    for rule in RULES {
        assert!(!rule.bad.is_empty(), "no text proves that \"{}\" can be broken", rule.name);
        for text in rule.bad {
            assert!((rule.breach)(text).is_some(), "\"{}\" lets pass: {text}", rule.name);
        }
        for text in rule.good {
            assert_eq!((rule.breach)(text), None, "\"{}\" finds a breach in: {text}", rule.name);
        }
    }
}

#[test]
fn every_kind_of_text_is_read_by_some_rule_and_is_there_to_be_read() {
    let catalogue = Catalogue::embedded().unwrap();
    let read: Vec<Kind> = catalogue.causes().flat_map(texts).map(|(kind, _)| kind).collect();
    for kind in EVERY {
        assert!(read.contains(kind), "no {kind:?} in the catalogue");
        assert!(RULES.iter().any(|rule| rule.about.contains(kind)), "no rule about a {kind:?}");
    }
}
