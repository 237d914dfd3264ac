//! The page for the host, where this service is reached from outside. The address comes from the settings.

use super::{Explanation, Report};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::catalogue::Cause;

/// What the link to the page says.
pub const LABEL: &str = "Page for the host";
/// What stands before the link at the end of a message for the host.
const IN_MESSAGE: &str = "Steps with pictures:";

/// The address of the page of a cause, below the address where people reach the service.
#[must_use]
pub fn address(public_url: &str, cause: &Cause) -> Option<String> {
    cause.has_host_page().then(|| format!("{public_url}/h/{}", cause.id))
}

pub(crate) fn with_link(message: &str, address: &str) -> String {
    format!("{message}\n{IN_MESSAGE} {address}")
}

impl Report {
    /// The report with the page for the host, if there is one and people can reach it.
    #[must_use]
    pub fn with_host_page(mut self, diagnosis: &Diagnosis<'_>, public_url: Option<&str>) -> Self {
        // A circumstance may make it a matter for the team.
        let address = public_url.and_then(|url| address(url, diagnosis.cause));
        let address = address.filter(|_| self.actor.is_at_the_meeting());
        if let Some(address) = &address {
            self.host_message = self.host_message.map(|message| with_link(&message, address));
        }
        self.host_page = address;
        self
    }
}

impl Explanation {
    /// The explanation with the page for the host, if there is one and people can reach it.
    #[must_use]
    pub fn with_host_page(mut self, cause: &Cause, public_url: Option<&str>) -> Self {
        self.host_page = public_url.and_then(|url| address(url, cause));
        if let Some(address) = &self.host_page {
            self.host_message = self.host_message.map(|message| with_link(&message, address));
        }
        self
    }
}
