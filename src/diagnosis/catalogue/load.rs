//! From TOML to a checked catalogue.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;

use super::example::{Example, ExampleError, RawExample};
use super::{Alternative, Catalogue, Cause, CauseId, Claim, HostQuestion, Note, Role, Stated, Step, Variant};
use crate::diagnosis::signals::Signal;
use crate::diagnosis::template::{BadSlot, Template};
use crate::diagnosis::vocabulary::{Actor, AlertLevel, Confidence, Outcome, Platform, ResendAdvice};

/// What fits into a notification on a phone.
const TITLE_CHARS_MAX: usize = 72;

/// Embeds the families, by the names of their files.
macro_rules! families {
    ($($family:literal),+ $(,)?) => {
        &[$(($family, include_str!(concat!("../../../config/catalogue/", $family, ".toml"))),)+]
    };
}

/// The families in the order in which the generated page shows them.
pub(super) const EMBEDDED: &[(&str, &str)] = families![
    "zoom_permission",
    "zoom_host",
    "zoom_join",
    "lobby",
    "in_call",
    "recorded",
    "transcript",
    "before_joining",
    "meeting",
    "google_meet",
    "microsoft_teams",
    "webex",
    "direct_connect",
    "endings",
    "recall_api",
    "notes",
];

/// A fault in the entries.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not what it should be; the text names line and column.
    #[error("config/catalogue/{family}.toml: {source}")]
    Syntax {
        /// The file, without ending.
        family: String,
        /// What is wrong with it.
        source: Box<toml::de::Error>,
    },
    /// An entry that breaks a rule of the catalogue.
    #[error("config/catalogue/{family}.toml, cause `{cause}`: {fault}")]
    Entry {
        /// The file, without ending.
        family: String,
        /// The entry.
        cause: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A signal that may be a headline and that no entry claims.
    #[error("no cause of the catalogue claims the signal `{0}`")]
    UnclaimedSignal(Signal),
}

