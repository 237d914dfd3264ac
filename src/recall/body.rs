//! The bytes of a response or file: the size limit, and decoding as text.

/// Bytes of the largest response or file that is read. A long meeting of a thousand people stays below one
/// million.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;

/// The reason why there is no body.
pub(super) enum NoBody {
    /// The body exceeds the limit. The rest was not read.
    TooLarge,
    /// The body ended early.
    Failed(reqwest::Error),
}

/// Returns the whole body, if it is no larger than `bytes_max`.
pub(super) async fn read(mut response: reqwest::Response, bytes_max: usize) -> Result<Vec<u8>, NoBody> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > bytes_max) {
        return Err(NoBody::TooLarge);
    }
    let mut body = Vec::new();
    // The error names the URL, and the URL of a download is as good as a key.
    while let Some(chunk) = response.chunk().await.map_err(|error| NoBody::Failed(error.without_url()))? {
        if body.len() + chunk.len() > bytes_max {
            return Err(NoBody::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Decodes the text of a response or file. It drops the byte order mark of Windows, and replaces invalid
/// UTF-8, because one broken name must not make the rest unreadable.
pub(super) fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}
