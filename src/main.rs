//! Tells why a Recall.ai meeting bot came back without a recording.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before any TLS, so that there is one provider of cryptography and never a choice to make.
    let _ = rustls::crypto::ring::default_provider().install_default();
    why_no_recording::cli::run()
}
