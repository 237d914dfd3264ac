//! `[otel]`: export of traces.

use secrecy::SecretString;

use super::form::{self, Formed};
use super::raw::Raw;
use super::reader::SettingsReader;

/// `[otel]`.
#[derive(Debug, Clone)]
pub struct Otel {
    /// URL of the collector, without a trailing slash. If not set, no traces are sent.
    pub endpoint: Option<String>,
    /// Headers for the collector, by name.
    pub headers: Vec<(String, SecretString)>,
    /// Name of the service in traces.
    pub service_name: String,
}

impl Otel {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let endpoint = reader.url("otel.exporter_otlp_endpoint", form::http_url);
        let headers = reader.secret("otel.exporter_otlp_headers", headers).unwrap_or_default();
        let service_name = reader.plain("otel.service_name", form::text);
        Some(Self { endpoint, headers, service_name: service_name? })
    }
}

/// `name=value,name=value`, as OpenTelemetry writes them.
fn headers(raw: &Raw) -> Formed<Vec<(String, SecretString)>> {
    let wanted = || "headers as name=value, separated by commas".to_owned();
    let text = form::text(raw)?;
    let pairs = text.split(',').map(|pair| {
        let (name, value) = pair.split_once('=').ok_or_else(wanted)?;
        let (name, value) = (name.trim(), value.trim());
        let plain = |text: &str| text.chars().all(|letter| letter.is_ascii_graphic() || letter == ' ');
        let is_header = !name.is_empty() && !name.contains(' ') && plain(name) && plain(value);
        is_header.then(|| (name.to_owned(), value.into())).ok_or_else(wanted)
    });
    pairs.collect()
}
