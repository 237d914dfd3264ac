//! What to do if a webhook was not accepted: one sentence for each reason.

use std::error::Error;
use std::io;

use reqwest::Url;

use crate::diagnosis::untrusted::printable;
use crate::simulate::Answer;

/// Returns the sentence for a service without a response.
pub(super) fn unheard(url: &Url, error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!(
            "{url} didn't respond in time. Check the service's log, and any proxy in front of it."
        );
    }
    let refused = causes(error).any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    });
    if refused {
        return format!(
            "Nothing listens at {url}. Start the service with `why-no-recording serve`, or set --to to its address."
        );
    }
    let deepest = causes(error).last().map(ToString::to_string).unwrap_or_default();
    format!(
        "{url} can't be reached: {}. Check the address in --to, and whether it is http or https.",
        printable(&deepest, 200)
    )
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// Returns the sentence for a response that rejects the webhook.
pub(super) fn refused(url: &Url, answer: &Answer) -> String {
    let status = answer.status.as_u16();
    let said = printable(&answer.words, 300);
    let said =
        if said.is_empty() { "sent an empty response.".to_owned() } else { format!("responded: {said}") };
    format!("Rejected with {status}: {}\n{url} {said}", advice(url, status, answer))
}

fn advice(url: &Url, status: u16, answer: &Answer) -> String {
    let advice = match status {
        300..=399 => return redirected(url, answer),
        401 => {
            "the service has another secret, or its clock is more than five minutes off. \
             Compare recall.webhook_secret on both sides, then the clocks."
        }
        404 => {
            "webhooks are off there, or the address is wrong. Set recall.webhook_secret for the service, \
             or set --to to its address."
        }
        413 => {
            "a proxy in front of the service rejects bodies of this length. \
             Allow 1 MiB there, as the service itself does."
        }
        503 => {
            "the service can't store anything, or isn't running behind its proxy. \
             Check its log, its disk and its database, then try again."
        }
        _ => "check the service's log, and any proxy in front of it.",
    };
    advice.to_owned()
}

fn redirected(url: &Url, answer: &Answer) -> String {
    let location = answer.location.as_deref().and_then(|location| url.join(location).ok());
    let fix = match location {
        Some(location) => format!("Set --to to {}", printable(location.as_str(), 200)),
        None => "Set --to to the address that isn't redirected".to_owned(),
    };
    format!("the address redirects, and webhooks aren't sent on. {fix}, and in Recall.ai's dashboard too.")
}
