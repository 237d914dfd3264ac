//! Reads the arguments of a call. An error says what the argument must be, so that the agent can correct it.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::untrusted::printable;
use crate::report::agents;

/// Most characters of a word that is repeated to the caller. No word of the catalogue has as many.
const WORD_CHARS_MAX: usize = 100;

/// The arguments of one call.
pub(super) struct Arguments {
    values: Map<String, Value>,
}

impl Arguments {
    /// The arguments of a call of `of`, which has those in `known` and no others.
    ///
    /// # Errors
    /// Returns the advice if there is another one.
    pub(super) fn new(of: &str, known: &[&str], values: Option<Map<String, Value>>) -> Result<Self, String> {
        let values = values.unwrap_or_default();
        match values.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(agents::unknown_argument(of, &printable(name, WORD_CHARS_MAX), known)),
            None => Ok(Self { values }),
        }
    }

    /// A null is the same as an absent value.
    fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// A text, if there is one that isn't blank.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(agents::wrong_argument(name, "a text")),
        }
    }

    /// A word that has to be there, on one line and short enough to be repeated.
    pub(super) fn word(&self, name: &str, wanted: &str) -> Result<String, String> {
        let text = self.text(name)?.ok_or_else(|| agents::wrong_argument(name, wanted))?;
        Ok(printable(text, WORD_CHARS_MAX))
    }

    /// The one bot in `bot`, an ID or a link with one.
    pub(super) fn bot(&self) -> Result<BotId, String> {
        match BotId::find_all(self.text("bot")?.unwrap_or_default())[..] {
            [bot] => Ok(bot),
            ref found => Err(agents::not_one_bot(found.len())),
        }
    }

    /// `true` or `false`, if it is there.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(agents::wrong_argument(name, "true or false")),
        }
    }

    /// A whole number within a range, or the default.
    pub(super) fn whole(&self, name: &str, range: RangeInclusive<u32>, default: u32) -> Result<u32, String> {
        let Some(value) = self.value(name) else { return Ok(default) };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            let wanted = format!("a whole number from {} to {}", range.start(), range.end());
            agents::wrong_argument(name, &wanted)
        })
    }
}
