//! Sends one request to Slack, and describes failures in words.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Answer;
use crate::net::root_cause;

/// Seconds that Slack may take to respond.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends a request to Slack.
///
/// # Errors
/// Returns the reason and its fix if there is no response from Slack. A refusal by Slack itself is a
/// response.
pub(super) async fn call(
    api_url: &Url,
    method: &str,
    token: &SecretString,
    parameters: &[(&str, &str)],
) -> Result<(Answer, HeaderMap), String> {
    let client =
        reqwest::Client::builder().timeout(ANSWER_TIMEOUT).build().map_err(|error| broken(&error))?;
    let url = format!("{}/{method}", api_url.as_str().trim_end_matches('/'));
    let request = client.post(url).bearer_auth(token.expose_secret()).form(parameters).send();
    let answer = request.await.map_err(|error| broken(&error))?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.map_err(|error| broken(&error))?;
    match serde_json::from_slice(&body) {
        Ok(answer) if status != StatusCode::TOO_MANY_REQUESTS => Ok((answer, headers)),
        _ => Err(no_answer(status, &headers)),
    }
}

fn broken(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!(
            "no response within {} seconds. Check https://slack-status.com, and run `doctor` again in a minute",
            ANSWER_TIMEOUT.as_secs()
        );
    }
    format!(
        "can't be reached: {}. Allow https connections to slack.com (firewall, proxy, DNS, certificates), and check \
         slack.api_url",
        root_cause(error)
    )
}

/// Describes a response that is not from Slack, which uses JSON even for failures.
fn no_answer(status: StatusCode, headers: &HeaderMap) -> String {
    if status == StatusCode::TOO_MANY_REQUESTS {
        let wait = headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()).unwrap_or("60");
        return format!("Slack's rate limit is reached. Run `doctor` again in {wait} seconds");
    }
    if status.is_server_error() {
        return format!(
            "Slack returned an error (HTTP {}). Check https://slack-status.com, and run `doctor` again later",
            status.as_u16()
        );
    }
    format!(
        "the response is a web page and not Slack's (HTTP {}). Check slack.api_url, and any proxy on the way",
        status.as_u16()
    )
}
