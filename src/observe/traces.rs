//! Traces: what one question or one webhook led to, told to a collector by OpenTelemetry's protocol
//! ([OTLP over HTTP](https://opentelemetry.io/docs/specs/otlp/#otlphttp)).

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
/// How long the last spans may take when the service stops. A collector is near, or away: whoever waits for the
/// service to end does not wait for it.
const STOP_TIMEOUT: Duration = Duration::from_millis(300);
/// The name of the header in which a trace goes on, which is the name for us as well.
const TRACEPARENT: &str = "traceparent";

/// The way to the collector.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Opens the way to the collector that the settings name; `None` where they name none. What is told goes
    /// there every few seconds, through the runtime that this is called in.
    ///
    /// # Errors
    /// Where the endpoint cannot be used.
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

    /// What hands spans over.
    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer(env!("CARGO_PKG_NAME"))
    }

    /// Sends what is left, for a short time.
    pub async fn stop(self) {
        // It blocks, and what it waits for runs on the same runtime.
        let _ = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(STOP_TIMEOUT)).await;
    }
}

/// Where we are, for what follows from it later, perhaps in another process. `None` where nothing is traced.
#[must_use]
pub fn here() -> Option<String> {
    let mut written = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut written);
    written.remove(TRACEPARENT)
}

/// Makes a span that has not begun follow from what was written down by [`here`].
pub fn follow(span: &Span, from: Option<&str>) {
    let Some(from) = from else { return };
    let written = HashMap::from([(TRACEPARENT.to_owned(), from.to_owned())]);
    // Where nothing is traced, there is nothing to follow.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&written));
}

/// Carries spans with the HTTP client that is there already. The thread that sends them has no runtime of its own.
#[derive(Debug)]
struct Carrier {
    http: reqwest::Client,
    runtime: Handle,
    /// The last attempt failed, and that was said.
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
    /// Nobody else would say that it failed. It is said once, and once when it works again. The answer's body says nothing that we would act upon, and is not read.
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
