//! `POST /mcp`: agents.

use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::body::Whole;
use super::{Refusal, Shared, text};
use crate::mcp::http::BODY_BYTES_MAX;

/// The token is in the headers, so it is verified before anything of the body is read.
pub(super) async fn mcp(State(endpoints): Shared, request: Request) -> Response {
    let Some(endpoint) = &endpoints.mcp else { return Refusal::NoTokens.into_response() };
    let authorization = text(request.headers(), header::AUTHORIZATION.as_str()).to_owned();
    let Some(holder) = endpoint.holder(&authorization) else {
        let missing = authorization.is_empty();
        return if missing { Refusal::TokenMissing } else { Refusal::TokenUnknown }.into_response();
    };
    let (method, uri, mut headers) =
        (request.method().clone(), request.uri().clone(), request.headers().clone());
    let body = match Whole::<BODY_BYTES_MAX>::from_request(request, &()).await {
        Ok(Whole(body)) => body,
        Err(refusal) => return refusal.into_response(),
    };
    // What isn't needed any more can't be logged by anyone.
    headers.remove(header::AUTHORIZATION);
    let mut verified = Request::new(Body::from(body));
    (*verified.method_mut(), *verified.uri_mut(), *verified.headers_mut()) = (method, uri, headers);
    let response = holder.respond(verified).await;
    if response.status() == StatusCode::FORBIDDEN {
        metrics::counter!("wnr_requests_refused_total", "reason" => "origin").increment(1);
    }
    response
}
