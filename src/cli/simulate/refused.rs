//! What to do where a webhook was not taken: one sentence for each way.

use std::error::Error;
use std::io;

use reqwest::Url;

use crate::diagnosis::untrusted::printable;
use crate::simulate::Answer;

/// Nobody answered.
pub(super) fn unheard(url: &Url, error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!(
            "Nothing answers at {url} in time. Look at the service's log, and at what stands before it."
        );
    }
    let refused = causes(error).any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    });
    if refused {
        return format!(
            "Nothing answers at {url}: the connection was refused. Start the service with `why-no-recording serve`, \
             or say with --to where it runs."
        );
    }
    let deepest = causes(error).last().map(ToString::to_string).unwrap_or_default();
    format!(
        "Nothing answers at {url}: {}. Check the address in --to, and whether it is http or https.",
        printable(&deepest, 200)
    )
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// It answered, and did not take it.
pub(super) fn refused(url: &Url, answer: &Answer) -> String {
    let status = answer.status.as_u16();
    let said = printable(&answer.words, 300);
    let said =
        if said.is_empty() { "answered without words.".to_owned() } else { format!("answered: {said}") };
    format!("Refused with {status}: {}\n{url} {said}", advice(url, status, answer))
}

fn advice(url: &Url, status: u16, answer: &Answer) -> String {
    let advice = match status {
        300..=399 => return redirected(url, answer),
        401 => {
            "the service has another secret, or its clock differs by more than five minutes. \
             Compare recall.webhook_secret on both sides, then the clocks."
        }
        404 => {
            "webhooks are off there, or it is another address. Set recall.webhook_secret for the service, \
             or say with --to where it runs."
        }
        413 => {
            "what stands before the service takes no bodies of this length, though they are short. \
             Allow 1 MiB there, as the service itself does."
        }
        503 => {
            "the service cannot store anything just now, or does not run behind what answers. \
             Look at its log, its disk and its database, then try again."
        }
        _ => "it did not take it. Look at the service's log, and at what stands before it.",
    };
    advice.to_owned()
}

fn redirected(url: &Url, answer: &Answer) -> String {
    let location = answer.location.as_deref().and_then(|location| url.join(location).ok());
    let fix = match location {
        Some(location) => format!("Use {} for --to", printable(location.as_str(), 200)),
        None => "Give --to the address that nothing redirects".to_owned(),
    };
    format!(
        "that is a redirect, so the address of the service is not exact, and what is posted there is lost. \
         {fix}, and in Recall.ai's dashboard as well."
    )
}
