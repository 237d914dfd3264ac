//! Text that the store keeps without reading it.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;

use super::database::Value;

/// A stored body: a question, a message, a webhook, or Recall.ai's response.
///
/// It may contain names and reply tokens. So its `Debug` shows the length only, and no row, error or log line can
/// print it by accident.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Body(String);

impl Body {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq<&str> for Body {
    fn eq(&self, text: &&str) -> bool {
        self.0 == *text
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl Deref for Body {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'a> From<&'a Body> for Value<'a> {
    fn from(body: &'a Body) -> Self {
        body.as_str().into()
    }
}

impl<'a> From<&'a Option<Body>> for Value<'a> {
    fn from(body: &'a Option<Body>) -> Self {
        body.as_deref().into()
    }
}
