//! The rules of prose, over every text of the catalogue.
//!
//! A rule is a row of [`RULES`]: what it is for, which texts it reads, what it finds, and bad texts that
//! it has to find, so that no rule can fall asleep.

use Kind::{Condition, HostMessage, Step, Title, Why};

use why_no_recording::diagnosis::catalogue::{self, Catalogue, Cause};
use why_no_recording::diagnosis::template::{Piece, Template};
use why_no_recording::diagnosis::vocabulary::{Actor, ResendAdvice};

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
        bad: &["Give an e-mail address.", "A pop-up appears.", "The organization bans bots."],
        good: &["Set zoom.user_email to an email address."],
    },
    Rule {
        name: "writes ID in capitals",
        about: EVERY,
        breach: |text| words(text).find(|word| matches!(*word, "id" | "ids" | "Id")).map(str::to_owned),
        bad: &["Report the bot id.", "Compare the ids."],
        good: &["Compare the bot ID with meeting_id."],
    },
    Rule {
        name: "names who does it",
        about: EVERY,
        breach: |text| phrase(&text.replace("obody else", "o one else"), UNNAMED),
        bad: &["Nobody was asked.", "Ask whoever runs it.", "Somebody removed it.", "It waits for anybody."],
        good: &["Nobody else joined.", "Someone in the meeting can fix it."],
    },
    Rule {
        name: "speaks as I, except to a host, whom a team writes to",
        about: &[Title, Why, Step, Condition],
        breach: |text| phrase(text, TEAM),
        bad: &["It is not in our list.", "We could not check it."],
        good: &["It is not in my list.", "It is USB."],
    },
    Rule {
        name: "calls what a person does on a screen as the screen does",
        about: EVERY,
        breach: |text| phrase(text, OTHER_GESTURES),
        bad: &["Tick both boxes.", "Switch on captions.", "Recording is switched off.", "Press Allow."],
        good: &["Select both boxes.", "Turn on captions.", "Switch accounts before you join."],
    },
    Rule {
        name: "quotes the name of a setting or a button",
        about: EVERY,
        breach: |text| {
            LABELS.iter().find_map(|label| {
                let bare = text.match_indices(label).any(|(at, _)| !text[..at].ends_with('"'));
                bare.then(|| format!("{label}, bare"))
            })
        },
        bad: &["Turn on Record to computer files.", "A host sees End at the bottom."],
        good: &["Turn on \"Record to computer files\".", "A host sees \"End\", a participant \"Leave\"."],
    },
    Rule {
        name: "uses the verbs of today",
        about: EVERY,
        breach: |text| phrase(text, OLD_VERBS),
        bad: &["Mend the link.", "Recording begins.", "The meeting goes on.", "Its time was up."],
        good: &["Fix the link.", "Recording starts.", "If the meeting is still going on, wait."],
    },
    Rule {
        name: "has the condition before the step",
        about: &[Step],
        breach: |text| words(text).any(|word| word == "if").then(|| "a condition at the end".to_owned()),
        bad: &["Send a new bot if the meeting is still going on.", "Ask, if it is locked."],
        good: &["If it is locked, ask. If it is not, wait.", "Ask whether it is locked."],
    },
    Rule {
        name: "has the condition before what it asks of a host",
        about: &[HostMessage],
        breach: |text| {
            let rest = text.replace(HOST_TEST, "");
            words(&rest).any(|word| word == "if").then(|| "a condition at the end".to_owned())
        },
        bad: &["Please admit it if you would like a recording."],
        good: &["If you would like a recording, please admit it. You are the host if you see \"End\"."],
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
            let first = first_word(text);
            let verb = match first {
                "If" | "Once" => text.split_once(", ").map_or(first, |(_, rest)| first_word(rest)),
                "Then" => first_word(text.trim_start_matches("Then ")),
                _ => first,
            };
            let is_no_verb = NO_VERB.iter().any(|word| word.eq_ignore_ascii_case(verb));
            is_no_verb.then(|| format!("\"{verb}\""))
        },
        bad: &[
            "You press Allow.",
            "The host presses Allow.",
            "If it is locked.",
            "If it is locked, you ask.",
            "Once it is open, the host asks.",
            "Then the host asks.",
            "Please press Allow.",
        ],
        good: &[
            "Press Allow.",
            "Theorise.",
            "If it is locked, ask.",
            "Once it is open, ask.",
            "Then send a new bot.",
        ],
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
            let longest = sentences(text).map(count_words).max()?;
            (longest > WORDS_MAX).then(|| format!("{longest} words"))
        },
        bad: &["a b c d e f g h i j k l m n o p q r s t u v w x y z."],
        good: &[
            "a b c d e f g h i j k l m n o p q r s t u v w x y. a b c > d e f g h i j k l m n o p q r s t.",
        ],
    },
    Rule {
        name: "explains in short sentences",
        about: &[Why],
        breach: |text| {
            let longest = sentences(text).map(count_words).max()?;
            (longest > WHY_WORDS_MAX).then(|| format!("{longest} words"))
        },
        bad: &["a b c d e f g h i j k l m n o p q r s t u."],
        good: &["a b c d e f g h i j k l m n o p q r s t. a b c d e f g h i j k l m n o p q r s t."],
    },
    Rule {
        name: "is told in a few sentences",
        about: &[Why],
        breach: |text| {
            let count = sentences(text).count();
            (count > WHY_SENTENCES_MAX).then(|| format!("{count} sentences"))
        },
        bad: &["One. Two. Three. Four. Five."],
        good: &["One. Two. Three. Look at zoom.us."],
    },
    Rule {
        name: "can be read on a phone in one go",
        about: &[HostMessage],
        breach: |text| {
            let count = count_words(text);
            (count > HOST_WORDS_MAX).then(|| format!("{count} words"))
        },
        bad: &[
            "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v w \
             x y z a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m.",
        ],
        good: &["Hi! Our notetaker \"{bot_name}\" left."],
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
    "e-mail",
    "e-mails",
    "set-up",
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
/// Subjects that hide who it is: the host, a participant, an administrator, the team.
const UNNAMED: &[&str] = &["whoever", "whomever", "somebody", "nobody", "anybody", "everybody"];
/// What the app is not.
const TEAM: &[&str] = &["we", "our", "us"];
/// Gestures that Zoom, Google and Microsoft call otherwise: select, turn on, turn off.
const OTHER_GESTURES: &[&str] = &[
    "tick",
    "ticks",
    "ticked",
    "ticking",
    "switch on",
    "switch off",
    "switched on",
    "switched off",
    "switching on",
    "switching off",
    "press",
    "presses",
    "pressed",
    "choose to allow",
];
/// Labels that are only ever meant as labels.
const LABELS: &[&str] = &[
    "Record to computer files",
    "Hosts can give meeting participants",
    "Internal meeting participants",
    "External meeting participants",
    "Request to record to computer",
    "Allow all participants to",
    "Only authenticated users can join",
    "Allow removed participants to rejoin",
    "Allow use of end-to-end encryption",
    "Automated captions",
    "Block entry from specific",
    "Manage external bots",
    "Host tools (",
    "Participants in the meeting",
    "People in Google Meet",
    "End at the bottom",
    "Leave at the bottom",
];
/// Verbs that a person in a hurry has to translate.
const OLD_VERBS: &[&str] = &[
    "mend",
    "mends",
    "mended",
    "begin",
    "begins",
    "began",
    "begun",
    "go on",
    "goes on",
    "went on",
    "what became of",
    "time was up",
    "time is up",
];
/// How a host finds out: the one condition that comes last, because it tells and does not ask.
const HOST_TEST: &str = "You are the host if you see";
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
const WORDS_MAX: usize = 25;
/// The first thing that is read, so it is read in less.
const WHY_WORDS_MAX: usize = 20;
/// A reason that takes more is an article.
const WHY_SENTENCES_MAX: usize = 4;
/// A message that is longer is not read to its end.
const HOST_WORDS_MAX: usize = 90;

/// The words, without the marks around them; `end-to-end`, `zoom.us` and `{bot_name}` are one word each.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let marks = ['.', ',', ';', ':', '?', '!', '"', '(', ')', '\''];
    text.split_whitespace().map(move |word| word.trim_matches(marks)).filter(|word| !word.is_empty())
}

