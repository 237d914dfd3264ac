//! The languages of what is for the host, and which of them a browser asks for.

use crate::diagnosis::vocabulary::vocabulary;

vocabulary! {
    /// A language, as the `lang` of a page names it.
    #[derive(Default)]
    Language {
        /// English; everything is there in it.
        #[default]
        En = "en",
        /// German.
        De = "de",
        /// French.
        Fr = "fr",
        /// Spanish.
        Es = "es",
        /// Brazilian Portuguese.
        PtBr = "pt-BR",
        /// Japanese.
        Ja = "ja",
    }
}

impl Language {
    /// Its name in itself, as a person who reads it looks for it.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::PtBr => "Português (Brasil)",
            Self::Ja => "日本語",
        }
    }

    /// The language that a tag such as `de-AT` or `PT` means.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let wanted = primary(tag.trim());
        Self::ALL.iter().copied().find(|language| primary(language.as_str()) == wanted)
    }

    /// The first of `available` that an `Accept-Language` header prefers; English if it names none of them.
    #[must_use]
    pub fn accepted(header: &str, available: &[Self]) -> Self {
        let mut best = (0.0, Self::En);
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default();
            let weight =
                parts.find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            if let Some(language) = Self::of_tag(tag).filter(|language| available.contains(language))
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The name of the language's region for previews, as Open Graph writes it.
    #[must_use]
    pub const fn locale(self) -> &'static str {
        match self {
            Self::En => "en_GB",
            Self::De => "de_DE",
            Self::Fr => "fr_FR",
            Self::Es => "es_ES",
            Self::PtBr => "pt_BR",
            Self::Ja => "ja_JP",
        }
    }
}
