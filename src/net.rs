//! Loopback addresses, and the root cause of a failed request.

use url::Url;

/// Returns `true` if a URL leads to this machine only: a loopback address, `localhost`, or a name below it (RFC
/// 6761).
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns the root cause of a failed request: a certificate, a name, a refused connection. It contains no requested
/// URL.
#[must_use]
pub fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use url::Url;

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, expect) in [
            ("http://localhost:1", true),
            ("http://a.localhost", true),
            ("http://127.0.0.1:8080/x", true),
            ("http://127.1.2.3", true),
            ("http://[::1]/", true),
            ("http://localhost.example.com", false),
            ("http://notlocalhost", false),
            ("http://10.0.0.1", false),
            ("http://[::2]", false),
        ] {
            assert_eq!(super::is_loopback(&Url::parse(url).unwrap()), expect, "{url}");
        }
    }
}