/// How many words a text has. The arrows of a path are none.
fn count_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| *word != ">").count()
}

/// The letters with which a text begins.
fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default()
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
        .chain(steps.map(|step| (Step, in_full(&step.text))))
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

/// The causes that most answers are about.
const COMMONEST: &[&str] = &[
    "zoom_local_recording_disabled",
    "no_recognised_host",
    "host_not_present",
    "host_signed_into_other_account",
    "zoom_local_recording_request_denied_by_host",
    "zoom_local_recording_denied",
    "timeout_exceeded_waiting_room",
    "bot_kicked_from_waiting_room",
    "meeting_not_started",
    "timeout_exceeded_noone_joined",
    "bot_kicked_from_call",
    "meeting_locked",
];
/// A card of these has room for a timeline, and is still read to its end.
const CARD_WORDS_MAX: usize = 150;

/// What a card of this cause says, apart from any bot: the steps that the host's message contains are left out.
fn card(cause: &Cause) -> usize {
    let is_shown = |step: &&catalogue::Step| step.is_for_reader || cause.host_message.is_none();
    let steps = cause.steps.iter().filter(is_shown).map(|step| &step.text);
    let texts = std::iter::once(&cause.why).chain(&cause.host_message).chain(steps);
    count_words(&cause.title) + texts.map(|text| count_words(&in_full(text))).sum::<usize>()
}

