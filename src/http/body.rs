//! The body of a request as a whole: as long as its endpoint allows, and as long as there is room for it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;

use super::Refusal;
use crate::listener::arrivals::Arrival;

/// A complete body of at most `MAX` bytes. Its memory is counted as it arrives, not as it is announced.
pub(super) struct Whole<const MAX: usize>(pub(super) Bytes);

impl<S: Sync, const MAX: usize> FromRequest<S> for Whole<MAX> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let arrival = request.extensions().get::<Arc<Arrival>>().cloned();
        let announced =
            request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > MAX) {
            return Err(Refusal::TooLong);
        }
        let (mut whole, mut chunks) = (Vec::new(), request.into_body().into_data_stream());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Refusal::NotWhole)?;
            if whole.len() + chunk.len() > MAX {
                return Err(Refusal::TooLong);
            }
            if let Some(arrival) = &arrival {
                arrival.hold(chunk.len()).await.map_err(|_| Refusal::Crowded)?;
            }
            whole.extend_from_slice(&chunk);
        }
        if let Some(arrival) = &arrival {
            arrival.mark_whole();
        }
        Ok(Self(whole.into()))
    }
}
