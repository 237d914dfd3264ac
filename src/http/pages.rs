//! Pages for hosts: the list, one page for each cause, and their style.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use super::{Endpoints, Shared, text};
use crate::pages::{Language, Links, Pages, STYLE};

/// How long a page may be kept by others, in seconds. A new release may change it.
const PAGE: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// The same for an address that leads nowhere, which may be a page tomorrow.
const LOST: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// What a page may load: its style, and pictures from beside it.
const ALLOWED: &str = "default-src 'none'; style-src 'self'; img-src 'self'";

/// `GET` and `HEAD` below `/h/`.
pub(super) fn routes() -> Router<Arc<Endpoints>> {
    Router::new()
        // The links on the pages start at the folder.
        .route("/h", get(|| async { Redirect::permanent("h/") }))
        .route("/h/", get(list))
        .route("/h/style.css", get(style))
        .route("/h/{cause}", get(page))
        .route("/h/{cause}/embed.json", get(embed))
}

async fn style(headers: HeaderMap) -> Response {
    respond(&headers, StatusCode::OK, "text/css; charset=utf-8", None, STYLE.to_owned())
}

async fn list(State(endpoints): Shared, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let (pages, links) = (endpoints.pages, Links::Served(endpoints.public_url.as_deref()));
    match language(query.as_deref(), &headers, Language::ALL) {
        Ok(language) => html(&headers, StatusCode::OK, language, pages.list(language, links)),
        Err(language) => lost(pages, &headers, language, links),
    }
}

async fn page(
    State(endpoints): Shared,
    Path(cause): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    of_cause(&endpoints, &cause, query.as_deref(), &headers, Pages::page, "text/html; charset=utf-8")
}

/// What Discord shows instead of a link to the page.
async fn embed(
    State(endpoints): Shared,
    Path(cause): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    of_cause(&endpoints, &cause, query.as_deref(), &headers, Pages::embed, "application/json")
}

/// What is there about a cause, in the language that is asked for.
fn of_cause(
    endpoints: &Endpoints,
    cause: &str,
    query: Option<&str>,
    headers: &HeaderMap,
    what: impl FnOnce(&Pages, &str, Language, Links<'_>) -> Option<(Language, String)>,
    kind: &'static str,
) -> Response {
    let (pages, links) = (endpoints.pages, Links::Served(endpoints.public_url.as_deref()));
    let available = pages.languages(cause);
    let available = if available.is_empty() { Language::ALL } else { &available };
    let language = match language(query, headers, available) {
        Ok(language) => language,
        Err(language) => return lost(pages, headers, language, links),
    };
    match what(pages, cause, language, links) {
        Some((shown, body)) => respond(headers, StatusCode::OK, kind, Some(shown), body),
        None => lost(pages, headers, language, links),
    }
}

fn lost(pages: &Pages, headers: &HeaderMap, language: Language, links: Links<'_>) -> Response {
    html(headers, StatusCode::NOT_FOUND, language, pages.not_found(language, links))
}

/// The language of `?lang=`, else the best of those that the browser accepts.
///
/// # Errors
/// The language that the browser accepts, if `?lang=` is none of ours.
fn language(query: Option<&str>, headers: &HeaderMap, available: &[Language]) -> Result<Language, Language> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let wanted = pairs.into_iter().find_map(|(name, value)| (name == "lang").then_some(value));
    let accepted = || Language::accepted(text(headers, "accept-language"), available);
    match wanted {
        None => Ok(accepted()),
        Some(tag) => Language::of_tag(&tag).ok_or_else(accepted),
    }
}

fn html(headers: &HeaderMap, status: StatusCode, language: Language, body: String) -> Response {
    respond(headers, status, "text/html; charset=utf-8", Some(language), body)
}

fn respond(
    headers: &HeaderMap,
    status: StatusCode,
    kind: &'static str,
    language: Option<Language>,
    body: String,
) -> Response {
    let tag = format!("\"{}\"", &hex(&Sha256::digest(&body))[..32]);
    let is_known = status == StatusCode::OK && matches_tag(text(headers, "if-none-match"), &tag);
    let fixed: [(HeaderName, HeaderValue); 7] = [
        (header::CACHE_CONTROL, if status == StatusCode::OK { PAGE } else { LOST }),
        (header::VARY, HeaderValue::from_static("accept-language")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(ALLOWED)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (status, [(header::CONTENT_TYPE, kind)], body).into_response()
    };
    let own = response.headers_mut();
    own.extend(fixed);
    own.extend(HeaderValue::from_str(&tag).map(|tag| (header::ETAG, tag)));
    own.extend(
        language.map(|language| (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str()))),
    );
    response
}

/// Whether a reader has this version already.
fn matches_tag(known: &str, tag: &str) -> bool {
    known
        .split(',')
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
