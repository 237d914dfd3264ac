//! `POST /mcp`: Streamable HTTP without sessions, so that any instance can answer, each request with a bearer token.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::{Knowledge, McpServer};

/// Longest request that is read, in bytes. Those of our tools have a few hundred.
pub const BODY_BYTES_MAX: usize = 128 * 1024;

/// Where a browser may run a client of ours: on its own machine.
const LOOPBACK_ORIGINS: [&str; 3] = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];

/// The server, for the holders of tokens.
pub struct McpEndpoint(Vec<TokenHolder>);

/// One token, and the server as its holder sees it.
pub struct TokenHolder {
    /// Tokens are compared by their digests, so that the time it takes says nothing about a token.
    digest: [u8; 32],
    service: StreamableHttpService<McpServer, NeverSessionManager>,
}

impl McpEndpoint {
    /// An endpoint for these names and tokens; `None` without any. `public_url` is where people reach this service.
    #[must_use]
    pub fn new<'a>(
        tokens: impl IntoIterator<Item = (&'a str, &'a SecretString)>,
        knowledge: &Arc<Knowledge>,
        public_url: Option<&str>,
    ) -> Option<Self> {
        let holder = |(name, token): (&str, &SecretString)| {
            let server = McpServer::new(knowledge.clone(), name);
            TokenHolder {
                digest: Sha256::digest(token.expose_secret()).into(),
                service: StreamableHttpService::new(
                    move || Ok(server.clone()),
                    Arc::new(NeverSessionManager::default()),
                    config(public_url),
                ),
            }
        };
        let holders: Vec<TokenHolder> = tokens.into_iter().map(holder).collect();
        (!holders.is_empty()).then_some(Self(holders))
    }

    /// Returns the holder of the token in an `Authorization` header. Looks at all tokens, whichever is right.
    #[must_use]
    pub fn holder(&self, authorization: &str) -> Option<&TokenHolder> {
        let (scheme, token) = authorization.split_once(' ')?;
        let digest: [u8; 32] = Sha256::digest(token.trim()).into();
        let differs = |own: &[u8; 32]| own.iter().zip(&digest).fold(0, |all, (a, b)| all | (a ^ b)) != 0;
        let found = self
            .0
            .iter()
            .fold(None, |found, holder| if differs(&holder.digest) { found } else { Some(holder) });
        found.filter(|_| scheme.eq_ignore_ascii_case("bearer"))
    }
}

impl TokenHolder {
    /// Answers a request whose token was verified.
    pub async fn respond(&self, request: Request<Body>) -> Response<Body> {
        self.service.handle(request).await.map(Body::new)
    }
}

/// The `Host` isn't checked. The check keeps web pages away from servers that ask for nothing, and behind a proxy the
/// name may be any. This one asks for a token, which no web page has, and refuses pages of other origins as well.
fn config(public_url: Option<&str>) -> StreamableHttpServerConfig {
    let own = public_url.and_then(|url| Url::parse(url).ok()).and_then(|url| {
        let port = url.port_or_known_default()?;
        Some(format!("{}://{}:{port}", url.scheme(), url.host_str()?))
    });
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(BODY_BYTES_MAX)
        .disable_allowed_hosts()
        .with_allowed_origins(LOOPBACK_ORIGINS.map(str::to_owned).into_iter().chain(own))
        .enforce_origin_validation()
}
