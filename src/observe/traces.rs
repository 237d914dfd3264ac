//! Traces: what one question or one webhook led to, exported by OpenTelemetry's protocol ([OTLP over
//! HTTP](https://opentelemetry.io/docs/specs/otlp/#otlphttp)).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::settings::otel::Otel;

/// How long the collector may take for what it is sent.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the last spans may take when the service stops. A collector is near, or down: the operator who waits for
/// the service to end does not wait for it.
const STOP_TIMEOUT: Duration = Duration::from_millis(300);
/// Name of the header that carries a trace context, which is also our key for it.
const TRACEPARENT: &str = "traceparent";

/// The way to the collector.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts the export to the configured collector; returns `None` if none is configured. Spans are sent every few
    /// seconds, on the calling runtime.
    ///
    /// # Errors
    /// Returns an error if the endpoint can't be used.
    pub fn start(otel: &Otel) -> Result<Option<Self>, String> {
        let Some(endpoint) = &otel.endpoint else { return Ok(None) };
        let headers = otel.headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Carrier::new()?)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .with_headers(headers.collect())
            .with_timeout(SEND_TIMEOUT)
            .build()
            .map_err(|error| format!("otel.exporter_otlp_endpoint: {error}"))?;
        let resource = Resource::builder().with_service_name(otel.service_name.clone()).build();
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        Ok(Some(Self(provider)))
    }

    /// Returns the tracer that exports spans.
    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer(env!("CARGO_PKG_NAME"))
    }

    /// Sends what is left, for a short time.
    pub async fn stop(self) {
        // It blocks, and what it waits for runs on the same runtime.
        let _ = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(STOP_TIMEOUT)).await;
    }
}

/// Returns the current trace context, for work that follows later, perhaps in another process. `None` if nothing is
/// traced.
#[must_use]
pub fn here() -> Option<String> {
    let mut written = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut written);
    written.remove(TRACEPARENT)
}

/// Makes a span that hasn't started follow from a context that [`here`] returned.
pub fn follow(span: &Span, from: Option<&str>) {
    let Some(from) = from else { return };
    let written = HashMap::from([(TRACEPARENT.to_owned(), from.to_owned())]);
    // Without a trace, there is nothing to follow.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&written));
}

/// Sends spans with the existing HTTP client. The exporting thread has no runtime of its own.
#[derive(Debug)]
struct Carrier {
    http: reqwest::Client,
    runtime: Handle,
    /// `true` if the last export failed and that was logged.
    failing: AtomicBool,
}

impl Carrier {
    fn new() -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(SEND_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        let runtime = Handle::try_current().map_err(|error| error.to_string())?;
        Ok(Self { http, runtime, failing: AtomicBool::new(false) })
    }
}

#[async_trait::async_trait]
impl HttpClient for Carrier {
    /// Logs a failed export, because the library doesn't: once when it starts failing, and once when it works again.
    /// The response's body isn't needed and isn't read.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), reqwest::Request::try_from(request)?);
        let sent = self.runtime.spawn(async move { http.execute(request).await }).await?;
        let sent = sent.and_then(reqwest::Response::error_for_status);
        match sent {
            Ok(answer) => {
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("Traces exported again.");
                }
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = answer.status();
                Ok(response)
            }
            Err(error) => {
                let error = error.without_url();
                if !self.failing.swap(true, Ordering::Relaxed) {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "Traces not exported.");
                }
                Err(error.into())
            }
        }
    }
}