/// What may be wrong with an entry.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Its id is not a plain word.
    #[error("an id is written in snake_case: lower-case letters, digits and underscores")]
    Id,
    /// Its id is taken.
    #[error("this id is used twice")]
    DuplicateId,
    /// Its title does not fit.
    #[error("the title has {0} characters, and at most {TITLE_CHARS_MAX} are shown on a phone")]
    TitleLength(usize),
    /// A claim that another entry makes too.
    #[error("`{0}` also claims this")]
    DuplicateClaim(String),
    /// A claim without exactly one of its forms.
    #[error("`when` takes either event and sub_code, or signal, or bot_log, or api_error")]
    Claim,
    /// It names a cause that does not exist.
    #[error("there is no cause `{0}`")]
    UnknownCause(String),
    /// It names no step.
    #[error("there has to be at least one step")]
    NoSteps,
    /// A slot that does not exist.
    #[error(transparent)]
    Slot(#[from] BadSlot),
    /// An example that cannot be read.
    #[error("example {number}: {source}")]
    Example {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        source: ExampleError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFamily {
    #[serde(default)]
    cause: Vec<RawCause>,
    #[serde(default)]
    note: Vec<RawNote>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCause {
    id: String,
    when: Vec<RawClaim>,
    #[serde(default = "ordinary")]
    role: Role,
    platform: Option<Platform>,
    outcome: Outcome,
    #[serde(default)]
    in_call: bool,
    actor: Actor,
    resend: ResendAdvice,
    confidence: Option<Confidence>,
    title: String,
    why: String,
    steps: Vec<RawStep>,
    #[serde(default)]
    steps_now: Vec<RawStep>,
    host_message: Option<String>,
    host_message_now: Option<String>,
    #[serde(default)]
    variants: Vec<RawVariant>,
    #[serde(default)]
    alternatives: Vec<RawAlternative>,
    #[serde(default)]
    notes: Vec<RawNote>,
    question: Option<RawQuestion>,
    docs: Vec<String>,
    alert: AlertLevel,
    added: String,
    retired: Option<String>,
    #[serde(default)]
    example: Vec<RawExample>,
}

const fn ordinary() -> Role {
    Role::Cause
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClaim {
    event: Option<Stated>,
    sub_code: Option<String>,
    signal: Option<Signal>,
    bot_log: Option<String>,
    api_error: Option<String>,
}

/// A text, or a text with the person who acts on it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a step is a text, or { text, for = \"reader\" }")]
enum RawStep {
    ForActor(String),
    Addressed(AddressedStep),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressedStep {
    text: String,
    #[serde(rename = "for")]
    addressee: Addressee,
}

/// Steps are for the actor unless they say otherwise.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
enum Addressee {
    #[serde(rename = "reader")]
    Reader,
    #[serde(rename = "team")]
    Team,
}

impl RawStep {
    fn to_step(&self) -> Result<Step, BadSlot> {
        let (text, addressee) = match self {
            Self::ForActor(text) => (text, None),
            Self::Addressed(step) => (&step.text, Some(step.addressee)),
        };
        Ok(Step {
            text: Template::parse(text)?,
            is_for_reader: addressee == Some(Addressee::Reader),
            is_for_actor: addressee.is_none(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariant {
    when: Signal,
    actor: Actor,
    title: Option<String>,
    why: String,
    #[serde(default)]
    steps: Vec<RawStep>,
}

impl RawVariant {
    fn into_variant(self) -> Result<Variant, Fault> {
        if let Some(title) = &self.title {
            fits(title)?;
        }
        Ok(Variant {
            when: self.when,
            actor: self.actor,
            title: self.title,
            why: Template::parse(&self.why)?,
            steps: steps(&self.steps)?,
        })
    }
}

/// Whether a title is as short as a phone shows it.
fn fits(title: &str) -> Result<(), Fault> {
    let chars = title.chars().count();
    if chars > TITLE_CHARS_MAX { Err(Fault::TitleLength(chars)) } else { Ok(()) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlternative {
    #[serde(rename = "if")]
    condition: String,
    cause: String,
    when: Option<Signal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNote {
    when: Signal,
    text: String,
}

/// The only question there is so far; its id is spelled out so that a second one has a place.
#[derive(Deserialize)]
enum QuestionId {
    #[serde(rename = "host_was_present")]
    HostWasPresent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuestion {
    #[serde(rename = "id")]
    _id: QuestionId,
    yes: String,
    no: String,
}

impl Catalogue {
    /// Reads and checks families, each given by its name and its text.
    ///
    /// # Errors
    /// The first fault, with the file and the line or entry it stands in.
    pub fn load(families: &[(&'static str, &str)]) -> Result<Self, CatalogueError> {
        let mut causes: Vec<Cause> = Vec::new();
        let mut notes: Vec<Note> = Vec::new();
        for &(family, text) in families {
            let raw: RawFamily = toml::from_str(text).map_err(|source| CatalogueError::Syntax {
                family: family.to_owned(),
                source: Box::new(source),
            })?;
            for raw in raw.note {
                let signal = raw.when;
                notes.push(raw.into_note().map_err(|fault| at(family, signal.as_str(), fault.into()))?);
            }
            for raw in raw.cause {
                let cause = raw.id.clone();
                causes.push(raw.into_cause(family).map_err(|fault| at(family, &cause, fault))?);
            }
        }
        index(causes, notes)
    }
}

fn at(family: &str, cause: &str, fault: Fault) -> CatalogueError {
    CatalogueError::Entry { family: family.to_owned(), cause: cause.to_owned(), fault }
}

impl RawCause {
    fn into_cause(self, family: &'static str) -> Result<Cause, Fault> {
        if self.id.is_empty()
            || !self.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(Fault::Id);
        }
        fits(&self.title)?;
        if self.steps.is_empty() {
            return Err(Fault::NoSteps);
        }
        let when = self.when.into_iter().map(RawClaim::into_claim).collect::<Result<Vec<_>, _>>()?;
        let is_stated = when.iter().any(|claim| matches!(claim, Claim::SubCode { .. }));
        let by_claim = if is_stated { Confidence::Stated } else { Confidence::Inferred };
        Ok(Cause {
            family,
            role: self.role,
            platform: self.platform,
            outcome: self.outcome,
            in_call: self.in_call,
            actor: self.actor,
            resend: self.resend,
            confidence: self.confidence.unwrap_or(by_claim),
            why: Template::parse(&self.why)?,
            steps: steps(&self.steps)?,
            steps_now: steps(&self.steps_now)?,
            host_message: self.host_message.as_deref().map(Template::parse).transpose()?,
            host_message_now: self.host_message_now.as_deref().map(Template::parse).transpose()?,
            variants: self.variants.into_iter().map(RawVariant::into_variant).collect::<Result<_, _>>()?,
            alternatives: self
                .alternatives
                .into_iter()
                .map(|raw| Alternative {
                    condition: raw.condition,
                    cause: CauseId(raw.cause),
                    when: raw.when,
                })
                .collect(),
            notes: self.notes.into_iter().map(RawNote::into_note).collect::<Result<_, _>>()?,
            question: self.question.map(|raw| HostQuestion { yes: CauseId(raw.yes), no: CauseId(raw.no) }),
            docs: self.docs,
            alert: self.alert,
            added: self.added,
            retired: self.retired,
            examples: examples(self.example, self.platform)?,
            id: CauseId(self.id),
            title: self.title,
            when,
        })
    }
}

impl RawNote {
    fn into_note(self) -> Result<Note, BadSlot> {
        Ok(Note { when: self.when, text: Template::parse(&self.text)? })
    }
}

impl RawClaim {
    fn into_claim(self) -> Result<Claim, Fault> {
        match self {
            Self {
                event: Some(event),
                sub_code: Some(sub_code),
                signal: None,
                bot_log: None,
                api_error: None,
            } => Ok(Claim::SubCode { event, sub_code }),
            Self { event: None, sub_code: None, signal: Some(signal), bot_log: None, api_error: None } => {
                Ok(Claim::Signal(signal))
            }
            Self { event: None, sub_code: None, signal: None, bot_log: Some(line), api_error: None } => {
                Ok(Claim::BotLog(line))
            }
            Self { event: None, sub_code: None, signal: None, bot_log: None, api_error: Some(code) } => {
                Ok(Claim::ApiError(code))
            }
            _ => Err(Fault::Claim),
        }
    }
}

fn steps(raw: &[RawStep]) -> Result<Vec<Step>, BadSlot> {
    raw.iter().map(RawStep::to_step).collect()
}

fn examples(raw: Vec<RawExample>, platform: Option<Platform>) -> Result<Vec<Example>, Fault> {
    raw.into_iter()
        .enumerate()
        .map(|(index, raw)| {
            Example::parse(&raw, platform).map_err(|source| Fault::Example { number: index + 1, source })
        })
        .collect()
}

/// Builds the indexes, and refuses what two entries claim or nobody defines.
fn index(causes: Vec<Cause>, notes: Vec<Note>) -> Result<Catalogue, CatalogueError> {
    let mut by_id = HashMap::new();
    let mut by_stated: [HashMap<String, usize>; Stated::ALL.len()] = Default::default();
    let mut by_sub_code = HashMap::new();
    let mut claimed: Vec<Option<usize>> = vec![None; Signal::ALL.len()];

    for (place, cause) in causes.iter().enumerate() {
        let fault = |fault| at(cause.family, cause.id.as_str(), fault);
        if by_id.insert(cause.id.0.clone(), place).is_some() {
            return Err(fault(Fault::DuplicateId));
        }
        if cause.retired.is_some() {
            continue;
        }
        for claim in &cause.when {
            let taken_by = match claim {
                Claim::SubCode { event, sub_code } => {
                    // Elsewhere, the same word as a transcript's reason means something else.
                    if *event != Stated::Transcript {
                        by_sub_code.entry(sub_code.clone()).or_insert(place);
                    }
                    match by_stated[*event as usize].entry(sub_code.clone()) {
                        Entry::Occupied(taken) => Some(*taken.get()),
                        Entry::Vacant(free) => {
                            free.insert(place);
                            None
                        }
                    }
                }
                Claim::Signal(signal) => claimed[*signal as usize].replace(place),
                Claim::BotLog(_) | Claim::ApiError(_) => None,
            };
            if let Some(taken_by) = taken_by {
                return Err(fault(Fault::DuplicateClaim(causes[taken_by].id.0.clone())));
            }
        }
    }

    for cause in &causes {
        let answers = cause.question.iter().flat_map(|question| [&question.yes, &question.no]);
        let named = cause.alternatives.iter().map(|alternative| &alternative.cause).chain(answers);
        // Nothing may lead to a retired entry but another retired one.
        let is_known = |id: &CauseId| {
            by_id
                .get(id.as_str())
                .is_some_and(|&place| causes[place].retired.is_none() || cause.retired.is_some())
        };
        for id in named {
            if !is_known(id) {
                return Err(at(cause.family, cause.id.as_str(), Fault::UnknownCause(id.0.clone())));
            }
        }
    }

    let by_signal = Signal::ALL
        .iter()
        .map(|signal| match claimed[*signal as usize] {
            Some(place) => Ok(place),
            // A circumstance is never a headline, so this place is never asked for.
            None if signal.is_circumstance() => Ok(0),
            None => Err(CatalogueError::UnclaimedSignal(*signal)),
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Catalogue { causes, notes, by_id, by_stated, by_sub_code, by_signal })
}