#[test]
fn the_commonest_causes_are_told_in_two_sentences_and_a_short_card() {
    let catalogue = Catalogue::embedded().unwrap();
    for id in COMMONEST {
        let cause = catalogue.by_id(id).unwrap();
        let why = in_full(&cause.why);
        let why = sentences(&why).count();
        let words = card(cause);
        assert!(why <= 2, "{id} takes {why} sentences");
        assert!(words <= CARD_WORDS_MAX, "{id} takes {words} words");
    }
}

#[test]
fn no_reason_repeats_its_title() {
    let lower = |text: &str| words(text).map(str::to_lowercase).collect::<Vec<_>>();
    let catalogue = Catalogue::embedded().unwrap();
    let mut offenders = Vec::new();
    for cause in catalogue.causes() {
        let why = format!(" {} ", lower(&in_full(&cause.why)).join(" "));
        for run in lower(&cause.title).windows(REPEATED_MAX + 1) {
            if why.contains(&format!(" {} ", run.join(" "))) {
                offenders.push(format!("{}: {}", cause.id, run.join(" ")));
                break;
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

/// So many words in a row may stand in the title and in the reason alike.
const REPEATED_MAX: usize = 4;

/// Who forwards a message to the host still has something to do: a card that shows it shows these steps alone.
#[test]
fn every_cause_that_a_host_is_written_about_has_a_step_for_the_reader() {
    let catalogue = Catalogue::embedded().unwrap();
    let is_theirs = |actor| matches!(actor, Actor::Host | Actor::Participant | Actor::AccountAdmin);
    let mut offenders = Vec::new();
    for cause in catalogue.causes().filter(|cause| is_theirs(cause.actor) && cause.host_message.is_some()) {
        let variants = cause.variants.iter().map(|variant| &variant.steps);
        for steps in [&cause.steps, &cause.steps_now].into_iter().chain(variants) {
            let is_needed = !steps.is_empty() && cause.resend != ResendAdvice::No;
            if is_needed && !steps.iter().any(|step| step.is_for_reader) {
                offenders.push(cause.id.as_str());
            }
        }
    }
    assert!(offenders.is_empty(), "{offenders:?}");
}
