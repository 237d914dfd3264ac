//! The page for the host, where this service is reached from outside. The address comes from the settings.

use super::language::Language;
use super::{Explanation, Report};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::catalogue::Cause;

/// What the link to the page says.
pub const LABEL: &str = "Page for the host";

/// What the page has, for whoever decides whether to open it.
#[must_use]
pub const fn steps_with_pictures(language: Language) -> &'static str {
    match language {
        Language::En => "Steps with pictures",
        Language::De => "Anleitung mit Bildern",
        Language::Fr => "Étapes en images",
        Language::Es => "Pasos con imágenes",
        Language::PtBr => "Passos com imagens",
        Language::Ja => "図解付きの手順",
    }
}

/// The address of the page of a cause, below the address where people reach the service.
#[must_use]
pub fn address(public_url: &str, cause: &Cause) -> Option<String> {
    cause.has_host_page().then(|| format!("{public_url}/h/{}", cause.id))
}

/// The message with the link at its end.
pub(crate) fn with_link(message: &str, address: &str, language: Language) -> String {
    let lead = steps_with_pictures(language);
    match language {
        Language::En | Language::De | Language::Es | Language::PtBr => {
            format!("{message}\n{lead}: {address}")
        }
        Language::Fr => format!("{message}\n{lead} : {address}"),
        Language::Ja => format!("{message}\n{lead}： {address}"),
    }
}

impl Report {
    /// The report with the page for the host, if there is one and people can reach it. If a language was chosen for the
    /// message for the host, it is that of the page too.
    #[must_use]
    pub fn with_host_page(mut self, diagnosis: &Diagnosis<'_>, public_url: Option<&str>) -> Self {
        // A circumstance may make it a matter for the team.
        let address = public_url.and_then(|url| address(url, diagnosis.cause));
        let address = address.filter(|_| self.actor.is_at_the_meeting());
        let address = address.map(|address| match self.host_language {
            Some(language) => format!("{address}?lang={language}"),
            None => address,
        });
        if let Some(address) = &address {
            let language = self.host_language.unwrap_or_default();
            self.host_message = self.host_message.map(|message| with_link(&message, address, language));
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
            self.host_message = self.host_message.map(|message| with_link(&message, address, Language::En));
        }
        self
    }
}
