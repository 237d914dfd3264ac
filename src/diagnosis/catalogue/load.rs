//! Parses the TOML families into a checked catalogue.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::entry::{RawFamily, TITLE_CHARS_MAX};
use super::example::ExampleError;
use super::{Catalogue, Cause, CauseId, Claim, Note, Stated};
use crate::diagnosis::signals::Signal;
use crate::diagnosis::template::BadSlot;

/// Embeds the families under the names of their files.
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

/// A fault in the catalogue's files.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file could not be parsed. The text names line and column.
    #[error("config/catalogue/{family}.toml: {source}")]
    Syntax {
        /// The file name, without its ending.
        family: String,
        /// The parser's error.
        source: Box<toml::de::Error>,
    },
    /// An entry that breaks a rule of the catalogue.
    #[error("config/catalogue/{family}.toml, cause `{cause}`: {fault}")]
    Entry {
        /// The file name, without its ending.
        family: String,
        /// The ID of the entry.
        cause: String,
        /// The broken rule.
        fault: Fault,
    },
    /// A signal that may be a headline and that no entry claims.
    #[error("no cause of the catalogue claims the signal `{0}`")]
    UnclaimedSignal(Signal),
}

/// A rule of the catalogue that an entry breaks.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The entry's ID is not a plain word.
    #[error("an id is written in snake_case: lower-case letters, digits and underscores")]
    Id,
    /// Another entry has the same ID.
    #[error("this id is used twice")]
    DuplicateId,
    /// The title is longer than a notification can show.
    #[error("the title has {0} characters, and at most {TITLE_CHARS_MAX} are shown on a phone")]
    TitleLength(usize),
    /// A claim that another entry makes too.
    #[error("`{0}` also claims this")]
    DuplicateClaim(String),
    /// A claim that has none of its forms, or more than one.
    #[error("`when` takes either event and sub_code, or signal, or bot_log, or api_error")]
    Claim,
    /// The entry names a cause that does not exist.
    #[error("there is no cause `{0}`")]
    UnknownCause(String),
    /// The entry has no steps.
    #[error("there has to be at least one step")]
    NoSteps,
    /// The host is asked again without a message, or gets a message without being asked.
    #[error("`meeting_message` belongs to the values `ask` and `after_change` of `rescue`, and both need it")]
    MeetingMessage,
    /// A slot that does not exist.
    #[error(transparent)]
    Slot(#[from] BadSlot),
    /// An example that could not be parsed.
    #[error("example {number}: {source}")]
    Example {
        /// The number of the example, from 1.
        number: usize,
        /// What is wrong with the example.
        source: ExampleError,
    },
}

impl Catalogue {
    /// Parses and checks families, each given by its name and its text.
    ///
    /// # Errors
    /// Returns the first [`CatalogueError`], with the file and the line or entry in which it occurs.
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

/// Builds the indexes. Rejects duplicate claims and references to undefined entries.
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
                    // Elsewhere, the same word means something else as a transcript's reason.
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
        // Only a retired entry may lead to another retired one.
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
            // A circumstance is never a headline, so no lookup uses this index.
            None if signal.is_circumstance() => Ok(0),
            None => Err(CatalogueError::UnclaimedSignal(*signal)),
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Catalogue { causes, notes, by_id, by_stated, by_sub_code, by_signal })
}
