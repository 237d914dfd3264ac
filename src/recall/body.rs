//! The bytes of an answer or a file: how many are read, and their text.

/// Bytes of the largest answer or file that is read. A long meeting of a thousand people stays below one million.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Why there is no body.
pub(super) enum NoBody {
    /// It is larger than allowed; the rest was not read.
    TooLarge,
    /// It did not come to its end.
    Failed(reqwest::Error),
}

/// The whole body, if it is no larger than `bytes_max`.
pub(super) async fn read(mut response: reqwest::Response, bytes_max: usize) -> Result<Vec<u8>, NoBody> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > bytes_max) {
        return Err(NoBody::TooLarge);
    }
    let mut body = Vec::new();
    // The error names the URL, and a download's URL is as good as a key.
    while let Some(chunk) = response.chunk().await.map_err(|error| NoBody::Failed(error.without_url()))? {
        if body.len() + chunk.len() > bytes_max {
            return Err(NoBody::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The text of an answer or file: without the mark that Windows begins files with, and with what is
/// not UTF-8 replaced, because one broken name is no reason to know nothing.
pub(super) fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}
