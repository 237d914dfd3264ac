//! Slack's Web API, through slack-morphism, with time limits and without the bodies in its errors.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::{SlackClientHttpConnector, SlackClientHyperConnector};
use slack_morphism::{SlackApiToken, SlackClient, SlackClientApiCallContext};
use url::Url;

use super::error::delivery_error;
use crate::chat::DeliveryError;
use crate::net::is_loopback;

/// Seconds that one call may take. The library itself has no limit.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The connector. It allows plain HTTP for a Slack on this machine, and has compiled-in root certificates.
type Connector = SlackClientHyperConnector<hyper_rustls::HttpsConnector<HttpConnector>>;

/// The reason why there is no URL for a connection.
pub(super) enum NoConnection {
    /// Slack's own name for the refusal.
    Refused(String),
    /// Slack was not reached, failed, or asks to wait.
    Failed(DeliveryError),
}

/// Calls Slack's methods with one of the app's tokens.
pub(super) struct SlackApi {
    client: Arc<SlackClient<Connector>>,
    token: SlackApiToken,
    api_url: Url,
}

impl SlackApi {
    pub(super) fn new(api_url: &Url, token: &SecretString) -> Self {
        Self {
            client: client(api_url),
            token: SlackApiToken::new(token.expose_secret().into()),
            api_url: api_url.clone(),
        }
    }

    /// Calls a method that writes.
    pub(super) async fn call<R, A>(&self, method: &str, body: &R) -> Result<A, DeliveryError>
    where
        R: Serialize + Send + Sync,
        A: DeserializeOwned + Send,
    {
        let session = self.client.open_session(&self.token);
        timed(session.http_session_api.http_post(method, body, None)).await
    }

    /// Calls a method that reads; such methods accept no JSON.
    pub(super) async fn ask<A: DeserializeOwned + Send>(
        &self,
        method: &str,
        parameters: &[(&str, String)],
    ) -> Result<A, DeliveryError> {
        let session = self.client.open_session(&self.token);
        let parameters: Vec<(&str, Option<&String>)> =
            parameters.iter().map(|(name, value)| (*name, Some(value))).collect();
        timed(session.http_session_api.http_get(method, &parameters, None)).await
    }

    /// Requests the URL of a Socket Mode connection. The token is the app-level one.
    ///
    /// # Errors
    /// Returns [`NoConnection`] with Slack's own name for the refusal, or with the failure.
    pub(super) async fn open_connection(&self) -> Result<String, NoConnection> {
        let session = self.client.open_session(&self.token);
        let body = Value::Object(serde_json::Map::new());
        let call = session.http_session_api.http_post::<_, Value>("apps.connections.open", &body, None);
        match tokio::time::timeout(CALL_TIMEOUT, call).await {
            Err(_) => Err(NoConnection::Failed(late())),
            Ok(Err(SlackClientError::ApiError(refusal))) => Err(NoConnection::Refused(refusal.code)),
            Ok(Err(error)) => Err(NoConnection::Failed(delivery_error(&error))),
            Ok(Ok(answer)) => Ok(answer["url"].as_str().unwrap_or_default().to_owned()),
        }
    }

    /// Sends an answer to a `response_url`. Its bearer can post in our name, so it is never logged. It is
    /// called only if it can have come from Slack.
    pub(super) async fn respond<R: Serialize + Send + Sync>(
        &self,
        response_url: &str,
        body: &R,
    ) -> Result<(), DeliveryError> {
        let url = Url::parse(response_url).ok().filter(|url| self.may_respond_to(url));
        let url = url
            .ok_or_else(|| DeliveryError::NotThere("the address for the answer is not Slack's".to_owned()))?;
        let span = tracing::Span::none();
        let context = SlackClientApiCallContext {
            rate_control_params: None,
            token: None,
            tracing_span: &span,
            is_sensitive_url: true,
        };
        let answered = timed::<Value>(self.client.http_api.connector.http_post_uri(url, body, context)).await;
        answered.map(drop)
    }

    /// Returns `true` for Slack's own hosts over https, and for the host of the API if it is another one.
    fn may_respond_to(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let of_slack = ["slack.com", "slack-gov.com"];
        let is_slacks = of_slack.iter().any(|domain| {
            host == *domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        });
        (url.scheme() == "https" && is_slacks)
            || (self.api_url.scheme() == url.scheme() && self.api_url.host_str() == url.host_str())
            || (is_loopback(&self.api_url) && is_loopback(url))
    }
}

/// Creates a client for this API.
fn client(api_url: &Url) -> Arc<SlackClient<Connector>> {
    let https = hyper_rustls::HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_all_versions()
        .build();
    let connector = Connector::from(https).with_slack_api_url(api_url.as_str().trim_end_matches('/'));
    Arc::new(SlackClient::new(connector))
}

async fn timed<A>(
    call: impl Future<Output = slack_morphism::ClientResult<A>> + Send,
) -> Result<A, DeliveryError> {
    match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(answer) => answer.map_err(|error| delivery_error(&error)),
        Err(_) => Err(late()),
    }
}

fn late() -> DeliveryError {
    DeliveryError::InDoubt("Slack did not answer in time".to_owned())
}
